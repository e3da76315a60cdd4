"""The highest heads of one amino acid in every model: small bars side by side, on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.results.amino_acid_frames import interval_ends

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLUMNS = 5
"""Models beside each other."""
PANEL, LEFT, RIGHT = 194, 40, 44
"""Pixels of a model's width, and in it beside the bars: for their names, and their values."""
ROW, ABOVE, BELOW = 16, 36, 26
"""Pixels of a bar's height, above the bars and below."""
LAST = 18
"""Pixels below all."""


def top_by_model_chart(tops: Sequence[tuple[tuple[str, str], pd.DataFrame]]) -> go.Figure:
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
    across = min(len(tops), COLUMNS)
    down = -(-len(tops) // COLUMNS)
    rows = max(len(top) for _, top in tops)
    block = ABOVE + ROW * rows + BELOW
    width, height = across * PANEL, down * block
    figure = template.new_figure(height + LAST, width, width)
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": LAST}, showlegend=False, hovermode="y", bargap=0.35
    )
    ends = [np.array([interval_ends(row) for row in top.to_dict("records")]) for _, top in tops]
    limit = 1.02 * max(float(one.max()) for one in ends) or 1.0
    for number, ((title, top), own) in enumerate(zip(tops, ends, strict=True)):
        suffix = str(number + 1) if number else ""
        left = number % COLUMNS * PANEL + LEFT
        upper = height - number // COLUMNS * block - ABOVE
        box = {
            f"xaxis{suffix}": {
                "domain": [left / width, (left + PANEL - LEFT - RIGHT) / width],
                "anchor": f"y{suffix}",
                "range": [0, limit],
                "nticks": 4,
                "showgrid": True,
                "ticklen": 0,
                **({"matches": "x"} if number else {}),
            },
            f"yaxis{suffix}": {
                "domain": [(upper - ROW * rows) / height, upper / height],
                "anchor": f"x{suffix}",
                "range": [rows - 0.5, -0.5],
                "tickvals": list(range(len(top))),
                "ticktext": _names(top),
                "ticklen": 0,
            },
        }
        figure.update_layout(box)
        _add_bars(figure, top, own, suffix)
        template.title(
            figure,
            *title,
            x=(left - LEFT) / width,
            y=upper / height,
            xshift=0,
            width=PANEL - 6,
        )
    figure.add_annotation(
        text="% of the head's arcs",
        xref="paper",
        yref="paper",
        x=LEFT / width,
        y=0,
        xanchor="left",
        yanchor="top",
        showarrow=False,
        name="unit",
    )
    return figure


def _names(top: pd.DataFrame) -> list[str]:
    return [f"{layer}-{head}" for layer, head in zip(top["layer"], top["head"], strict=True)]


def _add_bars(figure: go.Figure, top: pd.DataFrame, ends: np.ndarray, suffix: str) -> None:
    import plotly.graph_objects as go

    percent = top["percent"].to_numpy(dtype=float)
    lower, upper = ends.T
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    places = np.arange(len(top))
    figure.add_trace(
        go.Bar(
            x=percent,
            y=places,
            orientation="h",
            marker_color=style.VALUE,
            error_x={
                "array": upper - percent,
                "arrayminus": percent - lower,
                "color": template.INK,
                "thickness": 1,
                "width": 0,
            },
            text=[
                f"head {name}: {value:.2f} %, {low:.2f} to {high:.2f} %"
                for name, value, (low, high) in zip(_names(top), percent, ends, strict=True)
            ],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
            **axes,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=upper,
            y=places,
            mode="text",
            text=[f"\u2002{value:.1f}" for value in percent],
            textposition="middle right",
            cliponaxis=False,
            hoverinfo="skip",
            meta={"quiet": True},
            **axes,
        )
    )
    for value in top["background_percent"].dropna().tolist()[:1]:
        figure.add_shape(
            name="background",
            type="line",
            xref=axes["xaxis"],
            yref=axes["yaxis"],
            x0=value,
            x1=value,
            y0=-0.5,
            y1=len(top) - 0.5,
            line={"color": style.OTHER, "width": 1, "dash": "2px,2px"},
        )
