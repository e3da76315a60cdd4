"""Ranks of values, equal ones sharing the mean of theirs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def mean_ranks(values: ArrayLike) -> NDArray[np.float64]:
    """Rank values from 1; equal ones share the mean of their ranks.

    As ``scipy.stats.rankdata``, whose import takes a tenth of a second.

    Parameters
    ----------
    values
        Shape (values,).

    Returns
    -------
    numpy.ndarray
        NaN where a value is empty; the others are ranked without it.
    """
    given = np.asarray(values, dtype=float)
    _, which, counts = np.unique(given, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[which]
    return np.where(np.isnan(given), np.nan, ranks)
