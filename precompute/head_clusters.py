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


@dataclass(frozen=True, eq=False)
class Joined:
    """Heads joined one by one, to be cut into any number of clusters (`cut`).

    Attributes
    ----------
    known
        The heads that have every value, in an order of their values.
    scaled
        Their standardised values, 0 of a column not used; shape (known heads, columns).
    used
        As of `Clusters`.
    linkage
        Ward's, as scipy has it; None where there is nothing to join.
    heads
        How many heads there are, known or not.
    """

    known: NDArray[np.intp]
    scaled: Floats
    used: NDArray[np.bool_]
    linkage: Floats | None
    heads: int


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
    return cut(join(values), most)


def join(values: Floats) -> Joined:
    """Join heads, the most alike first; `values` as of `cluster_heads`."""
    from scipy.cluster.hierarchy import linkage

    known = np.flatnonzero(~np.isnan(values).any(axis=1))
    if not len(known) or not values.shape[1]:
        none = np.zeros(values.shape[1], dtype=bool)
        return Joined(known[:0], np.empty((0, values.shape[1])), none, None, len(values))
    # Sums of floating point depend on their order, as do ties: rows have one order of their own.
    known = known[np.lexsort(values[known].T[::-1])]
    rows = values[known]
    used = rows.min(axis=0) < rows.max(axis=0)
    scaled = np.zeros_like(rows)
    scaled[:, used] = (rows[:, used] - rows[:, used].mean(axis=0)) / rows[:, used].std(axis=0)
    joins = linkage(scaled, "ward") if len(rows) > 1 and used.any() else None
    return Joined(known, scaled, used, joins, len(values))


def cut(joined: Joined, most: int) -> Clusters:
    """Cut what is joined into clusters; `most` as of `cluster_heads`."""
    if most < 1:
        raise ValueError("there is no number of clusters below 1")
    of = np.zeros(joined.heads, dtype=np.intp)
    if not len(joined.known):
        return Clusters(of, joined.used, joined.scaled)
    if joined.linkage is not None:
        found = _after_joins(joined.linkage, most)
    else:
        found = np.ones(len(joined.known), dtype=np.intp)
    names, first, size = np.unique(found, return_index=True, return_counts=True)
    ranked = names[np.lexsort((first, -size))]
    number = np.zeros(names.max() + 1, dtype=np.intp)
    number[ranked] = np.arange(1, len(ranked) + 1)
    of[joined.known] = number[found]
    centres = np.array([joined.scaled[found == name].mean(axis=0) for name in ranked])
    return Clusters(of, joined.used, centres)


def _after_joins(linkage: Floats, most: int) -> NDArray[np.intp]:
    """Name each head's cluster when all but the last joins are done, those of equal heads first.

    scipy cuts at a height, and so gives fewer clusters where joins have one height.
    """
    heads = len(linkage) + 1
    equal = int((linkage[:, 2] == 0).sum())
    done = max(heads - most, equal)
    of = np.arange(heads + done)
    for join in reversed(range(done)):
        of[linkage[join, :2].astype(np.intp)] = of[heads + join]
    return of[:heads]
