"""The pages' colour scales in steps, and small pictures in their colours."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray

LEVELS = 256


@cache
def colours(stops: tuple[str, ...], count: int = LEVELS) -> NDArray[np.uint8]:
    """Give a colour scale from its lower to its upper end.

    Parameters
    ----------
    stops
        Such as `dashboard.figures.look.style.SEQUENTIAL`: ``#rrggbb`` at equal distances.
    count
        How many steps it has.

    Returns
    -------
    numpy.ndarray
        Red, green and blue of the colours, shape (count, 3); do not change it.
    """
    channels = np.array([list(bytes.fromhex(stop[1:])) for stop in stops], dtype=float)
    places = np.linspace(0, len(stops) - 1, count)
    mixed = [np.interp(places, np.arange(len(stops)), channel) for channel in channels.T]
    table: NDArray[np.uint8] = np.rint(np.stack(mixed, axis=1)).astype(np.uint8)
    table.setflags(write=False)
    return table


@cache
def hexadecimal(stops: tuple[str, ...]) -> tuple[str, ...]:
    """Give a colour scale as ``#rrggbb``, from its lower to its upper end."""
    return tuple("#" + row.tobytes().hex() for row in colours(stops))


def png(index: NDArray[np.uint8], table: NDArray[np.uint8], alpha: bytes) -> bytes:
    """Write a picture of one pixel an index: its colour in the table, and how opaque that is.

    `alpha` may end before the table does; what has none is opaque.
    """
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(index), "P")
    image.putpalette(table.tobytes())
    sink = io.BytesIO()
    image.save(sink, "PNG", transparency=alpha, optimize=True)
    return sink.getvalue()


def levels(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.intp]:
    """Place values on a scale: 0 at its lower end, 255 at its upper end.

    Parameters
    ----------
    values
        No value empty; those beyond an end are placed at it.
    low, high
        The ends.
    """
    share = (np.asarray(values, dtype=float) - low) / (high - low)
    return np.asarray(np.clip(np.rint(share * (LEVELS - 1)), 0, LEVELS - 1), dtype=np.intp)


def gradient(stops: tuple[str, ...]) -> str:
    """Write a colour scale as a CSS gradient from left to right."""
    return f"linear-gradient(to right, {', '.join(stops)})"
