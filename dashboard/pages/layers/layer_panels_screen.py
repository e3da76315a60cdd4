"""A property over a model's layers: means above, maxima below, the centre of gravity across."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures.look import style
from dashboard.figures.look.letters import shorten
from dashboard.figures.look.plot import FAINT, Plot, drawing, one_line, rule, words
from dashboard.figures.top_heads.top_heads_screen import ticks

WIDTH = 186
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP = 38, 4, 52
MEANS, GAP, MAXIMA, BELOW = 92, 12, 52, 34
HEIGHT = MARGIN_TOP + MEANS + GAP + MAXIMA + BELOW
_BAR = 0.72
"""Width of a bar in layers."""


def layer_panel_svg(
    layers: pd.DataFrame,
    centre: Mapping[str, Any],
    title: tuple[str, str],
    *,
    axis: str = "layer",
    longest: int | None = None,
    limits: tuple[float, float] | None = None,
) -> str:
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
    str
        One SVG element: bars are layers; the upright line is the centre of gravity and
        the band about it its interval; the dotted line is the background.
    """
    count = len(layers)
    room = count if axis == "depth" else longest or count
    ends = limits or find_limits([layers])
    sides = (0.5, room + 0.5)
    inner = WIDTH - MARGIN_LEFT - MARGIN_RIGHT
    above = Plot(MARGIN_LEFT, MARGIN_TOP, inner, MEANS, sides, (0.0, ends[0]))
    below = Plot(MARGIN_LEFT, above.bottom + GAP, inner, MAXIMA, sides, (0.0, ends[1]))
    parts = [
        words(0, 11, shorten(title[0], WIDTH, bold=True), 'font-weight="bold"'),
        words(0, 25, shorten(title[1], WIDTH), 'opacity="0.75"'),
        words(0, 39, say_centre(centre, axis), 'opacity="0.75"'),
    ]
    parts += above.y_axis([(tick, f"{tick:g}") for tick in ticks(ends[0], 5)], "mean, %")
    parts += below.y_axis([(tick, f"{tick:g}") for tick in ticks(ends[1], 3)], "max., %")
    parts += _centre(above, below, centre)
    for plot, column, colour in (
        (above, "mean_percent", style.VALUE),
        (below, "max_percent", style.INK),
    ):
        parts.append(f'<path d="{_bars(plot, layers, column)}" fill="{colour}"/>')
    parts.append(rule(above.left, above.bottom, above.right, above.bottom))
    background = layers["background_percent"].dropna().to_numpy(dtype=float)[:1]
    for value in background:
        for plot in (above, below):
            at = plot.y(float(value))
            parts.append(rule(plot.left, at, plot.right, at, style.OTHER, 'stroke-dasharray="2 2"'))
    if axis == "depth":
        parts += below.x_axis(
            [(share * count, f"{share:g}") for share in (0.25, 0.5, 0.75, 1.0)],
            "relative depth",
        )
    else:
        parts += below.x_axis([(tick, f"{tick}") for tick in layer_ticks(room)], "layer")
    parts += [_hover(above, below, row) for row in layers.to_dict("records")]
    name = (
        f"{', '.join(title)}, by layer. {say_centre(centre)} of {count} layers. {_highest(centre)}"
    )
    return drawing(parts, WIDTH, HEIGHT, name)


def find_limits(frames: list[pd.DataFrame]) -> tuple[float, float]:
    """Give where the axes of means and maxima end so that they hold every layer frame."""
    ends = []
    for column in ("mean_percent", "max_percent"):
        values = np.concatenate([frame[column].to_numpy(dtype=float) for frame in frames])
        largest = float(np.nanmax(values, initial=0.0))
        ends.append(min(largest * 1.04, 100.0) if largest > 0 else 1.0)
    return ends[0], ends[1]


def layer_ticks(count: int) -> list[int]:
    """Choose the layers an axis names."""
    if count <= 4:
        return list(range(1, count + 1))
    step = next(step for step in (2, 3, 5, 10, 20, 50, 100) if count / step <= 6)
    return [1, *(layer for layer in range(step, count + 1, step) if layer - 1 >= step / 2)]


def say_centre(centre: Mapping[str, Any], axis: str = "layer") -> str:
    """Say the centre of gravity with its interval, in layers or as relative depth."""
    if pd.isna(centre["centre"]):
        return "no layer has a value above 0"
    unit = int(centre["layers"]) if axis == "depth" else 1
    said = f"centre {centre['centre'] / unit:.2f}"
    if pd.notna(centre["lower"]):
        said += f" ({centre['lower'] / unit:.2f} to {centre['upper'] / unit:.2f})"
    return said


def _highest(centre: Mapping[str, Any]) -> str:
    if pd.isna(centre["highest_layer"]):
        return "Every head is grey."
    return (
        f"Highest mean {centre['highest_mean_percent']:.2f} % in layer "
        f"{int(centre['highest_layer'])}; highest head {int(centre['max_layer'])}-"
        f"{int(centre['max_head'])} with {centre['max_percent']:.2f} %."
    )


def _bars(plot: Plot, layers: pd.DataFrame, column: str) -> str:
    """Write all bars as one path's data."""
    data = []
    for layer, value in zip(layers["layer"], layers[column].to_numpy(dtype=float), strict=True):
        if value > 0:
            left, right = plot.x(layer - _BAR / 2), plot.x(layer + _BAR / 2)
            data.append(
                f"M{left:.1f} {plot.bottom:g}V{plot.y(value):.1f}H{right:.1f}V{plot.bottom:g}z"
            )
    return "".join(data)


def _centre(above: Plot, below: Plot, centre: Mapping[str, Any]) -> list[str]:
    if pd.isna(centre["centre"]):
        return []
    parts = []
    if pd.notna(centre["lower"]):
        left, right = above.x(centre["lower"]), above.x(centre["upper"])
        parts.append(
            f'<rect x="{left:.1f}" y="{above.top}" width="{max(right - left, 0.5):.1f}" '
            f'height="{below.bottom - above.top:g}" fill="{FAINT}"/>'
        )
    at = above.x(centre["centre"])
    return [*parts, rule(at, above.top - 3, at, below.bottom, "currentColor")]


def _hover(above: Plot, below: Plot, row: Mapping[Any, Any]) -> str:
    """Say a layer's values where the pointer is."""
    left, right = above.x(row["layer"] - 0.5), above.x(row["layer"] + 0.5)
    said = f"layer {row['layer']}: "
    if pd.isna(row["mean_percent"]):
        said += "every head is grey"
    else:
        said += f"mean {row['mean_percent']:.2f} %"
        if pd.notna(row["resolution"]) and row["resolution"] >= 0.005:
            said += f" ± {row['resolution']:.2f}"
        said += f" of {row['kept']} heads"
        if pd.notna(row["max_head"]):
            said += f"; at most {row['max_percent']:.2f} %, head {row['max_head']}"
    return (
        f'<rect x="{left:.1f}" y="{above.top}" width="{right - left:.1f}" '
        f'height="{below.bottom - above.top:g}" fill="none" pointer-events="all">'
        f"<title>{one_line(said)}</title></rect>"
    )
