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


def mean_ranks_of_rows(rows: ArrayLike) -> NDArray[np.float64]:
    """Rank the values of each row as `mean_ranks` does, in half the time of pandas.

    Parameters
    ----------
    rows
        Shape (rows, values).

    Returns
    -------
    numpy.ndarray
        Shape (rows, values).
    """
    given = np.asarray(rows, dtype=float)
    order = np.argsort(given, axis=1)
    ranks = np.empty(given.shape)
    np.put_along_axis(ranks, order, np.arange(1.0, given.shape[1] + 1)[None], axis=1)
    steps = np.diff(np.take_along_axis(given, order, axis=1), axis=1)
    # What is equal, or empty, shares or has no rank: few rows, where values are measured.
    plain = (steps > 0).all(axis=1) & ~np.isnan(given).any(axis=1)
    for row in np.flatnonzero(~plain):
        ranks[row] = mean_ranks(given[row])
    return ranks
