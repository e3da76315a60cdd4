"""Two models' heads as distributions: which share of the heads has at most so many percent."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace
from precompute.differences import cumulative

WIDTH, HEIGHT = 460, 268
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 46, 12, 42, 38
LOWEST = 0.1
"""Where the axis begins, %; heads below stand at its left end."""
MARKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
"""The percentages that the axis names."""
_LOOKS = ((style.VALUE, "solid"), (style.OTHER, "5px,2px"))


def distributions(frames: tuple[pd.DataFrame, pd.DataFrame], names: tuple[str, str]) -> Chart:
    """Draw two cumulative distributions as steps.

    Parameters
    ----------
    frames
        Head frames of one property.
    names
        What each is.

    Returns
    -------
    plotly.graph_objects.Figure
        The first solid, the second dashed; the dotted lines are the backgrounds.
    """
    largest = max([LOWEST, *(float(f["percent"].max()) for f in frames if f["percent"].any())])
    end = max(largest * 1.1, 1.0)
    marks = [mark for mark in MARKS if mark <= end]
    figure = template.new_figure(
        *(HEIGHT, WIDTH, 300),
        margin={"l": MARGIN_LEFT, "r": MARGIN_RIGHT, "t": MARGIN_TOP, "b": MARGIN_BOTTOM},
        legend={"orientation": "v"},
        xaxis={
            "type": "log",
            "range": np.log10([LOWEST, end]).tolist(),
            "title": "% of the head's arcs (log scale)",
            "tickvals": marks,
            "ticktext": [f"{mark:g}" for mark in marks],
            "showgrid": True,
        },
        yaxis={
            "range": [0, 1.01],
            "dtick": 0.25,
            "title": "share of the heads",
            "showgrid": True,
            "ticks": "",
        },
    )
    for number, (frame, name, (colour, dash)) in enumerate(zip(frames, names, _LOOKS, strict=True)):
        steps = cumulative(frame)
        percent, share = (steps[column].to_numpy(np.float32) for column in ("percent", "share"))
        figure.add_trace(
            trace(
                "scatter",
                name=template.shorten(name, WIDTH - MARGIN_LEFT - 40),
                legendgroup=str(number),
                x=np.concatenate([[LOWEST], percent.clip(LOWEST), [end]]) if len(steps) else [None],
                y=np.concatenate([[0], share, [1]]) if len(steps) else [None],
                customdata=np.concatenate([[0], percent, percent[-1:]]),
                mode="lines",
                line={"color": colour, "dash": dash, "width": 1.75, "shape": "hv"},
                hovertemplate=(
                    f"{template.plain(name)}<br>%{{y:.1%}} of the heads have at most "
                    "%{customdata:.2f} %<extra></extra>"
                ),
            )
        )
        for value in frame["background_percent"].dropna().head(1):
            figure.add_trace(
                trace(
                    "scatter",
                    name="background",
                    legendgroup=str(number),
                    showlegend=False,
                    x=[max(value, LOWEST)] * 2,
                    y=[0, 1.01],
                    mode="lines",
                    line={"color": colour, "dash": "1px,3px", "width": 1},
                    hovertemplate=(
                        f"{template.plain(name)}<br>background {value:.2f} %<extra></extra>"
                    ),
                )
            )
    return figure.finish()
