"""How conserved each column of an alignment is, and on which of them arcs end.

Row attention belongs to the family, not to its query: that its arcs end on what the family keeps
is asked of the alignment's columns.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from precompute.alignment import Alignment
from precompute.chemistry import LETTERS
from precompute.tally import LEVELS, Arcs, at_or_above, level_of

QUARTILES = 4


def column_entropy(rows: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Give the entropy of each column's amino acids.

    A gap, or a letter that is none of the twenty, says nothing: it counts as a twentieth of each,
    so that a column in which one row alone has a residue is not conserved.

    Parameters
    ----------
    rows
        ASCII codes, shape (rows, columns).

    Returns
    -------
    numpy.ndarray
        Bits, shape (columns,); 0 where all rows have the same, log₂ 20 at most.
    """
    counts = np.stack([(rows == ord(letter)).sum(0) for letter in LETTERS], axis=1)
    counts = np.sort(counts, axis=1)  # columns of the same counts have the same entropy exactly
    unknown = len(rows) - counts.sum(1, keepdims=True)
    share = (counts + unknown / len(LETTERS)) / len(rows)
    logarithm = np.log2(share, out=np.zeros_like(share), where=share > 0)
    entropy: NDArray[np.float64] = -(share * logarithm).sum(1)
    return entropy


def residue_quartiles(alignment: Alignment) -> NDArray[np.int64]:
    """Part the query's residues into quarters by the entropy of their columns.

    Returns
    -------
    numpy.ndarray
        0 for the most conserved to 3, shape (residues,): of n residues, ⌊4 · (those of lower
        entropy) / n⌋. Equal ones share a quarter, so that quarters may differ in size.
    """
    entropy = column_entropy(alignment.rows[:, alignment.residues >= 0])
    lower = np.searchsorted(np.sort(entropy), entropy)
    return QUARTILES * lower // len(entropy)


def count_quartiles(arcs: Arcs, quartiles: torch.Tensor, heads: int) -> torch.Tensor:
    """Count one layer's arcs in one alignment by where they end.

    Parameters
    ----------
    arcs
        As `precompute.tally.find_arcs` finds them at the lowest threshold.
    quartiles
        Of `residue_quartiles`.
    heads
        Heads of the layer.

    Returns
    -------
    torch.Tensor
        int64, shape (heads, quartiles, thresholds); each threshold counts the arcs at or above
        it.
    """
    bins = (arcs.head * QUARTILES + quartiles[arcs.target]) * LEVELS + level_of(arcs.weight)
    counts = torch.bincount(bins, minlength=heads * QUARTILES * LEVELS)
    return at_or_above(counts.view(heads, QUARTILES, LEVELS))
