"""Which of a parameter's values a text in an address means."""

from __future__ import annotations

import re
from collections.abc import Collection

_NUMBER = re.compile(r"[0-9]{0,6}\.?[0-9]{1,6}")


def find_value(text: str, allowed: Collection[str]) -> str | None:
    """Find the value that a text means: itself, or the same number written otherwise.

    Parameters
    ----------
    text
        As the address has it.
    allowed
        The values there are.

    Returns
    -------
    str or None
        ``0.60`` for ``0.6`` where only the former is a value; None where there is none.
    """
    if text in allowed:
        return text
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    same = [one for one in allowed if _NUMBER.fullmatch(one) and float(one) == number]
    return same[0] if len(same) == 1 else None
