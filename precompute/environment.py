"""Settings that are given as environment variables: read, or refused with one sentence."""

from __future__ import annotations

import os

from precompute.errors import AtlasError
from precompute.one_line import one_line

_SWITCHES = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
_DIGITS = 15
"""Of the largest number that is read; Python refuses to read one of thousands."""


def read_number(variable: str, default: int, *, least: int = 1, most: int = 10**12) -> int:
    """Read a whole number from the environment.

    Raises
    ------
    AtlasError
        When it is none, or none from `least` to `most`.
    """
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    if text.isdecimal() and len(text) <= _DIGITS and least <= int(text) <= most:
        return int(text)
    raise _refuse(variable, text, f"a whole number from {least:,} to {most:,}, without commas")


def read_switch(variable: str, *, default: bool) -> bool:
    """Read from the environment whether something is on.

    Raises
    ------
    AtlasError
        When it says neither.
    """
    text = os.environ.get(variable, "").strip().lower()
    if not text:
        return default
    if text in _SWITCHES:
        return _SWITCHES[text]
    raise _refuse(variable, text, "1 or 0")


def _refuse(variable: str, text: str, wanted: str) -> AtlasError:
    given = one_line(text)
    given = given if len(given) <= 40 else f"{given[:40]}…"
    return AtlasError(f"{variable} is “{given}”: give {wanted}, or leave it out.")
