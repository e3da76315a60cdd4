"""The heatmap of a model's heads for one property, each layer's maximum beside it, for print.

The paper's figure 2 in the form its appendix has for every model and property.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.figures.look.scale import COLUMNS, Scale, find_scale, percent_end
from dashboard.figures.printing import shell, style, words
from dashboard.figures.printing.cells import draw_cells
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import draw_bar
from dashboard.results.frames import grid, layer_maxima

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BARS = 0.1, 10.0
"""Width of the bars beside the cells: this share of the figure's, and so many millimetres."""
_AROUND = 13.0
"""What labels and margins take of the width, in millimetres."""
_BELOW = 15.0
"""What labels and colour bar take of the height, in millimetres."""
_COLOUR_BAR = 1.8
"""Height of the colour bar in millimetres."""


def heads_figure(
    frame: pd.DataFrame, source: Source, measure: str = "percent", limit: float | None = None
) -> PaperFigure:
    """Make the heatmap of a head frame.

    Parameters
    ----------
    frame
        Head frame of one property, model and source (`precompute.heads`).
    source
        Where it comes from.
    measure
        ``percent``, ``enrichment`` over the background (log scale), or ``z`` against it.
    limit
        Where the colour scale ends: percent, log2 of the fold, or z; by default where the
        page's scale of this frame alone does.
    """

    def draw(canvas: Canvas) -> Figure:
        """Axes 0 the cells, axes 1 the bars, axes 2 the colour bar."""
        layers, heads = grid(frame, "percent").shape
        beside = _BARS[0] * canvas.width + _BARS[1]
        room = canvas.width - beside - _AROUND
        tall = _height(layers, room / heads)
        figure = canvas.figure(tall + _BELOW, words.header(frame, source))
        places = figure.add_gridspec(
            2, 2, width_ratios=(room, beside), height_ratios=(tall, _COLOUR_BAR)
        )
        cells = figure.add_subplot(places[0, 0])
        bars = figure.add_subplot(places[0, 1], sharey=cells)
        scale = find_scale([frame], measure) if limit is None else Scale(measure, limit)
        mesh = draw_cells(
            cells,
            scale.values(frame, np.float64),
            scale.low,
            scale.limit,
            style.DIVERGING if scale.low else style.SEQUENTIAL,
            (room, tall),
        )
        _draw_bars(bars, frame)
        bar = draw_bar(figure, mesh, figure.add_subplot(places[1, 0]), scale.legend(frame))
        if measure == "enrichment":
            ticks, labels = scale.marks
            bar.set_ticks(ticks, labels=labels)
        for value in frame["background_percent"].dropna().head(1):
            axes = [bars, *([bar.ax] if measure == "percent" and value < scale.limit else [])]
            for own in axes:
                own.axvline(value, color=style.OTHER, linewidth=0.8, linestyle=":")
        return figure

    return PaperFigure(
        words.file_name("heads", frame, source),
        draw,
        words.heads_caption(frame, source, measure),
        source,
        frame,
    )


def _draw_bars(bars: Axes, frame: pd.DataFrame) -> None:
    from matplotlib.ticker import MaxNLocator

    maxima = layer_maxima(frame)
    bars.barh(maxima["layer"], maxima["max_percent"].fillna(0), height=0.75, color=style.INK)
    ends = pd.concat([maxima["max_percent"], frame["background_percent"].dropna().head(1)])
    bars.set(xlabel="layer max. (%)", xlim=(0, percent_end(ends)))
    bars.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    bars.tick_params(axis="y", length=0, labelleft=False)


def _height(layers: int, cell: float) -> float:
    """Give the height of the cells in millimetres: square where that is neither flat nor tall."""
    row = min(max(cell, 1.6), 6.0)
    return min(max(layers * row, min(36.0, layers * 8.0)), 90.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    shell.add_arguments(parser)
    shell.add_feature(parser)
    shell.add_denominator(parser)
    parser.add_argument(
        "--measure",
        choices=tuple(COLUMNS),
        default="percent",
        help="the share, its fold over the background, or z against it (default percent)",
    )


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there are no such values.
    """
    measure = {} if options.measure == "percent" else {"measure": options.measure}
    frame, source = shell.read_feature(options, **measure)
    shell.need_measure(frame, source, options.measure)
    return heads_figure(frame, source, options.measure)
