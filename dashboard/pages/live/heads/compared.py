"""The heads of one protein beside each other, and their ranking."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.figures.look.draft import Chart
from dashboard.figures.printing.figure import PaperFigure
from dashboard.page.caption import caption_html
from dashboard.page.chart import show_chart, to_json
from dashboard.page.markup import show_markup
from dashboard.page.opening import part, show_notes
from dashboard.page.takeaway import take_along
from dashboard.pages.live.arcs.protein_print import live_source
from dashboard.pages.live.choices import CROSSING, MARKED, SELECTION
from dashboard.pages.live.controls import correct_here, open_head
from dashboard.pages.live.dataset import draw_dataset
from dashboard.pages.live.heads.protein_heads_print import protein_heads_figure
from dashboard.pages.live.heads.protein_heads_screen import heads_map, ranking_html
from dashboard.pages.live.shown import Shown
from dashboard.pages.live.words import feature_words, few_words, heads_title
from dashboard.results.loaded import Loaded
from precompute.datasets.own_sites import PROPERTY
from precompute.features import FEATURES, SHOWN_FEATURES
from precompute.live import arcs as arc
from precompute.live.getting.protein import Protein
from precompute.live.remember import remember
from precompute.live.running.attention import SparseAttention


@part
def draw_heads(shown: Shown, loaded: Loaded) -> None:
    """Draw the map of all heads, their ranking, and the head over the datasets."""
    chain = arc.labelled_chain(shown.protein)
    known = [name for name in arc.known_features(chain) if name != PROPERTY]
    options = [*known, MARKED, SELECTION]
    if shown.protein.boundary is not None:
        options.append(CROSSING)
    choices = shown.choices
    if choices["by"] not in options:
        correct_here(choices, "by", options[0], _not_known(str(choices["by"]), options[0]))
    by = st.selectbox("Compare heads by", options, width=290, **choices.widget("by", _label))
    compared = _compare_heads(shown, by)
    with st.container(horizontal=True, gap="medium"):
        if compared is not None:
            with st.container(width=400, gap=None):
                show_chart(
                    compared.json,
                    key="live_heads",
                    alt=f"Heatmap: heads on this protein. {compared.about}",
                    file_name=f"{shown.protein.identifier}_{by}_heads",
                    chosen=list(shown.heads),
                    on_pick=lambda cell: open_head(choices, f"{cell[0]}-{cell[1]}"),
                )
                st.html(caption_html(compared.about))
                take_along(
                    partial(_map_figure, shown, by, compared),
                    "live_heads",
                    chart=compared.chart,
                    linked=not shown.protein.private,
                )
            show_markup(
                ranking_html(compared.ranking, list(shown.heads)),
                key="live_ranking",
                picked=partial(open_head, choices),
                width=190,
            )
        feature = by if by in SHOWN_FEATURES else "contact"
        draw_dataset(shown.offer.model, shown.head, loaded, feature)


def _not_known(by: str, instead: str) -> str:
    """Say why heads are not compared by what was asked for."""
    if by == CROSSING:
        why = "There is no second protein that attention could go to"
    elif by == PROPERTY:
        why = "Residues of your own are compared by their list"
    else:
        why = f"{FEATURES[by].label} is not known of this protein"
    return f"{why}: heads are compared by “{_label(instead)}”."


def _label(name: str) -> str:
    if name == MARKED:
        return "Attention to the marked residue"
    if name == SELECTION:
        return "Arcs that end at chosen residues"
    if name == CROSSING:
        return "Attention between the two proteins"
    return f"Arcs: {FEATURES[name].label} · {FEATURES[name].group.lower()}"


def _title(by: str) -> str:
    return FEATURES[by].label if by in FEATURES else _label(by)


def _map_figure(shown: Shown, by: str, compared: Compared) -> PaperFigure:
    threshold = f"{shown.rule.threshold:.2f}"
    source = live_source(shown.protein, shown.offer.model, _title(by), threshold=threshold)
    return protein_heads_figure(
        compared.frame, list(shown.heads), source, compared.about, compared.unit
    )


class Compared(NamedTuple):
    """All heads of a model on one protein.

    Attributes
    ----------
    frame, unit, about
        Their values, what these are a share of, and in words.
    title
        The two lines above their map.
    json, ranking
        The map, and the highest of them.
    """

    frame: pd.DataFrame
    unit: str
    about: str
    title: tuple[str, str]
    json: str
    ranking: pd.DataFrame

    def chart(self) -> Chart:
        """Make the map anew, to take it along."""
        return heads_map(self.frame, self.title, self.unit)


def _compare_heads(shown: Shown, by: str) -> Compared | None:
    """Compare all heads by what is chosen; None, with a note, where it is not told yet."""
    residues: tuple[int, ...] = ()
    if by == MARKED:
        if shown.marked is None:
            show_notes(["Mark a residue first: click it in the structure, map or sequence."])
            return None
        residues = (shown.marked,)
    elif by == SELECTION:
        if not shown.sites:
            show_notes(["Write residues of your own above, such as 45-60, 72."])
            return None
        residues = shown.sites
    return _compared(shown.attention, shown.protein, by, shown.rule.threshold, residues)


@remember
def _compared(
    attention: SparseAttention,
    protein: Protein,
    by: str,
    threshold: float,
    residues: tuple[int, ...],
) -> Compared:
    few = few_words(threshold)
    if by == MARKED:
        frame = arc.heads_by_attention_to(attention, residues[0], threshold)
        name = protein.label(residues[0])
        about = f"Share of each head’s attention that goes to {name}, on this protein."
    elif by == CROSSING and protein.boundary is not None:
        frame = arc.heads_by_crossing(attention, protein.boundary, threshold)
        about = (
            "Share of each head’s attention between residues that goes to the other protein, of "
            f"the mean residue of this pair, {protein.sample}; special tokens are left out."
        )
    elif by == SELECTION:
        frame = arc.heads_by_residues(attention, np.array(residues, dtype=np.int64), threshold)
        share = 100 * len(residues) / len(protein)
        about = (
            f"Share of each head’s arcs that end at the {len(residues)} chosen residues "
            f"({share:.1f} % of the chain), on this protein. {few}"
        )
    else:
        frame = arc.heads_by_feature(attention, arc.labelled_chain(protein), by, threshold)
        about = feature_words(protein, attention, by, few)
    title = heads_title(protein, _title(by))
    unit = f"% of the head's {'attention' if by in (MARKED, CROSSING) else 'arcs'}"
    json = to_json(heads_map(frame, title, unit))
    return Compared(frame, unit, about, title, json, arc.rank_heads(frame))
