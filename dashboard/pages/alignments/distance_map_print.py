"""Column attention against the distance of rows, for print: the map of heads.

With ``--head`` one head in one alignment instead: its rows beside their distances (`rows_print`),
with ``--columns`` which columns it reads (`columns_print`).
"""

from __future__ import annotations

import argparse

import numpy as np

from dashboard.figures.heads.heads_print import draw_layer_map
from dashboard.figures.look.citation import OF_COLUMNS, works_of
from dashboard.figures.printing import shell
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Figure
from dashboard.pages.alignments.columns_print import columns_figure
from dashboard.pages.alignments.distance_map_screen import (
    SIGNS,
    find_limit,
    layer_means,
    legend,
    signed,
)
from dashboard.pages.alignments.rows_print import rows_figure
from dashboard.results.alignments import (
    PUBLISHED_MODEL,
    DistanceMap,
    Measure,
    family_names,
    head_matrices,
    published_map,
    read_map,
    tree_of,
)
from dashboard.results.sources import label_of_model
from precompute.errors import AtlasError
from precompute.heads import PUBLISHED
from precompute.tables.column_tables import CONTROLS, DEFINITIONS

PAPER = "Published values of MsaPhylo (Chen, Foley and Bodén, 2026)"
_DISTANCES = {
    "": "Hamming (a gap is a letter)",
    "ml": "along a maximum-likelihood tree",
    "nj": "along a neighbour-joining tree",
}


def distance_source(shown: DistanceMap, label: str, permalink: str = "") -> Source:
    """Say where a map comes from.

    Parameters
    ----------
    shown
        The map.
    label
        Name of the model.
    permalink
        Address of the page that shows the same.
    """
    run = shown.run
    if run is None:
        return Source(
            models=label,
            results=PUBLISHED,
            feature=f"ρ with distance in {shown.measure.tree.upper()} trees",
            n=f"n = {int(shown.frame['alignments'].max())} Pfam families",
            permalink=permalink,
            cite=(*works_of([PUBLISHED_MODEL]), *OF_COLUMNS),
            paper=PAPER,
        )
    of = f", {shown.family}" if shown.family else ""
    defining = int(shown.frame["alignments"].max())
    return Source(
        models=label,
        results=run.name,
        dataset=run.dataset,
        feature=f"{SIGNS[shown.measure.statistic]} with Hamming distance{of}",
        n=f"n = 1 alignment, {run.rows}" if shown.family else run.sample_of(defining),
        permalink=permalink,
        cite=(*works_of([run.model], [run.dataset]), *OF_COLUMNS),
    )


