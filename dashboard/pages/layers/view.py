"""Draw the parts of the Layers page: panels, centres of gravity, the paper's probes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.figures.look.plot import side_by_side
from dashboard.figures.printing.figure import PaperFigure, Source
from dashboard.figures.printing.words import print_source
from dashboard.page.address import Choices, Parameter
from dashboard.page.controls import choose_threshold
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_notes
from dashboard.page.tables import html_table
from dashboard.page.takeaway import take_along
from dashboard.pages.layers.centres_print import centres_figure
from dashboard.pages.layers.centres_screen import centres_svg
from dashboard.pages.layers.layer_panels_print import MOST_PANELS, layers_figure, with_centre
from dashboard.pages.layers.layer_panels_screen import find_limits, layer_panel_svg
from dashboard.pages.layers.probes_print import probes_figure, probes_source
from dashboard.pages.layers.probes_screen import probe_svg
from dashboard.results import loaded as results
from dashboard.results.heads import Heads
from dashboard.results.sources import (
    DEFAULT_THRESHOLD,
    HeadSource,
    every_threshold,
    list_sources,
)
from precompute.errors import AtlasError
from precompute.features import FEATURES, SHOWN_FEATURES
from precompute.heads import PUBLISHED
from precompute.layers import DRAWS, LEVEL, SEED, centre_row, layer_frame
from precompute.published import MINIMUM_ARCS, read_published
from precompute.tables import PUBLISHED_LAYER_MEANS, PUBLISHED_PROBES

AXES = {"layer": "Layer", "depth": "Relative depth"}
SCALES = {"own": "Own", "shared": "Shared"}
MOST_SOURCES, MOST_FEATURES = 5, 6
DEFAULT_SOURCES = (f"tape_bert:{PUBLISHED}",)
DEFAULT_FEATURES = (
    "secondary_structure:helix",
    "secondary_structure:turn_bend",
    "secondary_structure:strand",
    "binding_site",
    "contact",
)
"""The properties of the paper's figure of layers."""


@dataclass(frozen=True)
class LayersChoice:
    """What a visitor of the page has chosen."""

    sources: tuple[HeadSource, ...]
    features: tuple[str, ...]
    axis: str
    scale: str
    threshold: str


@dataclass(frozen=True, eq=False)
class Series:
    """One property of one source over the layers.

    Attributes
    ----------
    heads, feature
        What it is.
    layers
        Its layer frame.
    centre
        Its centre row.
    """

    heads: Heads
    feature: str
    layers: pd.DataFrame
    centre: dict[str, Any]

    @property
    def source(self) -> HeadSource:
        """Where it comes from."""
        return self.heads.source

    @property
    def name(self) -> str:
        """Property and model."""
        return f"{FEATURES[self.feature].label} · {self.source.label}"


