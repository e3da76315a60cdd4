"""Matrices of 20 × 20 amino acids as heatmaps, with a tree above the first where asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.look import template
from dashboard.figures.look.draft import Chart, Draft
from dashboard.figures.matrices import matrices_screen
from dashboard.figures.matrices.matrices_screen import matrices_chart, short
from precompute.chemistry import BY_CHEMISTRY, GROUPS, LETTERS
from precompute.clustering import Tree
from precompute.features import AMINO_ACIDS
from precompute.pairs import pair_name
from precompute.similarity import pair_matrix

CELL = 14
"""Pixels of a cell's side."""


class Matrix(NamedTuple):
    """What one heatmap shows.

    Attributes
    ----------
    pairs
        The values of the 190 pairs, in the order of `precompute.similarity.matrix_pairs`;
        those that are empty are not drawn.
    measure
        What they are, beside the colour bar.
    title
        Two lines above the figure.
    """

    pairs: NDArray[np.float64]
    measure: str
    title: tuple[str, str]


def matrix_chart(
    matrices: Sequence[Matrix],
    order: Sequence[int],
    *,
    tree: Tree | None = None,
    crowned: bool = False,
) -> Chart:
    """Draw matrices side by side, in one order of the amino acids.

    Parameters
    ----------
    matrices
        What is drawn; the diagonals are not.
    order
        Places in `precompute.chemistry.LETTERS` from left to right and top to bottom. Groups
        of `precompute.chemistry.GROUPS` are parted where they stand side by side.
    tree
        Drawn above the first matrix; `order` is the tree's.
    crowned
        Whether there is room for a tree, so that figures stand level.

    Returns
    -------
    plotly.graph_objects.Figure
        Heatmaps whose cells are linked by the names of their pairs.
    """
    letters = [LETTERS[place] for place in order]
    figure = matrices_chart(
        [_matrix(matrix, order, letters) for matrix in matrices],
        letters,
        CELL * len(order),
        tree=tree,
        crowned=crowned,
    )
    if tuple(letters) == BY_CHEMISTRY:
        for number in range(len(matrices)):
            _part_groups(figure, str(number + 1) if number else "")
    return figure.finish()


def _matrix(matrix: Matrix, order: Sequence[int], letters: Sequence[str]) -> matrices_screen.Matrix:
    values = pair_matrix(matrix.pairs)[np.ix_(order, order)].astype(np.float32)
    np.fill_diagonal(values, np.nan)
    texts = [
        [
            f"{AMINO_ACIDS[one]} – {AMINO_ACIDS[other]}<br>{matrix.measure} {short(value)}"
            for other, value in zip(letters, row, strict=True)
        ]
        for one, row in zip(letters, values.tolist(), strict=True)
    ]
    trace = {
        "customdata": [[pair_name(one, other) for other in letters] for one in letters],
        "text": texts,
        "hovertemplate": "%{text}<extra></extra>",
        "meta": {"link": True},
    }
    return matrices_screen.Matrix(values, matrix.measure, matrix.title, trace=trace)


def _part_groups(figure: Draft, suffix: str) -> None:
    end = len(LETTERS) - 0.5
    for place in np.cumsum([len(letters) for letters in GROUPS.values()])[:-1] - 0.5:
        for x, y in (((place, place), (-0.5, end)), ((-0.5, end), (place, place))):
            parting = template.line(x, y, template.GROUND, 3)
            figure.add_shape(**parting, xref=f"x{suffix}", yref=f"y{suffix}")
