"""Draw the panels and the centres of gravity of the Layers page."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.look.draft import Chart
from dashboard.figures.look.tiles import tile
from dashboard.figures.printing.figure import PaperFigure, Source
from dashboard.figures.printing.words import print_source
from dashboard.page.chart import show_chart, show_with_table
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown
from dashboard.page.opening import part
from dashboard.page.takeaway import take_along
from dashboard.pages.layers import words
from dashboard.pages.layers.centres_print import centres_figure
from dashboard.pages.layers.centres_screen import centres
from dashboard.pages.layers.controls import LayersChoice
from dashboard.pages.layers.frames import Series
from dashboard.pages.layers.layer_panels_print import MOST_PANELS, layers_figure, with_centre
from dashboard.pages.layers.layer_panels_screen import find_limits, layer_panel, say_panel
from dashboard.results.kept import kept

WIDEST = 330
"""Pixels that a panel is stretched to."""


@part
def draw_panels(series: list[Series], choice: LayersChoice) -> None:
    """Draw a panel a series."""
    titles = words.titles(series)
    chart = partial(panels, series, choice.axis, choice.scale)
    show_chart(
        chart,
        key="layers_chart",
        alt="\n".join(map(_say_panel, series, titles)),
        file_name="atlas_layers",
    )
    st.caption(as_markdown(words.caption(series, choice)))
    with st.container(horizontal=True, gap="medium"):
        with st.popover("Definition and table", type="tertiary"):
            st.markdown(words.prose("definition"))
            download_buttons(_table(series), "atlas_layers", "Layers", "layers_table")
        if len(series) <= MOST_PANELS:
            take_along(partial(print_panels, series, choice), "layers_panels", chart=chart)
        else:
            st.caption(f"At most {MOST_PANELS} panels are taken along as one figure for print.")


@part
def draw_centres(series: list[Series], choice: LayersChoice) -> None:
    """Draw the centres of gravity on one axis beside their table."""
    st.markdown("##### Centres of gravity")
    names = words.centre_names(series)
    frame = _centre_frame(series)
    chart = partial(centres, frame, names, axis=choice.axis)
    show_with_table(
        chart,
        words.centres_html(series),
        key="centres_chart",
        alt=f"Centres of gravity: {'; '.join(names)}.{words.rows_read(series)}",
        file_name="atlas_centres-of-gravity",
    )
    st.caption(f"{words.prose('centres')} {as_markdown(words.rows_read(series))}")
    take_along(
        lambda: centres_figure(frame, names, _print_source(series), choice.axis),
        "layers_centres",
        chart=chart,
    )


def panels(series: list[Series], axis: str, scale: str) -> Chart:
    """Lay the panels out in one figure."""
    shared = find_limits([one.layers for one in series]) if scale == "shared" else None
    longest = max(len(one.layers) for one in series)
    figures = [
        layer_panel(one.layers, one.centre, title, axis=axis, longest=longest, limits=shared)
        for one, title in zip(series, words.titles(series), strict=True)
    ]
    names = [f"{one.source.key} {one.feature} {axis}" for one in series]
    return tile(figures, names, most=WIDEST)


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


@kept(64)
def _table(series: list[Series]) -> pd.DataFrame:
    return pd.concat([one.layers for one in series], ignore_index=True)


@kept(512)
def _say_panel(one: Series, title: tuple[str, str]) -> str:
    return say_panel(one.layers, one.centre, title)


@kept(64)
def _centre_frame(series: list[Series]) -> pd.DataFrame:
    return pd.DataFrame([one.centre for one in series])


def _print_source(series: list[Series]) -> Source:
    return print_source([one.heads for one in series], [one.feature for one in series])
