"""Which sequences of its family the query reads: one head's column attention of the first row."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.alignment import Alignment
from precompute.live.arcs import Head
from precompute.live.getting.protein import Protein, plain
from precompute.live.running.attention import SparseAttention

ROW_COLUMNS = ("residue", "number", "letter", "row", "sequence", "has", "identity", "share")
"""Columns of a frame of rows that are read."""


def shares(attention: SparseAttention, head: Head) -> NDArray[np.float32]:
    """Give how the query's attention is shared among the rows, shape (residues, rows)."""
    assert attention.rows is not None, "asked where they were kept"
    layer, number = head
    found: NDArray[np.float32] = attention.rows[layer - 1, number - 1].astype(np.float32)
    return found


def most_read(attention: SparseAttention, head: Head, most: int) -> list[int]:
    """Choose the rows that a head reads most, over all residues: from 0, most first."""
    mean = shares(attention, head).mean(0)
    return [int(row) for row in np.argsort(-mean, kind="stable")[:most]]


def row_names(alignment: Alignment) -> list[str]:
    """Name the rows; those without a name by their place."""
    return [plain(name, 40) or f"row {row}" for row, name in enumerate(alignment.names, 1)]


def identities(alignment: Alignment) -> NDArray[np.float64]:
    """Give each row's share of the query's residues that it has in the same columns."""
    placed = alignment.rows[:, alignment.residues >= 0]
    own: NDArray[np.float64] = (placed == placed[0]).mean(1)
    return own


def rows_frame(
    attention: SparseAttention,
    protein: Protein,
    alignment: Alignment,
    head: Head,
    residue: int | None = None,
) -> pd.DataFrame:
    """Describe what the query reads of each row, in one residue's column or in all.

    Parameters
    ----------
    attention
        With `SparseAttention.rows`.
    protein
        The query.
    alignment
        The rows that were read.
    head
        Layer and head, from 1.
    residue
        From 0; all of them where it is None.

    Returns
    -------
    pandas.DataFrame
        Columns `ROW_COLUMNS`, the rows that are read most first, residue by residue: residue
        and row from 1, the row's letter there (``has``), its identity with the query, 0 to 1, and
        its share of the query's attention.
    """
    found = shares(attention, head)
    chosen = np.arange(len(protein)) if residue is None else np.array([residue])
    order = np.argsort(-found[chosen], axis=1, kind="stable")
    place, row = np.repeat(chosen, found.shape[1]), order.ravel()
    letters = alignment.rows[:, alignment.residues >= 0]
    return pd.DataFrame(
        {
            "residue": place + 1,
            "number": np.array(protein.numbers, dtype=object)[place],
            "letter": np.array(list(protein.sequence), dtype=object)[place],
            "row": row + 1,
            "sequence": np.array(row_names(alignment), dtype=object)[row],
            "has": letters[row, place].view("S1").astype(str).astype(object),
            "identity": identities(alignment)[row],
            "share": found[place, row],
        },
        columns=list(ROW_COLUMNS),
    )
