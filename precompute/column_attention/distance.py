"""Column attention between two rows of an alignment against their distance.

The correlation of each head over pairs of rows, as MsaPhylo (Chen, Foley and Bodén, 2026) has it
and without its diagonal, where every row is at distance 0 of itself and attends to itself.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from precompute.tables.column_tables import DEFINITIONS

FEWEST_ROWS = 3
"""With two rows there is one pair."""

STATISTICS = ("spearman", "pearson")


def hamming_distances(rows: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Give the share of columns in which two rows differ, a gap being a letter like others.

    Parameters
    ----------
    rows
        Shape (rows, columns), at least one column.

    Returns
    -------
    numpy.ndarray
        Shape (rows, rows).
    """
    size, columns = rows.shape
    equal = np.zeros((size, size))
    for letter in np.unique(rows):
        there = (rows == letter).astype(np.float32)  # sums of ones are exact below 2²⁴
        equal += there @ there.T
    distances: NDArray[np.float64] = 1 - equal / columns
    return distances


def correlate(
    mean: torch.Tensor, special: torch.Tensor, distances: torch.Tensor, columns: int
) -> torch.Tensor:
    """Correlate one layer's column attention with distance.

    Attention between two rows is what the first gives the second plus what the second gives the
    first.

    Parameters
    ----------
    mean, special
        Column attention, the mean over the alignment's columns and that of ``<cls>``; each of
        shape (heads, rows, rows).
    distances
        Of the rows, float64, shape (rows, rows).
    columns
        Of the alignment.

    Returns
    -------
    torch.Tensor
        Shape (definitions, statistics, heads), float64, in the order of
        `precompute.tables.column_tables.DEFINITIONS` and `STATISTICS`; NaN where it is not
        defined.
    """
    rows = len(distances)
    found = torch.full((len(DEFINITIONS), len(STATISTICS), len(mean)), torch.nan).double()
    if rows < FEWEST_ROWS:
        return found
    mean, special = mean.double(), special.double()
    with_special = (columns * mean + special) / (columns + 1)
    upper = torch.triu_indices(rows, rows, 1, device=mean.device)
    own, other = (m + m.transpose(1, 2) for m in (mean, with_special))
    for place, (values, beside) in enumerate(
        (
            (own[:, upper[0], upper[1]], distances[upper[0], upper[1]]),
            (own.flatten(1), distances.flatten()),
            (other.flatten(1), distances.flatten()),
        )
    ):
        found[place, 0] = pearson(ranks(values), ranks(beside[None]))
        found[place, 1] = pearson(values, beside[None])
    return found


def ranks(values: torch.Tensor) -> torch.Tensor:
    """Rank along the last axis; equal values share the mean of their ranks.

    Returns
    -------
    torch.Tensor
        float64, from 1.
    """
    ordered, places = values.sort(-1)
    ordered = ordered.contiguous()
    before = torch.searchsorted(ordered, ordered)
    until = torch.searchsorted(ordered, ordered, right=True)
    found = torch.empty_like(values, dtype=torch.float64)
    return found.scatter_(-1, places, (before + until + 1).double() / 2)


def pearson(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Correlate along the last axis; NaN where one of them does not vary."""
    flat = (x == x[..., :1]).all(-1) | (y == y[..., :1]).all(-1)
    x, y = x - x.mean(-1, keepdim=True), y - y.mean(-1, keepdim=True)
    r = (x * y).sum(-1) / (x.square().sum(-1) * y.square().sum(-1)).sqrt()
    return r.clamp(-1, 1).masked_fill(flat, torch.nan)
