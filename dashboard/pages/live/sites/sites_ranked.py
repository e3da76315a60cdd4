"""All heads ranked by the attention that goes to residues of the visitor's own."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from dashboard.figures.printing.figure import PaperFigure
from dashboard.page.chart import show_chart, to_json
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_problems
from dashboard.page.takeaway import take_along
from dashboard.pages.live.arcs.protein_print import live_source
from dashboard.pages.live.controls import open_head
from dashboard.pages.live.heads.protein_heads_print import protein_heads_figure
from dashboard.pages.live.heads.protein_heads_screen import heads_map
from dashboard.pages.live.shown import Shown
from dashboard.pages.live.words import heads_title
from precompute.errors import AtlasError
from precompute.live.getting.protein import Protein
from precompute.live.own_sites import SETS, Ranked, rank_by_sites
from precompute.live.remember import remember
from precompute.live.running.attention import SparseAttention

_KEY = "live_own_sites_rows"
_TITLE = "Attention to residues of one’s own"
_UNIT = "% of the head's attention between residues"


@part
def draw_own_sites(shown: Shown) -> None:
    """Draw the ranking of all heads and their map, where there is a list."""
    if not shown.sites:
        return
    try:
        ranked = rank_by_sites(shown.attention, shown.sites, shown.rule.threshold)
    except AtlasError as error:
        show_problems([str(error)])
        return
    about = sites_words(ranked, shown.rule.threshold, len(shown.sites))
    st.markdown(f"**Which heads attend to the {_residues(len(shown.sites))} of your list**")
    asked = (shown.sites, shown.rule.threshold)
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=400, gap=None):
            show_chart(
                _map_json(shown.attention, shown.protein, *asked),
                key="live_own_sites",
                alt=f"Heatmap: {_TITLE}. {about}",
                file_name=f"{shown.protein.identifier}_own_sites_heads",
                chosen=list(shown.heads),
                on_pick=lambda cell: open_head(shown.choices, f"{cell[0]}-{cell[1]}"),
            )
            take_along(
                partial(_figure, shown, ranked, about),
                "live_own_sites",
                chart=partial(_map, ranked, shown.protein),
                linked=not shown.protein.private,
            )
        with st.container(width=540, gap=None):
            _draw_table(shown, ranked)
    st.caption(as_markdown(about))


def _draw_table(shown: Shown, ranked: Ranked) -> None:
    """List all heads, the first first; a chosen row opens its head."""
    table = ranked.frame.sort_values("rank", ignore_index=True)
    heads = (table["layer"].astype(str) + "-" + table["head"].astype(str)).tolist()

    def opened() -> None:
        rows = st.session_state[_KEY]["selection"]["rows"]
        if rows and rows[0] < len(heads):
            open_head(shown.choices, heads[rows[0]])

    table.insert(1, "name", heads)
    st.dataframe(
        table.drop(columns=["layer", "head", "hits"]),
        hide_index=True,
        height=400,
        row_height=28,
        column_config=_columns(shown.rule.threshold),
        on_select=opened,
        selection_mode="single-row",
        key=_KEY,
    )


def _columns(threshold: float) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "rank": number("rank", width=45),
        "name": st.column_config.TextColumn("head", width=60),
        "percent": number("%", format="%.1f", help=_UNIT),
        "times_even": number("× even", format="%.1f", help="over the list’s share of the chain"),
        "p_value": number("p", format="%.3f", help=f"against {SETS:,} random sets, one-sided"),
        "false_discovery": number("q", format="%.2g", help="false discovery rate over all heads"),
        "arcs": number("arcs", help=f"of at least {threshold:.2f}"),
        "arcs_percent": number("% of arcs", format="%.1f", help="that end in the list"),
    }


def sites_words(ranked: Ranked, threshold: float, listed: int) -> str:
    """Say what is ranked, against which chance, and what it cannot tell."""
    frame = ranked.frame
    tested = int(frame["p_value"].notna().sum())
    found = int((frame["false_discovery"] <= 0.05).sum())
    words = (
        f"%: of a head’s attention between residues, whatever the weights, the share that goes to "
        f"the list ({ranked.sites} of {ranked.read:,} residues read, "
        f"{100 * ranked.sites / ranked.read:.1f} %). p: against {SETS:,} random sets of as many "
        "residues with the same gaps between them in shuffled order, from a random residue on and "
        f"around the ends; at least 1 of {SETS + 1:,}. q: p over {tested} heads by false discovery "
        f"rate (Benjamini and Hochberg); {found} {'head is' if found == 1 else 'heads are'} at "
        f"most 0.05. % of arcs: of those of at least {threshold:.2f}, as a run with --sites counts "
        "them."
    )
    if ranked.possible < SETS:
        words += (
            f" No more than {ranked.possible:,} different sets have these gaps, so that p is "
            f"hardly below {1 / ranked.possible:.2g}."
        )
    if listed > ranked.sites:
        words += f" The model did not read {_residues(listed - ranked.sites)} of the list."
    return words


def _residues(count: int) -> str:
    return f"{count:,} residue{'' if count == 1 else 's'}"


def _map(ranked: Ranked, protein: Protein) -> Any:
    return heads_map(ranked.frame, heads_title(protein, _TITLE), _UNIT)


@remember
def _map_json(
    attention: SparseAttention, protein: Protein, sites: tuple[int, ...], threshold: float
) -> str:
    return to_json(_map(rank_by_sites(attention, sites, threshold), protein))


def _figure(shown: Shown, ranked: Ranked, about: str) -> PaperFigure:
    threshold = f"{shown.rule.threshold:.2f}"
    source = live_source(shown.protein, shown.offer.model, _TITLE, threshold=threshold)
    frame = ranked.frame
    return protein_heads_figure(frame, list(shown.heads), source, about, _UNIT)
