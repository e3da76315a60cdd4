"""The highest heads of one property with their intervals and the background."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace
from dashboard.figures.look.scale import percent_end, percent_of
from dashboard.results.frames import head_names, interval_ends, marks
from precompute.heads import WALD

MARGIN_TOP, MARGIN_BOTTOM = 42, 42
ROW_PIXELS = 19
_BELOW = 0.32
"""How far below its dot the paper's interval lies, in rows."""


def top_heads_chart(
    frame: pd.DataFrame,
    title: tuple[str, str],
    *,
    width: int = 340,
    rows: int = 0,
    marked: bool = False,
    pick: bool = False,
) -> Chart:
    """Draw the highest heads, highest on top.

    Parameters
    ----------
    frame
        Rows of a head frame, highest first (`dashboard.results.frames.top_heads`).
    title
        The two lines above the figure.
    width
        Pixels at which it looks best.
    rows
        Heads that there is room for, where figures of fewer and more stand beside each other.
    marked
        Draw the paper's Wald intervals, and asterisks at heads unlike the background.
    pick
        Let a dot answer to a click with its head, ``layer-head``.

    Returns
    -------
    plotly.graph_objects.Figure
        A dot a head in percent; the bar is its interval where one is known, and else what
        the drawing allows; the dotted line is the background. Where marked, the thin line
        below a bar is the paper's Wald interval.
    """
    percent = frame["percent"].to_numpy(dtype=float)
    lower, upper = interval_ends(frame)
    places = np.arange(len(frame))
    names = head_names(frame)
    room = max(rows, len(frame))
    figure = template.new_figure(MARGIN_TOP + ROW_PIXELS * room + MARGIN_BOTTOM, width, 240)
    template.dotted(figure, frame["background_percent"], len(frame))
    wald = _wald(frame) if marked else []
    if wald:
        figure.add_trace(
            template.quiet(
                [end for _, low, high in wald for end in (low, high, None)],
                [row + _BELOW for row, _, _ in wald for _ in range(3)],
                mode="lines",
                line={"color": style.INK, "width": 1},
                name="Wald interval",
            )
        )
    figure.add_trace(
        trace(
            "scatter",
            x=percent,
            y=places,
            mode="markers",
            marker={"color": style.VALUE, "size": 7},
            error_x=template.whiskers(
                percent, lower, upper, color=style.VALUE, thickness=1.5, width=3
            ),
            customdata=[
                [name, f"{value:.2f} %, {low:.2f} to {high:.2f} %"]
                for name, value, low, high in zip(names, percent, lower, upper, strict=True)
            ],
            hovertemplate="head %{customdata[0]}: %{customdata[1]}<extra></extra>",
            name="heads",
            meta={"pick": pick},
        )
    )
    if marked and any(signs := marks(frame)):
        figure.add_trace(
            template.quiet(
                np.ones(len(frame)),
                places,
                text=signs,
                mode="text",
                textposition="middle right",
                cliponaxis=False,
                name="marks",
                xaxis="x2",
            )
        )
        # beside the rows, wherever one zooms to
        figure.update_layout(
            xaxis2={"overlaying": "x", "range": [0, 1], "fixedrange": True, "visible": False}
        )
    figure.update_layout(
        margin={"l": 58, "r": 16, "t": MARGIN_TOP, "b": MARGIN_BOTTOM},
        showlegend=False,
        hovermode="y",
        xaxis={
            "range": [0, percent_end(upper)],
            "title": percent_of(frame),
            "nticks": 7,
            "showgrid": True,
        },
        yaxis={
            "range": [room - 0.5, -0.5],
            "title": "layer-head",
            "tickvals": places,
            "ticktext": names,
        },
    )
    template.title(figure, *title, xshift=-54)
    return figure.finish()


def _wald(frame: pd.DataFrame) -> list[tuple[int, float, float]]:
    """Give row and ends of the paper's interval where another one is drawn."""
    other = frame["interval"] != WALD
    return [
        (row, low, high)
        for row, (shown, low, high) in enumerate(
            zip(other, frame["wald_lower"], frame["wald_upper"], strict=True)
        )
        if shown and low == low
    ]