def choose(loaded: results.Loaded) -> tuple[Choices, LayersChoice]:
    """Draw the controls and give what they say."""
    sources = list_sources(loaded)
    choices = Choices(
        "layers",
        (
            Parameter("source", sources, DEFAULT_SOURCES, most=MOST_SOURCES),
            Parameter("feature", SHOWN_FEATURES, DEFAULT_FEATURES, most=MOST_FEATURES),
            Parameter("axis", AXES, "layer"),
            Parameter("scale", SCALES, "own"),
            Parameter("threshold", every_threshold(sources.values()), DEFAULT_THRESHOLD),
        ),
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        st.multiselect(
            "Properties",
            SHOWN_FEATURES,
            format_func=lambda name: FEATURES[name].label,
            max_selections=MOST_FEATURES,
            width=470,
            **choices.widget("feature"),
        )
        st.multiselect(
            "Models and results",
            list(sources),
            format_func=lambda key: sources[key].long_title,
            max_selections=MOST_SOURCES,
            width=430,
            **choices.widget("source"),
        )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        for name, label, options in (("axis", "Axis", AXES), ("scale", "Percent scale", SCALES)):
            st.segmented_control(
                label,
                list(options),
                format_func=options.__getitem__,
                required=True,
                **choices.widget(name),
            )
        chosen = tuple(sources[key] for key in choices["source"])
        threshold = choose_threshold(choices, every_threshold(chosen))
    return choices, LayersChoice(
        chosen, choices["feature"], choices["axis"], choices["scale"], threshold
    )


def collect(choice: LayersChoice) -> tuple[list[Series], list[str]]:
    """Summarise every chosen property of every chosen source.

    Returns
    -------
    tuple
        The series: properties by their mean relative centre of gravity as in the paper,
        each with its sources in the order chosen; and a sentence for what cannot be
        shown.
    """
    problems = []
    if choice.threshold != DEFAULT_THRESHOLD and not any(one.run for one in choice.sources):
        problems.append(
            f"The paper has the threshold {DEFAULT_THRESHOLD} only; it is shown, not "
            f"{choice.threshold}."
        )
    found: dict[str, list[Series]] = {name: [] for name in choice.features}
    for source in choice.sources:
        # the paper has one threshold; the page says so beside a run's
        threshold = choice.threshold if source.run else DEFAULT_THRESHOLD
        try:
            heads = results.read_heads(source, threshold)
        except AtlasError as error:
            problems.append(str(error))
            continue
        missing = [name for name in choice.features if name not in heads.frames]
        if missing:
            labels = ", ".join(FEATURES[name].label for name in missing)
            problems.append(f"{source.long_title}: there are no values for {labels}.")
        for name in choice.features:
            if name in heads.frames:
                found[name].append(_series(heads.identity, name, heads))
    ordered = sorted(
        (own for own in found.values() if own),
        key=lambda own: pd.Series([one.centre["relative"] for one in own]).mean(),
    )
    return [one for own in ordered for one in own], problems


@part
def draw_panels(series: list[Series], choice: LayersChoice) -> None:
    """Draw a panel a series."""
    shared = find_limits([one.layers for one in series]) if choice.scale == "shared" else None
    longest = max(len(one.layers) for one in series)
    drawings = [
        layer_panel_svg(
            one.layers,
            one.centre,
            (one.name, f"{_origin(one, series)}, {one.source.sample}"),
            axis=choice.axis,
            longest=longest,
            limits=shared,
        )
        for one in series
    ]
    st.markdown(side_by_side(drawings), unsafe_allow_html=True)
    st.caption(as_markdown(caption(series, choice)))
    with st.container(horizontal=True, gap="medium"):
        with st.popover("Definition and table", type="tertiary"):
            st.markdown(definition())
            table = pd.concat([one.layers for one in series], ignore_index=True)
            download_buttons(table, "atlas_layers", "Layers", "layers_table")
        if len(series) <= MOST_PANELS:
            take_along(partial(print_panels, series, choice), "layers_panels")
        else:
            st.caption(f"At most {MOST_PANELS} panels are taken along as one figure for print.")


@part
def draw_centres(series: list[Series], choice: LayersChoice) -> None:
    """Draw the centres of gravity on one axis beside their table."""
    st.markdown("##### Centres of gravity")
    several = len({one.source.key for one in series}) > len({one.source.model for one in series})
    names = [f"{one.name}, {_origin(one, series)}" if several else one.name for one in series]
    frame = pd.DataFrame([one.centre for one in series])
    with st.container(horizontal=True, gap="medium"):
        with st.container(width="content", gap=None):
            drawing = centres_svg(frame, names, axis=choice.axis)
            st.markdown(f'<div style="padding-bottom:1rem">{drawing}</div>', unsafe_allow_html=True)
        with st.container(width="content", gap=None):
            st.html(centres_html(series))
    st.caption(
        f"Line and “interval”: {LEVEL:.0%} bootstrap, each layer’s kept heads drawn anew with "
        f"replacement ({DRAWS:,} draws): how far the centre depends on which heads a layer has, "
        "not on the proteins. Thick line and “drawing allows”: the least and greatest centre that "
        "the paper’s colour steps leave open."
    )
    take_along(
        lambda: centres_figure(frame, names, _print_source(series), choice.axis),
        "layers_centres",
    )


@part
def draw_probes(series: list[Series]) -> None:
    """Draw the paper's probes of the chosen properties, in the order of the panels."""
    st.markdown("##### The paper’s probes of TapeBert")
    probes = _probes()
    features = list(dict.fromkeys(one.feature for one in series))
    there = [name for name in features if name in set(probes["feature"])]
    if not there:
        known = ", ".join(FEATURES[name].label for name in dict.fromkeys(probes["feature"]))
        show_notes([f"The paper has probes of {known}; of none of the properties chosen."])
        return
    own = [probes[probes["feature"] == name] for name in there]
    drawings = [
        probe_svg(rows, f"{FEATURES[name].label} · TapeBert")
        for name, rows in zip(there, own, strict=True)
    ]
    st.markdown(side_by_side(drawings), unsafe_allow_html=True)
    st.caption(
        "Embedding probe: a linear classifier on the vectors that leave the layer. Attention "
        "probe (contacts): one on the layer’s attention weights. F1 for secondary structure, "
        "precision at L/20 for binding sites, at L/5 for contacts, L the length of the protein. "
        "The paper’s figure gives neither intervals nor the number of proteins. Read off to 0.0001."
    )
    table = pd.concat(own, ignore_index=True)
    take_along(lambda: probes_figure(table, probes_source(table)), "layers_probes")


def print_panels(series: list[Series], choice: LayersChoice) -> PaperFigure:
    """Make the panels for print."""
    frame = pd.concat([with_centre(one.layers, one.centre) for one in series], ignore_index=True)
    sources = list(dict.fromkeys(one.source for one in series))
    features = list(dict.fromkeys(FEATURES[one.feature].label for one in series))
    several = len({source.label for source in sources}) > 1

    def title(one: Series) -> str:
        if len(features) == 1 and several:
            return one.source.label
        return one.name if several else FEATURES[one.feature].label

    source = _print_source(series)
    labels = [(title(one), _origin(one, series)) for one in series]
    return layers_figure(frame, labels, source, choice.axis, shared=choice.scale == "shared")


def _print_source(series: list[Series]) -> Source:
    return print_source([one.heads for one in series], [one.feature for one in series])


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


def definition() -> str:
    """Define what the panels show, in Markdown of our own words only."""
    return (
        "**Mean**: of the layer’s heads with at least "
        f"{MINIMUM_ARCS} arcs, each head counting once; the share is hits / arcs, an arc one "
        "directed attention weight of at least the threshold.\n\n"
        "**Centre of gravity**: Σ i · w over the layers i from 1, with w the layer’s mean over the "
        "sum of the means (Vig et al., ICLR 2021, after Tenney et al., ACL 2019). A layer without "
        "a kept head takes no part.\n\n"
        f"**Interval**: percentiles of {DRAWS:,} bootstrap draws (seed {SEED}), stratified by "
        f"layer, at {LEVEL:.0%}. The layers stay, the heads of each are drawn anew. It says "
        "nothing about proteins.\n\n"
        "**Relative depth**: the layer over the number of layers, so that models of different "
        "depth can be laid side by side; the last layer is at 1.\n\n"
        "**Source** of published values: read off the vector figures of Vig et al., ICLR 2021 "
        "(arXiv 2006.15222)."
    )


def centres_html(series: list[Series]) -> str:
    """Write the table of centres; what is the same in all rows stands above the figures."""
    names = {
        "property": [FEATURES[one.feature].label for one in series],
        "model": [one.source.label for one in series],
        "source": [_origin(one, series) for one in series],
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


def _origin(one: Series, series: list[Series]) -> str:
    """Say where a series comes from; by the run's name where a model has several runs."""
    alike = {
        other.source.key
        for other in series
        if other.source.model == one.source.model and other.source.origin == one.source.origin
    }
    return one.source.name if len(alike) > 1 else one.source.origin


def _range(source: HeadSource, series: list[Series]) -> str:
    """Say how many heads of a source are kept; the number may depend on the property."""
    own = [one for one in series if one.source == source]
    kept = sorted(int(one.centre["kept"]) for one in own)
    numbers = f"{kept[-1]}" if kept[0] == kept[-1] else f"{kept[0]} to {kept[-1]}"
    return f"{numbers} of {int(own[0].layers['heads'].sum())}"


@st.cache_resource(show_spinner=False)
def _exact() -> pd.DataFrame:
    return read_published(PUBLISHED_LAYER_MEANS)


@st.cache_resource(show_spinner=False)
def _probes() -> pd.DataFrame:
    return read_published(PUBLISHED_PROBES)


@st.cache_resource(show_spinner=False, max_entries=512)
def _series(identity: str, feature: str, _heads: Heads) -> Series:
    del identity  # tells one state of the results from the next
    frame = _heads.frames[feature]
    exact = _exact() if _heads.source.run is None else None
    layers = layer_frame(frame, exact)
    return Series(_heads, feature, layers, centre_row(frame, layers))
