"""The 190 pairs of amino acids, attention against a matrix's score, for print."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from dashboard.figures.printing import style
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Axes, Figure
from dashboard.pages.substitution import words
from dashboard.pages.substitution.pairs_screen import NAMED, apart
from precompute.similarity import DRAWINGS, RESAMPLES, SEED
from precompute.substitution import PERMUTATIONS

_NAME, _LINE = 4.5, 2.5
"""Millimetres that a pair's name takes at least, and its line's height."""
_LOWEST = 64.0
"""Millimetres of height, so that names have room in a narrow column too."""


def pairs_figure(frame: pd.DataFrame, source: Source, matrix: str, statistics: str) -> PaperFigure:
    """Make the scatter.

    Parameters
    ----------
    frame
        Of `precompute.pairs.pairs_with_intervals`.
    source
        Where the correlations come from.
    matrix
        Name of the substitution matrix.
    statistics
        Of `say_statistics`.
    """
    caption = (
        f"{source.models}: Pearson's correlation of two amino acids' attention over the heads, "
        f"against their score in {matrix}, 190 pairs. Line: least squares; named: the {NAMED} "
        f"pairs furthest from it. {statistics}"
    )

    def draw(canvas: Canvas) -> Figure:
        width = min(canvas.width, style.ONE_AND_A_HALF)
        header = (f"{matrix} · {source.models}", source.header[1])
        figure = canvas.figure(max(0.75 * width, _LOWEST), header)
        axes = figure.subplots()
        x, y = (frame[name].to_numpy(dtype=float) for name in ("score", "correlation"))
        axes.scatter(x, y, s=6, color=style.VALUE, alpha=0.55, linewidths=0)
        ends = [int(np.argmin(x)), int(np.argmax(x))]
        axes.plot(x[ends], frame["expected"].to_numpy()[ends], color=style.OTHER)
        axes.set(xlabel=f"{matrix} score", ylabel="r of attention")
        axes.margins(x=0.09)
        _name_furthest(figure, axes, frame)
        return figure

    return PaperFigure(
        f"atlas_substitution-pairs_{source.models}_{matrix}_{source.results}",
        draw,
        caption,
        source,
        frame,
    )


def say_statistics(found: Mapping[str, float], p: float, heads: int) -> str:
    """Say the similarity of correlations and scores, with what each interval means.

    Parameters
    ----------
    found
        Of `precompute.substitution.compare_with_matrix`.
    p
        Mantel's, of Pearson's r.
    heads
        How many heads are kept.
    """
    pearson, spearman = (
        words.with_span(*(found[f"{name}{end}"] for end in ("", "_heads_lower", "_heads_upper")))
        for name in ("pearson", "spearman")
    )
    allowed = words.span(found["drawing_lower"], found["drawing_upper"], 3)
    drawing = (
        f"; {allowed}: the middle 95 % of r over {DRAWINGS} sets of values that the paper's "
        "colours could stand for"
    )
    value = words.p_value(p, PERMUTATIONS)
    return (
        f"Pearson r = {pearson}, Spearman ρ = {spearman}; in brackets the middle 95 % over "
        f"{RESAMPLES:,} samples of the {heads} heads with replacement{drawing if allowed else ''}. "
        f"Mantel's p {value if value[0] == '≤' else f'= {value}'}, two-sided, {PERMUTATIONS:,} "
        f"permutations of the amino acids, seed {SEED}."
    )


def _name_furthest(figure: Figure, axes: Axes, frame: pd.DataFrame) -> None:
    """Name the pairs furthest from the line, once the axes have their place."""
    figure.draw_without_rendering()
    furthest = frame.loc[frame["standardised_residual"].abs().nlargest(NAMED).index]
    points = axes.transData.transform(furthest[["score", "correlation"]].to_numpy(dtype=float))
    inch = style.MILLIMETRES / figure.dpi
    names = [
        (x * inch, -y * inch, f"{one}{other}")
        for (x, y), one, other in zip(
            points, furthest["amino_acid_1"], furthest["amino_acid_2"], strict=True
        )
    ]
    room = beside = max(_NAME, style.widest(name for _, _, name in names) + 1.2)
    axes_at = axes.get_window_extent()
    right = axes_at.x1 * inch
    if axes_at.width * inch < _LOWEST:
        # Names left of their points meet those right of others where there is little room.
        room *= 2
    for x, y, name in apart(names, room, _LINE):
        near = x > right - beside
        across, up = axes.transData.inverted().transform([x / inch, -y / inch])
        axes.annotate(
            name,
            (float(across), float(up)),
            xytext=(-3 if near else 3, 0),
            textcoords="offset points",
            ha="right" if near else "left",
            va="center",
            fontsize=style.TICK_SIZE,
        )
