"""Centres of gravity of several properties or models on one axis, for print."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard.figures.look import ticks
from dashboard.figures.printing import rows, style, words
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Figure
from dashboard.pages.layers.centres_screen import centre_places
from precompute.layers import DRAWS, LEVEL


def centres_figure(
    frame: pd.DataFrame, names: Sequence[str], source: Source, axis: str = "layer"
) -> PaperFigure:
    """Make the rows.

    Parameters
    ----------
    frame
        Rows of `precompute.layers.CENTRE_COLUMNS`.
    names
        What each row is.
    source
        Where the values come from.
    axis
        ``layer`` (from 1) or ``depth`` (layer over the number of layers).
    """
    drawn = (
        " Thick lines: the least and greatest centre that the colours of the paper's drawing leave "
        "open."
        if frame["drawn_lower"].notna().any()
        else ""
    )
    caption = (
        "Centre of gravity over the layers of the mean share of attention arcs (attention of at "
        f"least {source.threshold}) that have the property. Thin lines: {LEVEL:.0%} bootstrap "
        f"interval, each layer's heads drawn anew with replacement ({DRAWS:,} draws); it says "
        f"nothing about proteins.{drawn} n = {words.from_to(frame['kept'])} heads."
    )

    def draw(canvas: Canvas) -> Figure:
        centre, lower, upper, drawn_lower, drawn_upper = centre_places(frame, axis)
        header = (f"Centres of gravity · {source.models}", source.header[1])
        figure = canvas.figure(rows.rows_height(len(frame)), header)
        left = rows.names_width(names, 0.5 * canvas.width)
        axes = rows.place_rows(figure, names, left, rows.BELOW, 3.0)
        places = np.arange(len(frame), dtype=float)
        axes.hlines(places, drawn_lower, drawn_upper, color=style.VALUE, linewidth=2.4)
        rows.draw_intervals(axes, places, centre, (lower, upper))
        if axis == "depth":
            axes.set(xlim=(0, 1), xlabel="centre of gravity, layer / number of layers")
        else:
            longest = max(int(frame["layers"].max()), 2)
            axes.set(xlim=(1, longest), xlabel="centre of gravity, layer")
            axes.set_xticks(ticks.layers(longest))
        for place in places[np.isnan(centre)]:
            axes.annotate(
                "no value",
                (0.02, place),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=style.TICK_SIZE,
            )
        return figure

    return PaperFigure("atlas_centres-of-gravity", draw, caption, source, frame)
