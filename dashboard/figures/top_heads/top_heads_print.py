"""The highest heads of one property with intervals and background, for print."""

from __future__ import annotations

import argparse
from typing import Any

import pandas as pd

from dashboard.figures.look.scale import percent_end, percent_of
from dashboard.figures.printing import shell, style, words
from dashboard.figures.printing.bars import draw_bars
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Axes, Figure
from dashboard.results.frames import head_names, interval_ends, top_heads
from precompute.errors import AtlasError

COUNT = 10
_ROW = 3.4
"""Height of a bar's row in millimetres."""
_LEAST = 13.0
"""Height that the name of the axis needs beside few bars, in millimetres."""
_BELOW = 8.5
"""What the axis below the bars takes, in millimetres."""


def top_heads_figure(frame: pd.DataFrame, source: Source) -> PaperFigure:
    """Make the bars of some heads.

    Parameters
    ----------
    frame
        Rows of a head frame, highest first (`dashboard.results.frames.top_heads`).
    source
        Where they come from.
    """

    def draw(canvas: Canvas) -> Figure:
        figure = canvas.figure(max(_ROW * len(frame), _LEAST) + _BELOW, words.header(frame, source))
        axes = figure.subplots()
        end = percent_end(interval_ends(frame)[1])
        draw_head_bars(axes, frame, end, len(frame), capsize=1.5, capthick=0.7)
        axes.set_ylabel("layer-head")
        return figure

    return PaperFigure(
        words.file_name("top-heads", frame, source),
        draw,
        words.top_heads_caption(frame, source),
        source,
        frame,
    )


def draw_head_bars(axes: Axes, frame: pd.DataFrame, end: float, rows: int, **whiskers: Any) -> None:
    """Draw one bar a head with its interval, and the background as a dotted line.

    Parameters
    ----------
    axes
        To draw on.
    frame
        Rows of a head frame, highest first (`dashboard.results.frames.top_heads`).
    end
        Where the axis of percentages ends.
    rows
        For how many bars there is room.
    whiskers
        As of `draw_bars`.
    """
    ends = interval_ends(frame)
    draw_bars(axes, frame["percent"], ends, head_names(frame), upright=False, **whiskers)
    axes.set(xlim=(0, end), ylim=(rows - 0.5, -0.5), xlabel=percent_of(frame))
    for value in frame["background_percent"].dropna().head(1):
        axes.axvline(float(value), color=style.OTHER, linewidth=0.9, linestyle=":")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    shell.add_arguments(parser)
    shell.add_feature(parser)
    shell.add_denominator(parser)
    parser.add_argument(
        "--count", type=int, default=COUNT, metavar="N", help=f"how many heads (default {COUNT})"
    )


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there are no such values, or every head is grey.
    """
    if not 1 <= options.count <= 50:
        raise AtlasError(f"From 1 to 50 heads can be drawn, not {options.count}.")
    frame, source = shell.read_feature(options)
    highest = top_heads(frame, options.count)
    if highest.empty:
        raise AtlasError(f"Every head of {source.models} is grey: none has enough arcs.")
    return top_heads_figure(highest, source)
