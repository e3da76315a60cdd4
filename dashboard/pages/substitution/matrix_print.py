"""Amino acids' attention beside a substitution matrix, for print: the paper's figure of it.

Two matrices in one order, with the tree where they are clustered; with ``--pairs`` the
scatter of the 190 pairs instead (`dashboard.pages.substitution.pairs_print`), with ``--furthest``
those that deviate most (`dashboard.pages.substitution.furthest_pairs_print`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.figures.printing import shell, style, words
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.pages.substitution.frames import pairs_beside_matrix, similarity_row
from dashboard.pages.substitution.furthest_pairs_print import furthest_figure
from dashboard.pages.substitution.matrix_screen import find_scale
from dashboard.pages.substitution.pairs_print import pairs_figure, say_statistics
from dashboard.results.amino_acids import correlate, letters_in_order, of_amino_acids
from precompute.chemistry import BY_CHEMISTRY, GROUPS, LETTERS, groups_in_words
from precompute.clustering import Tree
from precompute.pairs import deviating
from precompute.similarity import pair_matrix
from precompute.substitution import mantel, read_matrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

ORDERS = ("clustering", "chemistry", "alphabet")
_LEFT, _RIGHT, _BELOW, _TREE = 3.5, 1.5, 12.0, 9.0
"""Millimetres: beside a matrix, below it (letters and colour bar), and the tree's height."""


def substitution_figure(
    frame: pd.DataFrame,
    source: Source,
    matrix: str,
    order: Sequence[int],
    *,
    tree: Tree | None = None,
    column: str = "correlation",
    statistics: str = "",
) -> PaperFigure:
    """Make the two matrices.

    Parameters
    ----------
    frame
        Of `precompute.pairs.pairs_with_intervals`.
    source
        Where the correlations come from.
    matrix
        Name of the substitution matrix.
    order
        Places in `precompute.chemistry.LETTERS` from left to right.
    tree
        Drawn above the first matrix; `order` is the tree's.
    column
        What the first matrix shows: ``correlation``, ``paper_correlation`` or
        ``paper_difference``.
    statistics
        Their similarity, for the caption.
    """
    shown = {
        "correlation": "Pearson's correlation of two amino acids' attention over the heads",
        "paper_correlation": "correlation of two amino acids' attention as the paper draws it",
        "paper_difference": "correlation of the paper's drawing − that of its heads",
    }[column]
    ordered = {
        ORDERS[0]: "Ordered by average-linkage clustering of 1 − r",
        ORDERS[1]: f"Ordered by chemistry: {groups_in_words()}",
        ORDERS[2]: "Ordered alphabetically",
    }[_order_name(order, tree)]
    caption = (
        f"{source.models}: {shown}, beside {matrix}. {ordered}. The diagonal is left out."
        f"{' ' + statistics if statistics else ''}"
    )

    def draw(canvas: Canvas) -> Figure:
        beside = canvas.width >= style.ONE_AND_A_HALF
        side = (canvas.width / 2 if beside else canvas.width) - _LEFT - _RIGHT
        crown = _TREE if tree else 0.0
        rows = 1 if beside else 2
        header = (f"Attention · {source.models} and {matrix}", source.header[1])
        figure = canvas.figure(rows * (side + _BELOW) + crown, header)
        legends = ("r" if column != "paper_difference" else "difference of r", f"{matrix} score")
        for number, (name, legend) in enumerate(zip((column, "score"), legends, strict=True)):
            left = _LEFT + (number * canvas.width / 2 if beside else 0.0)
            bottom = _BELOW if beside or number else 2 * _BELOW + side
            axes = place_axes(figure, left, bottom, side, side)
            mesh = _draw_matrix(axes, pair_matrix(frame[name].to_numpy(dtype=float)), order)
            place_bar(figure, mesh, left + 0.2 * side, bottom - 5.5, 0.6 * side, legend)
            if tree and not number:
                _draw_tree(place_axes(figure, left, bottom + side + 0.5, side, crown - 1.0), tree)
        return figure

    return PaperFigure(
        f"atlas_substitution_{source.models}_{matrix}_{source.results}",
        draw,
        caption,
        source,
        frame,
    )


def _draw_matrix(axes: Axes, values: np.ndarray, order: Sequence[int]) -> QuadMesh:
    from matplotlib import colormaps

    low, high, _ = find_scale(values)
    letters = [LETTERS[place] for place in order]
    mesh = axes.pcolormesh(
        np.arange(len(order) + 1) - 0.5,
        np.arange(len(order) + 1) - 0.5,
        np.ma.masked_invalid(values[np.ix_(order, order)]),
        cmap=colormaps[style.DIVERGING if low < 0 < high else style.SEQUENTIAL].with_extremes(
            bad="white"
        ),
        vmin=low,
        vmax=high,
    )
    places = np.arange(len(order))
    axes.set_xticks(places, labels=letters)
    axes.set_yticks(places, labels=letters)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if tuple(letters) == BY_CHEMISTRY:
        for end in np.cumsum([len(group) for group in GROUPS.values()])[:-1]:
            axes.axhline(end - 0.5, color="white", linewidth=1.5)
            axes.axvline(end - 0.5, color="white", linewidth=1.5)
    return mesh


def _draw_tree(axes: Axes, tree: Tree) -> None:
    for places, heights in tree.branches:
        axes.plot(places, heights, color=style.INK, linewidth=style.THIN)
    axes.set_xlim(-0.5, len(tree.order) - 0.5)
    axes.set_ylim(bottom=0)
    axes.set_axis_off()


def _order_name(order: Sequence[int], tree: Tree | None) -> str:
    if tree is not None:
        return ORDERS[0]
    letters = tuple(LETTERS[place] for place in order)
    return ORDERS[1] if letters == BY_CHEMISTRY else ORDERS[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    shell.add_arguments(parser)
    shell.add_matrix(parser)
    parser.add_argument("--order", choices=ORDERS, default=ORDERS[0], help="(default clustering)")
    other = parser.add_mutually_exclusive_group()
    other.add_argument(
        "--pairs", action="store_true", help="the scatter of the 190 pairs, not the matrices"
    )
    other.add_argument(
        "--furthest", action="store_true", help="the pairs that deviate most, not the matrices"
    )


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there are no such values, no such matrix, or too few heads.
    """
    scores = read_matrix(options.matrix)
    heads = of_amino_acids(shell.read_heads(options))
    own = correlate(heads)
    frame = pairs_beside_matrix(own, options.matrix)
    statistics = say_statistics(
        similarity_row(own, options.matrix),
        float(mantel(own.pairs, scores)[0]),
        own.vectors.count,
    )
    address = {
        "source": [heads.source.key],
        "threshold": [f"{heads.threshold:.2f}"] if heads.run else [],
        "matrix": [options.matrix],
        "order": [options.order],
    }
    link = shell.permalink(options.address, "Substitution", address)
    source = words.print_source([heads], permalink=link)
    if options.furthest:
        return furthest_figure(deviating(frame), source, options.matrix)
    if options.pairs:
        return pairs_figure(frame, source, options.matrix, statistics)
    letters = letters_in_order(options.order, heads, lambda _: own)
    order = tuple(LETTERS.index(letter) for letter in letters)
    tree = own.tree if options.order == "clustering" else None
    return substitution_figure(
        frame, source, options.matrix, order, tree=tree, statistics=statistics
    )
