"""The heatmap of a model's heads for one property, with each layer's maximum beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures import style
from dashboard.frames import grid, layer_maxima
from precompute.published import MINIMUM_ARCS

BAR_PIXELS = 72
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 44, 10, 42, 104
GAP_PIXELS = 8
_FOLDS = (1.0, 2.0, 4.0, 6.0)
"""Where a scale of enrichment may end: 2-, 4-, 16- or 64-fold."""
CURVE_OF_CELLS = 1
"""Which trace a click on a cell comes from."""


@dataclass(frozen=True)
class Scale:
    """A colour scale: what it shows and how far it goes.

    Attributes
    ----------
    measure
        ``percent`` (from 0 to `limit`) or ``enrichment`` (log2, from −`limit` to
        `limit` with the background in the middle).
    limit
        Where the scale ends.
    """

    measure: str
    limit: float


def find_scale(frames: list[pd.DataFrame], measure: str) -> Scale:
    """Choose the scale that holds every value of some head frames.

    Enrichment ends at 64-fold either way, so that a head without a single hit does not
    stretch it.
    """
    column = "percent" if measure == "percent" else "log2_enrichment"
    values = np.concatenate([frame[column].to_numpy(dtype=float) for frame in frames])
    values = np.abs(values[np.isfinite(values)])
    largest = float(values.max()) if len(values) else 0.0
    if measure == "percent":
        return Scale(measure, largest if largest > 0 else 1.0)
    return Scale(measure, next((limit for limit in _FOLDS if limit >= largest), max(_FOLDS)))


def size(layers: int, heads: int) -> tuple[int, int]:
    """Give width and height in pixels that make cells of like size in all models."""
    cell = 15 if heads <= 12 else 11.4 if heads <= 24 else 8
    row = 18 if layers <= 12 else style.LAYER_PIXELS
    cells = min(max(round(heads * cell), 160), 640)
    width = MARGIN_LEFT + cells + GAP_PIXELS + BAR_PIXELS + MARGIN_RIGHT
    return width, MARGIN_TOP + max(layers * row, 160) + MARGIN_BOTTOM


def head_heatmap(
    frame: pd.DataFrame,
    scale: Scale,
    title: tuple[str, str],
    width: int | None = None,
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
        Width in pixels the figure is drawn at; by default that of `size`.

    Returns
    -------
    plotly.graph_objects.Figure
        Trace 0 the heatmap, trace `CURVE_OF_CELLS` invisible squares over the cells,
        which take clicks (a Plotly heatmap gives none to Streamlit; only one of them is
        put in the document, which is much quicker, and all of them can be clicked),
        trace 2 the bars.
    """
    percent = grid(frame, "percent")
    layers, heads = percent.shape
    natural_width, height = size(layers, heads)
    width = width or natural_width
    split = _share_of_cells(width)
    x, y = np.arange(1, heads + 1), np.arange(1, layers + 1)
    enrichment = scale.measure == "enrichment"
    if enrichment:
        values = np.clip(grid(frame, "log2_enrichment"), -scale.limit, scale.limit)
        ticks = np.linspace(-scale.limit, scale.limit, 3 if scale.limit == 1 else 5)
        colours = {
            "colorscale": style.DIVERGING,
            "zmin": -scale.limit,
            "zmax": scale.limit,
            "zmid": 0,
        }
        bar_ticks: dict[str, Any] = {
            "tickvals": ticks.tolist(),
            "ticktext": [_fold(tick) for tick in ticks],
            "tickangle": 0,
        }
        bar_title = "fold over background (log scale)"
    else:
        values = percent
        colours = {"colorscale": style.SEQUENTIAL, "zmin": 0, "zmax": scale.limit}
        bar_ticks = {"nticks": 6}
        bar_title = "% of the head's arcs"
    heat = go.Heatmap(
        x=x,
        y=y,
        z=values,
        xgap=0.5,
        ygap=0.5,
        hoverinfo="skip",
        colorbar={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": -48 / (height - MARGIN_TOP - MARGIN_BOTTOM),
            "yanchor": "top",
            "len": split,
            "thickness": 8,
            "outlinewidth": 0,
            "ticks": "outside",
            "ticklen": 3,
            "ticklabeloverflow": "allow",
            "title": {"text": bar_title, "side": "bottom", "font": {"size": style.FONT_SIZE}},
            "tickfont": {"size": style.FONT_SIZE},
            **bar_ticks,
        },
        **colours,
    )
    cells = go.Scatter(
        x=np.tile(x, layers),
        y=np.repeat(y, heads),
        text=_hover_texts(frame, layers, heads),
        mode="markers",
        marker={"symbol": "square", "size": 11, "opacity": 0, "maxdisplayed": 1},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="layer %{y}, head %{x}<br>%{text}<extra></extra>",
    )
    maxima = layer_maxima(frame)
    bars = go.Bar(
        x=maxima["max_percent"].to_numpy(dtype=np.float32),
        y=maxima["layer"].to_numpy(),
        text=[f"head {head}" if not pd.isna(head) else "" for head in maxima["head"]],
        textposition="none",
        orientation="h",
        marker={"color": style.INK},
        xaxis="x2",
        hovertemplate="layer %{y}: at most %{x:.2f} %<br>%{text}<extra></extra>",
    )
    background = frame["background_percent"].dropna()
    shapes = [
        {
            "type": "rect",
            "xref": "x",
            "yref": "paper",
            "x0": 0.5,
            "x1": heads + 0.5,
            "y0": 0,
            "y1": 1,
            "fillcolor": style.MASKED,
            "line": {"width": 0},
            "layer": "below",
        }
    ]
    if len(background):
        shapes.append(
            {
                "type": "line",
                "xref": "x2",
                "yref": "paper",
                "x0": float(background.iloc[0]),
                "x1": float(background.iloc[0]),
                "y0": 0,
                "y1": 1,
                "line": {"width": 1, "dash": "dot", "color": style.OTHER},
            }
        )
    step = 1 if layers <= 12 else 5
    return go.Figure(
        data=[heat, cells, bars],
        layout=style.layout(
            annotations=style.title(title),
            width=width,
            height=height,
            margin=style.margin(MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM),
            xaxis=style.axis(
                domain=[0, split],
                range=[0.5, heads + 0.5],
                tickvals=_ticks(heads),
                title=style.axis_title("head"),
            ),
            xaxis2=style.axis(
                domain=[1 - (1 - split) * BAR_PIXELS / (BAR_PIXELS + GAP_PIXELS), 1],
                anchor="y",
                rangemode="tozero",
                nticks=3,
                title=style.axis_title("layer max., %"),
            ),
            yaxis=style.axis(
                range=[0.5, layers + 0.5],
                tickvals=_ticks(layers) if step > 1 else list(range(1, layers + 1)),
                title=style.axis_title("layer"),
            ),
            shapes=shapes,
        ),
    )


