"""How far apart the rows of an alignment are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEWEST_ROWS = 3
"""With two rows there is one pair."""


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


def why_undefined(distances: NDArray[np.float64]) -> str:
    """Say why nothing can be correlated with distances; an empty text where it can."""
    if len(distances) < FEWEST_ROWS:
        return f"fewer than {FEWEST_ROWS} rows"
    apart = distances[np.triu_indices(len(distances), 1)]
    return "all rows are at the same distance" if (apart == apart[0]).all() else ""
