"""Draw the maps of the Alignments page, what the nulls leave, and the table of heads."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.page.address import Choices
from dashboard.page.chart import show_chart
from dashboard.page.controls import choose_one
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown
from dashboard.page.opened import choose_row, open_clicked
from dashboard.page.opening import part, show_notes
from dashboard.page.takeaway import take_along
from dashboard.pages.alignments import words
from dashboard.pages.alignments.controls import CONTROLS, AlignmentsChoice
from dashboard.pages.alignments.distance_map_print import distance_figure, distance_source
from dashboard.pages.alignments.distance_map_screen import distance_map, find_limit
from dashboard.results.alignments import (
    PUBLISHED_MODEL,
    DistanceMap,
    Measure,
    controls_of,
    published_map,
    read_map,
)
from dashboard.results.kept import kept
from precompute.models import MODELS

WIDTH = 450
"""Pixels of a map; two stand beside each other."""
TABLE_KEY = "alignments_table_rows"


@part
def draw_maps(choices: Choices, choice: AlignmentsChoice) -> None:
    """Draw the measured map beside the published one, then what each null leaves."""
    maps = _maps(choice)
    if choice.run is not None and maps[0].run is None:
        show_notes([words.missing(choice.measure.control)])
    limit = find_limit(maps)
    beside = st.container(horizontal=True, gap="medium")
    for shown in maps:
        with beside.container(width=WIDTH, gap=None):
            _draw_map(shown, limit, choices, choice)
    with beside.container(width="content", gap="small"):
        _draw_nulls(choice)
    if len(maps) == 2:
        show_notes([words.agreement(maps[0], maps[1])])
    with st.popover("Definition", type="tertiary"):
        st.markdown(words.prose("definition"))


@part
def draw_table(choices: Choices, choice: AlignmentsChoice) -> None:
    """Draw the choice of a table of heads, and the table where it is asked for."""
    choose_one(choices, "table", "Table of heads")
    if not choice.table:
        return
    table = heads_table(_maps(choice))
    columns = {
        name: st.column_config.NumberColumn(name.replace("_", " "), format="%.3f")
        for name in table.columns[2:]
    }
    heads = [f"{layer}.{head}" for layer, head in zip(table["layer"], table["head"], strict=True)]
    choose_row(table, TABLE_KEY, heads, partial(choices.set, "head"), columns)
    st.caption(
        f"{len(table)} heads. A column’s head sorts; a chosen row opens its head. Ends: measured, "
        "95 % interval over alignments; published, the least and the greatest family."
    )
    download_buttons(table, "atlas_column-distance", "Table", "alignments_table_file")


@kept(64)
def heads_table(maps: list[DistanceMap]) -> pd.DataFrame:
    """Set the heads of the maps side by side: layer, head, each map's correlation and its ends."""
    whole = pd.DataFrame(columns=["layer", "head"])
    for shown in maps:
        name = "measured" if shown.run else "published"
        columns = {"correlation": name, "lower": f"{name}_lower", "upper": f"{name}_upper"}
        own = shown.frame.drop(columns="alignments").rename(columns=columns)
        whole = own if whole.empty else whole.merge(own, on=["layer", "head"], how="outer")
    return whole.dropna(axis=1, how="all").sort_values(["layer", "head"], ignore_index=True)


def _maps(choice: AlignmentsChoice) -> list[DistanceMap]:
    """Give what is shown: measured, where there is a run, and published."""
    own = _measured(choice, choice.measure)
    return [*([own] if own else []), published_map(choice.measure)]


def _measured(choice: AlignmentsChoice, measure: Measure) -> DistanceMap | None:
    """Give the measured map; None without a run, or where the run has none of this control."""
    if choice.run is None or measure.control not in controls_of(choice.run):
        return None
    return read_map(choice.run, measure, choice.number)


def _draw_map(shown: DistanceMap, limit: float, choices: Choices, choice: AlignmentsChoice) -> None:
    label = choice.label if shown.run else MODELS[PUBLISHED_MODEL].label
    source = distance_source(shown, label)
    key = f"alignments_map_{'measured' if shown.run else 'published'}"
    chart = partial(distance_map, shown, limit, source.header, WIDTH)
    show_chart(
        chart,
        key=key,
        alt=words.alt(shown, source.header),
        file_name=f"atlas_column-distance_{source.results}",
        chosen=choice.head,
        on_pick=partial(open_clicked, choices, choice.head),
    )
    st.caption(as_markdown(words.summary(shown)))
    if shown.run is None:
        st.caption(words.prose("published"))
    take_along(partial(distance_figure, shown, source, limit), key, chart=chart)


def _draw_nulls(choice: AlignmentsChoice) -> None:
    """Draw what is left under each control, with the chosen one in bold."""
    st.markdown("##### What the nulls leave")
    maps = []
    for name in CONTROLS:
        measure = replace(choice.measure, control=name)
        maps.append((name, _measured(choice, measure), published_map(measure)))
    st.html(words.nulls_html(maps, choice.measure.control))
    with st.container(width=380):
        st.caption(words.prose("nulls"))
