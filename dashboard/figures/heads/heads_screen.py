"""The heatmap of a model's heads for one property, with each layer's maximum beside it.

Python says what is shown (`head_heatmap`), `heatmap.js` draws it in the document and says
which cell was clicked. It stays in its place when the values change, where Streamlit's
Plotly chart is taken down and built anew, twice.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.figures.look import style
from dashboard.figures.look.scale import COLUMNS
from dashboard.figures.look.scale import Scale as Scale
from dashboard.figures.look.scale import find_scale as find_scale
from dashboard.figures.top_heads.top_heads_screen import ticks
from dashboard.results.frames import grid, layer_maxima
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


def head_heatmap(frame: pd.DataFrame, scale: Scale, title: tuple[str, str]) -> dict[str, Any]:
    """Say what one panel shows.

    Parameters
    ----------
    frame
        Head frame of one property, model and source.
    scale
        Colour scale, of `find_scale`.
    title
        The two lines above the figure.

    Returns
    -------
    dict
        Plain numbers and texts: ``values`` and ``texts`` of the cells, row 0 layer 1,
        None where a head is grey; the colours' ends ``low`` and ``high``; ``maxima`` of
        the layers; the ticks of every axis as (place, text).
    """
    percent = grid(frame, "percent")
    layers, heads = percent.shape
    corrected = frame["denominator"].iloc[0] == "corrected"
    if scale.measure in ("enrichment", "z"):
        values = np.clip(grid(frame, COLUMNS[scale.measure]), -scale.limit, scale.limit)
        low = -scale.limit
        places = np.linspace(low, scale.limit, 3 if scale.limit == 1 else 5).tolist()
        colours = style.DIVERGING
        if scale.measure == "z":
            legend = "z: standard errors above the background"
            legend_ticks = [(place, f"{place:g}".replace("-", "−")) for place in places]
        else:
            legend = "fold over background (log scale)"
            legend_ticks = [(place, _fold(place)) for place in places]
    else:
        values, low = percent, 0.0
        colours = style.SEQUENTIAL
        legend = "% of the head's eligible arcs" if corrected else "% of the head's arcs"
        legend_ticks = [(place, f"{place:g}") for place in ticks(scale.limit, 7)]
    maxima = layer_maxima(frame)
    background = frame["background_percent"].dropna()
    # The line of the background has a place on the axis, also where every head is below it.
    largest = pd.concat([maxima["max_percent"], background.head(1)]).max()
    longest = 1.05 * float(largest) if largest > 0 else 1.0
    return {
        "title": list(title),
        "layers": layers,
        "heads": heads,
        "values": [_number(value) for value in values.ravel()],
        "texts": _hover_texts(frame, layers, heads),
        "low": low,
        "high": scale.limit,
        "colours": list(colours),
        "legend": legend,
        "legend_ticks": legend_ticks,
        "head_ticks": _ticks(heads),
        "layer_ticks": _ticks(layers) if layers > 12 else list(range(1, layers + 1)),
        "maxima": [_number(value) for value in maxima["max_percent"]],
        "maxima_texts": [
            ""
            if pd.isna(head) or pd.isna(value)
            else f"layer {layer}: at most {value:.2f} %\nhead {head}"
            for layer, value, head in zip(
                maxima["layer"], maxima["max_percent"], maxima["head"], strict=True
            )
        ],
        "longest": longest,
        "maxima_ticks": [(place, f"{place:g}") for place in ticks(longest, 3)],
        "background": float(background.iloc[0]) if len(background) else None,
        "height": size(layers, heads)[1],
    }


_LOOK = {
    "left": MARGIN_LEFT,
    "right": MARGIN_RIGHT,
    "top": MARGIN_TOP,
    "bottom": MARGIN_BOTTOM,
    "gap": GAP_PIXELS,
    "bar": BAR_PIXELS,
    "font": style.FONT_SIZE,
    "masked": style.MASKED,
    "ink": style.INK,
    "line": style.OTHER,
}

_component = st.components.v2.component(
    "protein_attention_atlas.heatmap",
    html='<div class="atlas-heatmap"></div>',
    css=(
        ".atlas-heatmap {position: relative; width: 100%; line-height: 1.3}"
        ".atlas-heatmap svg {display: block; overflow: visible; user-select: none}"
        ".atlas-heatmap .atlas-cells {cursor: pointer}"
        ".atlas-heatmap .atlas-canvas:focus-visible {outline: 2px solid var(--st-primary-color)}"
        ".atlas-heatmap .atlas-aim {fill: none; stroke: var(--st-primary-color); stroke-width: 3}"
        ".atlas-heatmap .atlas-tip {position: absolute; z-index: 2; pointer-events: none;"
        " white-space: pre; padding: 2px 6px; font-size: 12px; color: #fff; background: #333;"
        " border: 1px solid #fff}"
        ".atlas-heatmap .atlas-save {position: absolute; top: 2px; right: 8px; padding: 2px;"
        " border: 0; background: none; color: inherit; opacity: 0.35; cursor: pointer}"
        ".atlas-heatmap .atlas-save:hover, .atlas-heatmap .atlas-save:focus-visible {opacity: 0.9}"
    ),
    js=(Path(__file__).parent / "heatmap.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def show_heatmap(
    figure: dict[str, Any],
    *,
    key: str,
    alt: str,
    file_name: str,
    chosen: tuple[int, int] | None,
    on_click: Callable[[], None],
) -> None:
    """Draw a heatmap that fills the width it stands in.

    Parameters
    ----------
    figure
        What is shown, of `head_heatmap`.
    key
        Identity of the heatmap on the page, and its class in the document; in the callback
        ``st.session_state[key].clicked`` is the clicked layer and head.
    alt
        What the heatmap shows, for readers who do not see it.
    file_name
        Name of the SVG file that its button saves, without the ending.
    chosen
        Layer and head of the cell that is outlined.
    on_click
        Called when a cell was clicked, before the page is drawn.
    """
    name = f"{style.file_name(file_name)}.svg"
    data = {"figure": figure, "look": _LOOK, "alt": alt, "file": name, "chosen": chosen}
    _component(key=key, data=data, height=figure["height"], on_clicked_change=on_click)


def _number(value: float) -> float | None:
    """Shorten a number for the way to the browser; None where there is none."""
    return None if pd.isna(value) else float(f"{value:.7g}")


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
    for layer, head, percent, resolution, lower, upper, fold, z in zip(
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
            if fold == fold:
                text += f", {2**fold:.2g}×"
            if z == z:
                text += f", z {z:.1f}"
        texts[(layer - 1) * heads + head - 1] = text
    return texts
