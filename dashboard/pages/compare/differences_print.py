"""Two sources head by head, for print: the map of differences beside the scatter.

From the shell also both distributions (`distributions_print` beside this file), which is what there
is where heads do not correspond, the highest heads of both (`tops_print`), and all properties
(`properties_print`).
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from dashboard.figures.look.scale import percent_end
from dashboard.figures.printing import shell, style, words
from dashboard.figures.printing.cells import draw_cells
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.figures.printing.rows import cut
from dashboard.figures.printing.types import Axes, Figure
from dashboard.pages.compare.differences_screen import scale_end
from dashboard.pages.compare.distributions_print import distributions_figure
from dashboard.pages.compare.properties_print import properties_figure
from dashboard.pages.compare.tops_print import compare_tops_figure
from dashboard.results.comparisons import ALL_GREY, both_tops, compare_properties
from dashboard.results.frames import grid
from precompute.differences import DRAWN, TESTED, difference_frame
from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.heads import ALPHA
from precompute.published import MINIMUM_ARCS

VIEWS = ("auto", "heads", "distributions", "tops", "properties")
_LEFT, _RIGHT, _BELOW, _BAR = 9.0, 2.0, 8.0, 11.0
"""Millimetres: left of the axes, right of them, below them, and of the colour bar."""


def differences_figure(frame: pd.DataFrame, names: tuple[str, str], source: Source) -> PaperFigure:
    """Make the map of one property's differences beside the scatter.

    Parameters
    ----------
    frame
        Rows of one property (`precompute.differences.difference_frame`).
    names
        What the first and the second source are.
    source
        Where the values come from.
    """
    count = int(frame["difference"].notna().sum())
    basis = str(frame["basis"].iloc[0])
    marks = {
        DRAWN: " The paper gives no sums by protein, so that no difference is tested.",
        TESTED: (
            f" Rings: a false discovery rate of {ALPHA:g} over the property’s heads (two-sample z, "
            "the protein as sampling unit); dots: Bonferroni’s correction too."
        ),
    }.get(
        basis,
        " Dots: heads whose published value ± resolution does not meet the measured interval "
        "(0.05/m, the protein as sampling unit).",
    )
    caption = (
        f"{source.feature}: share of attention arcs (attention of at least {source.threshold}), "
        f"{names[1]} − {names[0]}, for each head. Grey: fewer than {MINIMUM_ARCS} arcs in "
        f"either.{marks} n = {count} heads with both values. Scatter: the two shares of "
        "each head, with the line of equality."
    )

    def draw(canvas: Canvas) -> Figure:
        values = grid(frame, "difference", np.float64)
        layers, heads = values.shape
        beside = canvas.width >= style.ONE_AND_A_HALF
        side = min((canvas.width / 2 if beside else canvas.width) - _LEFT - _RIGHT, 70.0)
        tall = min(max(layers * max(side / heads, 1.6), 24.0), 80.0)
        block = tall + _BELOW + _BAR
        scatter = min(side, 60.0) if beside else 42.0
        height = max(block, scatter + _BELOW + 2.0) if beside else block + scatter + _BELOW + 2.0
        figure = canvas.figure(height, source.header)
        bottom = height - tall - 1.0
        axes = place_axes(figure, _LEFT, bottom, side, tall)
        end = scale_end(frame)
        mesh = draw_cells(axes, values, -end, end, style.DIVERGING, (side, tall))
        _mark(axes, frame, end)
        label = "second − first (percentage points)"
        place_bar(figure, mesh, _LEFT + 0.1 * side, bottom - _BELOW - 2.0, 0.8 * side, label)
        left = canvas.width / 2 + _LEFT if beside else _LEFT
        low = height - scatter - 1.0 if beside else _BELOW
        _draw_scatter(place_axes(figure, left, low, scatter, scatter), frame, names, scatter)
        return figure

    return PaperFigure(
        f"atlas_differences_{frame['feature'].iloc[0]}_{names[0]}_{names[1]}"[:100],
        draw,
        caption,
        source,
        frame,
    )


def _mark(axes: Axes, frame: pd.DataFrame, end: float) -> None:
    """Mark the heads that do not agree, where that can be told from chance."""
    if frame["basis"].iloc[0] == DRAWN:
        return
    apart = frame[(~frame["agrees"].fillna(True)).to_numpy(dtype=bool)]
    tested = apart["basis"] == TESTED
    sure = (~tested | apart["bonferroni"].fillna(False)).to_numpy(dtype=bool)
    dark = np.where(apart["difference"].abs() > 0.55 * end, "white", "black")
    for chosen, filled in ((sure, True), (~sure, False)):
        axes.scatter(
            apart["head"][chosen],
            apart["layer"][chosen],
            s=2.5 if filled else 4.0,
            linewidths=0.0 if filled else 0.5,
            facecolors=dark[chosen] if filled else "none",
            edgecolors=dark[chosen],
        )


def _draw_scatter(axes: Axes, frame: pd.DataFrame, names: tuple[str, str], side: float) -> None:
    from matplotlib.ticker import MaxNLocator

    end = percent_end(frame[["percent_1", "percent_2"]])
    axes.plot([0, end], [0, end], color=style.INK, linewidth=style.THIN)
    axes.scatter(
        frame["percent_1"], frame["percent_2"], s=2.0, color=style.VALUE, alpha=0.5, linewidths=0
    )
    one, two = (cut(f"{name} (%)", style.LABEL_SIZE, side) for name in names)
    axes.set(xlim=(0, end), ylim=(0, end), xlabel=one, ylabel=two)
    for side_of in (axes.xaxis, axes.yaxis):
        side_of.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    for name, default in (("first", "prot_bert:published"), ("second", "prot_bert_bfd:published")):
        parser.add_argument(
            f"--{name}",
            default=default,
            metavar="MODEL:SOURCE",
            help=f"published, or the name of a run (default {default})",
        )
    shell.add_feature(parser)
    parser.add_argument(
        "--view",
        choices=VIEWS,
        default="auto",
        help="differences head by head, distributions, the highest heads of both, or all "
        "properties (auto: head by head for one model, else distributions)",
    )
    shell.add_sources(parser)


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there are no such values, or heads are asked for where they do not correspond.
    """
    one, two = (
        shell.read_source(text, options).showing(options.feature)
        for text in (options.first, options.second)
    )
    shapes = [heads.source.shape for heads in (one, two)]
    if options.view == "heads" and shapes[0] != shapes[1]:
        raise AtlasError(
            f"{options.first} has {shapes[0][0]} × {shapes[0][1]} heads and {options.second} "
            f"{shapes[1][0]} × {shapes[1][1]}: no head of one corresponds to one of the other."
        )
    alike = shapes[0] == shapes[1] and one.model == two.model
    by_head = options.view == "heads" or (options.view in ("auto", "properties") and alike)
    address = {
        "first": [options.first],
        "second": [options.second],
        "feature": [options.feature],
        "threshold": [f"{options.threshold:.2f}"],
        "view": ["heads" if options.view == "heads" else "auto"],
    }
    link = shell.permalink(options.address, "Compare", address)
    source = words.print_source((one, two), [options.feature], link)
    names = (one.label, two.label)
    if one.label == two.label:
        names = (one.source.results, two.source.results)
    if options.view == "tops":
        tops = both_tops([one.frame, two.frame])
        if tops.empty:
            raise AtlasError(ALL_GREY)
        labels = [(own.label, f"{own.source.name}, {own.source.sample}") for own in (one, two)]
        return compare_tops_figure(tops, labels, source)
    if options.view == "properties":
        _, properties = compare_properties(one.tested(), two.tested(), by_head)
        source = words.print_source((one, two), permalink=link)
        return properties_figure(properties, names, source)
    if not by_head:
        return distributions_figure((one.frame, two.frame), names, source)
    differences = difference_frame(one.tested(), two.tested())
    own = differences[differences["feature"] == options.feature]
    if own["difference"].isna().all():
        raise AtlasError(f"No head has a value of {FEATURES[options.feature].label} in both.")
    return differences_figure(own, names, source)
