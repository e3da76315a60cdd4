"""Matplotlib's types for annotations: it is loaded where a figure is drawn, and for no name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.collections import QuadMesh as QuadMesh
    from matplotlib.colorbar import Colorbar as Colorbar
    from matplotlib.figure import Figure as Figure
else:
    Axes = Colorbar = Figure = QuadMesh = Any
