"""What a visitor takes along: the arcs for other programs; map and arc diagram for print."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.look.style import file_name
from dashboard.page.opening import show_notes
from dashboard.page.takeaway import take_along
from dashboard.page.unfold import unfold
from dashboard.pages.live.arcs.protein_print import arcs_figure, map_figure
from dashboard.pages.live.shown import Shown, map_chart
from dashboard.pages.live.whole_maps import megabytes, offer_maps
from precompute.attention.arcs_file import LINE_BYTES
from precompute.live.programs.arc_frame import Export
from precompute.live.programs.every_arc import write_every_arc
from precompute.live.programs.formats import FORMATS
from precompute.live.programs.stand_alone import NO_LIBRARY, library_here
from precompute.live.running.attention import Given


def draw_files(shown: Shown, given: Given) -> None:
    """Draw the buttons that open what there is to take; a page pays for these alone."""
    with st.container(horizontal=True, gap="small"):
        unfold("Arcs and scene for other programs", "live_formats", partial(_draw_formats, shown))
        linked = not shown.protein.private
        read = (shown.protein, shown.offer.model, shown.attention)
        take_along(
            partial(map_figure, *read, shown.head),
            "live_map",
            chart=partial(map_chart, shown),
            linked=linked,
            label="Take the map along",
        )
        take_along(
            partial(arcs_figure, *read, shown.heads, shown.rule, shown.colouring),
            "live_diagram",
            linked=linked,
            label="Take the arc diagram along",
        )
        offer_maps(shown, given)


def _draw_formats(shown: Shown) -> None:
    export = make_export(shown)
    name = file_name(f"{shown.protein.identifier}_{export.head}")
    chain = shown.protein.chain
    placed = chain is not None and chain.alpha_carbons is not None
    placed = placed and shown.protein.structure is not None
    for form in FORMATS:
        if form.structure and not placed:
            continue
        if form.ending == "html" and not library_here():
            show_notes([NO_LIBRARY])
            continue
        st.download_button(
            form.label,
            data=partial(form.write, export),
            file_name=f"{name}.{form.ending}",
            mime=form.mime,
            on_click="ignore",
            key=f"live_format_{form.ending}",
        )
    st.download_button(
        f"Arcs of all heads, Parquet ({megabytes(len(shown.attention.weight) * LINE_BYTES)} "
        "before compression)",
        data=partial(
            write_every_arc,
            shown.attention,
            shown.protein.identifier,
            shown.offer.model.label,
            shown.protein.boundary,
        ),
        file_name=f"{file_name(f'{shown.protein.identifier}_{shown.offer.model.label}')}.parquet",
        mime="application/vnd.apache.parquet",
        on_click="ignore",
        key="live_format_parquet",
        help=f"What was kept: weights of at least {shown.attention.floor:g}.",
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
        tuple((key.colour, key.label) for key in shown.keys),
    )
