"""Texts of others in tables that spreadsheets open: a text stays a text there.

A cell that begins with one of ``= + - @`` is a formula to Excel, LibreOffice and Google
Sheets, also in CSV, and a formula can send off what stands beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_PARTS = re.compile(r"([;\t\n])")
"""By what some programs part cells, in a quoted text too: a formula may begin after it."""
_FORMULA = re.compile(
    r"'*[\s\x00-\x1f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@＝＋－＠﹦﹢﹣﹫]"
)
"""A sign in any of its widths, after whatever is not seen."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)


def as_text(text: str) -> str:
    """Write a text so that no spreadsheet takes it, or a part of it, for a formula.

    An apostrophe is put before the sign, which is how spreadsheets themselves mark a text; where
    one stands already there are two. A plain number such as ``-2`` stays. Lines end in one way,
    since a writer of CSV does not quote a text for every way.
    """
    if _NUMBER.fullmatch(text):
        return text
    parts = _PARTS.split(text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(f"'{part}" if _FORMULA.match(part) else part for part in parts)


def as_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Write the texts of a frame, and its columns' names, as `as_text` does; numbers stay.

    Parameters
    ----------
    frame
        What becomes a CSV file; its index is none of it.
    """
    import pandas as pd

    def written(cell: object) -> object:
        return as_text(cell) if isinstance(cell, str) else cell

    cells = frame.copy(deep=False)
    for name, column in frame.items():
        kind = column.dtype
        if isinstance(kind, pd.CategoricalDtype):
            # Two texts may be written alike, and categories must differ.
            if any(written(value) != value for value in kind.categories):
                cells[name] = column.astype(object).map(written, na_action="ignore")
        elif pd.api.types.is_string_dtype(kind) or pd.api.types.is_object_dtype(kind):
            cells[name] = column.map(written, na_action="ignore")
    cells.columns = pd.Index([written(name) for name in frame.columns])
    return cells
