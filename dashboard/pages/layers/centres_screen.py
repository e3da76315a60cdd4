"""Centres of gravity of several properties or models on one axis, with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look import style, template, ticks
from dashboard.figures.look.draft import Chart, trace
from precompute.layers import LEVEL

PLOT_WIDTH, ROW = 210, 20
MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 12, 8, 38
LEGEND = 34
MOST_LABEL = 240
"""Room for the names at most, in pixels."""
CENTRES = ("centre", "lower", "upper", "drawn_lower", "drawn_upper")
"""What a centre row says of its centre of gravity: it, its interval, what the drawing allows."""


def centre_places(frame: pd.DataFrame, axis: str) -> NDArray[np.float64]:
    """Give where `CENTRES` lie on the axis, shape (5, rows)."""
    unit = frame["layers"].to_numpy(dtype=float) if axis == "depth" else 1.0
    return frame[list(CENTRES)].to_numpy(dtype=float).T / unit


def centres(frame: pd.DataFrame, names: list[str], *, axis: str = "layer") -> Chart:
    """Draw one row a centre.

    Parameters
    ----------
    frame
        Rows of `precompute.layers.CENTRE_COLUMNS`.
    names
        What each row is.
    axis
        ``layer`` (from 1), or ``depth``: layer over the number of layers.

    Returns
    -------
    plotly.graph_objects.Figure
        Dots are centres, lines their bootstrap intervals, and the thick part what the paper's
        drawing allows.
    """
    centre, lower, upper, drawn_lower, drawn_upper = centre_places(frame, axis)
    longest = max(int(frame["layers"].max()), 2)
    label = min(template.text_pixels(max(names, key=len)) + 12, MOST_LABEL)
    rows = np.arange(len(frame))
    known, drawn = ~np.isnan(centre), ~np.isnan(drawn_lower)
    above = LEGEND if drawn.any() else MARGIN_TOP
    figure = template.new_figure(
        above + ROW * len(frame) + MARGIN_BOTTOM,
        label + PLOT_WIDTH + MARGIN_RIGHT,
        label + PLOT_WIDTH + MARGIN_RIGHT,
        margin={"l": label, "r": MARGIN_RIGHT, "t": above, "b": MARGIN_BOTTOM},
        hovermode="y",
        showlegend=bool(drawn.any()),
        legend={"orientation": "v"},
        xaxis={
            "showgrid": True,
            "title": "centre of gravity, layer" + (" / number of layers" * (axis == "depth")),
            **(
                {"range": [0, 1], "dtick": 0.25}
                if axis == "depth"
                else {"range": [1, longest], "tickvals": ticks.layers(longest)}
            ),
        },
        yaxis={
            "range": [len(frame) - 0.5, -0.5],
            "tickmode": "array",
            "tickvals": rows,
            "ticktext": [template.shorten(name, label - 8) for name in names],
            "ticks": "",
        },
    )
    said = [
        f"{template.plain(name)}: {at:.2f}" + (f", {low:.2f} to {high:.2f}" if low == low else "")
        for name, at, low, high in zip(names, centre, lower, upper, strict=True)
    ]
    figure.add_trace(
        trace(
            "scatter",
            name=f"centre, {LEVEL:.0%} interval",
            x=centre[known].astype(np.float32),
            y=rows[known],
            mode="markers",
            marker={"color": style.VALUE, "size": 7},
            error_x=template.whiskers(
                *(centre[known], lower[known], upper[known]),
                **{"type": "data", "symmetric": False, "color": style.VALUE, "thickness": 1.5},
            ),
            cliponaxis=False,
            hovertext=[text for text, there in zip(said, known, strict=True) if there],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    if drawn.any():
        gaps = np.full(int(drawn.sum()), np.nan)
        ends = np.stack([drawn_lower[drawn], drawn_upper[drawn], gaps], axis=1)
        figure.add_trace(
            template.quiet(
                ends.ravel().astype(np.float32),
                np.repeat(rows[drawn], 3),
                name="drawing allows",
                mode="lines",
                line={"color": style.VALUE, "width": 4.5},
            )
        )
    for row in rows[~known]:
        figure.add_annotation(
            text="no value", xref="x domain", x=0.02, y=row, xanchor="left", showarrow=False
        )
    return figure.finish()
