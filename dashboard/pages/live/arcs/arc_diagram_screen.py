"""Arcs over the sequence, with what is known of each residue below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look import style, svg
from dashboard.figures.look.ticks import places
from precompute.chain import Chain
from precompute.features import SECONDARY_STRUCTURES

LEFT, RIGHT, TOP = 76, 12, 6
_ROW = 13
CLASS_COLOURS = {"helix": "#cc79a7", "strand": "#b8a800", "turn_bend": "#56b4e9"}
_FAINT = 0.25
_LEAST = 760
"""Pixels of the drawing on a narrow page."""
_LETTERS_FROM = 7.0
"""Pixels a residue must have for its letter to be written."""


def arc_diagram_svg(
    arcs: pd.DataFrame,
    colours: list[str],
    sequence: str,
    labels: list[str],
    chain: Chain | None,
    read: NDArray[Any],
    *,
    about: str,
    marked: int | None = None,
    two: tuple[int, Sequence[str]] | None = None,
    width: int = 980,
    arc_pixels: int = 120,
) -> str:
    """Draw each arc as half an ellipse above the sequence.

    Parameters
    ----------
    arcs, colours
        The drawn arcs, with `ARC_COLUMNS`, and the colour of each.
    sequence, labels
        Letter and name of each residue.
    chain
        Labels of the residues, or None.
    read
        Whether the model read each residue; shape (residues,).
    about
        What is drawn, in words.
    marked
        A residue, from 0, that is marked; arcs that it has no part in are faint.
    two
        Of two proteins, where the second begins, and what to call them.
    width, arc_pixels
        Of the drawing, and of its highest arc.

    Returns
    -------
    str
        One SVG element; an element with ``data-columns`` covers the residues.
    """
    residues = len(sequence)
    cell = (width - LEFT - RIGHT) / residues
    base = TOP + arc_pixels + 2

    def middle(place: int) -> float:
        return LEFT + (place - 0.5) * cell

    heights = (arc_pixels * arc_heights(arcs)).tolist()
    parts = []
    for first, second, weight, height, colour in zip(
        *(arcs[name].tolist() for name in ("i", "j", "weight")), heights, colours, strict=True
    ):
        x1, x2 = middle(min(first, second)), middle(max(first, second))
        opacity = _opacity(weight)
        if marked is not None and marked + 1 not in (first, second):
            opacity *= _FAINT
        if first == second:
            parts.append(
                f'<circle cx="{x1:.1f}" cy="{base - 3:.1f}" r="1.6" fill="{colour}" '
                f'fill-opacity="{opacity:.2f}"/>'
            )
            continue
        parts.append(
            f'<path d="M{x1:.1f} {base}A{(x2 - x1) / 2:.1f} {height:.1f} 0 0 1 {x2:.1f} {base}" '
            f'stroke="{colour}" stroke-width="{0.6 + 1.8 * weight:.1f}" fill="none" '
            f'stroke-opacity="{opacity:.2f}"/>'
        )
    y = base + 2
    if cell >= _LETTERS_FROM:
        parts.append(
            f'<g text-anchor="middle" font-size="{min(cell * 1.15, 11):.1f}">'
            + "".join(
                svg.text(middle(place), y + 9, letter) for place, letter in enumerate(sequence, 1)
            )
            + "</g>"
        )
        y += _ROW
    for name, runs in residue_tracks(chain, read):
        bars = "".join(
            f'<rect x="{LEFT + first * cell:.1f}" y="{y + 2}" '
            f'width="{max((last - first) * cell, 1.2):.1f}" height="{_ROW - 5}" fill="{colour}"/>'
            for first, last, colour in runs
        )
        parts += [svg.text(LEFT - 5, y + 9, name, 'text-anchor="end"'), bars]
        y += _ROW
    for tick in places(residues, most=14):
        parts += [
            svg.line(middle(tick), y, middle(tick), y + 3),
            svg.text(middle(tick), y + 14, labels[tick - 1], 'text-anchor="middle"'),
        ]
    if two is not None:
        edge = LEFT + two[0] * cell
        parts += [
            svg.line(edge, TOP, edge, y + 3, 'stroke-dasharray="4 3"'),
            svg.text(LEFT + 3, TOP + 8, two[1][0]),
            svg.text(width - RIGHT, TOP + 8, two[1][1], 'text-anchor="end"'),
        ]
    if marked is not None:
        parts.append(
            f'<rect x="{LEFT + marked * cell:.1f}" y="{TOP}" width="{max(cell, 1.5):.1f}" '
            f'height="{y - TOP:.1f}" fill="currentColor" fill-opacity="0.25"/>'
        )
    parts.append(
        f'<rect data-columns="{residues}" x="{LEFT}" y="{TOP}" '
        f'width="{width - LEFT - RIGHT}" height="{y - TOP:.1f}" fill="none" '
        'pointer-events="all" style="cursor:crosshair"/>'
    )
    return svg.picture(width, y + 20, "Arcs over the sequence", about, parts, _LEAST)


def _opacity(weight: float) -> float:
    return min(0.35 + weight, 1.0)


def arc_heights(arcs: pd.DataFrame) -> NDArray[np.float64]:
    """Give each arc's height, 1 for the longest; short ones are raised, or they would be flat.

    Parameters
    ----------
    arcs
        With the column ``separation``.

    Returns
    -------
    numpy.ndarray
        Shape (arcs,), from 0 (a residue's attention to itself) to 1.
    """
    apart = arcs["separation"].to_numpy(dtype=float)
    return np.asarray((apart / max(apart.max(initial=0.0), 1.0)) ** 0.6, dtype=np.float64)


def residue_tracks(
    chain: Chain | None, read: NDArray[Any]
) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Give what is known of the residues, a track a kind.

    Parameters
    ----------
    chain
        Labels of the residues, or None.
    read
        Whether the model read each residue; shape (residues,).

    Returns
    -------
    list of tuple
        A track's name and its runs: first residue and one after the last, from 0, colour.
    """
    tracks = []
    if chain is not None and chain.secondary_structure is not None:
        runs = [
            (first, last, CLASS_COLOURS[SECONDARY_STRUCTURES[value]])
            for first, last, value in _runs(chain.secondary_structure)
            if value >= 0 and SECONDARY_STRUCTURES[value] in CLASS_COLOURS
        ]
        tracks.append(("structure", runs))
    for name, field, colour in (
        ("binding", "binding_site", "#009e73"),
        ("modified", "modification", "#e69f00"),
        ("your list", "own_site", "#d55e00"),
    ):
        labels = getattr(chain, field) if chain is not None else None
        if labels is not None and labels.any():
            tracks.append((name, [(a, b, colour) for a, b, value in _runs(labels) if value]))
    if not read.all():
        tracks.append(
            ("not read", [(a, b, style.MASKED) for a, b, value in _runs(read) if not value])
        )
    return tracks


def _runs(values: NDArray[Any]) -> list[tuple[int, int, int]]:
    """Give runs of equal values: first place, one after the last, value."""
    edges = np.flatnonzero(np.diff(values)) + 1
    starts = [0, *edges.tolist()]
    ends = [*edges.tolist(), len(values)]
    return [(a, b, int(values[a])) for a, b in zip(starts, ends, strict=True)]
