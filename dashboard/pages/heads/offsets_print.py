"""Where a head's arcs land relative to the residue that attends, for print."""

from __future__ import annotations

import argparse
from itertools import pairwise

import numpy as np
import pandas as pd

from dashboard.figures.printing import shell, style
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.types import Figure
from dashboard.figures.printing.words import print_source
from dashboard.results.frames import offset_profile
from precompute.errors import AtlasError
from precompute.features import MAXIMUM_OFFSET, OFFSET_FEATURES

_LEFT, _RIGHT, _BELOW, _HEIGHT = 9.0, 1.5, 8.0, 34.0
"""Millimetres: around the axes, and their height."""
_APART = 0.25
"""Millimetres between the names of two offsets."""


def offsets_figure(frame: pd.DataFrame, source: Source, head: str, model: str) -> PaperFigure:
    """Make the bars of one head.

    Parameters
    ----------
    frame
        Of `dashboard.results.frames.offset_profile`.
    source
        Where they come from.
    head
        Layer-head.
    model
        Identifier of the model.
    """
    known = frame["background_percent"].notna().any()
    caption = (
        f"{source.models}, head {head} (layer-head): share of its attention arcs (attention of at "
        f"least {source.threshold}) by the place of the target relative to the residue that "
        f"attends, 0 being itself and “far” more than {MAXIMUM_OFFSET} residues away; "
        f"{int(frame['arcs'].max()):,} arcs. Thin lines: interval with the protein as sampling "
        f"unit at 0.05/m, m the heads kept."
        f"{' Broad marks: background, without regard to attention.' if known else ''}"
    )

    def draw(canvas: Canvas) -> Figure:
        header = (f"Target offsets of head {head} · {source.models}", source.header[1])
        figure = canvas.figure(_HEIGHT + _BELOW + 1.0, header)
        axes = place_axes(figure, _LEFT, _BELOW, canvas.width - _LEFT - _RIGHT, _HEIGHT)
        places = np.arange(len(frame), dtype=float)
        percent, lower, upper, background = (
            frame[name].to_numpy(dtype=float)
            for name in ("percent", "interval_lower", "interval_upper", "background_percent")
        )
        axes.bar(places, percent, width=0.72, color=style.VALUE)
        axes.vlines(places, lower, upper, color="black", linewidth=0.7)
        axes.hlines(background, places - 0.42, places + 0.42, color=style.OTHER, linewidth=1.2)
        offsets = [str(name).partition(":")[2].replace("-", "−") for name in frame["feature"]]
        cell = (canvas.width - _LEFT - _RIGHT) / len(frame)
        axes.set_xticks(places, labels=_name_some(offsets, cell))
        axes.tick_params(axis="x", length=0)
        axes.set(
            xlim=(-0.6, len(frame) - 0.4),
            xlabel="offset of the target, residues",
            ylabel="% of the head's arcs",
        )
        axes.set_ylim(bottom=0)
        return figure

    return PaperFigure(
        f"atlas_offsets_{model}_{head}_{source.results}", draw, caption, source, frame
    )


def _name_some(offsets: list[str], cell: float) -> list[str]:
    """Leave so many of the offsets without a name that the others have room.

    Named are the multiples of a step, 0 among them, and the last, “far”.
    """
    wide = [style.text_width(name, style.TICK_SIZE) for name in offsets]

    def touch(one: int, other: int) -> bool:
        return (wide[one] + wide[other]) / 2 + _APART > (other - one) * cell

    last = len(offsets) - 1
    named: list[int] = []
    for step in (1, 2, 5):
        numbers = [place for place in range(last) if _number(offsets[place]) % step == 0]
        named = [place for place in numbers if not touch(place, last)] + [last]
        if not any(touch(*both) for both in pairwise(named)):
            break
    return [name if place in named else "" for place, name in enumerate(offsets)]


def _number(offset: str) -> int:
    return int(offset.replace("−", "-"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    shell.add_arguments(parser)
    parser.add_argument(
        "--head", required=True, metavar="LAYER-HEAD", help="the head, counted from 1, such as 2-1"
    )


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there is no such run or head, or the run counted no offsets.
    """
    layer, head = shell.parse_head(options.head)
    if not (options.run or options.results):
        raise AtlasError("The paper gives no offsets of targets; name a run with --run.")
    heads = shell.read_heads(options)
    frame = offset_profile(heads.several(OFFSET_FEATURES), layer, head)
    if frame.empty:
        raise AtlasError(
            f"The {heads.source.name} has no offsets of the head {options.head}: it has no such "
            "head, counted no offsets, or the head has too few arcs."
        )
    address = {
        "models": [heads.model],
        "results": ["measured"],
        "run": [heads.source.results],
        "threshold": [f"{heads.threshold:.2f}"],
        "head": [f"{heads.model}.{layer}.{head}"],
    }
    link = shell.permalink(options.address, "Heads", address)
    source = print_source([heads], permalink=link)
    return offsets_figure(frame, source, options.head, heads.model)
