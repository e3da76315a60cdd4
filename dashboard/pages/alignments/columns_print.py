"""Which columns of an alignment a head reads, for print."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.printing import style
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.types import Figure
from dashboard.pages.alignments.columns_screen import MEASURE
from dashboard.results.alignments import HeadMatrices

_LEFT, _RIGHT, _BELOW, _HEIGHT = 9.0, 1.5, 8.0, 30.0
"""Millimetres: around the axes, and their height."""


def columns_figure(matrices: HeadMatrices, source: Source, head: str) -> PaperFigure:
    """Make the bars, one a column.

    Parameters
    ----------
    matrices
        Of the head.
    source
        Where they come from.
    head
        Layer-head.
    """
    frame = pd.DataFrame(
        {
            "column": np.arange(1, len(matrices.query) + 1),
            "query": list(matrices.query),
            MEASURE: matrices.selectivity,
        }
    )
    caption = (
        f"{source.models}, head {head} (layer-head) in {matrices.alignment}: how much each column "
        "takes part, the share of its attention that would have to move for each row to attend "
        f"evenly to the others, mean over {len(matrices.names)} rows."
    )

    def draw(canvas: Canvas) -> Figure:
        header = (f"Head {head} in {matrices.alignment} · {source.models}", source.header[1])
        figure = canvas.figure(_HEIGHT + _BELOW + 1.0, header)
        axes = place_axes(figure, _LEFT, _BELOW, canvas.width - _LEFT - _RIGHT, _HEIGHT)
        axes.bar(frame["column"], frame[MEASURE], width=0.9, color=style.VALUE)
        axes.set(xlim=(0.5, len(frame) + 0.5), xlabel="column", ylabel=MEASURE)
        axes.set_ylim(bottom=0)
        return figure

    name = f"atlas_columns_{head}_{matrices.alignment}_{source.results}"
    return PaperFigure(name, draw, caption, source, frame)
