"""Alignments from which something is taken: what column attention follows is in what is left.

The three of MsaPhylo (Chen, Foley and Bodén, 2026), `precompute.tables.column_tables.CONTROLS`.
Distances stay those of the alignment as it is, as they are there.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from precompute.alignment import Alignment


def generator(seed: int, purpose: str, alignment: Alignment) -> np.random.Generator:
    """Make random numbers that depend on a seed, a purpose and an alignment's letters alone."""
    rows = alignment.rows
    digest = hashlib.sha256(f"{seed}:{purpose}:{rows.shape}:".encode() + rows.tobytes()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def shuffle(alignment: Alignment, null: str, seed: int) -> Alignment:
    """Shuffle an alignment.

    Parameters
    ----------
    alignment
        As it was read.
    null
        ``columns`` puts the columns into another order, the same in every row; ``covariance``
        the letters of each column, among the rows; ``rows`` those of each row, among the columns.
    seed
        Of the order.
    """
    random = generator(seed, null, alignment)
    rows = alignment.rows
    if null == "columns":
        return replace(alignment, rows=rows[:, random.permutation(alignment.columns)])
    return replace(alignment, rows=random.permuted(rows, axis=0 if null == "covariance" else 1))
