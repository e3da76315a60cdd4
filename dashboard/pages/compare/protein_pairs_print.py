"""The maps of pairs of proteins beside one another, for print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.figures.look.citation import works_of
from dashboard.figures.printing import style
from dashboard.figures.printing.cells import draw_cells
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.pages.compare.protein_pairs_screen import LEGENDS, find_ends
from dashboard.results.frames import grid
from dashboard.results.protein_pairs import DIFFERENCE, MEASURES, PairRun, compared

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LEFT, _RIGHT, _BELOW, _ABOVE = 9.0, 2.0, 18.0, 5.0
"""Millimetres around the cells of a map: the colour bar is below, its name above."""
_HIGHEST = 190.0
"""Millimetres of all maps, so that the header has room on a journal's page."""


def pairs_source(run: PairRun, measure: str) -> Source:
    """Say where the values of a run over pairs come from."""
    cite = works_of([run.model], [run.dataset])
    return Source(run.label, run.name, run.dataset, MEASURES[measure], n=run.sample, cite=cite)


def protein_pairs_figure(frame: pd.DataFrame, run: PairRun, measure: str) -> PaperFigure:
    """Make the maps of one measure.

    Parameters
    ----------
    frame
        Of `dashboard.results.protein_pairs.read_shares`.
    run, measure
        What they are of.
    """
    source = pairs_source(run, measure)
    relations = list(frame["relation"].unique())
    one, other = compared(relations)
    caption = (
        f"{MEASURES[measure]}: share of the attention of each head, over {run.pairs:,} pairs of "
        "proteins that are read as one input, in percent"
    )
    if DIFFERENCE in relations:
        caption += f", and its difference, {one} − {other}, in percentage points"
    caption += ". The table has 95 % intervals with the pair as the sampling unit."

    def draw(canvas: Canvas) -> Figure:
        """Axes 0, 2, … the cells, axes 1, 3, … their colour bars."""
        layers, heads = grid(frame, "percent").shape
        abreast = len(relations) if canvas.width >= style.ONE_AND_A_HALF else 1
        room = canvas.width / abreast
        side = min(room - _LEFT - _RIGHT, 60.0)
        lines = -(-len(relations) // abreast)
        most = _HIGHEST / lines - _BELOW - _ABOVE
        tall = min(max(layers * max(side / heads, 1.6), 20.0), most)
        block = tall + _BELOW + _ABOVE
        figure = canvas.figure(lines * block, source.header)
        for number, relation in enumerate(relations):
            left = number % abreast * room + _LEFT
            bottom = (lines - 1 - number // abreast) * block + _BELOW
            axes = place_axes(figure, left, bottom, side, tall)
            apart = relation == DIFFERENCE
            values = grid(frame[frame["relation"] == relation], "percent", np.float64)
            colours = style.DIVERGING if apart else style.SEQUENTIAL
            mesh = draw_cells(axes, values, *find_ends(frame, relation), colours, (side, tall))
            axes.set_title(relation, fontsize=style.LABEL_SIZE, pad=2.0)
            place_bar(figure, mesh, left + 0.1 * side, bottom - 10.0, 0.8 * side, LEGENDS[apart])
        return figure

    return PaperFigure(f"atlas_pairs_{measure}_{run.name}"[:100], draw, caption, source, frame)
