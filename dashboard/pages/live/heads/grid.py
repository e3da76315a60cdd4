"""Small still pictures over chosen layers and heads: the structure with arcs, or the map."""

from __future__ import annotations

import math
from functools import partial

import streamlit as st

from dashboard.figures.look.style import file_name
from dashboard.page.address import KEPT
from dashboard.page.markup import show_markup
from dashboard.page.opening import part, show_notes
from dashboard.pages.live.controls import open_head
from dashboard.pages.live.heads.small_maps import small_maps_html
from dashboard.pages.live.scene import group_arcs
from dashboard.pages.live.shown import Shown
from dashboard.pages.live.words import rule_words
from dashboard.structure.stills import Still, show_stills
from precompute.live import arcs as arc
from precompute.live.arc_colours import colour_arcs, legend, legend_html
from precompute.live.arcs import Head

MOST_PICTURES = 64
"""Pictures that are drawn at once."""
_A_ROW, _ON_A_SHEET = 8, 6
"""Pictures in a row of the page, and of the saved sheet, at most."""
_STRUCTURES, _MAPS = "3D structure", "Attention map"


@part
def draw_grid(shown: Shown) -> None:
    """Draw small pictures of many heads, once they are asked for."""
    panel = st.expander("Small pictures of many heads", key="live_grid", on_change="rerun")
    if not panel.open:
        return
    with panel:
        heads, form = _choose(shown)
        if len(heads) > MOST_PICTURES:
            show_notes([f"The first {MOST_PICTURES} of {len(heads)} heads are shown."])
        drawn = {
            head: arc.choose_arcs(shown.attention.head(*head), shown.protein, shown.rule)
            for head in heads[:MOST_PICTURES]
        }
        if form == _STRUCTURES:
            _draw_stills(shown, drawn)
        else:
            show_markup(
                small_maps_html(
                    {head: one.frame for head, one in drawn.items()},
                    len(shown.protein),
                    list(shown.heads),
                    shown.protein.boundary,
                ),
                key="live_small",
                picked=partial(open_head, shown.choices),
            )
        st.caption(
            "Head and number of arcs drawn"
            + (". " if form == _STRUCTURES else "; rows attend to columns. ")
            + "Click one to open it."
        )


def _choose(shown: Shown) -> tuple[list[Head], str]:
    """Draw the controls and give the chosen heads, and what is drawn of each."""
    attention = shown.attention
    forms = [_STRUCTURES, _MAPS] if shown.protein.view is not None else [_MAPS]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        form = st.segmented_control(
            "Pictures",
            forms,
            default=forms[0],
            required=True,
            key=f"live_grid_form_{len(forms)}",
            **KEPT,
        )
        layers = st.multiselect(
            "Layers",
            range(1, attention.layers + 1),
            default=[shown.head[0]],
            key=f"live_grid_layers_{attention.layers}",
            **KEPT,
            width=260,
        )
        numbers = st.multiselect(
            "Heads",
            range(1, attention.heads + 1),
            placeholder="all",
            key=f"live_grid_heads_{attention.heads}",
            **KEPT,
            width=320,
        )
    chosen = sorted(numbers) or list(range(1, attention.heads + 1))
    return [(layer, head) for layer in sorted(layers) for head in chosen], str(form)


def _draw_stills(shown: Shown, drawn: dict[Head, arc.Drawn]) -> None:
    colouring = str(shown.choices["colour"])
    stills = [
        Still(
            f"{layer}-{head}",
            f"{len(one.frame):,} {'arc' if len(one.frame) == 1 else 'arcs'}",
            group_arcs(
                one.frame,
                colour_arcs(one.frame, colouring),
                shown.look.arrows,
                shown.marked,
            ),
            (layer, head) in shown.heads,
        )
        for (layer, head), one in drawn.items()
    ]
    a_layer = max(len({head for _, head in drawn}), 1)
    chain = f", chain {shown.protein.chain_name}" if shown.protein.chain_name else ""
    keys = legend(colouring, two=shown.protein.boundary is not None)
    show_stills(
        stills,
        key="live_stills",
        columns=_columns(a_layer, _A_ROW),
        sheet_columns=_columns(a_layer, _ON_A_SHEET),
        legend=[(key.colour, key.label) for key in keys],
        about=f"{shown.offer.model.label}: heads (layer-head) on {shown.protein.identifier}"
        f"{chain}; {rule_words(shown.rule)}.",
        file=file_name(f"{shown.protein.identifier}_{shown.offer.model.name}_heads"),
        picked=partial(open_head, shown.choices),
    )
    st.html(legend_html(keys))


def _columns(pictures: int, most: int) -> int:
    """Choose how many pictures stand in a row, full rows where there can be."""
    full = [count for count in range(most // 2 + 1, most + 1) if pictures % count == 0]
    if pictures > most and full:
        return full[-1]
    return math.ceil(pictures / math.ceil(pictures / most))
