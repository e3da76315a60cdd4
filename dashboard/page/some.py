"""Lists in sentences: a few names, and how many more there are."""

from __future__ import annotations

from collections.abc import Sequence


def some_of(names: Sequence[str], most: int = 3) -> str:
    """Write a few names, and how many are left.

    Parameters
    ----------
    names
        At least one.
    most
        How many are written out.
    """
    written = ", ".join(names[:most])
    left = len(names) - most
    return f"{written} and {left} more" if left > 0 else written


def count_of(number: int, one: str, several: str = "") -> str:
    """Write a number of things, one or several: ``1 model is``, ``2,000 models are``."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
