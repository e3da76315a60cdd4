"""PLUS-RNN's soft alignment of two proteins, for print."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.printing.cells import draw_places
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.figures.printing.types import Figure

_LEFT, _RIGHT, _BELOW, _BAR = 9.5, 2.0, 7.0, 9.0
"""Millimetres: around the cells, and what the colour bar takes below them."""
_TALLEST = 150.0


def soft_alignment_figure(
    values: NDArray[np.float32], parts: tuple[str, str], source: Source, frame: pd.DataFrame
) -> PaperFigure:
    """Make the map of a soft alignment.

    Parameters
    ----------
    values
        In [0, 1], shape (residues of the first, of the second).
    parts
        What to call the two proteins.
    source
        What is drawn, and of which model.
    frame
        What is taken along as a table.
    """

    def draw(canvas: Canvas) -> Figure:
        """Axes 0 the cells, axes 1 the colour bar."""
        rows, columns = values.shape
        wide = canvas.width - _LEFT - _RIGHT
        cell = min(wide / columns, _TALLEST / rows)
        wide, tall = max(cell * columns, 20.0), max(cell * rows, 8.0)
        figure = canvas.figure(tall + _BELOW + _BAR + 1.0, source.header)
        axes = place_axes(figure, _LEFT, _BELOW + _BAR, wide, tall)
        mesh = draw_places(axes, values, (wide, tall))
        axes.set_xlabel(f"place in {parts[1]}", parse_math=False)
        axes.set_ylabel(f"place in {parts[0]}", parse_math=False)
        place_bar(figure, mesh, _LEFT, _BAR - 2.4, min(50.0, wide), "soft alignment")
        return figure

    return PaperFigure(
        f"soft_alignment_{source.models}",
        draw,
        f"{source.models}, {source.feature}: how the model lays each residue of {parts[0]} (row) "
        f"to each of {parts[1]} (column), c = a + b − ab of its softmaxes a and b along both. It "
        "has no heads and no attention. Numbers are places in the sequences.",
        source,
        frame,
    )
