"""Sequences × residues: which rows one head of the query reads in each column, for print."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.printing import style
from dashboard.figures.printing.cells import draw_places
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.figures.printing.types import Figure

_LEFT, _RIGHT, _BELOW, _BAR = 24.0, 2.0, 7.0, 9.0
"""Millimetres: around the cells, and what the colour bar takes below them."""
_ROW = 2.4
_LONGEST = 18


def rows_map_figure(
    values: NDArray[np.float32], sequences: Sequence[str], source: Source, frame: pd.DataFrame
) -> PaperFigure:
    """Make the map of the sequences that a head reads most.

    Parameters
    ----------
    values
        Shares of the query's attention in a column, in %, shape (sequences, residues).
    sequences
        Names of the rows.
    source
        What is drawn, and of which model.
    frame
        What is taken along as a table.
    """

    def draw(canvas: Canvas) -> Figure:
        """Axes 0 the cells, axes 1 the colour bar."""
        rows = len(values)
        wide, tall = canvas.width - _LEFT - _RIGHT, max(rows * _ROW, 8.0)
        figure = canvas.figure(tall + _BELOW + _BAR + 1.0, source.header)
        axes = place_axes(figure, _LEFT, _BELOW + _BAR, wide, tall)
        mesh = draw_places(axes, values, (wide, tall))
        names = [f"{n[:_LONGEST]}…" if len(n) > _LONGEST else n for n in sequences]
        axes.set(xlabel="place in the query", yticks=np.arange(rows) + 1)
        axes.set_yticklabels(names, fontsize=style.TICK_SIZE, parse_math=False)
        place_bar(figure, mesh, _LEFT, _BAR - 2.4, min(50.0, wide), "% in the column")
        return figure

    return PaperFigure(
        f"sequences_{source.feature}_{source.models}",
        draw,
        f"{source.models}, {source.feature}: how the query's attention in each column is shared "
        f"among the rows; the {len(sequences)} rows that this head reads most over all residues, "
        "most first.",
        source,
        frame,
    )
