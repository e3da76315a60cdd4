"""Put axes at places in millimetres, where a figure is a grid whose cells are to be square.

Constrained layout finds places by a solver whose last digit depends on memory addresses;
these depend on nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.figures.printing.style import MILLIMETRES
from dashboard.figures.printing.types import Axes, Figure

if TYPE_CHECKING:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colorbar import Colorbar


def place_axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Add axes.

    Parameters
    ----------
    figure
        Of `dashboard.figures.printing.figure.Canvas.figure`; its layout engine is switched off.
    left, bottom, width, height
        In millimetres from the figure's lower left corner.
    """
    figure.set_layout_engine("none")
    across, up = (size * MILLIMETRES for size in figure.get_size_inches())
    return figure.add_axes((left / across, bottom / up, width / across, height / up))


def place_bar(
    figure: Figure, shown: ScalarMappable, left: float, bottom: float, width: float, label: str
) -> Colorbar:
    """Add a horizontal colour bar of vectors, 1.8 mm high; as `place_axes`."""
    return draw_bar(figure, shown, place_axes(figure, left, bottom, width, 1.8), label)


def draw_bar(figure: Figure, shown: ScalarMappable, axes: Axes, label: str) -> Colorbar:
    """Draw a horizontal colour bar of vectors in axes of its own."""
    bar = figure.colorbar(shown, cax=axes, orientation="horizontal")
    # matplotlib would write a bitmap here, and viewers show seams between bare vectors
    if bar.solids is not None:
        bar.solids.set_rasterized(False)
        bar.solids.set_edgecolor("face")
    bar.outline.set_visible(False)
    bar.set_label(label)
    return bar
