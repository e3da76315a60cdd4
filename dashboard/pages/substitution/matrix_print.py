"""Amino acids' attention beside a substitution matrix, for print: the paper's figure of it.

Two matrices in one order, with the tree where they are clustered; with ``--pairs`` the
scatter of the 190 pairs instead (`dashboard.pages.substitution.pairs_print`), with ``--furthest``
those that deviate most (`dashboard.pages.substitution.furthest_pairs_print`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard.figures.matrices.matrices_print import draw_matrices
from dashboard.figures.matrices.matrices_screen import Matrix
from dashboard.figures.printing import shell, words
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Axes, Figure
from dashboard.pages.substitution.frames import (
    furthest_pairs,
    pairs_beside_matrix,
    similarity_row,
)
from dashboard.pages.substitution.furthest_pairs_print import furthest_figure
from dashboard.pages.substitution.pairs_print import pairs_figure, say_statistics
from dashboard.results.amino_acids import correlate, letters_in_order, of_amino_acids
from precompute.chemistry import BY_CHEMISTRY, GROUPS, LETTERS, groups_in_words
from precompute.clustering import Tree
from precompute.similarity import pair_matrix
from precompute.substitution import mantel, read_matrix

ORDERS = ("clustering", "chemistry", "alphabet")


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
        header = (f"Attention · {source.models} and {matrix}", source.header[1])
        legends = ("r" if column != "paper_difference" else "difference of r", f"{matrix} score")
        panels = [
            Matrix(pair_matrix(frame[name].to_numpy(dtype=float))[np.ix_(order, order)], legend)
            for name, legend in zip((column, "score"), legends, strict=True)
        ]
        letters = [LETTERS[place] for place in order]
        apart = _part_groups if tuple(letters) == BY_CHEMISTRY else lambda _: None
        return draw_matrices(canvas, header, panels, letters, tree, apart)

    return PaperFigure(
        f"atlas_substitution_{source.models}_{matrix}_{source.results}",
        draw,
        caption,
        source,
        frame,
    )


def _part_groups(axes: Axes) -> None:
    for end in np.cumsum([len(group) for group in GROUPS.values()])[:-1]:
        axes.axhline(end - 0.5, color="white", linewidth=1.5)
        axes.axvline(end - 0.5, color="white", linewidth=1.5)


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
        return furthest_figure(furthest_pairs(own, options.matrix), source, options.matrix)
    if options.pairs:
        return pairs_figure(frame, source, options.matrix, statistics)
    letters = letters_in_order(options.order, heads, lambda _: own)
    order = tuple(LETTERS.index(letter) for letter in letters)
    tree = own.tree if options.order == "clustering" else None
    return substitution_figure(
        frame, source, options.matrix, order, tree=tree, statistics=statistics
    )
