"""Properties over the layers with their centres of gravity, for print: the paper's figure 3.

One panel a property and model: means above, maxima below, the centre of gravity across.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures.look import ticks
from dashboard.figures.printing import shell, style, words
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.rows import cut
from dashboard.figures.printing.types import Axes, Figure
from dashboard.pages.layers.centres_print import centres_figure
from dashboard.pages.layers.centres_screen import CENTRES
from dashboard.pages.layers.layer_panels_screen import find_limits
from dashboard.results.sources import HeadSource, run_among
from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.layers import LEVEL, centre_row, layer_frame
from precompute.published import read_published
from precompute.tables import PUBLISHED_LAYER_MEANS

MOST_PANELS = 12
"""More do not fit on a page of a journal."""
PAPER_FEATURES = (
    "secondary_structure:helix",
    "secondary_structure:turn_bend",
    "secondary_structure:strand",
    "binding_site",
    "contact",
)
"""The properties of the paper's figure of layers."""
AXES = ("layer", "depth")
_PANEL = 34.0
"""Least width of a panel, millimetres."""
_LEFT, _RIGHT, _TITLE, _MEANS, _GAP, _MAXIMA, _BELOW = 8.0, 1.5, 5.6, 13.5, 2.0, 8.5, 8.0
"""Millimetres around and inside a panel."""
_LINE = 2.4
"""Millimetres of a further line of the title."""


