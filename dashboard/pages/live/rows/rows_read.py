"""Which sequences the query reads under the opened head, in all columns and in a chosen one."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.figures.look.draft import Chart
from dashboard.figures.printing.figure import PaperFigure
from dashboard.page.chart import show_chart, to_json
from dashboard.page.names import tell_apart
from dashboard.page.opening import part
from dashboard.page.tables import html_table
from dashboard.page.takeaway import take_along
from dashboard.pages.live.arcs.protein_print import live_source
from dashboard.pages.live.controls import mark_residue
from dashboard.pages.live.rows.rows_map_print import rows_map_figure
from dashboard.pages.live.rows.rows_map_screen import rows_map
from dashboard.pages.live.shown import Shown
from dashboard.pages.live.words import residue_names
from dashboard.results.frames import rows_of
from precompute.alignment import Alignment
from precompute.live.arcs import Head
from precompute.live.getting.protein import Protein
from precompute.live.remember import remember
from precompute.live.rows_read import most_read, row_names, rows_frame, shares
from precompute.live.running.attention import SparseAttention

MOST_ROWS, MOST_LISTED = 40, 12
"""Rows in the map, and in the table of one column."""


@part
def draw_rows(shown: Shown, alignment: Alignment) -> None:
    """Draw the map of the rows that are read most, and the chosen residue's column."""
    if shown.attention.rows is None or len(alignment) < 2:
        return
    asked = (shown.protein, alignment, shown.head)
    st.markdown(f"**Which sequences the query reads: head {shown.head[0]}-{shown.head[1]}**")
    names = residue_names(shown.protein)

    def picked(cell: list[str]) -> None:
        if cell[1] in names:
            mark_residue(shown.choices, shown.protein, names.index(cell[1]))

    with st.container(horizontal=True, gap="medium"):
        with st.container(width=830, gap=None):
            show_chart(
                _map_json(shown.attention, *asked, shown.name, shown.marked),
                key="live_rows",
                alt=f"Heatmap: the sequences that {shown.name} reads most, by residue of "
                f"{shown.protein.identifier}.",
                file_name=f"{shown.protein.identifier}_{shown.name}_sequences",
                on_pick=picked,
            )
            st.caption(
                "Column attention of the query, the first row: in each column its shares over "
                f"the {len(alignment):,} sequences read sum to 100 %. "
                "Click a column to see all that it reads there."
            )
            take_along(
                partial(_figure, shown, alignment),
                "live_rows",
                chart=partial(_map, shown.attention, *asked, shown.name, shown.marked),
                linked=not shown.protein.private,
            )
        if shown.marked is not None:
            with st.container(width=390, gap=None):
                st.html(_column_html(shown.attention, *asked, shown.marked))


def _map(
    attention: SparseAttention,
    protein: Protein,
    alignment: Alignment,
    head: Head,
    name: str,
    marked: int | None,
) -> Chart:
    rows = most_read(attention, head, MOST_ROWS)
    names = tell_apart(row_names(alignment))
    return rows_map(
        100 * shares(attention, head).T[rows],
        residue_names(protein),
        [names[row] for row in rows],
        (name, f"{protein.identifier}: {len(rows)} most read of {len(alignment):,} sequences"),
        marked,
    )


@remember
def _map_json(
    attention: SparseAttention,
    protein: Protein,
    alignment: Alignment,
    head: Head,
    name: str,
    marked: int | None,
) -> str:
    return to_json(_map(attention, protein, alignment, head, name, marked))


@remember
def _column_html(
    attention: SparseAttention, protein: Protein, alignment: Alignment, head: Head, residue: int
) -> str:
    """Write the rows that the query reads in one column, most first."""
    frame = rows_frame(attention, protein, alignment, head, residue)
    rows = [
        (
            f"{one['sequence']}{' (the query)' if one['row'] == 1 else ''}",
            str(one["has"]),
            f"{100 * one['identity']:.0f}",
            f"{100 * one['share']:.1f}",
        )
        for one in rows_of(frame.head(MOST_LISTED))
    ]
    same = frame["has"] == frame["letter"]
    about = (
        f"At {protein.label(residue)} the query reads: rows with its own letter "
        f"{100 * frame.loc[same, 'share'].sum():.0f} %, which {int(same.sum()):,} of "
        f"{len(frame):,} have, itself included."
    )
    table = html_table(("sequence", "has", "identity %", "attention %"), rows, text=2)
    return f'<p style="font-size:0.85rem;margin:0">{about}</p>{table}'


def _figure(shown: Shown, alignment: Alignment) -> PaperFigure:
    rows = most_read(shown.attention, shown.head, MOST_ROWS)
    names = row_names(alignment)
    return rows_map_figure(
        100 * shares(shown.attention, shown.head).T[rows],
        [names[row] for row in rows],
        live_source(shown.protein, shown.offer.model, "Sequences read", [shown.head]),
        rows_frame(shown.attention, shown.protein, alignment, shown.head),
    )