def _share_of_cells(width: int) -> float:
    """Give the part of the plot's width that the cells take; gap and bars take the rest."""
    return 1 - (GAP_PIXELS + BAR_PIXELS) / (width - MARGIN_LEFT - MARGIN_RIGHT)


def outline_css(selector: str, frame: pd.DataFrame, layer: int, head: int, width: int) -> str:
    """Write the style that outlines one cell of a heatmap in the document.

    A style and not a shape of the figure: a changed figure is built anew by the browser,
    which takes several times as long.

    Parameters
    ----------
    selector
        CSS selector of the element that holds the chart and nothing else.
    frame
        Head frame the heatmap was drawn from.
    layer, head
        The cell, counted from 1.
    width
        Width the figure was drawn at; where the page is narrower, it shrinks.
    """
    layers, heads = int(frame["layer"].max()), int(frame["head"].max())
    if layer > layers or head > heads:
        return ""
    _, height = size(layers, heads)
    row = (height - MARGIN_TOP - MARGIN_BOTTOM) / layers
    margins = MARGIN_LEFT + MARGIN_RIGHT
    cells = f"(100% - {margins}px) * {_share_of_cells(width):.6f}"
    return (
        f"{selector} {{position: relative}}\n"
        f'{selector}::after {{content: ""; position: absolute; pointer-events: none; '
        f"left: calc({MARGIN_LEFT}px + {cells} * {(head - 1) / heads:.6f}); "
        f"width: calc({cells} * {1 / heads:.6f}); "
        f"top: {MARGIN_TOP + (layers - layer) * row:.2f}px; height: {row:.2f}px; "
        "box-sizing: border-box; outline: 2px solid #000; border: 2px solid #fff; z-index: 1}"
    )


def _ticks(count: int) -> list[int]:
    if count <= 16:
        return list(range(1, count + 1, 1 if count <= 12 else 3))
    step = 5 if count <= 40 else 10
    return [1, *range(step, count + 1, step)]


def _fold(log2: float) -> str:
    whole = int(2 ** abs(log2))
    return f"{whole}×" if log2 >= 0 else f"1/{whole}×"


def _hover_texts(frame: pd.DataFrame, layers: int, heads: int) -> list[str]:
    """Say each cell's value; short, for there are hundreds of them."""
    texts = [""] * (layers * heads)
    for layer, head, percent, resolution, lower, upper, fold in zip(
        frame["layer"].tolist(),
        frame["head"].tolist(),
        frame["percent"].tolist(),
        frame["resolution"].tolist(),
        frame["interval_lower"].tolist(),
        frame["interval_upper"].tolist(),
        frame["log2_enrichment"].tolist(),
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
            if fold == fold:
                text += f", {2**fold:.2g}×"
        texts[(layer - 1) * heads + head - 1] = text
    return texts
