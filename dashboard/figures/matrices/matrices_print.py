"""Square matrices in one order with a tree above the first, for print."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dashboard.figures.matrices.matrices_screen import Matrix, find_scale
from dashboard.figures.printing import style
from dashboard.figures.printing.figure import Canvas
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.figures.printing.types import Axes, Figure, QuadMesh
from precompute.clustering import Tree

_LEFT, _RIGHT, _BELOW, _TREE = 3.5, 1.5, 12.0, 9.0
"""Millimetres: beside a matrix, below it (names and colour bar), and the tree's height."""
_MOST_VECTORS = 64
"""Rows up to which cells are vectors; more are a picture, which is smaller."""


def draw_matrices(
    canvas: Canvas,
    header: tuple[str, str],
    matrices: Sequence[Matrix],
    names: Sequence[str],
    tree: Tree | None = None,
    mark: Callable[[Axes], None] = lambda _: None,
) -> Figure:
    """Draw two matrices, beside each other where there is room, else one below the other.

    Parameters
    ----------
    canvas, header
        What they are drawn on, and the two lines above.
    matrices
        Two, as the page has them.
    names
        Of rows and columns, in their order; none to leave them out.
    tree
        Drawn above the first.
    mark
        Draws more into each matrix.
    """
    beside = canvas.width >= style.ONE_AND_A_HALF
    side = (canvas.width / 2 if beside else canvas.width) - _LEFT - _RIGHT
    crown = _TREE if tree else 0.0
    rows = 1 if beside else 2
    figure = canvas.figure(rows * (side + _BELOW) + crown, header)
    for number, matrix in enumerate(matrices):
        left = _LEFT + (number * canvas.width / 2 if beside else 0.0)
        bottom = _BELOW if beside or number else 2 * _BELOW + side
        axes = place_axes(figure, left, bottom, side, side)
        mesh = _draw_matrix(axes, matrix, names)
        mark(axes)
        place_bar(figure, mesh, left + 0.2 * side, bottom - 5.5, 0.6 * side, matrix.measure)
        if tree and not number:
            _draw_tree(place_axes(figure, left, bottom + side + 0.5, side, crown - 1.0), tree)
    return figure


def _draw_matrix(axes: Axes, matrix: Matrix, names: Sequence[str]) -> QuadMesh:
    from matplotlib import colormaps

    count = len(matrix.values)
    low, high = matrix.ends or find_scale(matrix.values)
    mesh = axes.pcolormesh(
        np.arange(count + 1) - 0.5,
        np.arange(count + 1) - 0.5,
        np.ma.masked_invalid(matrix.values),
        cmap=colormaps[style.DIVERGING if low < 0 < high else style.SEQUENTIAL].with_extremes(
            bad="white"
        ),
        vmin=low,
        vmax=high,
        rasterized=count > _MOST_VECTORS,
    )
    axes.set_xticks(np.arange(len(names)), labels=list(names))
    axes.set_yticks(np.arange(len(names)), labels=list(names))
    axes.set_ylim(count - 0.5, -0.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return mesh


def _draw_tree(axes: Axes, tree: Tree) -> None:
    for places, heights in tree.branches:
        axes.plot(places, heights, color=style.INK, linewidth=style.THIN)
    axes.set_xlim(-0.5, len(tree.order) - 0.5)
    axes.set_ylim(bottom=0)
    axes.set_axis_off()
