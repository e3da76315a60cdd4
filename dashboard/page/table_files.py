"""Write a frame as the bytes of a file; without Streamlit, for pages and for the shell."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from precompute.spreadsheet import as_cells


class TableFile(NamedTuple):
    """A kind of file that holds a table.

    Attributes
    ----------
    label
        What a reader calls it.
    media_type
        Of the file.
    write
        Makes the file's bytes of a frame.
    """

    label: str
    media_type: str
    write: Callable[[pd.DataFrame], bytes]


def to_csv(frame: pd.DataFrame) -> bytes:
    """Write a frame as CSV in UTF-8, numbers to their last digit, no text a formula."""
    return as_cells(frame).to_csv(index=False).encode()


def to_parquet(frame: pd.DataFrame) -> bytes:
    """Write a frame as Parquet."""
    sink = io.BytesIO()
    frame.to_parquet(sink, index=False)
    return sink.getvalue()


TABLE_FILES: dict[str, TableFile] = {
    "csv": TableFile("CSV", "text/csv", to_csv),
    "parquet": TableFile("Parquet", "application/vnd.apache.parquet", to_parquet),
}
"""The kinds of table file by their endings."""
