"""A model's map of heads as a small picture: cells alone, the best head framed."""

from __future__ import annotations

import base64

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look import palette, style
from dashboard.results.frames import grid

HEIGHT = 420
"""Pixels of the picture; it is shown at half its size, sharp on a dense screen too."""
_CELLS = {12: 26, 16: 18, 64: 8}
"""Pixels of a cell's width by heads a layer."""
_GREY, _BLACK, _WHITE = 253, 254, 255
_STEPS = 253


def small_map(frame: pd.DataFrame, limit: float) -> NDArray[np.uint8]:
    """Lay out a head frame's shares in pixels, as indices into the picture's colours.

    Parameters
    ----------
    frame
        Head frame of one model and property.
    limit
        Share, in %, at which the colour scale ends.

    Returns
    -------
    numpy.ndarray
        Layer 1 at the bottom, head 1 at the left; 0 to 252 are colours from 0 to `limit`,
        253 is the grey of heads with too few arcs, 254 and 255 frame the highest head.
    """
    percent = grid(frame, "percent")
    layers, heads = percent.shape
    steps = np.rint(np.clip(np.nan_to_num(percent) / limit, 0, 1) * (_STEPS - 1))
    cells = np.where(np.isnan(percent), _GREY, steps).astype(np.uint8)
    tall, wide = HEIGHT // layers, _CELLS.get(heads, max(320 // heads, 1))
    picture = cells[::-1].repeat(tall, axis=0).repeat(wide, axis=1)
    layer, head = np.unravel_index(np.nanargmax(percent), percent.shape)
    top, left = (layers - 1 - int(layer)) * tall, int(head) * wide
    for out, colour in ((4, _BLACK), (2, _WHITE)):
        rows = slice(max(top - out, 0), top + tall + out)
        columns = slice(max(left - out, 0), left + wide + out)
        picture[rows, columns] = colour
    picture[top : top + tall, left : left + wide] = cells[layer, head]
    return picture


def picture_address(picture: NDArray[np.uint8]) -> str:
    """Write a picture of `small_map` as a PNG that is its own address."""
    others = np.array([[128] * 3, [0] * 3, [255] * 3], dtype=np.uint8)
    table = np.vstack([palette.colours(style.SEQUENTIAL, _STEPS), others])
    alpha = bytes([*[255] * _STEPS, 115, 255, 255])  # grey as `style.MASKED` is, on any ground
    file = palette.png(picture, table, alpha)
    return f"data:image/png;base64,{base64.b64encode(file).decode()}"
