"""The highest heads of two sources side by side, for print."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.figures.look.scale import percent_end
from dashboard.figures.printing import style, words
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.rows import cut, cut_lines
from dashboard.figures.printing.types import Figure
from dashboard.figures.top_heads.top_heads_print import draw_head_bars
from dashboard.results.comparisons import SIDES
from dashboard.results.frames import interval_ends
from precompute.features import FEATURES

_ROW, _LINE, _BELOW, _LEFT, _RIGHT = 3.3, 2.4, 8.0, 8.5, 2.5
"""Millimetres: a bar's row, a line of the title, the axis, and beside the bars."""
_LINES = 3
"""Lines at most that say where a side's values come from."""


def compare_tops_figure(
    frame: pd.DataFrame, labels: Sequence[tuple[str, str]], source: Source
) -> PaperFigure:
    """Make the bars of both sources.

    Parameters
    ----------
    frame
        Of `dashboard.results.comparisons.both_tops`.
    labels
        For each side its model, and where its values come from.
    source
        Where the values come from.
    """
    feature = FEATURES[str(frame["feature"].iloc[0])]
    said = dict.fromkeys(
        f"{words.intervals(part, Source(results=str(part['source'].iloc[0])))} ({model}, {origin})"
        for (model, origin), part in zip(labels, _sides(frame), strict=True)
        if len(part)
    )
    caption = (
        f"{feature.label}: share of the head's attention arcs{words.at_least(source)} for which "
        f"{feature.definition}, for the highest heads (layer-head) of each. {'. '.join(said)}. "
        "Dotted line: background, where known."
    )

    def draw(canvas: Canvas) -> Figure:
        parts = _sides(frame)
        rows = max(len(part) for part in parts)
        height = max(rows * _ROW, 8.0)
        width = canvas.width / len(parts)
        inner = width - _LEFT - _RIGHT
        titles = [
            [cut(model, style.TICK_SIZE, inner), *cut_lines(origin, style.TICK_SIZE, inner, _LINES)]
            for model, origin in labels
        ]
        above = 2.0 + _LINE * max(len(lines) for lines in titles)
        header = (source.feature, source.header[1])
        figure = canvas.figure(above + height + _BELOW, header)
        end = percent_end(interval_ends(frame)[1])
        for number, (lines, part) in enumerate(zip(titles, parts, strict=True)):
            axes = place_axes(figure, number * width + _LEFT, _BELOW, inner, height)
            draw_head_bars(axes, part, end, rows)
            if part.empty:
                axes.set_yticks([])
                axes.text(
                    0.02 * end, 0, "every head is grey", fontsize=style.TICK_SIZE, va="center"
                )
            axes.set_title("\n".join(lines), fontsize=style.TICK_SIZE, loc="left", pad=2)
        return figure

    return PaperFigure(
        f"atlas_top-heads_{feature.name}_{'_'.join(label[0] for label in labels)}",
        draw,
        caption,
        source,
        frame,
    )


def _sides(frame: pd.DataFrame) -> list[pd.DataFrame]:
    return [frame[frame["side"] == side] for side in SIDES]
