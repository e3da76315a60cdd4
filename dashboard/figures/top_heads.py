"""The highest heads of one property with their intervals and the background."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures import style

MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 66, 12, 42, 42
ROW_PIXELS = 19


def top_heads_chart(frame: pd.DataFrame, title: tuple[str, str], width: int = 340) -> go.Figure:
    """Draw the highest heads, highest on top.

    Parameters
    ----------
    frame
        Rows of a head frame, highest first (`dashboard.frames.top_heads`).
    title
        The two lines above the figure.
    width
        Width in pixels.

    Returns
    -------
    plotly.graph_objects.Figure
        One dot a head; the bar is its interval where one is known, and else what the
        drawing allows; the dotted line is the background.
    """
    percent = frame["percent"].to_numpy(dtype=float)
    known = frame["interval_lower"].notna().to_numpy()
    resolution = frame["resolution"].fillna(0).to_numpy(dtype=float)
    above = np.where(known, frame["interval_upper"].to_numpy(dtype=float) - percent, resolution)
    below = np.where(known, percent - frame["interval_lower"].to_numpy(dtype=float), resolution)
    names = [f"{layer}-{head}" for layer, head in zip(frame["layer"], frame["head"], strict=True)]
    dots = go.Scatter(
        x=percent,
        y=list(range(len(frame))),
        text=names,
        mode="markers",
        marker={"size": 7, "color": style.VALUE},
        error_x={
            "type": "data",
            "array": above,
            "arrayminus": below,
            "thickness": 1.5,
            "width": 3,
            "color": style.VALUE,
        },
        customdata=np.stack([percent - below, percent + above], axis=1),
        hovertemplate="head %{text}: %{x:.2f} %<br>"
        "%{customdata[0]:.2f} to %{customdata[1]:.2f} %<extra></extra>",
    )
    background = frame["background_percent"].dropna()
    shapes = [
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": float(value),
            "x1": float(value),
            "y0": 0,
            "y1": 1,
            "line": {"width": 1, "dash": "dot", "color": style.OTHER},
        }
        for value in background.iloc[:1]
    ]
    high = float(np.max(percent + above)) if len(frame) else 1.0
    return go.Figure(
        data=[dots],
        layout=style.layout(
            annotations=style.title(title),
            width=width,
            height=MARGIN_TOP + MARGIN_BOTTOM + ROW_PIXELS * max(len(frame), 4),
            margin=style.margin(MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM),
            xaxis=style.axis(
                range=[0, min(high * 1.05, 100.0) or 1.0],
                showgrid=True,
                gridcolor="rgba(128,128,128,0.25)",
                title=style.axis_title("% of the head's arcs"),
            ),
            yaxis=style.axis(
                range=[len(frame) - 0.5, -0.5],
                tickvals=list(range(len(frame))),
                ticktext=names,
                title=style.axis_title("layer-head"),
            ),
            shapes=shapes,
        ),
    )
