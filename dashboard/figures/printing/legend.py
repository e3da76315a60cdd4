"""A legend in rows across a figure's width, for print."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.figures.printing import style
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.types import Figure
from precompute.live.arc_colours import Key

_SQUARE, _GAP, _BETWEEN, _ROW = 1.6, 0.8, 2.6, 2.9
"""Millimetres: a colour's square, from it to its words, to the next, and a row's height."""


def legend_rows(keys: Sequence[Key], width: float) -> list[list[tuple[float, Key]]]:
    """Place keys side by side, in as many rows as they need.

    Parameters
    ----------
    keys
        In reading order.
    width
        Room in millimetres.

    Returns
    -------
    list of list of tuple
        For each row its keys, each with its place from the left in millimetres.
    """
    rows: list[list[tuple[float, Key]]] = []
    place = width
    for key in keys:
        taken = _SQUARE + _GAP + style.text_width(key.label, style.TICK_SIZE)
        if not rows or place + taken > width:
            rows.append([])
            place = 0.0
        rows[-1].append((place, key))
        place += taken + _BETWEEN
    return rows


def legend_height(keys: Sequence[Key], width: float) -> float:
    """Say how high the legend is, in millimetres."""
    return len(legend_rows(keys, width)) * _ROW


def draw_legend(
    figure: Figure, keys: Sequence[Key], left: float, bottom: float, width: float
) -> None:
    """Draw keys; places as in `dashboard.figures.printing.placing.place_axes`."""
    from matplotlib.patches import Rectangle

    height = legend_height(keys, width)
    if not height:
        return
    axes = place_axes(figure, left, bottom, width, height)
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    for number, row in enumerate(legend_rows(keys, width)):
        middle = (number + 0.5) * _ROW
        for place, key in row:
            axes.add_patch(
                Rectangle((place, middle - _SQUARE / 2), _SQUARE, _SQUARE, facecolor=key.colour)
            )
            axes.text(
                place + _SQUARE + _GAP,
                middle,
                key.label,
                fontsize=style.TICK_SIZE,
                va="center_baseline",
                parse_math=False,
            )
