"""The maps of pairs of proteins beside one another, for print."""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import pandas as pd

from dashboard.figures.look.citation import works_of
from dashboard.figures.printing import shell, style
from dashboard.figures.printing.cells import draw_cells
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.figures.printing.types import Figure
from dashboard.pages.compare.protein_pairs_screen import LEGENDS, find_ends
from dashboard.results.frames import grid
from dashboard.results.protein_pairs import (
    DEFAULT_MEASURE,
    DIFFERENCE,
    MEASURES,
    PairRun,
    compared,
    find_pair_runs,
    read_shares,
)
from precompute.errors import AtlasError

_LEFT, _RIGHT, _BELOW, _ABOVE = 9.0, 2.0, 18.0, 5.0
"""Millimetres around the cells of a map: the colour bar is below, its name above."""
_HIGHEST = 190.0
"""Millimetres of all maps, so that the header has room on a journal's page."""


def pairs_source(run: PairRun, measure: str, frame: pd.DataFrame) -> Source:
    """Say where the values of a run over pairs come from, and how many define the measure."""
    own = frame[frame["relation"] != DIFFERENCE].groupby("relation", sort=False)["pairs"].max()
    n = f"n = {', '.join(f'{pairs:,} of {relation}' for relation, pairs in own.items())}"
    cite = works_of([run.model], [run.dataset])
    return Source(run.label, run.name, run.dataset, MEASURES[measure], n=n, cite=cite)


def protein_pairs_figure(
    frame: pd.DataFrame, run: PairRun, measure: str, permalink: str = ""
) -> PaperFigure:
    """Make the maps of one measure.

    Parameters
    ----------
    frame
        Of `dashboard.results.protein_pairs.read_shares`.
    run, measure
        What they are of.
    permalink
        Address of the page that shows the same.
    """
    source = replace(pairs_source(run, measure, frame), permalink=permalink)
    relations = list(frame["relation"].unique())
    one, other = compared(relations)
    caption = (
        f"{MEASURES[measure]}: share of the attention of each head, over pairs of proteins "
        "that are read as one input, in percent"
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    parser.add_argument(
        "--run", metavar="NAME", help="a run over pairs of proteins (default the newest)"
    )
    parser.add_argument(
        "--attention",
        choices=tuple(MEASURES),
        default=DEFAULT_MEASURE,
        help=f"whose share is shown (default {DEFAULT_MEASURE})",
    )
    shell.add_results(parser)
    shell.add_address(parser)


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there is no such run, or it has no such values.
    """
    loaded = shell.find_results(options.results)
    runs, problems = find_pair_runs(loaded)
    problems += loaded.problems
    run = next((run for run in runs if options.run in (None, run.name)), None)
    if run is None:
        if problems:  # the run may be in the folder that cannot be read
            raise AtlasError(problems[0])
        raise AtlasError(
            f"There is no {f'run {options.run}' if options.run else 'run'} over pairs of proteins "
            f"in {', '.join(loaded.folders) or 'any results folder'}; there are "
            f"{', '.join(run.name for run in runs) or 'none'}."
        )
    frame = read_shares(run, options.attention)
    if frame.empty:
        what = "has no attention" if not run.heads else "has no pair of which this is known"
        raise AtlasError(f"The run {run.name} {what}.")
    address = {"pairs": [run.name], "attention": [options.attention]}
    link = shell.permalink(options.address, "Compare", address)
    return protein_pairs_figure(frame, run, options.attention, link)
