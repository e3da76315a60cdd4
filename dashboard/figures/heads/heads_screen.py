"""The heatmap of a model's heads for one property, with each layer's maximum beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.scale import Scale
from dashboard.figures.look.ticks import place_ticks
from dashboard.results.frames import layer_maxima
from precompute.published import MINIMUM_ARCS

if TYPE_CHECKING:
    import plotly.graph_objects as go

BAR_PIXELS = 72
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 44, 10, 42, 104
GAP_PIXELS = 8


def size(layers: int, heads: int) -> tuple[int, int]:
    """Give width and height in pixels that make cells of like size in all models."""
    cell = 15 if heads <= 12 else 11.4 if heads <= 24 else 8
    row = 18 if layers <= 12 else style.LAYER_PIXELS
    cells = min(max(round(heads * cell), 160), 640)
    width = MARGIN_LEFT + cells + GAP_PIXELS + BAR_PIXELS + MARGIN_RIGHT
    return width, MARGIN_TOP + max(layers * row, 160) + MARGIN_BOTTOM


def head_heatmap(
    frame: pd.DataFrame, scale: Scale, title: tuple[str, str], width: int | None = None
) -> go.Figure:
    """Draw one panel.

    Parameters
    ----------
    frame
        Head frame of one property, model and source.
    scale
        Colour scale, of `find_scale`.
    title
        The two lines above the figure.
    width
        Pixels at which it looks best.

    Returns
    -------
    plotly.graph_objects.Figure
        A heatmap of layers × heads, layer 1 at the bottom, grey where a head has too few arcs;
        a bar a layer of its highest head; a dotted line at the background.
    """
    import plotly.graph_objects as go

    values = scale.values(frame)
    layers, heads = values.shape
    natural, height = size(layers, heads)
    inner = (width or natural) - MARGIN_LEFT - MARGIN_RIGHT
    across = 1 - (BAR_PIXELS + GAP_PIXELS) / inner
    figure = template.new_figure(height, width or natural, 240)
    bar = template.bar_below(scale.legend(frame), height - MARGIN_TOP - MARGIN_BOTTOM, len=across)
    if scale.low:
        bar["tickvals"], bar["ticktext"] = scale.marks
    template.add_cells(
        *(figure, values, style.DIVERGING if scale.low else style.SEQUENTIAL),
        *(scale.low, scale.limit),
        text=_hover_texts(frame, layers, heads),
        hovertemplate="layer %{y}, head %{x}<br>%{text}<extra></extra>",
        meta={"pick": True},
        showscale=True,
        colorbar=bar,
    )
    maxima = layer_maxima(frame)
    figure.add_trace(
        go.Bar(
            x=maxima["max_percent"].to_numpy(np.float32),
            y=maxima["layer"].to_numpy(),
            orientation="h",
            xaxis="x2",
            marker_color=style.INK,
            customdata=maxima["head"].tolist(),
            hovertemplate="layer %{y}: at most %{x:.2f} %<br>head %{customdata}<extra></extra>",
            showlegend=False,
        )
    )
    background = frame["background_percent"].dropna()
    # The line of the background has a place on the axis, also where every head is below it.
    largest = pd.concat([maxima["max_percent"], background.head(1)]).max()
    longest = 1.05 * float(largest) if largest > 0 else 1.0
    template.dotted(figure, background, layers, "2", first=1)
    figure.update_layout(
        margin={"l": MARGIN_LEFT, "r": MARGIN_RIGHT, "t": MARGIN_TOP, "b": MARGIN_BOTTOM},
        xaxis={
            "domain": [0, across],
            "range": [0.5, heads + 0.5],
            "title": "head",
            **place_ticks(heads),
        },
        yaxis={"range": [0.5, layers + 0.5], "title": "layer", **place_ticks(layers)},
        xaxis2={
            "domain": [1 - BAR_PIXELS / inner, 1],
            "range": [0, longest],
            "title": "layer max., %",
            "nticks": 3,
            "anchor": "y",
        },
    )
    template.title(figure, *title)
    return figure


def _hover_texts(frame: pd.DataFrame, layers: int, heads: int) -> list[list[str]]:
    """Say each cell's value; short, for there are hundreds of them."""
    texts = [[""] * heads for _ in range(layers)]
    for layer, head, percent, resolution, lower, upper, log2, z in zip(
        frame["layer"].tolist(),
        frame["head"].tolist(),
        frame["percent"].tolist(),
        frame["resolution"].tolist(),
        frame["interval_lower"].tolist(),
        frame["interval_upper"].tolist(),
        frame["log2_enrichment"].tolist(),
        frame["z"].tolist(),
        strict=True,
    ):
        if percent != percent:
            text = f"fewer than {MINIMUM_ARCS} arcs"
        else:
            text = f"{percent:.2f} %"
            if lower == lower:
                text += f" ({lower:.2f}–{upper:.2f})"
            elif resolution == resolution and resolution >= 0.005:
                text += f" ± {resolution:.2f}"
            if log2 == log2:
                text += f", {2**log2:.2g}×"
            if z == z:
                text += f", z {z:.1f}"
        texts[layer - 1][head - 1] = text
    return texts
