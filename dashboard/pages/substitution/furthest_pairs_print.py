"""The pairs of amino acids furthest from the line between attention and matrix, for print."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.printing import rows, style
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Figure
from precompute.features import AMINO_ACIDS
from precompute.similarity import RESAMPLES

_NUMBERS = 11.0
"""Room for the standardised residuals beside the rows, in millimetres."""


def furthest_figure(frame: pd.DataFrame, source: Source, matrix: str) -> PaperFigure:
    """Make the rows of some pairs.

    Parameters
    ----------
    frame
        Of `precompute.pairs.deviating`.
    source
        Where the correlations come from.
    matrix
        Name of the substitution matrix.
    """
    caption = (
        f"{source.models}: the {len(frame)} of 190 pairs of amino acids furthest from the "
        f"least-squares line of the correlation of their attention on their score in {matrix} (in "
        f"brackets). Dots: Pearson's r over the heads; lines: the middle 95 % over {RESAMPLES:,} "
        "samples of the heads with replacement; upright marks: r on the line. Right: residual over "
        "its own standard error; pairs share amino acids, so it orders them and tests nothing."
    )

    def draw(canvas: Canvas) -> Figure:
        names = [
            f"{AMINO_ACIDS[str(one)]} {one} – {AMINO_ACIDS[str(other)]} {other} "
            f"({score:g})".replace("-", "−")
            for one, other, score in zip(
                frame["amino_acid_1"], frame["amino_acid_2"], frame["score"], strict=True
            )
        ]
        header = (
            f"Pairs furthest from {matrix} · {source.models}",
            f"{source.header[1]}; upright: expected; right: standardised residual",
        )
        figure = canvas.figure(rows.rows_height(len(frame)), header)
        left = rows.names_width(names, 0.45 * canvas.width)
        axes = rows.place_rows(figure, names, left, rows.BELOW, _NUMBERS)
        places = np.arange(len(frame), dtype=float)
        value, lower, upper, expected, residual = (
            frame[name].to_numpy(dtype=float)
            for name in (
                *("correlation", "heads_lower", "heads_upper"),
                *("expected", "standardised_residual"),
            )
        )
        rows.draw_intervals(axes, places, value, (lower, upper))
        axes.vlines(expected, places - 0.35, places + 0.35, color=style.OTHER, linewidth=1.2)
        numbers = [f"{number:+.1f}" for number in residual]
        rows.write_beside(axes, numbers, _NUMBERS - 1 / style.POINTS)
        axes.set_xlabel("r of attention")
        return figure

    return PaperFigure(
        f"atlas_substitution-furthest_{source.models}_{matrix}_{source.results}",
        draw,
        caption,
        source,
        frame,
    )
