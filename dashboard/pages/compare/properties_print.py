"""Two sources property by property, for print: both medians, and how far heads agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.printing import rows, style, words
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Figure
from precompute.features import FEATURES

_KEY = 4.0
"""Height of the key and of the columns' names above the rows, in millimetres."""
_COLUMN = 12.5
"""Width of a column of numbers beside the rows, in millimetres."""


def properties_figure(frame: pd.DataFrame, names: tuple[str, str], source: Source) -> PaperFigure:
    """Make the rows of all properties that two sources have.

    Parameters
    ----------
    frame
        Of `dashboard.results.comparisons.compare_properties`.
    names
        What the first and the second source are.
    source
        Where the values come from.
    """
    by_head = "spearman" in frame
    caption = (
        f"Median over the heads of the share of attention arcs (attention of at least "
        f"{source.threshold}) that have each property, in {names[0]} (filled) and {names[1]} "
        f"(open); n = {words.from_to(frame['kept_1'])} and {words.from_to(frame['kept_2'])} heads. "
        "D: largest vertical distance of the two cumulative distributions over the heads; heads of "
        "one model are no independent draws, so there is no p-value"
    )
    if by_head:
        caption += "; ρ: Spearman's rank correlation of the two shares of each head"

    def draw(canvas: Canvas) -> Figure:
        columns = [("D", "distance")] + ([("ρ", "spearman")] if "spearman" in frame else [])
        labels = [FEATURES[name].label for name in frame["feature"]]
        header = (f"All properties · {source.models}", source.header[1])
        figure = canvas.figure(rows.rows_height(len(labels)) + 2 * _KEY, header)
        right = _COLUMN * len(columns) + 1.0
        left = rows.names_width(labels, 0.4 * canvas.width)
        axes = rows.place_rows(figure, labels, left, rows.BELOW, right)
        places = np.arange(len(frame), dtype=float)
        first, second = (frame[name].to_numpy(dtype=float) for name in ("median_1", "median_2"))
        axes.hlines(places, first, second, color=style.INK, linewidth=style.THIN)
        inner = canvas.width - left - 2.0
        for values, name, filled in ((first, names[0], True), (second, names[1], False)):
            axes.scatter(
                *(values, places),
                s=9,
                facecolors=style.VALUE if filled else "white",
                edgecolors=style.VALUE if filled else style.OTHER,
                linewidths=0.8,
                zorder=3,
                label=rows.cut(name, style.TICK_SIZE, inner / 2 - 6.0),
            )
        axes.set(xlabel="median over the heads (%)", xlim=(0, None))
        for column, (title, name) in enumerate(columns):
            values = frame[name].to_numpy(dtype=float)
            numbers = ["–" if np.isnan(value) else f"{value:.2f}" for value in values]
            rows.write_beside(axes, [title, *numbers], _COLUMN * (column + 1) - 1.0, first=-1)
        tall = axes.get_position().height * figure.get_figheight() * style.MILLIMETRES
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1 + _KEY / tall),
            borderaxespad=0.0,
            ncols=2,
            columnspacing=1.0,
            handletextpad=0.2,
        )
        return figure

    return PaperFigure(
        f"atlas_properties_{names[0]}_{names[1]}"[:100], draw, f"{caption}.", source, frame
    )
