"""Amino acids, or rows of an alignment, in a tree: those that are alike stand close together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tree:
    """A hierarchical clustering.

    Attributes
    ----------
    order
        The leaves from left to right, by their places in the matrix.
    branches
        One a merger: the positions of its four corners between the leaves (leaf k of
        `order` stands at k) and their heights, 1 − r; shape (leaves − 1, 2, 4).
    """

    order: tuple[int, ...]
    branches: Floats


def cluster(correlations: Floats) -> Tree:
    """Cluster by average linkage of the distances 1 − r.

    The leaves are ordered so that neighbours are as alike as the tree allows
    (Bar-Joseph et al., Bioinformatics 17, 2001), the first leaf before the last one as
    in the matrix, so that one matrix has one tree.

    Parameters
    ----------
    correlations
        Symmetric matrix of Pearson's r, or of another likeness that is 1 at most, shape (n, n),
        n at least 2; no value empty.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distance = np.clip(1.0 - (correlations + correlations.T) / 2, 0.0, None)
    np.fill_diagonal(distance, 0.0)
    steps = linkage(squareform(distance), "average", optimal_ordering=True)
    order = leaves_list(steps)
    if order[0] > order[-1]:
        steps[:, [0, 1]] = steps[:, [1, 0]]
        order = leaves_list(steps)
    # scipy's dendrogram calls itself once a level, which a tree of a thousand rows can be too deep
    # for.
    size = len(order)
    places, heights = np.empty(2 * size - 1), np.zeros(2 * size - 1)
    places[order] = np.arange(size)
    branches = np.empty((size - 1, 2, 4))
    for number, (one, other, height, _) in enumerate(steps):
        left, right = int(one), int(other)
        branches[number, 0] = np.repeat([places[left], places[right]], 2)
        branches[number, 1] = heights[left], height, height, heights[right]
        places[size + number] = (places[left] + places[right]) / 2
        heights[size + number] = height
    return Tree(order=tuple(order.tolist()), branches=branches)
