"""JSON that others wrote: whatever it is, it is read or refused."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """Parse a text as JSON.

    Raises
    ------
    ValueError
        When it is none, is nested deeper than can be read, or has a number of too many digits.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
