"""Heads of several models coloured by cluster, for print, with what each cluster's heads do."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from dashboard.figures.look.style import categories
from dashboard.figures.printing import shell, style, words
from dashboard.figures.printing.cells import draw_cells
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.legend import draw_legend, legend_height
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.rows import cut
from dashboard.results.frames import grid
from dashboard.results.head_clusters import (
    COUNTS,
    DEFAULT_COUNT,
    MOST_SOURCES,
    HeadClusters,
    cluster_sources,
    label_of,
)
from dashboard.results.sources import paper_models, run_among
from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.heads import PUBLISHED
from precompute.live.arc_colours import Key
from precompute.published import MINIMUM_ARCS, THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from dashboard.results.heads import Heads

_LEFT, _RIGHT, _ABOVE, _BELOW = 9.0, 2.0, 4.0, 8.0
"""Millimetres around each map."""
_LAYER = 1.3, 30.0, 62.0
"""Millimetres: height of a layer, and of a map at least and at most."""
_PAGE = 225.0
"""Millimetres below the header: what a page of the journals that are 247 mm deep has room for."""


def print_clusters(clusters: HeadClusters, heads: list[Heads], permalink: str = "") -> PaperFigure:
    """Make the figure of what was clustered, in the order of ``heads``; see `clusters_figure`."""
    sources = [own.source for own in heads]
    titles = {
        one.key: ", ".join(filter(None, [one.label, run_among(one, sources), one.origin]))
        for one in sources
    }
    source = words.print_source(heads, permalink=permalink)
    return clusters_figure(clusters, titles, replace(source, cite=(*source.cite, "ward1963")))


def clusters_figure(
    clusters: HeadClusters, titles: Mapping[str, str], source: Source
) -> PaperFigure:
    """Make a map a source, and the legend of the clusters.

    Parameters
    ----------
    clusters
        What is shown.
    titles
        What each source is called, by its key.
    source
        Where the values come from.
    """
    frame, names = clusters.frame, clusters.names
    count = len(names)
    grey = int(frame["cluster"].isna().sum())
    shares = (
        f"; shares of attention arcs{words.at_least(source)}"
        if any(name in FEATURES for name in clusters.used)
        else ""
    )
    caption = (
        f"{source.models}: {len(frame) - grey:,} heads in {count} clusters by what they do "
        f"({', '.join(map(label_of, clusters.used))}{shares}), each "
        "standardised over the heads of all models; Ward’s linkage of Euclidean distances. Columns "
        "are heads, rows layers, both counted from 1. Clusters are numbered by size and named by "
        "what their heads do at least half a standard deviation more than the mean of all. Grey: "
        f"{grey} heads, which have fewer than {MINIMUM_ARCS} arcs, or of which a value is not "
        "known."
    )

    def draw(canvas: Canvas) -> Figure:
        from matplotlib.colors import ListedColormap

        values = {key: grid(clusters.own(key), "cluster") for key in titles}
        wide = 3 if canvas.width >= style.TWO_COLUMNS - 15 else 2
        columns = min(wide if canvas.width >= style.ONE_AND_A_HALF - 10 else 1, len(titles))
        room = canvas.width / columns
        side = room - _LEFT - _RIGHT
        keys = list(titles)
        rows = [keys[place : place + columns] for place in range(0, len(keys), columns)]
        legend = [
            Key(colour, cut(f"{number} {name}", style.TICK_SIZE, canvas.width - 4.0))
            for number, (colour, name) in enumerate(
                zip(categories(count), names, strict=True), start=1
            )
        ]
        below = legend_height(legend, canvas.width - 2.0) + 2.0
        step, least, most = _LAYER
        most = min(most, (_PAGE - below) / len(rows) - _ABOVE - _BELOW)
        tall = {key: min(max(step * len(own), least), most) for key, own in values.items()}
        heights = [max(tall[key] for key in row) + _ABOVE + _BELOW for row in rows]
        header = (f"Heads clustered by what they do · {source.models}", source.header[1])
        figure = canvas.figure(sum(heights) + below, header)
        top = sum(heights) + below
        for row, height in zip(rows, heights, strict=True):
            for place, key in enumerate(row):
                bottom = top - _ABOVE - tall[key]
                axes = place_axes(figure, place * room + _LEFT, bottom, side, tall[key])
                colours = ListedColormap(categories(count))
                draw_cells(axes, values[key], 0.5, count + 0.5, colours, (side, tall[key]))
                title = cut(titles[key], style.LABEL_SIZE, side)
                axes.set_title(title, fontsize=style.LABEL_SIZE, pad=2.0, loc="left")
            top -= height
        draw_legend(figure, legend, 1.0, 0.5, canvas.width - 2.0)
        return figure

    return PaperFigure(f"atlas_clusters_{count}", draw, caption, source, frame)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    parser.add_argument(
        "--clustered",
        nargs="+",
        default=[f"{model}:{PUBLISHED}" for model in paper_models()],
        metavar="MODEL:SOURCE",
        help=f"at most {MOST_SOURCES}; published, or the name of a run (default the paper's)",
    )
    parser.add_argument(
        "--clusters",
        type=int,
        choices=COUNTS,
        default=DEFAULT_COUNT,
        metavar="N",
        help=f"how many, {COUNTS[0]} to {COUNTS[-1]} (default {DEFAULT_COUNT})",
    )
    shell.add_results(parser)
    shell.add_address(parser)
    parser.set_defaults(threshold=THRESHOLD)  # as on the page


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there are no such values, or too many.
    """
    named = shell.once(options.clustered, ())
    if len(named) > MOST_SOURCES:
        raise AtlasError(
            f"{len(named)} sources are too many for one figure; name at most {MOST_SOURCES}."
        )
    heads = [shell.read_source(text, options) for text in named]
    address = {"clustered": named, "clusters": [f"{options.clusters}"]}
    link = shell.permalink(options.address, "Compare", address)
    return print_clusters(cluster_sources(heads, options.clusters), heads, link)
