"""Draw the parts of the Layers page: panels, centres of gravity, the paper's probes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard.figures.look.tiles import tile
from dashboard.figures.printing.figure import PaperFigure, Source
from dashboard.figures.printing.words import print_source
from dashboard.page.chart import show_chart, show_with_table, to_json
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_notes
from dashboard.page.takeaway import take_along
from dashboard.pages.layers import words
from dashboard.pages.layers.centres_print import centres_figure
from dashboard.pages.layers.centres_screen import centres
from dashboard.pages.layers.controls import LayersChoice
from dashboard.pages.layers.frames import Series, probes
from dashboard.pages.layers.layer_panels_print import MOST_PANELS, layers_figure, with_centre
from dashboard.pages.layers.layer_panels_screen import find_limits, layer_panel, say_panel
from dashboard.pages.layers.probes_print import probes_figure, probes_source
from dashboard.pages.layers.probes_screen import ABOVE, probe_panel, say_probes
from precompute.features import FEATURES

if TYPE_CHECKING:
    import plotly.graph_objects as go

WIDEST = 330
"""Pixels that a panel is stretched to."""


@part
def draw_panels(series: list[Series], choice: LayersChoice) -> None:
    """Draw a panel a series."""
    titles = words.titles(series)
    show_chart(
        _panels_json(tuple(one.identity for one in series), choice.axis, choice.scale, series),
        key="layers_chart",
        alt="\n".join(
            say_panel(one.layers, one.centre, title)
            for one, title in zip(series, titles, strict=True)
        ),
        file_name="atlas_layers",
    )
    st.caption(as_markdown(words.caption(series, choice)))
    with st.container(horizontal=True, gap="medium"):
        with st.popover("Definition and table", type="tertiary"):
            st.markdown(words.prose("definition"))
            table = pd.concat([one.layers for one in series], ignore_index=True)
            download_buttons(table, "atlas_layers", "Layers", "layers_table")
        if len(series) <= MOST_PANELS:
            take_along(
                partial(print_panels, series, choice),
                "layers_panels",
                chart=partial(panels, series, choice.axis, choice.scale),
            )
        else:
            st.caption(f"At most {MOST_PANELS} panels are taken along as one figure for print.")


@part
def draw_centres(series: list[Series], choice: LayersChoice) -> None:
    """Draw the centres of gravity on one axis beside their table."""
    st.markdown("##### Centres of gravity")
    names = words.centre_names(series)
    frame = pd.DataFrame([one.centre for one in series])
    figure = centres(frame, names, axis=choice.axis)
    show_with_table(
        figure,
        words.centres_html(series),
        key="centres_chart",
        alt=f"Centres of gravity: {'; '.join(names)}",
        file_name="atlas_centres-of-gravity",
    )
    st.caption(words.prose("centres"))
    take_along(
        lambda: centres_figure(frame, names, _print_source(series), choice.axis),
        "layers_centres",
        chart=figure,
    )


@part
def draw_probes(series: list[Series]) -> None:
    """Draw the paper's probes of the chosen properties, in the order of the panels."""
    st.markdown("##### The paper’s probes of TapeBert")
    known = list(dict.fromkeys(probes()["feature"]))
    there = [name for name in dict.fromkeys(one.feature for one in series) if name in known]
    if not there:
        labels = ", ".join(FEATURES[name].label for name in known)
        show_notes([f"The paper has probes of {labels}; of none of the properties chosen."])
        return
    own = [probes()[probes()["feature"] == name] for name in there]
    show_chart(
        _probes_json(tuple(there)),
        key="probes_chart",
        alt="\n".join(map(say_probes, own, map(_probes_title, there))),
        file_name="atlas_probes_tape_bert",
    )
    st.caption(words.prose("probes"))
    table = pd.concat(own, ignore_index=True)
    take_along(
        lambda: probes_figure(table, probes_source(table)),
        "layers_probes",
        chart=partial(probe_panels, tuple(there)),
    )


def panels(series: list[Series], axis: str, scale: str) -> go.Figure:
    """Lay the panels out in one figure."""
    shared = find_limits([one.layers for one in series]) if scale == "shared" else None
    longest = max(len(one.layers) for one in series)
    figures = [
        layer_panel(one.layers, one.centre, title, axis=axis, longest=longest, limits=shared)
        for one, title in zip(series, words.titles(series), strict=True)
    ]
    names = [f"{one.source.key} {one.feature} {axis}" for one in series]
    return tile(figures, names, most=WIDEST)


def probe_panels(features: tuple[str, ...]) -> go.Figure:
    """Lay the probes of some properties out in one figure."""
    figures = [
        probe_panel(probes()[probes()["feature"] == name], _probes_title(name)) for name in features
    ]
    return tile(figures, features, most=WIDEST, above=ABOVE)


def print_panels(series: list[Series], choice: LayersChoice) -> PaperFigure:
    """Make the panels for print."""
    frame = pd.concat([with_centre(one.layers, one.centre) for one in series], ignore_index=True)
    return layers_figure(
        frame,
        words.print_labels(series),
        _print_source(series),
        choice.axis,
        shared=choice.scale == "shared",
    )


def _print_source(series: list[Series]) -> Source:
    return print_source([one.heads for one in series], [one.feature for one in series])


def _probes_title(feature: str) -> str:
    return f"{FEATURES[feature].label} · TapeBert"


@st.cache_resource(show_spinner=False, max_entries=64)
def _panels_json(identities: tuple[str, ...], axis: str, scale: str, _series: list[Series]) -> str:
    del identities  # tell one state of the results from the next
    return to_json(panels(_series, axis, scale))


@st.cache_resource(show_spinner=False, max_entries=64)
def _probes_json(features: tuple[str, ...]) -> str:
    return to_json(probe_panels(features))