def distance_figure(shown: DistanceMap, source: Source, limit: float) -> PaperFigure:
    """Make the map of heads.

    Parameters
    ----------
    shown
        What is drawn.
    source
        Of `distance_source`.
    limit
        Where the colours end, either way.
    """
    frame, measure = shown.frame, shown.measure
    means, name = layer_means(shown)
    known = frame["correlation"].dropna()
    over = DEFINITIONS[measure.definition]
    sentences = [
        f"{source.models}: correlation ({legend(shown).partition(' ')[0]}) of each head’s column "
        "attention between two rows, both directions added, with their distance, "
        f"{_DISTANCES[shown.measure.tree if shown.run is None else '']}; over {over}",
        f"The model read {CONTROLS[measure.control]}; distances are of the alignment as it is",
        "Columns are heads, rows layers, both counted from 1. Blue: attention goes to related "
        f"rows; red: to distant ones. Bars: {name} of the layer",
        f"{len(frame) - len(known)} of {len(frame)} heads grey: not defined",
    ]
    if len(known):
        sentences.append(f"Mean |{SIGNS[measure.statistic]}| {signed(known.abs().mean(), 3)}")

    def draw(canvas: Canvas) -> Figure:
        figure, _, _ = draw_layer_map(
            canvas,
            source.header,
            shown.grid.astype(np.float64),
            (-limit, limit),
            legend(shown),
            means.fillna(0).to_numpy(),
            (name, 1.05 * limit),
        )
        return figure

    title = f"atlas_column-distance_{measure.definition}_{measure.control}_{source.results}"
    return PaperFigure(title, draw, ". ".join(sentences) + ".", source, frame)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    parser.add_argument(
        "--run", metavar="NAME", help="a measured run; without it the published values"
    )
    shell.add_results(parser)
    parser.add_argument("--control", choices=tuple(CONTROLS), default="none", help="what was read")
    parser.add_argument(
        "--definition", choices=tuple(DEFINITIONS), default="corrected", help="of a run"
    )
    parser.add_argument("--statistic", choices=tuple(SIGNS), default="spearman", help="of a run")
    parser.add_argument("--tree", choices=("ml", "nj"), default="ml", help="of published values")
    parser.add_argument("--family", default="", metavar="NAME", help="one alignment of a run")
    parser.add_argument(
        "--head", default="", metavar="LAYER-HEAD", help="one head in one alignment of a run"
    )
    parser.add_argument(
        "--columns", action="store_true", help="with --head: which columns it reads"
    )
    shell.add_address(parser)


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there are no such values.
    """
    measure = Measure(options.definition, options.control, options.statistic, options.tree)
    measured = bool(options.run or options.results)
    if not measured and (options.family or options.head):
        raise AtlasError("Families and rows are a run’s; name one with --run or --results.")
    _refuse_ignored(options, measured)
    found = shell.find_source(options.results, options.run, None) if measured else None
    run = found.run if found else None
    head = shell.parse_head(options.head) if options.head else None
    address = {
        "run": [run.name] if run else [],
        "family": [options.family] if options.family else [],
        # what is the page's default is left out, as on the page
        **{
            name: [value] if value != getattr(Measure(), name) else []
            for name, value in vars(measure).items()
        },
        "head": [f"{head[0]}.{head[1]}"] if head else [],
    }
    link = shell.permalink(options.address, "Alignments", address)
    if found is None or run is None:
        shown = published_map(measure)
        source = distance_source(shown, label_of_model(PUBLISHED_MODEL), link)
        return distance_figure(shown, source, find_limit([shown]))
    names = family_names(run)
    if options.family and options.family not in names:
        raise AtlasError(
            f"The run {run.name} has no alignment {options.family}; it has "
            f"{', '.join(list(names)[:20])}."
        )
    number = names.get(options.family, 0)
    label = found.label
    if head is None:
        shown = read_map(run, measure, number)
        return distance_figure(shown, distance_source(shown, label, link), find_limit([shown]))
    if head[0] > run.layers or head[1] > run.heads:
        raise AtlasError(
            f"The run {run.name} has {run.layers} × {run.heads} heads, none of them {options.head}."
        )
    number = number or 1
    shown = read_map(run, measure, number)
    source = distance_source(shown, label, link)
    matrices = head_matrices(run, number, *head)
    if options.columns:
        return columns_figure(matrices, source, options.head)
    return rows_figure(matrices, tree_of(run, number), source, options.head)


def _refuse_ignored(options: argparse.Namespace, measured: bool) -> None:
    """Refuse options that would change nothing of the figure.

    Raises
    ------
    AtlasError
        When there is one.
    """
    if options.columns and not options.head:
        raise AtlasError("Columns are of one head; name it with --head, or leave out --columns.")
    if options.tree != "ml" and (measured or options.control != "none"):
        raise AtlasError(
            "Trees by neighbour joining are known of published values without a control only; "
            "leave out --tree, or --run, --results and --control."
        )
    default = Measure()
    ignored = [
        name
        for name in ("definition", "statistic")
        if not measured and getattr(options, name) != getattr(default, name)
    ]
    if ignored:
        raise AtlasError(
            f"--{ignored[0]} is of a run; name one with --run or --results, or leave it out."
        )