def layers_table(heads: pd.DataFrame, exact: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give what one panel shows.

    Parameters
    ----------
    heads
        Head frame of one property, model and source.
    exact
        As for `precompute.layers.layer_frame`.

    Returns
    -------
    pandas.DataFrame
        The layer frame with ``centre``, ``lower``, ``upper``, ``drawn_lower`` and
        ``drawn_upper`` of its centre of gravity in every row.
    """
    layers = layer_frame(heads, exact)
    return with_centre(layers, centre_row(heads, layers))


def with_centre(layers: pd.DataFrame, centre: dict[str, Any]) -> pd.DataFrame:
    """Add a centre row's values to every row of its layer frame; see `layers_table`."""
    return layers.assign(**{name: centre[name] for name in CENTRES})


def panel_labels(shown: Sequence[tuple[HeadSource, str]]) -> list[str]:
    """Name each panel, a property of a source: what all have in common is left out.

    Where a model has several sources, the source stands in a second line.
    """
    sources = [source for source, _ in shown]
    several_models = len({source.label for source in sources}) > 1
    several = len({source.key for source in sources}) > len({source.model for source in sources})
    one_property = len({feature for _, feature in shown}) == 1
    labels = []
    for source, feature in shown:
        label = FEATURES[feature].label
        if several_models:
            label = source.label if one_property else f"{label} · {source.label}"
        from_ = run_among(source, sources) or source.origin
        labels.append(f"{label}\n{from_}" if several else label)
    return labels


def layers_figure(
    frame: pd.DataFrame,
    labels: Sequence[str],
    source: Source,
    axis: str = "layer",
    *,
    shared: bool = False,
) -> PaperFigure:
    """Make the panels.

    Parameters
    ----------
    frame
        Of `layers_table`, one panel's rows after the other's.
    labels
        For each panel its title: property or model, maybe with a second line.
    source
        Where the values come from.
    axis
        ``layer`` (from 1) or ``depth`` (layer over the number of layers).
    shared
        One percent scale for all panels.

    Raises
    ------
    AtlasError
        When there are more panels than a page holds.
    """
    if len(labels) > MOST_PANELS:
        raise AtlasError(
            f"{len(labels)} panels do not fit on a page; choose at most {MOST_PANELS}."
        )
    features = list(dict.fromkeys(FEATURES[name].label for name in frame["feature"]))
    kept = frame.groupby(["model", "source", "feature"], sort=False)["kept"].sum()
    read = set(frame["read_from"])
    how = []
    if "bar" in read:
        how.append("Means of TapeBert are the paper’s bars.")
    if "cells" in read:
        how.append("Published means are over the colour cells of the paper’s heatmaps.")
    dotted = (
        " Dotted line: background, how often the property holds without regard to attention."
        if frame["background_percent"].notna().any()
        else ""
    )
    caption = (
        f"{', '.join(features)} by layer: mean (blue) and maximum (grey) over the layer’s heads of "
        f"the share of attention arcs (attention of at least {source.threshold}) that have the "
        "property. Vertical line: centre of gravity, Σ i·w over the layers i with w the layer’s "
        f"share of the sum of the means; band: {LEVEL:.0%} bootstrap interval over the heads "
        f"within layers.{dotted} n = {words.from_to(kept)} heads a panel. {' '.join(how)}"
    ).rstrip()

    def draw(canvas: Canvas) -> Figure:
        parts = [
            part
            for _, part in frame.groupby(["model", "source", "feature"], sort=False, dropna=False)
        ]
        across = min(len(parts), max(1, int(canvas.width // _PANEL)))
        down = -(-len(parts) // across)
        width = canvas.width / across
        title = _TITLE + (_LINE if any("\n" in label for label in labels) else 0)
        block = title + _MEANS + _GAP + _MAXIMA + _BELOW
        figure = canvas.figure(down * block, source.header)
        limits = find_limits(parts) if shared else None
        longest = max(len(part) for part in parts)
        for number, (part, label) in enumerate(zip(parts, labels, strict=True)):
            left = number % across * width + _LEFT
            bottom = (down - 1 - number // across) * block + _BELOW
            inner = width - _LEFT - _RIGHT
            below = place_axes(figure, left, bottom, inner, _MAXIMA)
            above = place_axes(figure, left, bottom + _MAXIMA + _GAP, inner, _MEANS)
            ends = limits or find_limits([part])
            room = len(part) if axis == "depth" else longest
            _draw_bars(above, part, "mean_percent", style.VALUE, room, ends[0])
            _draw_bars(below, part, "max_percent", style.INK, room, ends[1])
            above.set_ylabel("mean (%)")
            below.set_ylabel("max. (%)")
            above.tick_params(axis="x", length=0, labelbottom=False)
            _name_layers(below, axis, len(part), room, inner)
            said = _say(part.iloc[0], axis, len(part))
            lines = [cut(text, style.TICK_SIZE, inner) for text in (*label.split("\n"), said)]
            above.set_title("\n".join(lines), fontsize=style.TICK_SIZE, loc="left", pad=1.5)
        return figure

    return PaperFigure(
        f"atlas_layers_{source.models}_{'_'.join(features)}"[:100], draw, caption, source, frame
    )


def _draw_bars(
    axes: Axes, part: pd.DataFrame, column: str, colour: str, room: int, end: float
) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.bar(part["layer"], part[column].fillna(0), width=0.72, color=colour)
    axes.set(xlim=(0.4, room + 0.6), ylim=(0, end))
    axes.yaxis.set_major_locator(MaxNLocator(2, steps=[1, 2, 5, 10]))
    row = part.iloc[0]
    if pd.notna(row["lower"]):
        axes.axvspan(row["lower"], row["upper"], color="black", alpha=0.15, linewidth=0)
    if pd.notna(row["centre"]):
        axes.axvline(row["centre"], color="black", linewidth=0.7)
    if pd.notna(row["background_percent"]):
        axes.axhline(row["background_percent"], color=style.OTHER, linewidth=0.8, linestyle=":")


def _name_layers(axes: Axes, axis: str, layers: int, room: int, inner: float) -> None:
    if axis == "depth":
        shares = np.array([0.25, 0.5, 0.75, 1.0])
        axes.set_xticks(shares * layers, labels=[f"{share:g}" for share in shares])
        axes.set_xlabel("relative depth")
        return
    label = style.widest([str(room)]) + 1.0
    places = ticks.layers(room)
    if min(np.diff(places), default=label) * inner / room < label:
        places = style.ticks(room, inner, label)
    axes.set_xticks(places)
    axes.set_xlabel("layer")


def _say(row: pd.Series, axis: str, layers: int) -> str:
    if pd.isna(row["centre"]):
        return "no value above 0"
    unit = layers if axis == "depth" else 1
    return f"{row['centre'] / unit:.2f} ({row['lower'] / unit:.2f}–{row['upper'] / unit:.2f})"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    parser.add_argument(
        "--source",
        action="append",
        metavar="MODEL:SOURCE",
        help="published, or the name of a run, such as tape_bert:published (the default); several "
        "may be given",
    )
    parser.add_argument(
        "--feature",
        action="append",
        metavar="NAME",
        help="a property; several may be given (default: the five of the paper’s figure)",
    )
    parser.add_argument("--axis", choices=AXES, default="layer", help="(default layer)")
    parser.add_argument("--shared", action="store_true", help="one percent scale for all panels")
    parser.add_argument(
        "--centres", action="store_true", help="the centres of gravity on one axis, not the panels"
    )
    shell.add_sources(parser)


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there are no such values, or more panels than a page holds.
    """
    sources = shell.once(options.source, ["tape_bert:published"])
    features = shell.once(options.feature, PAPER_FEATURES)
    exact = read_published(PUBLISHED_LAYER_MEANS)
    tables = [shell.read_source(text, options) for text in sources]
    shown = [table.showing(feature) for feature in features for table in tables]
    labels = panel_labels([(own.source, own.feature) for own in shown])
    address = {"source": sources, "feature": features, "axis": [options.axis]}
    link = shell.permalink(options.address, "Layers", address)
    source = words.print_source(tables, features, link)
    if options.centres:
        centres = [centre_row(own.frame, layer_frame(own.frame, exact)) for own in shown]
        names = [label.replace("\n", ", ") for label in labels]
        return centres_figure(pd.DataFrame(centres), names, source, options.axis)
    frame = pd.concat([layers_table(own.frame, exact) for own in shown], ignore_index=True)
    return layers_figure(frame, labels, source, options.axis, shared=options.shared)
