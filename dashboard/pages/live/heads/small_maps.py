"""Small still attention maps of many heads beside each other."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd

from dashboard.figures.look import style, svg
from precompute.live.arc_colours import colour_arcs

PIXELS = 84
_SMALLEST = 1.2


def small_maps_html(
    frames: dict[tuple[int, int], pd.DataFrame],
    residues: int,
    chosen: list[tuple[int, int]],
    boundary: int | None = None,
) -> str:
    """Draw one map a head; ``data-pick`` of each is ``layer-head``.

    Parameters
    ----------
    frames
        Each head's arcs that are drawn, with `ARC_COLUMNS`.
    residues
        Length of the chain.
    chosen
        Heads that are marked.
    boundary
        Of two proteins, where the second begins.
    """
    items = []
    for (layer, head), frame in frames.items():
        name = f"{layer}-{head}"
        weight = "700" if (layer, head) in chosen else "400"
        items.append(
            f'<div data-pick="{name}" tabindex="0" style="cursor:pointer;text-align:center;'
            f'font-weight:{weight}">{_small(frame, residues, f"head {name}", boundary)}'
            f"{name}: {len(frame):,}</div>"
        )
    return f'<div style="display:flex;flex-wrap:wrap;gap:4px 8px">{"".join(items)}</div>'


def _small(frame: pd.DataFrame, residues: int, name: str, boundary: int | None) -> str:
    cell = PIXELS / residues
    side = max(cell, _SMALLEST)
    colours = np.array(colour_arcs(frame, "contact"), dtype=object)
    parts = [
        f'<rect x="0.5" y="0.5" width="{PIXELS - 1}" height="{PIXELS - 1}" fill="none" '
        f'stroke="{style.INK}" stroke-opacity="0.5"/>'
    ]
    for colour in dict.fromkeys(colours.tolist()):
        own = colours == colour
        x = (frame["j"].to_numpy()[own] - 1) * cell
        y = (frame["i"].to_numpy()[own] - 1) * cell
        path = svg.squares(zip(x.tolist(), y.tolist(), strict=True), side)
        parts.append(f'<path d="{path}" fill="{colour}"/>')
    if boundary is not None:
        edge = boundary * cell
        thin = 'stroke-opacity="0.5" stroke-width="0.7"'
        parts += [svg.line(edge, 0, edge, PIXELS, thin), svg.line(0, edge, PIXELS, edge, thin)]
    about = escape(f"{len(frame)} arcs")
    return svg.picture(PIXELS, PIXELS, name, about, parts)
