"""The matrices of some alignments, kept beside the tables so that a head can be looked at.

One Parquet file an alignment, `precompute.tables.COLUMN_MATRICES`, checked as every table is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.alignment import Alignment
from precompute.column_attention.hamming import hamming_distances
from precompute.errors import AtlasError
from precompute.tables import COLUMN_MATRICES, read_table, table_path, write_table
from precompute.tables.columns import LONGEST_NAME

BYTES = 2
"""Of a number that is kept."""


@dataclass(frozen=True, eq=False)
class ColumnMatrices:
    """Column attention in one alignment.

    Attributes
    ----------
    name
        The alignment's.
    alignment
        The rows that were read.
    attention
        Of each row to each, mean over the alignment's columns, the diagonal as it is; float16,
        shape (layers, heads, rows, rows).
    selectivity
        How much each column takes part in a head: the share of the attention in this column
        that would have to move for each row to attend evenly to the others, mean over rows; 0
        where rows see nothing but themselves, or all others alike; float16, shape (layers,
        heads, columns).
    """

    name: str
    alignment: Alignment
    attention: NDArray[np.float16]
    selectivity: NDArray[np.float16]

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """Share of columns in which two rows differ, a gap being a letter; shape (rows, rows)."""
        return hamming_distances(self.alignment.rows)


def entries(rows: int, columns: int) -> int:
    """Count the numbers that are kept of one head in one alignment."""
    return rows * rows + columns


def is_kept(before: int, alignment: Alignment, layers: int, heads: int, megabytes: int) -> bool:
    """Tell whether an alignment's matrices are kept: those of a sample's first ones are.

    Parameters
    ----------
    before
        Entries of one head's matrices (rows² + columns) in all alignments before it.
    alignment
        As it is read.
    layers, heads
        Of the model.
    megabytes
        Of all matrices together, before they are compressed.
    """
    shape = (len(alignment), alignment.columns)
    needed = BYTES * layers * heads * (before + entries(*shape))
    return needed <= megabytes * 1_000_000


def write_matrices(folder: str | Path, run: str, number: int, matrices: ColumnMatrices) -> str:
    """Write one alignment's matrices beside a run's tables; give the file's path.

    Parameters
    ----------
    folder
        Results folder: local path or fsspec URL.
    run, number
        The run, and the alignment's place in its sample, from 1.
    matrices
        What is kept.
    """
    layers, heads, _, _ = matrices.attention.shape
    family = matrices.alignment
    row = {
        "run": run,
        "number": number,
        "alignment": matrices.name,
        "layers": layers,
        "heads": heads,
        "names": [name[:LONGEST_NAME] for name in family.names or [""] * len(family)],
        "texts": family.texts(),
        "attention": matrices.attention.astype(np.float16).ravel(),
        "selectivity": matrices.selectivity.astype(np.float16).ravel(),
    }
    return write_table(folder, COLUMN_MATRICES, pd.DataFrame([row]), run=run, number=number)


def read_matrices(folder: str | Path, run: str, number: int) -> ColumnMatrices:
    """Read one alignment's matrices.

    Parameters
    ----------
    folder
        Results folder: local path or fsspec URL.
    run, number
        As `write_matrices` takes them, and as `column_families` names them, where it says
        ``kept``.

    Raises
    ------
    AtlasError
        When they are not there, damaged, or contradict themselves.
    """
    path = table_path(str(folder), COLUMN_MATRICES, run, number)
    frame = read_table(folder, COLUMN_MATRICES, run=run, number=number)
    if len(frame) != 1 or frame["number"].iloc[0] != number:
        raise AtlasError(
            f"{path} holds another alignment than its name says; put the files back under their "
            "own names."
        )
    row = frame.iloc[0]
    texts, names = list(row["texts"]), tuple(row["names"])
    layers, heads, rows = int(row["layers"]), int(row["heads"]), len(texts)
    columns = len(texts[0]) if texts else 0
    sizes = (len(names), len(row["attention"]), len(row["selectivity"]))
    expected = (rows, layers * heads * rows * rows, layers * heads * columns)
    letters = "".join(texts)
    if not rows or sizes != expected or len(letters) != rows * columns or not letters.isascii():
        raise AtlasError(
            f"{path} contradicts itself: it does not hold {layers} × {heads} heads of {rows} rows "
            "of one length; take it anew from where it was measured."
        )
    return ColumnMatrices(
        str(row["alignment"]),
        Alignment.of(texts, names),
        np.asarray(row["attention"], dtype=np.float16).reshape(layers, heads, rows, rows),
        np.asarray(row["selectivity"], dtype=np.float16).reshape(layers, heads, columns),
    )
