"""Sentences and the table of the Layers page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from dashboard.page.prose import read_prose
from dashboard.page.tables import html_table
from dashboard.pages.layers.controls import LayersChoice
from dashboard.pages.layers.frames import Series
from dashboard.pages.layers.layer_panels_print import panel_labels
from dashboard.results.kept import kept
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource
from precompute.layers import DRAWS, LEVEL, SEED
from precompute.published import MINIMUM_ARCS

_PROSE = Path(__file__).with_name("words.md")


def prose(part: str) -> str:
    """Give a part of ``words.md``: what a figure shows, in Markdown of our own words only."""
    return read_prose(_PROSE)[part].format(arcs=MINIMUM_ARCS, draws=DRAWS, level=LEVEL, seed=SEED)


def titles(series: list[Series]) -> list[tuple[str, str]]:
    """Name each panel in two lines: property and model, source and n."""
    return [(one.name, f"{one.origin(series)}, {one.source.sample}") for one in series]


def centre_names(series: list[Series]) -> list[str]:
    """Name each centre of gravity; by its source too where a model has several."""
    several = len({one.source.key for one in series}) > len({one.source.model for one in series})
    return [f"{one.name}, {one.origin(series)}" if several else one.name for one in series]


def rows_read(series: list[Series]) -> str:
    """Say which rows of alignments runs read, a sentence for each run over alignments."""
    runs = dict.fromkeys(one.source.run for one in series)
    return "".join(f" Run {run.name}: {run.sample}." for run in runs if run and run.rows)


def print_labels(series: list[Series]) -> list[str]:
    """Name each panel for print: see `panel_labels`."""
    return panel_labels([(one.source, one.feature) for one in series])


@kept(128)
def caption(series: list[Series], choice: LayersChoice) -> str:
    """Say what the panels show, and n."""
    counted = "; ".join(
        f"{source.label}, {source.name}: {_range(source, series)} heads"
        for source in dict.fromkeys(one.source for one in series)
    )
    lines = {
        "bar": "TapeBert’s means of these properties are the paper’s own bars",
        "cells": "published means are over its colour cells, exact to ± the table’s resolution",
    }
    origins = dict.fromkeys(one.centre["read_from"] for one in series)
    read = "; ".join(lines[name] for name in origins if name in lines)
    threshold = ""
    measured = [one for one in series if one.source.run]
    if measured and choice.threshold != DEFAULT_THRESHOLD:
        threshold = f" Runs at threshold {choice.threshold}"
        if len(measured) < len(series):
            threshold += f", published values at {DEFAULT_THRESHOLD}, the only one the paper has"
        threshold += "."
    dotted = (
        " Dotted: background, where known."
        if any(one.layers["background_percent"].notna().any() for one in series)
        else " No background is known of these properties."
    )
    first = (
        "Upper bars: mean over the layer’s kept heads of the share of arcs that have the property; "
        f"lower bars: its highest head. Upright line: centre of gravity with its {LEVEL:.0%} "
        f"interval.{dotted}{threshold} n = kept heads (at least {MINIMUM_ARCS} arcs): {counted}."
    )
    return f"{first} {read[0].upper()}{read[1:]}." if read else first


@kept(128)
def centres_html(series: list[Series]) -> str:
    """Write the table of centres; what is the same in all rows stands above the figures."""
    names = {
        "property": [one.label for one in series],
        "model": [one.source.label for one in series],
        "source": [one.origin(series) for one in series],
    }
    shown = [name for name, own in names.items() if len(set(own)) > 1] or ["property"]
    numbers = (
        *("centre", "interval", "drawing allows", "relative"),
        *("highest mean, layer", "highest head"),
    )
    rows = [
        [*(names[name][place] for name in shown), *_centre_cells(one.centre)]
        for place, one in enumerate(series)
    ]
    return html_table((*shown, *numbers), rows, text=len(shown))


def _centre_cells(row: dict[str, Any]) -> list[str]:
    if pd.isna(row["centre"]):
        return ["–"] * 6
    drawn = ""
    if pd.notna(row["drawn_lower"]):
        drawn = f"{row['drawn_lower']:.2f} to {row['drawn_upper']:.2f}"
    return [
        f"{row['centre']:.2f}",
        f"{row['lower']:.2f} to {row['upper']:.2f}",
        drawn,
        f"{row['relative']:.2f}",
        f"{row['highest_mean_percent']:.1f} %, {int(row['highest_layer'])}",
        f"{row['max_percent']:.1f} %, {int(row['max_layer'])}-{int(row['max_head'])}",
    ]


def _range(source: HeadSource, series: list[Series]) -> str:
    """Say how many heads of a source are kept; the number may depend on the property."""
    own = [one for one in series if one.source == source]
    counts = sorted({int(one.centre["kept"]) for one in own})
    numbers = " to ".join(f"{count}" for count in dict.fromkeys((counts[0], counts[-1])))
    return f"{numbers} of {int(own[0].layers['heads'].sum())}"
