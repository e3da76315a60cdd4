"""The cells of a heatmap for print: layers × heads, layer 1 below; or places, the first above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.printing import style
from dashboard.figures.printing.types import Axes

if TYPE_CHECKING:
    from matplotlib.collections import QuadMesh
    from matplotlib.colors import Colormap


_APART = 1.0
"""Millimetres between the numbers along the axis."""


def draw_cells(
    axes: Axes,
    values: NDArray[Any],
    low: float,
    high: float,
    colours: str | Colormap,
    room: tuple[float, float],
) -> QuadMesh:
    """Draw the cells with their two axes, and no frame.

    Parameters
    ----------
    axes
        To draw on.
    values
        Shape (layers, heads); cells without a value are grey.
    low, high
        Ends of the colour scale.
    colours
        The colour map, or its name.
    room
        Width and height of the axes in millimetres: as many heads and layers are named as
        have room.

    Returns
    -------
    matplotlib.collections.QuadMesh
        For a colour bar.
    """
    from matplotlib import colormaps

    layers, heads = values.shape
    mesh = axes.pcolormesh(
        np.arange(heads + 1) + 0.5,
        np.arange(layers + 1) + 0.5,
        np.ma.masked_invalid(values),
        cmap=colormaps.get_cmap(colours).with_extremes(bad=style.MASKED),
        vmin=low,
        vmax=high,
        edgecolors="white",
        linewidth=0.2,
    )
    axes.set(
        xlabel="head",
        ylabel="layer",
        xticks=style.ticks(heads, room[0], max(3.4, style.widest([str(heads)]) + _APART)),
        yticks=style.ticks(layers, room[1], 2.4),
    )
    axes.tick_params(length=1.5)
    axes.spines[:].set_visible(False)
    return mesh


def draw_places(axes: Axes, values: NDArray[Any], room: tuple[float, float]) -> QuadMesh:
    """Draw cells of places in two sequences, the first row at the top.

    Parameters
    ----------
    axes
        To draw on.
    values
        Not negative, shape (rows, columns).
    room
        Width and height of the axes in millimetres.

    Returns
    -------
    matplotlib.collections.QuadMesh
        For a colour bar.
    """
    from matplotlib import colormaps

    rows, columns = values.shape
    mesh = axes.pcolormesh(
        np.arange(columns + 1) + 0.5,
        np.arange(rows + 1) + 0.5,
        values,
        cmap=colormaps[style.SEQUENTIAL],
        vmin=0.0,
        vmax=float(values.max(initial=0.0)) or 1.0,
        rasterized=True,
    )
    axes.set(
        xlim=(0.5, columns + 0.5),
        ylim=(rows + 0.5, 0.5),
        xticks=style.ticks(columns, room[0], 8.0),
        yticks=style.ticks(rows, room[1], 5.0),
    )
    return mesh
