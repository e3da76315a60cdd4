"""The highest heads of one amino acid in several models, side by side, for print."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.figures.look.scale import percent_end
from dashboard.figures.printing import style, words
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.rows import cut
from dashboard.figures.printing.types import Figure
from dashboard.figures.top_heads.top_heads_print import draw_head_bars
from dashboard.results.frames import interval_ends
from precompute.features import FEATURES

_PANEL, _ROW, _AROUND = 35.0, 3.2, 11.0
"""Millimetres: the least width of a panel, the height of a bar's row, title and axis."""


def model_tops_figure(
    frame: pd.DataFrame, labels: Sequence[tuple[str, str]], source: Source
) -> PaperFigure:
    """Make the bars.

    Parameters
    ----------
    frame
        Highest heads of one property (`dashboard.results.frames.top_heads`), model after model.
    labels
        For each model and source in `frame`, in its order, the model and where its values
        come from.
    source
        Where the values come from.
    """
    feature = FEATURES[str(frame["feature"].iloc[0])]
    caption = (
        f"{feature.label}: share of the head's attention arcs{words.at_least(source)} for which "
        f"{feature.definition}, for the highest heads (layer-head) of each model. Thin lines: what "
        "the colours of the paper's drawing allow (published), the interval with the protein as "
        "sampling unit at 0.05/m (measured). Dotted line: background, where known."
    )

    def draw(canvas: Canvas) -> Figure:
        groups = [part for _, part in frame.groupby(["model", "source"], sort=False)]
        across = min(len(groups), max(1, int(canvas.width // _PANEL)))
        down = -(-len(groups) // across)
        rows = max(len(part) for part in groups)
        figure = canvas.figure(down * (rows * _ROW + _AROUND), (source.feature, source.header[1]))
        panels = figure.subplots(down, across, squeeze=False)
        end = percent_end(interval_ends(frame)[1])
        for (model, origin), part, axes in zip(labels, groups, panels.flat, strict=False):
            draw_head_bars(axes, part, end, rows)
            room = canvas.width / across - 10.0
            lines = [cut(text, style.TICK_SIZE, room) for text in (model, origin) if text]
            axes.set_title("\n".join(lines), fontsize=style.TICK_SIZE, loc="left", pad=2)
        for axes in panels.flat[len(groups) :]:
            axes.set_visible(False)
        return figure

    return PaperFigure(f"atlas_models_{feature.name}", draw, caption, source, frame)
