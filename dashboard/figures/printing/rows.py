"""Named rows with a value and its interval, for print: what several figures are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.printing import style
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.types import Axes, Figure

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
    return min(style.widest(names), most) + 2.5


def cut(text: str, size: float, room: float) -> str:
    """Leave out what a text has too much for its room in millimetres; three dots say so.

    Its end is kept too: names of checkpoints often differ in their last letters alone.
    """
    if style.text_width(text, size) <= room:
        return text
    short = "…"
    for kept in range(1, len(text)):
        end = kept * 2 // 5
        tried = f"{text[: kept - end].rstrip()}…{text[len(text) - end :].lstrip()}"
        if style.text_width(tried, size) > room:
            break
        short = tried
    return short


def cut_lines(text: str, size: float, room: float, most: int) -> list[str]:
    """Break a text into so many lines at most; the last is cut where that is too few."""
    lines = style.wrap(text, size, room)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], cut(" ".join(lines[most - 1 :]), size, room)]


def key_columns(labels: Sequence[str], room: float) -> int:
    """Say in how many columns a key stands: side by side, or below one another without room.

    Parameters
    ----------
    labels
        Of its entries.
    room
        Width of the key in millimetres.
    """
    around = 3.4 * style.TICK_SIZE / style.POINTS  # a mark of two letters, and what parts entries
    wide = sum(style.text_width(label, style.TICK_SIZE) + around for label in labels)
    return len(labels) if wide <= room else 1


def place_rows(
    figure: Figure, names: Sequence[str], left: float, bottom: float, right: float
) -> Axes:
    """Add axes with one named row each, the first on top.

    Parameters
    ----------
    figure
        Of `dashboard.figures.printing.figure.Canvas.figure`.
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


def write_beside(axes: Axes, numbers: Sequence[str], across: float, first: int = 0) -> None:
    """Write a number a row, with a true minus, that ends so many millimetres right of the axes."""
    for place, number in enumerate(numbers, first):
        axes.annotate(
            number.replace("-", "−"),
            (1, place),
            xycoords=("axes fraction", "data"),
            xytext=(across * style.POINTS, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=style.TICK_SIZE,
        )
