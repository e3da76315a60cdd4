"""Named rows with a value and its interval, for print: what several figures are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dashboard.paper import style
from dashboard.paper.placing import place_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 3.4
"""Height of a row in millimetres."""
BELOW = 8.0
"""What the axis below the rows takes, in millimetres."""
LEAST = 9.0
"""Height of the axes beside few rows, in millimetres."""


def rows_height(count: int) -> float:
    """Give the height of so many rows with the axis below them, in millimetres."""
    return max(ROW * count, LEAST) + BELOW + 1.0


def names_width(names: Sequence[str], most: float) -> float:
    """Give the room that the rows' names take, in millimetres; at most so much."""
    widest = max((style.text_width(name, style.TICK_SIZE) for name in names), default=0.0)
    return min(widest, most) + 2.5


def cut(text: str, size: float, room: float) -> str:
    """Cut a text that is wider than its room in millimetres; three dots say so."""
    if style.text_width(text, size) <= room:
        return text
    while text and style.text_width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def place_rows(
    figure: Figure, names: Sequence[str], left: float, bottom: float, right: float
) -> Axes:
    """Add axes with one named row each, the first on top.

    Parameters
    ----------
    figure
        Of `dashboard.paper.figure.Canvas.figure`.
    names
        Of the rows, at 0, 1, … of the axis; they stand left of `left`.
    left, bottom
        Of the axes, in millimetres; below them the axis needs `BELOW`.
    right
        What is left free to the right, in millimetres.
    """
    width = figure.get_figwidth() * style.MILLIMETRES - left - right
    axes = place_axes(figure, left, bottom, width, max(ROW * len(names), LEAST))
    axes.set_ylim(len(names) - 0.5, -0.5)
    room = left - 2.0
    axes.set_yticks(
        np.arange(len(names)), labels=[cut(name, style.TICK_SIZE, room) for name in names]
    )
    axes.tick_params(axis="y", length=0)
    return axes


def draw_intervals(
    axes: Axes,
    places: NDArray[np.floating],
    values: NDArray[np.floating],
    ends: tuple[NDArray[np.floating], NDArray[np.floating]],
    colour: str = style.VALUE,
    width: float = 0.9,
) -> None:
    """Draw a dot a row with a line from the lower to the upper end; what is empty is not drawn."""
    axes.hlines(places, *ends, color=colour, linewidth=width)
    axes.scatter(values, places, s=8, color=colour, linewidths=0, zorder=3)
