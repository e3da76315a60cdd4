"""Draw an opened head: its values, its rows beside their distances, its columns, its families."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.page.address import Choices
from dashboard.page.chart import show_chart
from dashboard.page.export import download_buttons
from dashboard.page.links import DEFAULT, heads_address, measured_address
from dashboard.page.names import as_markdown
from dashboard.page.opened import choose_row, opened_heading
from dashboard.page.opening import HEADS_PAGE, page_link, part
from dashboard.page.takeaway import take_along
from dashboard.pages.alignments import words
from dashboard.pages.alignments.columns_print import columns_figure
from dashboard.pages.alignments.columns_screen import columns_chart
from dashboard.pages.alignments.conservation_view import draw_head_conservation
from dashboard.pages.alignments.controls import READ, AlignmentsChoice
from dashboard.pages.alignments.distance_map_print import distance_source
from dashboard.pages.alignments.distance_map_screen import SIGNS, signed
from dashboard.pages.alignments.rows_print import rows_figure
from dashboard.pages.alignments.rows_screen import rows_chart
from dashboard.results import loaded as results
from dashboard.results.alignments import (
    Measure,
    families,
    family_names,
    head_families,
    head_matrices,
    read_map,
    tree_of,
)
from dashboard.results.head import Head
from dashboard.results.kept import kept
from dashboard.results.loaded import Run
from dashboard.results.sources import HeadSource, label_of_model
from precompute.errors import AtlasError
from precompute.features import SHOWN_FEATURES
from precompute.spreadsheet import as_cells
from precompute.tables import COLUMN_FAMILIES, COLUMN_REGRESSION

FAMILIES_KEY = "alignments_families_rows"


@part
def draw_opened(choices: Choices, choice: AlignmentsChoice) -> None:
    """Draw the opened head, or say how one is opened."""
    if choice.head is None:
        st.caption("Click a cell to open that head, or choose a row of the table of heads.")
        return
    layer, head = choice.head
    run = choice.run
    own = run is not None and layer <= run.layers and head <= run.heads
    with st.container(key="opened_head", gap="small"):
        with opened_heading(choices, f"{layer}-{head}", choice.label):
            if run is not None and own:
                address = heads_address(Head(run.model, layer, head), _feature(run))
                address |= measured_address(run.name)
                page_link(HEADS_PAGE, "Its row attention", address)
        shown = run if own else None
        st.html(words.head_html(shown, layer, head, choice.measure.statistic))
        st.caption(words.prose("brackets"))
        if own:
            draw_head_conservation(choice)
        if run is None:
            st.caption(
                "Its matrices are shown of a run over alignments; none is loaded here, and what is "
                "published has none."
            )
        elif not own:
            st.text(f"The measured model has {run.layers} × {run.heads} heads, not this one.")
        else:
            _draw_rows(run, choice)
            _draw_families(run, choices, choice)


def _feature(run: Run) -> str:
    """Name a property that the run has, the usual one where it has that."""
    try:
        there = results.read_heads(HeadSource(run.model, label_of_model(run.model), run)).frames
    except AtlasError:  # the page that is led to says so
        return DEFAULT.feature
    has = (name for name in (DEFAULT.feature, *SHOWN_FEATURES) if name in there)
    return next(has, DEFAULT.feature)


@part
def _draw_rows(run: Run, choice: AlignmentsChoice) -> None:
    """Draw the head's matrices in the chosen alignment, or in the first whose matrices are kept."""
    layer, head = choice.head or (0, 0)
    table = families(run)
    number = choice.number or int(table["number"].iloc[0])
    row = table[table["number"] == number].iloc[0]
    if not row["kept"]:
        st.text(
            f"The matrices of {row['alignment']} were not kept: a run keeps those of its first "
            f"alignments, here {int(table['kept'].sum()):,} of {len(table):,}, and more by "
            "--keep-matrices."
        )
        return
    matrices, tree = head_matrices(run, number, layer, head), tree_of(run, number)
    title = words.head_title(matrices, choice)
    shown = read_map(run, replace(choice.measure, control="none"), number)
    sign, value = SIGNS[choice.measure.statistic], shown.grid[layer - 1, head - 1]
    titles = (title, ("Hamming distance of the same rows", "in the same order"))
    said = f"{sign} {signed(value)} in {matrices.alignment}"
    with st.container(horizontal=True, gap="small"):
        for place, name in enumerate(("attention", "distance")):
            chart = partial(rows_chart, matrices, tree, titles, (place,))
            with st.container(width=360, gap=None):
                show_chart(
                    chart,
                    key=f"alignments_rows_{name}",
                    alt=f"Matrix of rows × rows: {', '.join(titles[place])}. {said}.",
                    file_name=f"atlas_rows-{name}_{run.name}",
                )
    source = distance_source(shown, choice.label)
    label = f"{layer}-{head}"
    if choice.measure.control != "none":
        said += ", as it is: matrices are kept of nothing shuffled"
    st.caption(f"{as_markdown(said)}. {words.prose('matrices')}")
    take_along(
        partial(rows_figure, matrices, tree, source, label),
        "alignments_rows",
        chart=partial(rows_chart, matrices, tree, titles, (0, 1)),
    )
    title = (f"Head {label}, columns of {matrices.alignment} · {choice.label}", title[1])
    chart = partial(columns_chart, matrices, title)
    show_chart(
        chart,
        key="alignments_columns",
        alt=f"Bars: {', '.join(title)}. {words.columns_summary(matrices)}",
        file_name=f"atlas_columns_{run.name}",
    )
    st.caption(f"{words.columns_summary(matrices)} {words.prose('selectivity')}")
    take_along(partial(columns_figure, matrices, source, label), "alignments_columns", chart=chart)


@part
def _draw_families(run: Run, choices: Choices, choice: AlignmentsChoice) -> None:
    """Draw the head's correlation in each alignment; a chosen row shows that one."""
    layer, head = choice.head or (0, 0)
    table = head_families(run, choice.measure, layer, head)
    st.markdown("##### By family")
    shown = _families_shown(run, choice.measure, layer, head)
    columns = {f"read_{name}": label for name, label in READ.items()}
    names = {number: name for name, number in family_names(run).items()}
    choose_row(
        shown,
        FAMILIES_KEY,
        [names[number] for number in table["number"]],
        partial(choices.set, "family"),
        {
            name: st.column_config.NumberColumn(label, format="%.3f")
            for name, label in (columns | {"r_squared": "R² of all heads"}).items()
        },
    )
    st.caption(
        f"{SIGNS[choice.measure.statistic]} of this head in each of {len(table):,} alignments; a "
        "chosen row shows its map and matrices. Empty: not defined, or not measured. Kept: whether "
        "its matrices are there. R²: of the regression of distance on all heads (Lupo, Sgarbossa "
        "and Bitbol, 2022), on rows that it has not seen."
    )
    download_buttons(
        table, f"atlas_families_{layer}-{head}_{run.name}", "Families", "alignments_families"
    )


@kept(64, lambda run, *_: results.stamp_tables(run, COLUMN_FAMILIES, COLUMN_REGRESSION))
def _families_shown(run: Run, measure: Measure, layer: int, head: int) -> pd.DataFrame:
    """Leave out what is empty; texts are as cells of a spreadsheet, which the toolbar saves."""
    table = head_families(run, measure, layer, head)
    empty = [name for name in table if table[name].isna().all()]
    return as_cells(table.drop(columns=["number", *empty]))
