"""What a visitor takes along: the arcs for other programs, the map for print."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.style import file_name
from dashboard.live.export.arcs import Export
from dashboard.live.export.formats import FORMATS
from dashboard.live.view import Shown, all_arcs_frame, contacts_of, keys_of
from dashboard.paper.attention_map import attention_map_figure
from dashboard.paper.figure import PaperFigure, Source
from dashboard.takeaway import take_along


def draw_takeaway(shown: Shown) -> None:
    """Draw the buttons that open what there is to take; a page pays for these alone."""
    with st.container(horizontal=True, gap="small"):
        _draw_formats(shown)
        take_along(partial(map_figure, shown), "live_map")


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
    chain = f", chain {shown.protein.chain_name}" if shown.protein.chain_name else ""
    source = Source(
        models=f"{shown.offer.model.label}, head {layer}-{head}",
        feature=f"Attention on {shown.protein.identifier}{chain}",
        n="n = 1 protein",
    )
    return attention_map_figure(
        all_arcs_frame(shown.attention, shown.protein, layer, head),
        contacts_of(shown.protein),
        len(shown.protein),
        source,
        shown.attention.floor,
    )
