"""Two sources property by property: the medians of both over their heads."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace
from precompute.features import FEATURES

WIDTH, ROW = 360, 20
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 112, 12, 42, 38
_LOOKS = ((style.VALUE, "circle"), (style.OTHER, "circle-open"))


def properties_chart(frame: pd.DataFrame, names: tuple[str, str], chosen: str = "") -> Chart:
    """Draw one row a property.

    Parameters
    ----------
    frame
        Of `dashboard.results.comparisons.compare_properties`.
    names
        What the first and the second source are.
    chosen
        The property whose name is set in bold.

    Returns
    -------
    plotly.graph_objects.Figure
        A filled dot is the first source's median, a ring the second's.
    """
    rows = np.arange(len(frame))
    labels = [FEATURES[name].label for name in frame["feature"]]
    figure = template.new_figure(
        *(MARGIN_TOP + ROW * len(frame) + MARGIN_BOTTOM, WIDTH, 300),
        margin={"l": MARGIN_LEFT, "r": MARGIN_RIGHT, "t": MARGIN_TOP, "b": MARGIN_BOTTOM},
        hovermode="y unified",
        legend={"orientation": "v"},
        xaxis={"title": "median over the heads (%)", "rangemode": "tozero", "showgrid": True},
        yaxis={
            "range": [len(frame) - 0.5, -0.5],
            "tickvals": rows,
            "ticktext": [
                f"<b>{label}</b>" if name == chosen else label
                for name, label in zip(frame["feature"], labels, strict=True)
            ],
            "ticks": "",
        },
        shapes=[
            template.line((one, other), (row, row), style.INK)
            | {"name": "difference", "layer": "below"}
            for row, one, other in zip(rows, frame["median_1"], frame["median_2"], strict=True)
            if one == one and other == other
        ],
    )
    for side, name, (colour, symbol) in zip((1, 2), names, _LOOKS, strict=True):
        figure.add_trace(
            trace(
                "scatter",
                name=template.shorten(name, WIDTH - MARGIN_LEFT - 40),
                x=frame[f"median_{side}"].to_numpy(np.float32),
                y=rows,
                mode="markers",
                marker={
                    "color": colour,
                    "symbol": symbol,
                    "size": 7,
                    "line": {"width": 1.5, "color": colour},
                },
                customdata=frame[f"kept_{side}"].to_numpy(),
                hovertemplate=(
                    f"{template.plain(name)}: %{{x:.2f}} %, n = %{{customdata}} heads"
                    "<extra></extra>"
                ),
                cliponaxis=False,
            )
        )
    return figure.finish()
