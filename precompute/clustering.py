"""Amino acids in a tree: those whose attention correlates stand close together."""

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
        Symmetric matrix of Pearson's r, shape (n, n); no value empty.
    """
    from scipy.cluster.hierarchy import dendrogram, linkage
    from scipy.spatial.distance import squareform

    distance = np.clip(1.0 - (correlations + correlations.T) / 2, 0.0, None)
    np.fill_diagonal(distance, 0.0)
    steps = linkage(squareform(distance), "average", optimal_ordering=True)
    drawn = dendrogram(steps, no_plot=True)
    if drawn["leaves"][0] > drawn["leaves"][-1]:
        steps[:, [0, 1]] = steps[:, [1, 0]]
        drawn = dendrogram(steps, no_plot=True)
    # scipy puts leaf k at 10 k + 5.
    places = (np.asarray(drawn["icoord"]) - 5.0) / 10.0
    return Tree(
        order=tuple(int(leaf) for leaf in drawn["leaves"]),
        branches=np.stack([places, np.asarray(drawn["dcoord"])], axis=1),
    )
