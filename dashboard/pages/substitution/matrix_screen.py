"""A symmetric matrix of 20 × 20 amino acids as a heatmap, with a tree above it where asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.look import marks, palette, style
from precompute.chemistry import GROUPS, LETTERS
from precompute.clustering import Tree

CELL = 14
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 20, 6, 34, 52
TREE = 46
"""Height of the tree; the same room is left where there is none beside one."""


@dataclass(frozen=True)
class Colours:
    """A colour scale.

    Attributes
    ----------
    low, high
        Its ends.
    diverging
        Whether its middle is 0; else it has no middle.
    """

    low: float
    high: float
    diverging: bool

    @property
    def stops(self) -> tuple[str, ...]:
        """Its colours from the lower to the upper end."""
        return style.DIVERGING if self.diverging else style.SEQUENTIAL


def find_colours(pairs: NDArray[np.floating]) -> Colours:
    """Choose the scale for some values: about 0 where they lie on both sides of it."""
    known = np.asarray(pairs, dtype=float)
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if low < 0 < high:
        end = max(-low, high)
        return Colours(-end, end, True)
    return Colours(low, high if high > low else low + 1.0, False)


def link(one: str, other: str) -> str:
    """Name a pair of amino acids, whichever comes first."""
    return "".join(sorted((one, other)))


def matrix_svg(
    values: NDArray[np.floating],
    order: Sequence[int],
    title: tuple[str, str],
    colours: Colours,
    legend: str,
    *,
    tree: Tree | None = None,
    room_for_tree: bool = False,
    grouped: bool = False,
) -> str:
    """Draw.

    Parameters
    ----------
    values
        Shape (20, 20), in the order of `precompute.chemistry.LETTERS`; the diagonal is
        not drawn, nor is what is empty.
    order
        Places in `values` from left to right and top to bottom.
    title
        Two lines above the figure.
    colours, legend
        The scale and what it measures.
    tree
        Drawn above; `order` is the tree's.
    room_for_tree
        Leave the room that a tree takes, so that two matrices stand level.
    grouped
        Part the groups of `precompute.chemistry.GROUPS` by gaps; `order` has them side by
        side.

    Returns
    -------
    str
        One SVG element; every cell carries the ``data-link`` of its pair.
    """
    top = MARGIN_TOP + (TREE if tree or room_for_tree else 0)
    places = _places(grouped)
    side = places[-1] + CELL
    parts = [
        marks.text(MARGIN_LEFT, 11, title[0], 'font-weight="bold"'),
        marks.text(MARGIN_LEFT, 25, title[1], 'opacity="0.75"'),
    ]
    colour = palette.hexadecimal(colours.stops)
    steps = palette.levels(np.nan_to_num(values), colours.low, colours.high)
    for row, one in enumerate(order):
        for column, other in enumerate(order):
            if one == other or not np.isfinite(values[one, other]):
                continue
            parts.append(
                f'<rect x="{MARGIN_LEFT + places[column]}" y="{top + places[row]}" '
                f'width="{CELL}" height="{CELL}" fill="{colour[steps[one, other]]}" '
                f'data-link="{link(LETTERS[one], LETTERS[other])}"/>'
            )
    for place, leaf in zip(places, order, strict=True):
        letter, middle = LETTERS[leaf], place + CELL / 2
        parts.append(
            marks.text(MARGIN_LEFT + middle, top + side + 12, letter, 'text-anchor="middle"')
        )
        parts.append(marks.text(MARGIN_LEFT - 7, top + middle + 4, letter, 'text-anchor="middle"'))
    if tree:
        parts.append(_tree(tree, top))
    parts += _legend(colours, legend, top + side + 22)
    return marks.drawing(
        parts,
        MARGIN_LEFT + side + MARGIN_RIGHT,
        top + side + MARGIN_BOTTOM,
        f"Matrix of 20 × 20 amino acids: {', '.join(title)}",
    )


def _places(grouped: bool) -> list[int]:
    """Give where each row begins, in pixels."""
    if not grouped:
        return [CELL * place for place in range(len(LETTERS))]
    places, at = [], 0
    for letters in GROUPS.values():
        for _ in letters:
            places.append(at)
            at += CELL
        at += 3
    return places


def _tree(tree: Tree, top: float) -> str:
    highest = float(tree.branches[:, 1].max()) or 1.0
    path = []
    for places, heights in tree.branches:
        across = MARGIN_LEFT + (places + 0.5) * CELL
        up = top - 3 - heights / highest * (TREE - 8)
        points = [f"{x:.1f} {y:.1f}" for x, y in zip(across, up, strict=True)]
        path.append("M" + "L".join(points))
    return f'<path d="{"".join(path)}" stroke="currentColor" fill="none"/>'


def _legend(colours: Colours, words: str, y: float) -> list[str]:
    width = 96.0
    stops = colours.stops
    step = width / 32
    shades = palette.hexadecimal(stops)
    parts = [
        f'<rect x="{MARGIN_LEFT + number * step:.1f}" y="{y:.1f}" width="{step + 0.3:.1f}" '
        f'height="7" fill="{shades[round(number / 31 * (palette.LEVELS - 1))]}"/>'
        for number in range(32)
    ]
    middle = (colours.low + colours.high) / 2
    for share, value in ((0.0, colours.low), (0.5, middle), (1.0, colours.high)):
        x = MARGIN_LEFT + share * width
        parts.append(marks.line(x, y + 7, x, y + 10, style.INK))
        anchor = "start" if share == 0 else "middle"
        parts.append(
            marks.text(x, y + 20, f"{value:.3g}".replace("-", "−"), f'text-anchor="{anchor}"')
        )
    parts.append(
        marks.text(MARGIN_LEFT + width + 22, y + 8, words, 'text-anchor="start" opacity="0.85"')
    )
    return parts
