"""The map of what a model's heads are like, for print."""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from dashboard.figures.heads.heads_print import draw_layer_map
from dashboard.figures.printing import shell
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Figure
from dashboard.figures.printing.words import print_source
from dashboard.pages.heads.shapes_screen import means_end, scale_end
from dashboard.results.head_facts import head_shapes
from dashboard.results.shapes import SHAPES, layer_means, ordered, shape_grid
from precompute.errors import AtlasError


def shape_figure(
    frame: pd.DataFrame, name: str, size: tuple[int, int], end: float, source: Source
) -> PaperFigure:
    """Make the map of one of `SHAPES`; the arguments are those of `shapes_screen.shape_map`."""
    shape, values = SHAPES[name], shape_grid(frame, name, size)
    means = layer_means(values)
    known = ordered(frame, name)
    grey = int(np.isnan(values).sum())
    caption = (
        f"{source.models}, {shape.label.lower()} of each head: {shape.definition}; mean over "
        f"{int(frame['residues'].max()):,} residues, attention of any weight. Columns are heads, "
        "rows layers, both counted from 1. Bars: the mean of each layer’s heads."
    )
    if grey:
        caption += f" Grey: {grey} of {values.size} heads, of which it is not known."
    if len(known):
        (high, low) = (known.iloc[place] for place in (0, -1))
        caption += "".join(
            f" {word}: head {int(row['layer'])}-{int(row['head'])} (layer-head), "
            f"{shape.say(row[name])}."
            for word, row in (("Highest", high), ("Lowest", low))
        )

    def draw(canvas: Canvas) -> Figure:
        figure, _, _ = draw_layer_map(
            canvas,
            (f"{shape.label} · {source.models}", source.header[1]),
            values,
            (0.0, end),
            shape.legend,
            np.nan_to_num(means),
            (f"mean ({shape.unit})", means_end(means)),
        )
        return figure

    file_name = f"atlas_{name}_{source.models}_{source.results}"[:100]
    return PaperFigure(file_name, draw, caption, source, frame)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    shell.add_arguments(parser)
    parser.add_argument(
        "--shape",
        choices=tuple(SHAPES),
        default=next(iter(SHAPES)),
        help=f"what heads are like (default {next(iter(SHAPES))})",
    )


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there is no such run, or it did not measure this.
    """
    if not (options.run or options.results):
        raise AtlasError("The paper does not say what heads are like; name a run with --run.")
    heads = shell.read_heads(options).whole()
    frame = head_shapes(heads)
    if frame.empty or frame[options.shape].isna().all():
        raise AtlasError(
            f"The {heads.source.name} has no {SHAPES[options.shape].label.lower()} of its heads; "
            "measure it again with the version of today."
        )
    address = {
        "feature": [options.shape],
        "models": [heads.model],
        "results": ["measured"],
        "run": [heads.source.results],
    }
    source = print_source([heads], permalink=shell.permalink(options.address, "Heads", address))
    end = scale_end([frame], options.shape)
    return shape_figure(frame, options.shape, heads.source.shape, end, source)
