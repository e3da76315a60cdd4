"""Draw the opened head: its values, its label, where its arcs land, proteins that show it."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.printing.words import print_source
from dashboard.page.address import Choices
from dashboard.page.chart import show_chart
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown, element_key
from dashboard.page.opened import opened_heading
from dashboard.page.opening import live_link, part, show_problems
from dashboard.page.takeaway import take_along
from dashboard.pages.heads import words
from dashboard.pages.heads.controls import HeadsChoice
from dashboard.pages.heads.offsets_print import offsets_figure
from dashboard.pages.heads.offsets_screen import offsets_chart
from dashboard.pages.heads.opened import open_head, opened_panels
from dashboard.results.frames import rows_of
from dashboard.results.head import Head
from dashboard.results.head_facts import (
    both_denominators,
    examples,
    head_label,
    offset_frame,
    shapes_of,
)
from dashboard.results.heads import Heads
from precompute.errors import AtlasError

_BESIDE = 390
"""Width in pixels of what stands beside an opened head's table of amino acids or below it."""


@part
def draw_opened(panels: list[Heads], choices: Choices, choice: HeadsChoice) -> None:
    """Draw the opened head: its values for every property, and where to go from there."""
    head = choice.head
    if head is None:
        st.caption("Click a cell to open that head, or choose a row of the table of heads.")
        return
    own = opened_panels(panels, head)
    profile, comparison, table = open_head(own, head)
    label = own[0].label if own else head.model
    with st.container(key="opened_head", gap="small"):
        with opened_heading(choices, head.label, label):
            checkpoint = next((p.run.checkpoint for p in own if p.run), None)
            live_link("See it live on a protein", head, checkpoint=checkpoint)
        if profile.empty:
            st.text(f"No result on this page has the head {head.label}.")
            return
        for panel in own:
            _draw_label(panel, head, own)
        st.html(table)
        st.caption(
            "± what the drawing’s colours allow (published); interval at 0.05/m: the paper’s Wald "
            "(published, where given), the protein as sampling unit (measured). z against the "
            "background, sampling unit likewise" + words.MARKS + ". Rank among the m heads that "
            "are not grey; equal values share a rank. Empty: not known. "
            "[Methods](Methods#intervals-and-tests)"
        )
        name = f"atlas_head_{head.model}_{head.label}"
        download_buttons(profile, name, "Values", "opened_values")
        if len(comparison):
            download_buttons(comparison, f"{name}_compared", "Comparison", "opened_comparison")


@part
def _draw_label(panel: Heads, head: Head, panels: list[Heads]) -> None:
    """Say what a head is by one source, and what a run knows beside its shares."""
    label = head_label(panel, head)
    if label is None:
        return
    origin = as_markdown(words.source(panel, panels))
    st.markdown(f"**{label}** :small[by the [rule](Methods#head-labels), {origin}]")
    rows = both_denominators(panel, head) if panel.feature else []
    if rows:
        st.caption(as_markdown(words.denominators(*rows)))
    for shape in shapes_of(panel, head):
        st.caption(f"{as_markdown(words.head_shape(shape))} [Methods](Methods#head-shape)")
    offsets = offset_frame(panel, head)
    try:
        found = examples(panel, head)
    except AtlasError as problem:  # the offsets are there without them
        show_problems([str(problem)])
        found = pd.DataFrame()
    if offsets.empty and found.empty:
        return
    with st.container(horizontal=True, gap="medium"):
        if len(offsets):
            with st.container(width=_BESIDE, gap=None):
                about = words.offset_summary(panel, offsets)
                title = words.offset_title(panel, head, panels)
                key = element_key("offsets", panel.source.results)
                chart = partial(offsets_chart, offsets, title)
                show_chart(
                    chart,
                    key=key,
                    alt=f"{', '.join(title)}. {about}",
                    file_name=f"atlas_offsets_{head}_{panel.source.results}",
                )
                st.caption(as_markdown(about))
                source = print_source([panel])
                take_along(
                    partial(offsets_figure, offsets, source, head.label, head.model),
                    key,
                    chart=chart,
                )
        if len(found):
            with st.container(width=_BESIDE, gap=None):
                st.markdown(f":small[{words.examples_title(panel)}]")
                for row in rows_of(found):
                    chain = str(row["chain"] or "")
                    live_link(
                        words.example(str(row["protein"]), int(row["hits"]), int(row["arcs"])),
                        head,
                        str(row["protein"]),
                        chain,
                        panel.run.checkpoint if panel.run else None,
                    )
