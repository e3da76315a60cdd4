"""Draw the parts of the Amino acids page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.heads.heads_screen import head_heatmap, size
from dashboard.figures.look.scale import find_scale
from dashboard.figures.printing import words
from dashboard.page.address import Choices
from dashboard.page.chart import show_chart
from dashboard.page.links import heads_address, measured_address
from dashboard.page.markup import show_markup
from dashboard.page.names import as_markdown
from dashboard.page.opened import open_clicked, opened_heading
from dashboard.page.opening import HEADS_PAGE, live_link, page_link, part, show_notes
from dashboard.page.prose import read_prose
from dashboard.page.takeaway import take_along
from dashboard.pages.amino_acids.controls import AminoAcidsChoice, name_of
from dashboard.pages.amino_acids.shares_print import head_shares_figure
from dashboard.pages.amino_acids.shares_screen import shares_chart
from dashboard.pages.amino_acids.small_heatmaps_print import amino_acids_figure
from dashboard.pages.amino_acids.small_heatmaps_screen import (
    Cells,
    SmallMaps,
    cells_of,
    row_width,
    small_heatmaps_chart,
    small_heatmaps_html,
    small_maps,
)
from dashboard.results import loaded as results
from dashboard.results.amino_acids import backgrounds, head_shares, letters_in_order
from dashboard.results.head import Head
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.sources import list_sources
from precompute.chemistry import groups_in_words
from precompute.errors import AtlasError
from precompute.published import MINIMUM_ARCS


@part
def draw_maps(choices: Choices, choice: AminoAcidsChoice, heads: Heads) -> None:
    """Draw the twenty small maps beside the large one."""
    order = letters_in_order(choice.order, heads, results.correlate)
    grouped = choice.order == "chemistry"
    with st.container(horizontal=True, gap="small"):
        with st.container(width=row_width(*heads.source.shape), gap=None):
            show_markup(
                _maps_markup(heads, order, choice.scale == "shared", grouped),
                key="amino_acids_maps",
                chosen=choice.letter,
                picked=partial(choices.set, "amino_acid"),
            )
            st.caption(
                f"{as_markdown(heads.source.title)}, {heads.source.sample}: share of each head’s "
                "arcs that go to the amino acid. Columns are heads, rows layers, layer 1 below. "
                "Click a map to see it large."
            )
            take_along(
                lambda: amino_acids_figure(
                    heads.frames,
                    words.print_source([heads]),
                    order,
                    shared=choice.scale == "shared",
                ),
                "amino_acids_maps",
                chart=partial(
                    small_heatmaps_chart, heads.frames, order, shared=choice.scale == "shared"
                ),
            )
        with st.container(width=size(*heads.source.shape)[0], gap=None):
            _draw_large(choices, choice, heads)


@part
def draw_head(
    choices: Choices, choice: AminoAcidsChoice, heads: Heads, loaded: results.Loaded
) -> None:
    """Draw the opened head's 20 shares beside the background."""
    layers, count = heads.source.shape
    if choice.head is None:
        st.caption("Click a cell of the large map to see that head’s share of every amino acid.")
        return
    layer, number = choice.head
    if layer > layers or number > count:
        show_notes([f"{heads.source.title} has no head {layer}-{number}."])
        return
    like, origin = background_of(heads, loaded)
    frame = _shares(heads, like, layer, number)
    head = Head(heads.source.model, layer, number)
    with st.container(key="amino_acids_head", gap="small"):
        with opened_heading(choices, head.label, heads.source.title):
            there = heads_address(head, f"amino_acid:{choice.letter}")
            run = heads.source.run
            if run:
                there |= measured_address(run.name, heads.threshold)
            page_link(HEADS_PAGE, "All its properties", there)
            live_link("See it live on a protein", head, checkpoint=run.checkpoint if run else None)
        if frame["percent"].isna().all():
            st.text(f"The head is grey: it has fewer than {MINIMUM_ARCS} arcs.")
            return
        order = letters_in_order(choice.order, heads, results.correlate)
        title = (
            f"Head {head.label} · {heads.source.label}",
            f"{heads.source.basis}{heads.settings}",
        )
        chart = partial(shares_chart, frame, order, title)
        show_chart(
            chart,
            key="amino_acids_shares",
            alt=f"Share of 20 amino acids among the arcs of head {head.label}, "
            f"{heads.source.title}.",
            file_name=f"atlas_{heads.source.model}_{head.label}_amino-acids",
        )
        st.caption(as_markdown(f"{_bars_of(heads)}. {origin} {heads.source.sample}."))
        take_along(
            lambda: head_shares_figure(
                frame,
                words.print_source([heads]),
                head.label,
                order,
                origin,
            ),
            "amino_acids_head",
            chart=chart,
        )


