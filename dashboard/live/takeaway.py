"""What a visitor takes along: the arcs for other programs; map and arc diagram for print."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.style import file_name
from dashboard.live.controls import Head, residue_labels
from dashboard.live.export.arcs import Export
from dashboard.live.export.formats import FORMATS
from dashboard.live.view import (
    Shown,
    all_arcs_frame,
    contacts_of,
    keys_of,
    rule_words,
    structure_keys,
)
from dashboard.paper.arc_diagram import arc_diagram_figure
from dashboard.paper.attention_map import attention_map_figure
from dashboard.paper.figure import LIVE, PaperFigure, Source
from dashboard.takeaway import take_along


def draw_takeaway(shown: Shown) -> None:
    """Draw the buttons that open what there is to take; a page pays for these alone."""
    with st.container(horizontal=True, gap="small"):
        _draw_formats(shown)
        linked = not shown.protein.private
        take_along(
            partial(map_figure, shown), "live_map", linked=linked, label="Take the map along"
        )
        take_along(
            partial(diagram_figure, shown),
            "live_diagram",
            linked=linked,
            label="Take the arcs over the sequence along",
        )


@st.fragment
def _draw_formats(shown: Shown) -> None:
    popover = st.popover(
        "Arcs and scene for other programs", type="tertiary", key="live_formats", on_change="rerun"
    )
    if not popover.open:
        return
    export = make_export(shown)
    name = file_name(f"{shown.protein.identifier}_{export.head}")
    with popover:
        for form in FORMATS:
            if shown.protein.structure is None and form.structure:
                continue
            st.download_button(
                form.label,
                data=partial(form.write, export),
                file_name=f"{name}.{form.ending}",
                mime=form.mime,
                on_click="ignore",
                key=f"live_format_{form.ending}",
            )


def make_export(shown: Shown) -> Export:
    """Gather the drawn arcs of all heads, with their colours."""
    frames = [
        one.frame.assign(colour=colours)
        for one, colours in zip(shown.drawn, shown.colours, strict=True)
    ]
    heads = ", ".join(f"{layer}-{head}" for layer, head in shown.heads)
    many = "s" if len(shown.heads) > 1 else ""
    return Export(
        shown.protein,
        pd.concat(frames, ignore_index=True),
        f"{shown.offer.model.label}, head{many} {heads}",
        shown.rule.threshold,
        tuple((key.colour, key.label) for key in keys_of(shown)),
    )


def map_figure(shown: Shown) -> PaperFigure:
    """Make the map for print."""
    layer, head = shown.head
    return attention_map_figure(
        all_arcs_frame(shown.attention, shown.protein, layer, head),
        contacts_of(shown.protein),
        len(shown.protein),
        live_source(shown, "Attention", [shown.head]),
        shown.attention.floor,
    )


def diagram_figure(shown: Shown) -> PaperFigure:
    """Make the arcs over the sequence for print, of all heads that are shown."""
    heads = [f"{layer}-{head}" for layer, head in shown.heads]
    arcs = pd.concat(
        [
            one.frame.assign(colour=colours, head=head)
            for one, colours, head in zip(shown.drawn, shown.colours, heads, strict=True)
        ],
        ignore_index=True,
    )
    chain = shown.protein.chain
    structure = chain is not None and chain.secondary_structure is not None
    return arc_diagram_figure(
        arcs,
        shown.protein.sequence,
        residue_labels(shown.protein),
        chain,
        shown.attention.read,
        (*keys_of(shown), *(structure_keys() if structure else ())),
        live_source(shown, "Arcs", shown.heads, f"{shown.rule.threshold:.2f}"),
        rule_words(shown.rule),
    )


def live_source(shown: Shown, what: str, heads: Sequence[Head] = (), threshold: str = "") -> Source:
    """Say what a figure of this protein shows, and that it was computed live.

    Parameters
    ----------
    shown
        Protein and model.
    what
        Begins the title, before the protein.
    heads
        The heads it is of; none where it is of all.
    threshold
        Smallest weight of an arc, where one was asked for.
    """
    protein = shown.protein
    chain = f", chain {protein.chain_name}" if protein.chain_name else ""
    many = "s" if len(heads) > 1 else ""
    named = ", ".join(f"{layer}-{head}" for layer, head in heads)
    return Source(
        models=shown.offer.model.label + (f", head{many} {named}" if heads else ""),
        results=LIVE,
        feature=f"{what} on {protein.identifier}{chain}",
        threshold=threshold,
        n="n = 1 protein",
    )
