"""One head's attention from each residue to each, with the contacts beneath."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look import style, svg
from dashboard.figures.look.arc_colours import colour_arcs

LEFT, TOP, RIGHT, BOTTOM = 46, 8, 8, 40
STEPS: tuple[tuple[float, float], ...] = (
    (0.02, 0.2),
    (0.05, 0.35),
    (0.1, 0.55),
    (0.2, 0.8),
    (0.3, 1),
)
"""Smallest weight of each shade, and its opacity."""
_SMALLEST = 1.8
"""Pixels of a cell's side, where residues are many."""


def attention_map_svg(
    arcs: pd.DataFrame,
    labels: list[str],
    contacts: NDArray[np.int8] | None,
    *,
    about: str,
    colouring: str = "contact",
    marked: int | None = None,
    pixels: int = 380,
) -> str:
    """Draw the map; rows attend to columns.

    Parameters
    ----------
    arcs
        Every arc that was kept of the head, with `ARC_COLUMNS`.
    labels
        Name of each residue on the axes, length (residues,).
    contacts
        1 where two residues are in contact, shape (residues, residues); None where that
        is not known.
    about
        What is drawn, in words.
    colouring
        A key of `dashboard.figures.look.arc_colours.COLOURINGS`.
    marked
        A residue, from 0, whose row and column are marked.
    pixels
        Side of the map.

    Returns
    -------
    str
        One SVG element. The element with ``data-cells`` covers the residues: what it
        holds is their number, and a click on it is a pair of residues.
    """
    residues = len(labels)
    cell = pixels / residues
    side = max(cell, _SMALLEST)
    inset = (cell - side) / 2

    def corners(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> list[tuple[float, float]]:
        x = LEFT + columns * cell + inset
        y = TOP + rows * cell + inset
        return list(zip(x.tolist(), y.tolist(), strict=True))

    parts = [
        f'<rect x="{LEFT}" y="{TOP}" width="{pixels}" height="{pixels}" fill="none" '
        f'stroke="{style.INK}" stroke-opacity="0.6"/>'
    ]
    if contacts is not None:
        rows, columns = np.nonzero(contacts == 1)
        path = svg.squares(corners(rows, columns), side)
        parts.append(f'<path d="{path}" fill="rgb(128,128,128)" fill-opacity="0.32"/>')
    shade = np.searchsorted([least for least, _ in STEPS], arcs["weight"] + 1e-7, side="right") - 1
    colours = np.array(colour_arcs(arcs, colouring), dtype=object)
    rows, columns = arcs["i"].to_numpy() - 1, arcs["j"].to_numpy() - 1
    for colour in dict.fromkeys(colours.tolist()):
        for number, (_, opacity) in enumerate(STEPS):
            own = (colours == colour) & (shade == number)
            if own.any():
                path = svg.squares(corners(rows[own], columns[own]), side)
                parts.append(f'<path d="{path}" fill="{colour}" fill-opacity="{opacity}"/>')
    if marked is not None:
        middle = (marked + 0.5) * cell
        for bar in (
            f"M{LEFT} {TOP + middle:.1f}h{pixels}",
            f"M{LEFT + middle:.1f} {TOP}v{pixels}",
        ):
            parts.append(
                f'<path d="{bar}" stroke="currentColor" stroke-opacity="0.7" '
                'stroke-dasharray="3 2" fill="none"/>'
            )
    bottom = TOP + pixels
    for tick in svg.ticks(residues):
        at = (tick - 0.5) * cell
        parts += [
            svg.line(LEFT + at, bottom, LEFT + at, bottom + 3),
            svg.text(LEFT + at, bottom + 15, labels[tick - 1], 'text-anchor="middle"'),
            svg.line(LEFT - 3, TOP + at, LEFT, TOP + at),
            svg.text(LEFT - 5, TOP + at + 4, labels[tick - 1], 'text-anchor="end"'),
        ]
    centre = TOP + pixels / 2
    parts += [
        svg.text(LEFT + pixels / 2, bottom + 32, "attended residue", 'text-anchor="middle"'),
        svg.text(
            10,
            centre,
            "attending residue",
            f'text-anchor="middle" transform="rotate(-90 10 {centre:.0f})"',
        ),
        f'<rect data-cells="{residues}" x="{LEFT}" y="{TOP}" width="{pixels}" height="{pixels}" '
        'fill="none" pointer-events="all" style="cursor:crosshair"/>',
    ]
    width, height = LEFT + pixels + RIGHT, TOP + pixels + BOTTOM
    return svg.picture(width, height, "Attention map", about, parts)