def background_of(heads: Heads, loaded: results.Loaded) -> tuple[Heads | None, str]:
    """Find the heads that come with how frequent each amino acid is, and say whose they are.

    A run has its own; the paper gives none for amino acids, so that of the newest run
    that can be read stands in.
    """
    if _backgrounds(heads):
        return heads, "Orange: frequency among the residues measured."
    if heads.source.run is not None:
        return None, "The run has no background of amino acids."
    for source in list_sources(loaded).values():
        if source.run is None:
            continue
        try:
            found = results.read_amino_acids(source)
        except AtlasError:
            continue
        if _backgrounds(found):
            return found, (
                "The paper gives no background of amino acids; orange: frequency among the "
                f"{source.run.residues:,} residues of the run {source.run.name} "
                f"({source.run.dataset}), not the paper’s proteins."
            )
    return None, (
        "The paper gives no background of amino acids, and no measured run is loaded that has one."
    )


def definition(heads: Heads) -> str:
    """Define what the maps show, in Markdown of our own words only."""
    prose = read_prose(Path(__file__).with_name("words.md"))
    counted = "counted by this project’s own run"
    return prose["definition"].format(
        threshold=heads.threshold,
        arcs=MINIMUM_ARCS,
        origin=counted if heads.source.run else prose["published"],
        groups=groups_in_words(),
    )


def _draw_large(choices: Choices, choice: AminoAcidsChoice, heads: Heads) -> None:
    frame = heads.frames[choice.letter]
    every = list(heads.frames.values()) if choice.scale == "shared" else [frame]
    scale = find_scale(every, "percent")
    said = _summary(_cells(heads)[choice.letter])
    title = (
        f"{name_of(choice.letter)} · {heads.source.label}",
        f"{heads.source.basis}{heads.settings}",
    )
    chart = partial(head_heatmap, frame, scale, title)
    name = f"atlas_heads_{heads.source.model}_amino_acid-{choice.letter}_{heads.source.results}"
    show_chart(
        chart,
        key="heatmap_amino_acid",
        alt=f"Heatmap: {', '.join(title)}. {said}",
        file_name=name,
        chosen=choice.head,
        on_pick=partial(open_clicked, choices, choice.head),
    )
    st.caption(said)
    with st.container(horizontal=True, gap="medium"):
        with st.popover("Definition", type="tertiary"):
            st.markdown(definition(heads))
        take_along(
            lambda: heads_figure(
                frame,
                words.print_source([heads], [f"amino_acid:{choice.letter}"]),
                limit=scale.limit,
            ),
            "amino_acids_large",
            chart=chart,
        )


@kept(64)
def _cells(heads: Heads) -> dict[str, Cells]:
    return cells_of(heads.frames)


def _summary(cells: Cells) -> str:
    """Sum the large map up: its highest head, its middle, what is grey."""
    percent, best = cells
    if best is None:
        return "Every head is grey."
    grey = np.isnan(percent)
    return (
        f"Highest {best[0]}-{best[1]}: {best[2]:.2f} %; median {np.median(percent[~grey]):.2f} %; "
        f"{grey.sum()} of {grey.size} heads grey (fewer than {MINIMUM_ARCS} arcs)."
    )


@kept(128)
def _small_maps(heads: Heads, shared: bool) -> SmallMaps:
    return small_maps(_cells(heads), shared=shared)


@kept(512)
def _maps_markup(heads: Heads, order: Sequence[str], shared: bool, grouped: bool) -> str:
    return small_heatmaps_html(_small_maps(heads, shared), order, grouped=grouped)


@kept(128)
def _backgrounds(heads: Heads) -> dict[str, float]:
    return backgrounds(heads.frames)


@kept(256)
def _shares(heads: Heads, like: Heads | None, layer: int, head: int) -> pd.DataFrame:
    return head_shares(heads.frames, layer, head, _backgrounds(like) if like else {})


def _bars_of(heads: Heads) -> str:
    if heads.source.run is None:
        return "Thin lines: what the drawing’s colours allow; the paper gives no interval"
    return "Thin lines: interval at 0.05/m, the protein as sampling unit, m heads not grey"
