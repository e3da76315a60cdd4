"""Somebody's words as one line."""

from __future__ import annotations

import unicodedata


def one_line(text: str) -> str:
    """Make one line of a text, without signs that steer a screen.

    Control characters, among them those that turn the direction of writing, and all kinds of
    blanks become single spaces; none stands at either end.
    """
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join(text.split())
