"""The documents, and the commands in them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")),
]
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}


def commands_of(text: str) -> list[str]:
    """Give the lines of a document's shell blocks, continued lines joined."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.M | re.S)
    blocks = [re.sub(r"^ *#.*\n", "", block, flags=re.M) for block in blocks]
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]


def inline_commands(text: str) -> list[str]:
    """Give the commands of ours that stand within a sentence or a table."""
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    found = []
    for code in re.findall(r"`([^`\n]+)`", prose):
        begun = re.sub(r"^(\.venv/bin/python -m |python -m |… (?=[a-z]))", "", code)
        if code.startswith("… "):
            begun = f"precompute {begun}"
        if (begun != code and " " in begun) or re.match(r"precompute [a-z]|make [a-z]", code):
            found.append(begun)
    return found


COMMANDS = {name: commands_of(text) for name, text in TEXTS.items()}
EVERY_COMMAND = list(dict.fromkeys(line for lines in COMMANDS.values() for line in lines))
INLINE = sorted({command for text in TEXTS.values() for command in inline_commands(text)})
