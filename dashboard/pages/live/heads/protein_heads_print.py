"""Layers × heads of one protein, for print."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.printing import style
from dashboard.figures.printing.cells import draw_cells
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.figures.printing.types import Figure

_LEFT, _RIGHT, _BELOW, _BAR = 8.0, 2.0, 7.0, 9.0
"""Millimetres: around the cells, and what the colour bar takes below them."""
_TALLEST = 90.0


def protein_heads_figure(
    frame: pd.DataFrame, chosen: list[tuple[int, int]], source: Source, about: str, unit: str
) -> PaperFigure:
    """Make the map of all heads on one protein.

    Parameters
    ----------
    frame
        Columns ``layer``, ``head``, ``arcs``, ``hits``, ``percent``; percent is missing
        where a head has too few arcs.
    chosen
        Heads that are outlined, layer and head from 1.
    source
        What is drawn, and of which model.
    about
        What a value is, as a sentence.
    unit
        Of the values.
    """

    def draw(canvas: Canvas) -> Figure:
        """Axes 0 the cells, axes 1 the colour bar."""
        from matplotlib.patches import Rectangle

        layers, heads = int(frame["layer"].max()), int(frame["head"].max())
        values = np.full((layers, heads), np.nan)
        values[frame["layer"] - 1, frame["head"] - 1] = frame["percent"].to_numpy(dtype=float)
        room = canvas.width - _LEFT - _RIGHT
        cell = min(room / heads, 6.0)
        wide, tall = heads * cell, min(max(layers * min(cell, 6.0), layers * 1.6), _TALLEST)
        figure = canvas.figure(tall + _BELOW + _BAR + 1.0, source.header)
        axes = place_axes(figure, _LEFT, _BELOW + _BAR, wide, tall)
        known = values[np.isfinite(values)]
        limit = float(known.max()) if known.size and known.max() > 0 else 1.0
        mesh = draw_cells(axes, values, 0.0, limit, style.SEQUENTIAL, (wide, tall))
        for layer, head in chosen:
            for colour, line in (("white", 1.8), ("black", 0.9)):
                axes.add_patch(
                    Rectangle(
                        (head - 0.5, layer - 0.5),
                        1,
                        1,
                        facecolor="none",
                        edgecolor=colour,
                        linewidth=line,
                        clip_on=False,
                    )
                )
        place_bar(figure, mesh, _LEFT, _BAR - 2.4, min(max(wide, 24.0), 60.0), unit)
        return figure

    return PaperFigure(
        f"heads_{source.feature}_{source.models}",
        draw,
        f"{source.models}, {source.feature}: {about} Outlined: "
        f"{', '.join(f'{layer}-{head}' for layer, head in chosen)} (layer-head).",
        source,
        frame,
    )
