"""A property over a model's layers: means above, maxima below, the centre of gravity across."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template, ticks
from dashboard.figures.look.draft import Chart, trace
from dashboard.figures.look.scale import percent_end

WIDTH, MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 186, 40, 4, 52, 36
MEANS, GAP, MAXIMA = 92, 12, 52
_SAID = (
    *("layer", "mean_percent", "resolution", "kept", "max_head", "max_percent"),
    "background_percent",
)
HEIGHT = MARGIN_TOP + MEANS + GAP + MAXIMA + MARGIN_BOTTOM


def layer_panel(
    layers: pd.DataFrame,
    centre: Mapping[str, Any],
    title: tuple[str, str],
    *,
    axis: str = "layer",
    longest: int | None = None,
    limits: tuple[float, float] | None = None,
) -> Chart:
    """Draw one property of one model.

    Parameters
    ----------
    layers
        Layer frame (`precompute.layers.layer_frame`).
    centre
        Its centre row (`precompute.layers.centre_row`).
    title
        Property and model; source and n.
    axis
        ``layer`` (from 1), or ``depth``: layer over the number of layers.
    longest
        Layers that the axis of layers holds; by default the model's.
    limits
        Where the axes of means and maxima end, %; by default a little above the data.

    Returns
    -------
    plotly.graph_objects.Figure
        Bars are layers, a cross at 0 a layer without a kept head; the upright line is the
        centre of gravity and the band about it its interval; the dotted lines are the
        background.
    """
    ends = limits or find_limits([layers])
    count = len(layers)
    room = count if axis == "depth" else longest or count
    height = MEANS + GAP + MAXIMA
    figure = template.new_figure(
        *(HEIGHT, WIDTH, WIDTH),
        margin={"l": MARGIN_LEFT, "r": MARGIN_RIGHT, "t": MARGIN_TOP, "b": MARGIN_BOTTOM},
        showlegend=False,
        hovermode="x",
        hoverlabel={"font": {"size": style.FONT_SIZE}},
        xaxis={"range": [0.5, room + 0.5], "anchor": "y2", **_layer_axis(axis, count, room)},
        yaxis=_percent_axis("mean, %", ends[0], 5, [1 - MEANS / height, 1]),
        yaxis2=_percent_axis("max., %", ends[1], 3, [0, MAXIMA / height]),
        shapes=_across(layers, centre),
    )
    columns = [layers[name].tolist() for name in _SAID]
    said = [_hover_text(dict(zip(_SAID, row, strict=True))) for row in zip(*columns, strict=True)]
    number = layers["layer"].to_numpy()
    for place, column, colour in (
        ("", "mean_percent", style.VALUE),
        ("2", "max_percent", style.INK),
    ):
        figure.add_trace(
            trace(
                "bar",
                x=number,
                y=layers[column].to_numpy(np.float32),
                yaxis=f"y{place}",
                marker={"color": colour},
                hovertext=said,
                hovertemplate="%{hovertext}<extra></extra>",
                meta={"quiet": True} if place else None,
            )
        )
    grey = layers["mean_percent"].isna().to_numpy()
    if grey.any():
        figure.add_trace(
            trace(
                "scatter",
                x=number[grey],
                y=np.zeros(int(grey.sum()), np.float32),
                mode="markers",
                marker={"symbol": "x-thin", "size": 6, "line": {"width": 1, "color": style.INK}},
                cliponaxis=False,
                hovertemplate="layer %{x}<br>every head is grey<extra></extra>",
            )
        )
    template.title(figure, *title, say_centre(centre, axis), width=WIDTH - 2, xshift=-MARGIN_LEFT)
    return figure.finish()


def find_limits(frames: list[pd.DataFrame]) -> tuple[float, float]:
    """Give where the axes of means and maxima end: they hold every value and background."""
    means, maxima, background = (
        np.concatenate([frame[column].to_numpy(dtype=float) for frame in frames])
        for column in ("mean_percent", "max_percent", "background_percent")
    )
    return percent_end([means, background], 1.04), percent_end([maxima, background], 1.04)


def say_centre(centre: Mapping[str, Any], axis: str = "layer") -> str:
    """Say the centre of gravity with its interval, in layers or as relative depth."""
    if pd.isna(centre["centre"]):
        return "no layer has a value above 0"
    unit = int(centre["layers"]) if axis == "depth" else 1
    said = f"centre {centre['centre'] / unit:.2f}"
    if pd.notna(centre["lower"]):
        said += f" ({centre['lower'] / unit:.2f} to {centre['upper'] / unit:.2f})"
    return said


def say_panel(layers: pd.DataFrame, centre: Mapping[str, Any], title: tuple[str, str]) -> str:
    """Say what a panel shows, for readers who do not see it."""
    said = f"{', '.join(title)}, by layer. {say_centre(centre)} of {len(layers)} layers."
    if pd.isna(centre["highest_layer"]):
        return f"{said} Every head is grey."
    return (
        f"{said} Highest mean {centre['highest_mean_percent']:.2f} % in layer "
        f"{int(centre['highest_layer'])}; highest head {int(centre['max_layer'])}-"
        f"{int(centre['max_head'])} with {centre['max_percent']:.2f} %."
    )


def _layer_axis(axis: str, count: int, room: int) -> dict[str, Any]:
    if axis == "layer":
        return {"title": "layer", "tickvals": ticks.layers(room)}
    shares = (0.25, 0.5, 0.75, 1.0)
    return {
        "title": "relative depth",
        "tickmode": "array",
        "tickvals": [share * count for share in shares],
        "ticktext": [f"{share:g}" for share in shares],
    }


def _percent_axis(title: str, end: float, most: int, domain: list[float]) -> dict[str, Any]:
    return {
        "title": title,
        "range": [0, end],
        "nticks": most,
        "domain": domain,
        "showgrid": True,
        "zeroline": True,
        "zerolinecolor": style.INK,
        "ticks": "",
    }


def _across(layers: pd.DataFrame, centre: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Draw what goes across both plots: the background, the centre and its interval."""
    shapes: list[dict[str, Any]] = []
    for value in layers["background_percent"].dropna().head(1):
        shape = template.line((0, 1), (value, value), style.OTHER)
        shape["line"]["dash"] = "2px,2px"
        shapes += [
            shape | {"name": "background", "xref": "paper", "yref": axis} for axis in ("y", "y2")
        ]
    upright = {"yref": "paper", "y0": 0, "y1": 1}
    if pd.notna(centre["lower"]):
        shapes.append(
            {"type": "rect", "name": "interval", "fillcolor": template.FAINT, "line": {"width": 0}}
            | {"layer": "below", "x0": centre["lower"], "x1": centre["upper"], **upright}
        )
    if pd.notna(centre["centre"]):
        at = centre["centre"]
        shapes.append(
            template.line((at, at), (0, 1), template.INK) | {"name": "centre", "yref": "paper"}
        )
    return shapes


def _hover_text(row: Mapping[Any, Any]) -> str:
    """Say a layer's values; in short lines, for a panel is narrow."""
    said = [f"layer {row['layer']}"]
    if pd.notna(row["mean_percent"]):
        mean = f"mean {row['mean_percent']:.2f} %"
        if pd.notna(row["resolution"]) and row["resolution"] >= 0.005:
            mean += f" ± {row['resolution']:.2f}"
        said += [mean, f"of {row['kept']} heads"]
        if pd.notna(row["max_head"]):
            said.append(f"at most {row['max_percent']:.2f} %, head {row['max_head']}")
    if pd.notna(row["background_percent"]):
        said.append(f"background {row['background_percent']:.2f} %")
    return "<br>".join(said)
