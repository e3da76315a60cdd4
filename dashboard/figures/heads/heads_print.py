"""The heatmap of a model's heads for one property, each layer's maximum beside it, for print.

The paper's figure 2 in the form its appendix has for every model and property.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look.scale import COLUMNS, Scale, find_scale, percent_end
from dashboard.figures.printing import shell, style, words
from dashboard.figures.printing.cells import draw_cells
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import draw_bar
from dashboard.figures.printing.types import Axes, Colorbar, Figure
from dashboard.results.frames import layer_maxima

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
        scale = find_scale([frame], measure) if limit is None else Scale(measure, limit)
        maxima = layer_maxima(frame)["max_percent"]
        ends = pd.concat([maxima, frame["background_percent"].dropna().head(1)])
        figure, bars, bar = draw_layer_map(
            canvas,
            words.header(frame, source),
            scale.values(frame, np.float64),
            (scale.low, scale.limit),
            scale.legend(frame),
            maxima.fillna(0).to_numpy(),
            ("layer max. (%)", percent_end(ends)),
        )
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


def draw_layer_map(
    canvas: Canvas,
    header: tuple[str, str],
    values: NDArray[np.floating[Any]],
    ends: tuple[float, float],
    legend: str,
    lengths: NDArray[np.floating[Any]],
    axis: tuple[str, float],
) -> tuple[Figure, Axes, Colorbar]:
    """Draw a map of layers × heads with a bar a layer.

    Parameters
    ----------
    canvas, header
        What it is drawn on, and the two lines above.
    values
        Shape (layers, heads), row 0 layer 1; NaN is grey.
    ends
        Of the colour scale: diverging about 0 where it begins below, else from low to high.
    legend
        What the colours are, with the unit.
    lengths
        Of the bars, the first layer's first.
    axis
        What the bars are, with the unit, and where their axis ends.

    Returns
    -------
    tuple
        The figure, the axes of the bars, and the colour bar.
    """
    from matplotlib.ticker import MaxNLocator

    layers, heads = values.shape
    beside = _BARS[0] * canvas.width + _BARS[1]
    room = canvas.width - beside - _AROUND
    tall = _height(layers, room / heads)
    figure = canvas.figure(tall + _BELOW, header)
    places = figure.add_gridspec(
        2, 2, width_ratios=(room, beside), height_ratios=(tall, _COLOUR_BAR)
    )
    cells = figure.add_subplot(places[0, 0])
    bars = figure.add_subplot(places[0, 1], sharey=cells)
    colours = style.DIVERGING if ends[0] < 0 else style.SEQUENTIAL
    mesh = draw_cells(cells, values, *ends, colours, (room, tall))
    bars.barh(np.arange(1, layers + 1), lengths, height=0.75, color=style.INK)
    bars.set(xlabel=axis[0], xlim=(0, axis[1]))
    bars.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    bars.tick_params(axis="y", length=0, labelleft=False)
    bar = draw_bar(figure, mesh, figure.add_subplot(places[1, 0]), legend)
    return figure, bars, bar


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
