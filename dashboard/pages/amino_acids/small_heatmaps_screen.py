"""Twenty small layer × head heatmaps at one glance, one an amino acid."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look import palette, style, template
from dashboard.figures.look.draft import Chart
from dashboard.figures.look.tiles import tile
from dashboard.results.frames import grid, highest_head
from precompute.chemistry import GROUPS
from precompute.features import AMINO_ACIDS
from precompute.published import MINIMUM_ARCS

WIDTH, HEIGHT = 112, 88
"""About how many pixels one map takes; a cell takes a whole number of them."""
COLUMNS = 5
_GAP, _FRAME = 8, 4
"""Pixels between maps and around each."""
_STYLE = f"""<style>
.key, .group, .maps {{font-size: 11px; line-height: 1.3}}
.maps {{display: flex; flex-wrap: wrap; gap: 4px {_GAP}px; padding: 0 2px 2px}}
.group {{margin: 3px 2px 1px; opacity: 0.75}}
.maps button {{all: unset; cursor: pointer; display: block; padding: 1px {_FRAME // 2}px 2px;
  border-radius: 2px}}
.maps button:hover, .maps button[aria-pressed="true"] {{background: rgba(128,128,128,0.25)}}
.maps button:focus-visible {{outline: 2px solid var(--st-primary-color)}}
.maps button[aria-pressed="true"] {{box-shadow: 0 0 0 2px var(--st-text-color)}}
.maps img {{display: block; image-rendering: pixelated}}
.key i {{display: inline-block; width: 120px; height: 8px; vertical-align: middle; margin: 0 4px}}
</style>"""
_GREY = (128, 128, 128)
_GREY_ALPHA = 115


def map_size(layers: int, heads: int) -> tuple[int, int]:
    """Give one map's width and height in pixels."""
    return heads * max(1, round(WIDTH / heads)), layers * max(1, round(HEIGHT / layers))


def row_width(layers: int, heads: int) -> int:
    """Give the width of a row of maps in pixels."""
    width, _ = map_size(layers, heads)
    return COLUMNS * (width + _FRAME) + (COLUMNS - 1) * _GAP + _FRAME


def small_heatmap_png(percent: NDArray[np.floating], limit: float) -> bytes:
    """Draw layers × heads as a picture of one pixel a head.

    Parameters
    ----------
    percent
        Row 0 is layer 1; NaN where grey.
    limit
        Where the colour scale ends; it begins at 0.

    Returns
    -------
    bytes
        PNG, layer 1 at the bottom.
    """
    known = np.isfinite(percent)
    index = palette.levels(np.where(known, percent, 0.0), 0.0, limit)
    # The lowest colour gives its place to grey, and is drawn as its neighbour.
    own = np.where(known, np.maximum(index, 1), 0).astype(np.uint8)
    colours = np.vstack([_GREY, palette.colours(style.SEQUENTIAL)[1:]]).astype(np.uint8)
    return palette.png(own[::-1], colours, bytes([_GREY_ALPHA]))


class Cells(NamedTuple):
    """What the map of one amino acid shows, whatever its colours.

    Attributes
    ----------
    percent
        Shape (layers, heads), row 0 layer 1; NaN where grey.
    best
        Layer, head and percent of the highest head; None where all are grey.
    """

    percent: NDArray[np.floating]
    best: tuple[int, int, float] | None

    @property
    def limit(self) -> float:
        """Where a colour scale of its own ends: as `dashboard.figures.look.scale.find_scale`."""
        largest = float(np.nanmax(self.percent, initial=0.0))
        return largest if largest > 0 else 1.0


def cells_of(frames: Mapping[str, pd.DataFrame]) -> dict[str, Cells]:
    """Lay out the head frames of one model and source by amino acid."""
    return {
        letter: Cells(grid(frame, "percent", np.float64), highest_head(frame))
        for letter, frame in frames.items()
    }


class SmallMaps(NamedTuple):
    """The maps of one model and source, whatever their order."""

    buttons: dict[str, str]
    """Markup by amino acid."""
    end: float | None
    """Where the colour scale of all maps ends; None where each has its own."""


def small_maps(cells: Mapping[str, Cells], *, shared: bool = False) -> SmallMaps:
    """Draw each map as a button, which chooses its amino acid.

    Parameters
    ----------
    cells
        Of `cells_of`.
    shared
        One colour scale for all; else each map's ends at its own highest head.
    """
    end = max((own.limit for own in cells.values()), default=1.0) if shared else None
    return SmallMaps({one: _map(one, own, end or own.limit) for one, own in cells.items()}, end)


def small_heatmaps_html(maps: SmallMaps, order: Sequence[str], *, grouped: bool = False) -> str:
    """Write the maps in an order, below the key of their colours.

    Parameters
    ----------
    maps
        As `small_maps` draws them.
    order
        The amino acids from left to right and top to bottom.
    grouped
        Begin a row with every group of `precompute.chemistry.GROUPS`.
    """
    if grouped:
        rows = "".join(
            f'<div class="group">{name}</div><div class="maps">'
            f"{''.join(maps.buttons[letter] for letter in letters if letter in order)}</div>"
            for name, letters in GROUPS.items()
        )
    else:
        rows = f'<div class="maps">{"".join(maps.buttons[letter] for letter in order)}</div>'
    end = "the highest head, % beside each letter" if maps.end is None else f"{maps.end:.1f} %"
    return (
        f'{_STYLE}<div class="key">0<i style="background:{palette.gradient(style.SEQUENTIAL)}"></i>'
        f"{end}; grey: fewer than {MINIMUM_ARCS} arcs</div>{rows}"
    )


def small_heatmaps_chart(
    frames: Mapping[str, pd.DataFrame], order: Sequence[str], *, shared: bool = False
) -> Chart:
    """Draw the maps as Plotly's heatmaps, to take along: on the page they would take seconds.

    Parameters
    ----------
    frames, shared
        As `cells_of` and `small_maps` have them.
    order
        As `small_heatmaps_html` has it.

    Returns
    -------
    plotly.graph_objects.Figure
        One heatmap an amino acid, above it its letter and its highest head, %.
    """
    cells = cells_of({letter: frames[letter] for letter in order})
    limits = {letter: own.limit for letter, own in cells.items()}
    figures = []
    for letter in order:
        percent = cells[letter].percent
        layers, heads = percent.shape
        width, height = map_size(layers, heads)
        figure = template.new_figure(
            height + 28,
            width + 12,
            showlegend=False,
            margin={"l": 4, "r": 8, "t": 22, "b": 6},
            xaxis={"range": [0.5, heads + 0.5], "visible": False},
            yaxis={"range": [0.5, layers + 0.5], "visible": False},
        )
        limit = max(limits.values()) if shared else limits[letter]
        said = f"{AMINO_ACIDS[letter]}<br>layer %{{y}}, head %{{x}}: %{{z:.2f}} %<extra></extra>"
        look = {"xgap": 0, "ygap": 0, "hovertemplate": said, "name": letter}
        template.add_cells(figure, percent, style.SEQUENTIAL, 0, limit, **look)
        template.title(figure, f"{letter} {limits[letter]:.1f}")
        figures.append(figure.finish())
    return tile(figures, order, most=figures[0].layout.width)


def _map(letter: str, cells: Cells, limit: float) -> str:
    percent, best = cells
    layers, heads = percent.shape
    picture = base64.b64encode(small_heatmap_png(percent, limit)).decode()
    name = AMINO_ACIDS[letter]
    if best is None:
        value, said = "grey", f"{name}: every head is grey"
    else:
        layer, head, highest = best
        value = f"{highest:.1f}"
        said = (
            f"{name}: highest head {layer}-{head}, {highest:.2f} %; "
            f"median {np.median(percent[~np.isnan(percent)]):.2f} %"
        )
    size = map_size(layers, heads)
    alternative = f"Heatmap of {layers} layers and {heads} heads. {said}."
    return (
        f'<button data-pick="{letter}" aria-pressed="false" title="{escape(said)}">'
        f"<b>{letter}</b> {value}"
        f'<img alt="{escape(alternative)}" width="{size[0]}" height="{size[1]}" '
        f'src="data:image/png;base64,{picture}"></button>'
    )
