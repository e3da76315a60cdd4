"""Names that others chose, in places that have signs of their own.

The name of a model, run, data set or residue may hold any sign; the key of an element, and
Markdown, take some of them for their own.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

from precompute.one_line import one_line

_LONGEST_KEY = 80
_PLAIN_KEY = re.compile(r"[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*")
_MARKDOWN = re.compile(
    r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"  # within a word it is itself
    r"|[\\`\[\]$~]"
    r"|(?<!\s)\*|\*(?!\s)"
    r"|:(?=[A-Za-z_+/-])"
    r"|<(?=[A-Za-z/!?])"
    r"|&(?=[A-Za-z#])"
    r"|^[#>+*=|-]|(?<![^0-9])[.)](?=\s)"  # what begins a heading, a quotation, a list, a table
)
_FOUND_LATER = re.compile(
    r":(?=//)|(?<=www)(?=\.)|(?<=\S@)(?=\S)"  # addresses
    r"|:(?=[\w+/-]+:)"  # emoji and icons
    r"|-(?=[->])|<(?=[-=])|[>~](?==)",  # arrows and dashes
    re.IGNORECASE,
)
"""What is looked for in the text that Markdown has read, where no backslash is left."""
_NOTHING = "\u2060"
"""Joins two signs and has no width (WORD JOINER)."""


def element_key(kind: str, *names: str) -> str:
    """Make the key of an element of names: no two of a kind have the same.

    Streamlit refuses two underscores in a component's key, and what is no letter or digit
    is lost in the element's class: a name with such signs is told apart by a digest.

    Parameters
    ----------
    kind
        What it is; letters.
    names
        Whose it is.
    """
    key = "_".join((kind, *names))
    apart = not any("_" in name for name in names[1:])  # it is known where one name ends
    if apart and len(key) <= _LONGEST_KEY and all(map(_PLAIN_KEY.fullmatch, names)):
        return key
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    plain = re.sub(r"[^A-Za-z0-9]+", "-", key)[:_LONGEST_KEY].strip("-")
    return f"{plain}-{digest}"


def tell_apart(labels: Sequence[str]) -> list[str]:
    """Add a number to a label that occurs again: Streamlit knows an option by its label alone."""
    seen: Counter[str] = Counter()
    told = []
    for label in labels:
        seen[label] += 1
        told.append(label if seen[label] == 1 else f"{label} · {seen[label]}")
    return told


def as_markdown(text: str) -> str:
    """Write plain text so that Markdown, as Streamlit reads it, shows it as it is, in one line."""
    joined = _FOUND_LATER.sub(rf"\g<0>{_NOTHING}", one_line(text))
    return _MARKDOWN.sub(r"\\\g<0>", joined)
