"""The heatmap of a model's heads for one property, each layer's maximum beside it, for print.

The paper's figure 2 in the form its appendix has for every model and property.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.figures.look.scale import COLUMNS, LEGENDS, find_scale, percent_of
from dashboard.figures.look.ticks import fold
from dashboard.figures.printing import style, words
from dashboard.figures.printing.cells import draw_cells
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.results.frames import grid, layer_maxima

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
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
    return PaperFigure(
        name=words.file_name("heads", frame, source),
        draw=partial(draw_heads, frame, source, measure, limit),
        caption=words.heads_caption(frame, source, measure),
        source=source,
        frame=frame,
        cite=words.works(frame),
    )


def draw_heads(
    frame: pd.DataFrame, source: Source, measure: str, limit: float | None, canvas: Canvas
) -> Figure:
    """Draw the heatmap; see `heads_figure`.

    Returns
    -------
    matplotlib.figure.Figure
        Axes 0 the cells, axes 1 the bars, axes 2 the colour bar.
    """
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
    values, low, high, colours = _values(frame, measure, limit)
    mesh = draw_cells(cells, values, low, high, colours, (room, tall))
    bar = figure.colorbar(mesh, cax=figure.add_subplot(places[1, 0]), orientation="horizontal")
    _write_colour_bar(bar, frame, measure, high)
    _draw_bars(bars, frame)
    return figure


def _draw_bars(bars: Axes, frame: pd.DataFrame) -> None:
    from matplotlib.ticker import MaxNLocator

    maxima = layer_maxima(frame)
    bars.barh(maxima["layer"], maxima["max_percent"].fillna(0), height=0.75, color=style.INK)
    background = frame["background_percent"].dropna().head(1)
    ends = pd.concat([maxima["max_percent"], background])
    bars.set(xlabel="layer max. (%)", xlim=(0, words.scale_end(ends)))
    bars.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    bars.tick_params(axis="y", length=0, labelleft=False)
    if len(background):
        bars.axvline(float(background.iloc[0]), color=style.OTHER, linewidth=0.8, linestyle=":")


def _write_colour_bar(bar: Colorbar, frame: pd.DataFrame, measure: str, high: float) -> None:
    # matplotlib would write a bitmap here, and viewers show seams between bare vectors
    if bar.solids is not None:
        bar.solids.set_rasterized(False)
        bar.solids.set_edgecolor("face")
    bar.outline.set_visible(False)
    if measure == "enrichment":
        marks = np.linspace(-high, high, 3 if high == 1 else 5)
        bar.set_ticks(marks.tolist(), labels=[fold(mark) for mark in marks])
        bar.set_label(LEGENDS[measure])
        return
    if measure == "z":
        bar.set_label(LEGENDS[measure])
        return
    bar.set_label(percent_of(frame))
    background = frame["background_percent"].dropna()
    if len(background) and float(background.iloc[0]) < high:
        bar.ax.axvline(float(background.iloc[0]), color=style.OTHER, linewidth=0.8, linestyle=":")


def _values(
    frame: pd.DataFrame, measure: str, limit: float | None
) -> tuple[np.ndarray, float, float, str]:
    """Give the cells, both ends of their scale, and its colours."""
    end = find_scale([frame], measure).limit if limit is None else limit
    values = grid(frame, COLUMNS[measure], np.float64)
    if measure == "percent":
        return values, 0.0, end, style.SEQUENTIAL
    return np.clip(values, -end, end), -end, end, style.DIVERGING


def _height(layers: int, cell: float) -> float:
    """Give the height of the cells in millimetres: square where that is neither flat nor tall."""
    row = min(max(cell, 1.6), 6.0)
    return min(max(layers * row, min(36.0, layers * 8.0)), 90.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    from dashboard.figures.printing import shell

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
    from dashboard.figures.printing import shell

    measure = {} if options.measure == "percent" else {"measure": options.measure}
    frame, source = shell.read_feature(options, **measure)
    shell.need_measure(frame, source, options.measure)
    return heads_figure(frame, source, options.measure)
