"""Sentences about what is wrong in an address; a visitor's text, so shown as plain text only."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.page.some import some_of

_LONGEST_SHOWN = 60
_MOST_NOTES = 6


def say_left_out(name: str, values: Sequence[str], most: int) -> list[str]:
    """Say which of a parameter's good values are more than are shown, in one sentence.

    Parameters
    ----------
    name
        The parameter.
    values
        Its good values; the first ones are shown.
    most
        How many are shown.
    """
    over = [shorten(value) for value in values[most:]]
    if not over:
        return []
    return [f"At most {most} values of {name} are shown; left out of the address: {some_of(over)}."]


def keep_few(notes: list[str]) -> list[str]:
    """Keep the first notes about an address, and say how many more there are."""
    if len(notes) <= _MOST_NOTES:
        return notes
    left = len(notes) - _MOST_NOTES + 1
    return [*notes[: _MOST_NOTES - 1], f"{left} more parts of the address were ignored."]


def say_ignored(name: str, value: str) -> str:
    """Say that a value of an address is not good."""
    return f"Ignored {name} = {shorten(value)} in the address."


def shorten(text: str) -> str:
    """Quote a visitor's text on one line, not too long; show it as plain text only."""
    shown = text[:_LONGEST_SHOWN]
    plain = "".join(letter if letter.isprintable() else " " for letter in shown)
    return f"“{plain}”" if len(text) <= _LONGEST_SHOWN else f"“{plain}…”"
