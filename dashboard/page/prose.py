"""Prose that stands in a Markdown file beside a page's code, its numbers filled in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_PART = re.compile(r"^# (\w+)\n+(.*?)\s*(?=^# |\Z)", re.MULTILINE | re.DOTALL)


@cache
def read_prose(path: Path) -> dict[str, str]:
    """Read the parts of a file by their names.

    Parameters
    ----------
    path
        A Markdown file: each part stands below a line ``# name``; ``{name}`` in it is for
        `str.format` to fill in. Lines are broken where they are long; empty ones part paragraphs.
    """
    return {
        name: re.sub(r"(?<!\n)\n(?!\n)", " ", text)
        for name, text in _PART.findall(path.read_text(encoding="utf-8"))
    }
