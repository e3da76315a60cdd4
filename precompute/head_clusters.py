"""Heads in clusters by what they do, of one model or of many together.

Ward's linkage of standardised values: Ward, Journal of the American Statistical Association 58,
236–244, 1963. Average linkage would give one cluster of nearly all heads and single ones beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clusters:
    """Which heads are alike.

    Attributes
    ----------
    of
        Cluster of each head from 1, the largest first; 0 of a head that has an empty value.
    used
        Whether a column differs between heads, and so tells them apart; shape (columns,).
    centres
        Mean standardised value of each cluster's heads, 0 of a column not used; shape
        (clusters, columns).
    """

    of: NDArray[np.intp]
    used: NDArray[np.bool_]
    centres: Floats


def cluster_heads(values: Floats, most: int) -> Clusters:
    """Cluster heads; the order of heads does not change which are together, nor the numbers.

    Parameters
    ----------
    values
        What each head does, shape (heads, columns); NaN where it is not known. Columns may have
        any units: each is standardised over the heads that have every value.
    most
        How many clusters: fewer only where there are not so many heads that differ.

    Raises
    ------
    ValueError
        When `most` is less than 1.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    if most < 1:
        raise ValueError("there is no number of clusters below 1")
    known = np.flatnonzero(~np.isnan(values).any(axis=1))
    of = np.zeros(len(values), dtype=np.intp)
    if not len(known) or not values.shape[1]:
        return Clusters(of, np.zeros(values.shape[1], dtype=bool), np.empty((0, values.shape[1])))
    # Sums of floating point depend on their order, as do ties: rows have one order of their own.
    known = known[np.lexsort(values[known].T[::-1])]
    rows = values[known]
    used = rows.min(axis=0) < rows.max(axis=0)
    scaled = np.zeros_like(rows)
    scaled[:, used] = (rows[:, used] - rows[:, used].mean(axis=0)) / rows[:, used].std(axis=0)
    if len(rows) > 1 and used.any():
        found = fcluster(linkage(scaled, "ward"), most, "maxclust")
    else:
        found = np.ones(len(rows), dtype=np.intp)
    names, first, size = np.unique(found, return_index=True, return_counts=True)
    ranked = names[np.lexsort((first, -size))]
    number = np.zeros(names.max() + 1, dtype=np.intp)
    number[ranked] = np.arange(1, len(ranked) + 1)
    of[known] = number[found]
    centres = np.array([scaled[found == name].mean(axis=0) for name in ranked])
    return Clusters(of, used, centres)
