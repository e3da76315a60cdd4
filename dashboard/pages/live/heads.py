"""The heads of one protein beside each other, and their ranking."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.printing.figure import PaperFigure
from dashboard.page.chart import show_chart
from dashboard.page.markup import show_markup
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_notes, show_problems
from dashboard.page.takeaway import take_along
from dashboard.pages.live import arcs as arc
from dashboard.pages.live.choices import MARKED, SELECTION
from dashboard.pages.live.controls import open_head
from dashboard.pages.live.dataset import draw_dataset
from dashboard.pages.live.protein_heads_print import protein_heads_figure
from dashboard.pages.live.protein_heads_screen import heads_map, ranking_html
from dashboard.pages.live.protein_print import live_source
from dashboard.pages.live.shown import Shown
from dashboard.pages.live.words import feature_words, few_words, heads_title
from dashboard.results.loaded import Loaded
from precompute.errors import AtlasError
from precompute.features import FEATURES, SHOWN_FEATURES


@part
def draw_heads(shown: Shown, loaded: Loaded) -> None:
    """Draw the map of all heads, their ranking, and the head over the datasets."""
    chain = arc.labelled_chain(shown.protein)
    options = [*arc.known_features(chain), MARKED, SELECTION]
    choices = shown.choices
    if choices["by"] not in options:
        choices.correct("by", options[0])
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        by = st.selectbox(
            "Compare heads by",
            options,
            format_func=_label,
            width=290,
            **choices.widget("by"),
        )
        if by == SELECTION:
            st.text_input(
                "Residues, as their authors number them",
                placeholder="45-60, 72",
                width=260,
                **choices.widget("selection"),
            )
    frame, about = _heads(shown, by)
    with st.container(horizontal=True, gap="medium"):
        if frame is not None:
            unit = f"% of the head's {'attention' if by == MARKED else 'arcs'}"
            chart = heads_map(frame, heads_title(shown.protein, _title(by)), unit)
            with st.container(width=400, gap=None):
                show_chart(
                    chart,
                    key="live_heads",
                    alt=f"Heatmap: heads on this protein. {about}",
                    file_name=f"{shown.protein.identifier}_{by}_heads",
                    chosen=list(shown.heads),
                    on_pick=lambda cell: open_head(choices, f"{cell[0]}-{cell[1]}"),
                )
                st.caption(as_markdown(about))
                take_along(
                    partial(_map_figure, shown, frame, by, about, unit),
                    "live_heads",
                    chart=chart,
                    linked=not shown.protein.private,
                )
            with st.container(width=190, gap=None):
                show_markup(
                    ranking_html(arc.rank_heads(frame), list(shown.heads)),
                    key="live_ranking",
                    picked=partial(open_head, choices),
                )
        with st.container(width=320, gap=None):
            draw_dataset(
                shown.offer.model, shown.head, loaded, by if by in SHOWN_FEATURES else "contact"
            )


def _label(name: str) -> str:
    if name == MARKED:
        return "Attention to the marked residue"
    if name == SELECTION:
        return "Arcs that end at chosen residues"
    return f"Arcs: {FEATURES[name].label} · {FEATURES[name].group.lower()}"


def _title(by: str) -> str:
    return FEATURES[by].label if by in FEATURES else _label(by)


def _map_figure(shown: Shown, frame: pd.DataFrame, by: str, about: str, unit: str) -> PaperFigure:
    threshold = f"{shown.rule.threshold:.2f}"
    source = live_source(shown.protein, shown.offer.model, _title(by), threshold=threshold)
    return protein_heads_figure(frame, list(shown.heads), source, about, unit)


def _heads(shown: Shown, by: str) -> tuple[pd.DataFrame | None, str]:
    """Give the frame of all heads, and what its values are."""
    attention, threshold = shown.attention, shown.rule.threshold
    few = few_words(threshold)
    if by == MARKED:
        if shown.marked is None:
            show_notes(["Mark a residue first: click it in the structure, map or sequence."])
            return None, ""
        name = shown.protein.label(shown.marked)
        frame = arc.heads_by_attention_to(attention, shown.marked, threshold)
        return frame, f"Share of each head’s attention that goes to {name}, on this protein."
    if by == SELECTION:
        try:
            residues = arc.parse_residues(shown.choices["selection"], shown.protein)
        except AtlasError as error:
            show_problems([str(error)])
            return None, ""
        if not len(residues):
            show_notes(["Write the residues, such as 45-60, 72."])
            return None, ""
        frame = arc.heads_by_residues(attention, residues, threshold)
        share = 100 * len(residues) / len(shown.protein)
        return (
            frame,
            f"Share of each head’s arcs that end at the {len(residues)} chosen residues "
            f"({share:.1f} % of the chain), on this protein. {few}",
        )
    chain = arc.labelled_chain(shown.protein)
    frame = arc.heads_by_feature(attention, chain, by, threshold)
    return frame, feature_words(shown.protein, attention, by, few)
