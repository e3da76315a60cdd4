"""One head in one alignment: its rows × rows matrix and their distances, in a tree's order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.figures.look import template
from dashboard.figures.look.draft import Chart
from dashboard.figures.matrices.matrices_screen import Matrix, matrices_chart
from dashboard.results.alignments import HeadMatrices
from precompute.clustering import Tree

SIDE = 330
"""Pixels of a matrix."""
ATTENTION, DISTANCE = "attention, both directions", "Hamming distance, share of columns"
_LONGEST = 40
"""Letters of a row's name that are shown."""


def row_names(matrices: HeadMatrices, order: Sequence[int]) -> list[str]:
    """Name the rows, in an order, with their places in the alignment."""
    names = [matrices.names[place][:_LONGEST] for place in order]
    return [
        f"{place + 1}: {name}" if name else f"row {place + 1}"
        for place, name in zip(order, names, strict=True)
    ]


def rows_chart(
    matrices: HeadMatrices, tree: Tree, titles: Sequence[tuple[str, str]], which: Sequence[int]
) -> Chart:
    """Draw the attention between rows, their distances, or both.

    Parameters
    ----------
    matrices
        What is drawn; of a row to itself nothing is.
    tree
        Of the rows; drawn above attention.
    titles
        The two lines above each of both matrices.
    which
        0 for attention, 1 for distance.
    """
    names = [template.plain(name) for name in row_names(matrices, tree.order)]
    both = both_matrices(matrices, tree, titles)
    return matrices_chart(
        [both[place] for place in which],
        names,
        SIDE,
        tree=tree if 0 in which else None,
        crowned=True,
        showticklabels=False,
    ).finish()


def both_matrices(
    matrices: HeadMatrices, tree: Tree, titles: Sequence[tuple[str, str]] = (("", ""), ("", ""))
) -> tuple[Matrix, Matrix]:
    """Give attention and distance in the tree's order; arguments are those of `rows_chart`."""
    return (
        Matrix(ordered(matrices.attention, tree), ATTENTION, titles[0], trace=_says("attention")),
        Matrix(ordered(matrices.distances, tree), DISTANCE, titles[1], trace=_says("distance")),
    )


def ordered(values: np.ndarray, tree: Tree) -> np.ndarray:
    """Put a square matrix in a tree's order, without its diagonal."""
    own = values[np.ix_(tree.order, tree.order)].astype(np.float32)
    np.fill_diagonal(own, np.nan)
    return own


def _says(what: str) -> dict[str, str]:
    return {"hovertemplate": f"%{{y}}<br>%{{x}}<br>{what} %{{z:.3g}}<extra></extra>"}
