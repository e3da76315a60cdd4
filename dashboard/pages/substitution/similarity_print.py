"""How alike several models' attention and a substitution matrix are, for print."""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from dashboard.figures.printing import rows, shell, style
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Figure
from dashboard.figures.printing.words import print_source
from dashboard.pages.substitution.frames import similarity_frame
from dashboard.results.amino_acids import correlate, of_amino_acids
from dashboard.results.sources import paper_models
from precompute.heads import PUBLISHED
from precompute.similarity import RESAMPLES, SEED
from precompute.substitution import PERMUTATIONS, read_matrix

_KEY = 4.0
"""Height of a line of the key above the rows, in millimetres."""
_ENTRIES = ("Pearson's r", "Spearman's ρ", "r of the paper's drawing")
"""What the key names."""
_APART = 0.17
"""How far r and ρ of one row are above and below its middle, in rows."""


def similarity_figure(table: pd.DataFrame, source: Source, matrix: str) -> PaperFigure:
    """Make the rows of several sources.

    Parameters
    ----------
    table
        Of `dashboard.pages.substitution.frames.similarity_frame`.
    source
        Where the values come from.
    matrix
        Name of the substitution matrix.
    """
    drawn = (
        " Crosses: r of the correlations that the paper draws."
        if table["paper_pearson"].notna().any()
        else ""
    )
    caption = (
        f"Similarity of attention to {matrix}: Pearson's r and Spearman's ρ between the "
        "correlations of 190 pairs of amino acids' attention over the heads and the pairs' scores. "
        f"Lines: the middle 95 % over {RESAMPLES:,} samples of the heads with replacement, the "
        f"proteins as they are.{drawn} Mantel's p of r, two-sided, {PERMUTATIONS:,} permutations "
        f"of the amino acids, seed {SEED}: at most {table['mantel_p_pearson'].max():.2g}."
    )

    def draw(canvas: Canvas) -> Figure:
        names = [
            f"{label}{f', {dataset}' if dataset else ''}, {heads} heads"
            for label, dataset, heads in zip(
                table["label"], table["dataset"], table["heads"], strict=True
            )
        ]
        header = (f"Similarity of attention to {matrix}", source.header[1])
        paper = table["paper_pearson"].to_numpy(dtype=float)
        entries = _ENTRIES[: 2 + np.isfinite(paper).any()]
        columns = rows.key_columns(entries, canvas.width - 4.0)
        above = _KEY * (len(entries) // columns)
        figure = canvas.figure(rows.rows_height(len(names)) + above, header)
        left = rows.names_width(names, 0.5 * canvas.width)
        axes = rows.place_rows(figure, names, left, rows.BELOW, 3.0)
        places = np.arange(len(names), dtype=float)
        for name, label, at, colour in (
            ("pearson", entries[0], -_APART, style.VALUE),
            ("spearman", entries[1], _APART, style.INK),
        ):
            value, lower, upper = (
                table[column].to_numpy(dtype=float)
                for column in (name, f"{name}_heads_lower", f"{name}_heads_upper")
            )
            rows.draw_intervals(axes, places + at, value, (lower, upper), colour)
            axes.plot([], [], color=colour, marker="o", markersize=2.8, linewidth=0.9, label=label)
        if len(entries) > 2:
            axes.scatter(
                *(paper, places - _APART),
                s=9,
                marker="x",
                color=style.OTHER,
                linewidths=0.7,
                zorder=4,
                label=entries[2],
            )
        axes.set_xlabel("correlation with the matrix's scores")
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1, 1),
            borderaxespad=0.1,
            ncols=columns,
            columnspacing=1.0,
            handletextpad=0.4,
        )
        return figure

    return PaperFigure(f"atlas_substitution-models_{matrix}", draw, caption, source, table)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    parser.add_argument(
        "--source",
        action="append",
        metavar="MODEL:SOURCE",
        help="published, or the name of a run; several may be given (default: the paper's models)",
    )
    shell.add_matrix(parser)
    shell.add_sources(parser)


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there are no such values, no such matrix, or too few heads.
    """
    read_matrix(options.matrix)  # a wrong name is said before anything is read
    sources = shell.once(options.source, [f"{name}:{PUBLISHED}" for name in paper_models()])
    found = [correlate(of_amino_acids(shell.read_source(text, options))) for text in sources]
    link = shell.permalink(options.address, "Substitution", {"matrix": [options.matrix]})
    source = print_source(found, permalink=link)
    return similarity_figure(similarity_frame(found, options.matrix), source, options.matrix)
