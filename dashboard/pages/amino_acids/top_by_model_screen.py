"""The highest heads of one amino acid in every model: small bars side by side, on one axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace
from dashboard.figures.look.tiles import tile
from dashboard.results.frames import head_names, interval_ends

WIDTH, ROW = 190, 16
"""Pixels of a model's width, and of a bar's height."""
MARGIN = {"l": 40, "r": 42, "t": 40, "b": 38}


def top_by_model_chart(tops: Sequence[tuple[tuple[str, str], pd.DataFrame]]) -> Chart:
    """Draw every model's highest heads, highest on top.

    Parameters
    ----------
    tops
        For each model two lines (its name, and where its values come from) and rows of a
        head frame, highest first (`dashboard.results.frames.top_heads`).

    Returns
    -------
    plotly.graph_objects.Figure
        Bars are shares, on one axis, so that they can be compared; thin lines are their
        intervals or what the drawing allows, the dotted line is the background.
    """
    rows = max(len(top) for _, top in tops)
    limit = 1.02 * max(float(interval_ends(top)[1].max()) for _, top in tops) or 1.0
    figures = [_bars(title, top, rows, limit) for title, top in tops]
    return tile(figures, [", ".join(title) for title, _ in tops], most=WIDTH + 20)


def _bars(title: tuple[str, str], top: pd.DataFrame, rows: int, limit: float) -> Chart:
    percent = top["percent"].to_numpy(dtype=float)
    lower, upper = interval_ends(top)
    places = np.arange(len(top))
    names = head_names(top)
    figure = template.new_figure(
        MARGIN["t"] + ROW * rows + MARGIN["b"],
        WIDTH,
        margin=MARGIN,
        showlegend=False,
        hovermode="y",
        xaxis={
            "range": [0, limit],
            "title": "% of the head's arcs",
            "nticks": 4,
            "showgrid": True,
            "ticklen": 0,
        },
        yaxis={
            "range": [rows - 0.5, -0.5],
            "tickvals": places.tolist(),
            "ticktext": names,
            "ticklen": 0,
        },
    )
    figure.add_trace(
        trace(
            "bar",
            x=percent,
            y=places,
            orientation="h",
            width=0.62,
            marker={"color": style.VALUE},
            error_x=template.whiskers(percent, lower, upper),
            text=[
                f"head {name}: {value:.2f} %, {low:.2f} to {high:.2f} %"
                for name, value, low, high in zip(names, percent, lower, upper, strict=True)
            ],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    )
    figure.add_trace(
        template.quiet(
            upper,
            places,
            mode="text",
            text=[f"\u2002{value:.1f}" for value in percent],
            textposition="middle right",
            cliponaxis=False,
        )
    )
    template.dotted(figure, top["background_percent"], len(top))
    template.title(figure, *title, xshift=3 - MARGIN["l"], width=WIDTH - 8)
    return figure.finish()
