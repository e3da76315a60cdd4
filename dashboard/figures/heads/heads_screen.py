"""The map of a model's heads, a bar a layer beside it: of one property, or of any other value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, Draft, trace
from dashboard.figures.look.scale import Scale, is_corrected
from dashboard.figures.look.ticks import place_ticks
from dashboard.results.frames import layer_maxima
from precompute.published import MINIMUM_ARCS

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


class LayerBars(NamedTuple):
    """The bars beside a map.

    Attributes
    ----------
    lengths
        One a layer, the first layer's first; empty for none.
    said
        What the pointer says of each after its layer.
    title
        What they are, with the unit.
    longest
        Where their axis ends.
    """

    lengths: NDArray[np.floating[Any]]
    said: Sequence[str]
    title: str
    longest: float


def head_heatmap(
    frame: pd.DataFrame, scale: Scale, title: tuple[str, str], width: int | None = None
) -> Chart:
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
    values, maxima = scale.values(frame), layer_maxima(frame)
    background = frame["background_percent"].dropna()
    # The line of the background has a place on the axis, also where every head is below it.
    largest = pd.concat([maxima["max_percent"], background.head(1)]).max()
    bars = LayerBars(
        maxima["max_percent"].to_numpy(np.float32),
        [
            f"at most {value:.2f} %<br>head {head}"
            for value, head in zip(maxima["max_percent"], maxima["head"], strict=True)
        ],
        "layer max., %",
        1.05 * float(largest) if largest > 0 else 1.0,
    )
    figure = layer_map(
        values,
        _hover_texts(frame, *values.shape),
        (scale.low, scale.limit),
        scale.legend(frame),
        bars,
        title,
        width,
        scale.marks if scale.low else None,
    )
    template.dotted(figure, background, len(values), "2", first=1)
    return figure.finish()


def layer_map(
    values: NDArray[np.floating[Any]],
    texts: Sequence[Sequence[str]],
    ends: tuple[float, float],
    legend: str,
    bars: LayerBars,
    title: tuple[str, str],
    width: int | None = None,
    marks: tuple[list[float], list[str]] | None = None,
) -> Draft:
    """Draw a map of layers × heads with a bar a layer; a click gives layer and head.

    Parameters
    ----------
    values
        Shape (layers, heads), row 0 layer 1; NaN is grey.
    texts
        What the pointer says of each cell after its layer and head.
    ends
        Of the colour scale: diverging about 0 where it begins below, else from low to high.
    legend
        What the colours are, with the unit.
    bars
        Beside the cells.
    title
        The two lines above the figure.
    width
        Pixels at which it looks best.
    marks
        The places that the colour bar names and their words, where they are not its own.
    """
    layers, heads = values.shape
    natural, height = size(layers, heads)
    inner = (width or natural) - MARGIN_LEFT - MARGIN_RIGHT
    across = 1 - (BAR_PIXELS + GAP_PIXELS) / inner
    figure = template.new_figure(height, width or natural, 240)
    bar = template.bar_below(legend, height - MARGIN_TOP - MARGIN_BOTTOM, len=across)
    if marks:
        bar["tickvals"], bar["ticktext"] = marks
    template.add_cells(
        *(figure, values, style.DIVERGING if ends[0] < 0 else style.SEQUENTIAL, *ends),
        text=texts,
        hovertemplate="layer %{y}, head %{x}<br>%{text}<extra></extra>",
        meta={"pick": True},
        showscale=True,
        colorbar=bar,
    )
    figure.add_trace(
        trace(
            "bar",
            x=bars.lengths,
            y=np.arange(1, layers + 1),
            orientation="h",
            xaxis="x2",
            marker={"color": style.INK},
            customdata=list(bars.said),
            hovertemplate="layer %{y}: %{customdata}<extra></extra>",
            showlegend=False,
        )
    )
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
            "range": [0, bars.longest],
            "title": bars.title,
            "nticks": 3,
            "anchor": "y",
        },
    )
    template.title(figure, *title)
    return figure


def _hover_texts(frame: pd.DataFrame, layers: int, heads: int) -> list[list[str]]:
    """Say each cell's value; short, for there are hundreds of them."""
    texts = [[""] * heads for _ in range(layers)]
    kind = "eligible arcs" if is_corrected(frame) else "arcs"
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
            text = f"fewer than {MINIMUM_ARCS} {kind}"
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
