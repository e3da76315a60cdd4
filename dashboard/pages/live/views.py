"""One protein's attention drawn in three ways: on the structure, as a map, over the sequence."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.page.caption import caption_html
from dashboard.page.chart import show_chart
from dashboard.page.markup import show_markup
from dashboard.pages.live.arcs.arc_diagram_screen import arc_diagram_svg
from dashboard.pages.live.arcs.attention_map_screen import LEFT, PIXELS, RIGHT
from dashboard.pages.live.controls import mark_residue
from dashboard.pages.live.scene import OWN, SITE, Look, build_scene
from dashboard.pages.live.shown import (
    Shown,
    arcs_sentence,
    map_json,
    marked_sentence,
    residue_keys,
)
from dashboard.pages.live.two.quadrants import quadrant_sentence, two_parts
from dashboard.pages.live.words import residue_labels, residue_names, structure_keys
from dashboard.structure.molecule import show_structure
from precompute.live import arcs as arc
from precompute.live.arc_colours import Key, legend_html
from precompute.live.getting.protein import Protein
from precompute.live.remember import remember
from precompute.live.running.attention import SparseAttention
from precompute.live.writing import Structure

VIEW_PIXELS = 460
_VIEWER = "live_molecule"
_ASK = caption_html("Click a residue in the structure, the map or the sequence to mark it.")


def draw_views(shown: Shown) -> None:
    """Draw structure and map beside each other, and the arcs over the sequence below."""
    with st.container(horizontal=True, gap="small"):
        if shown.protein.view is not None:
            with st.container(width=540, gap=None):
                _draw_structure(shown, shown.protein.view)
        with st.container(width=PIXELS + LEFT + RIGHT, gap=None):
            _draw_map(shown)
    _draw_diagram(shown)
    draw_marked(shown)


def _draw_structure(shown: Shown, structure: Structure) -> None:
    attention, (layer, head) = shown.attention, shown.head
    scene = build_scene(
        shown.protein,
        attention.received[layer - 1, head - 1],
        attention.read,
        [(one.frame, colours) for one, colours in zip(shown.drawn, shown.colours, strict=True)],
        shown.look,
        shown.marked,
    )

    def clicked() -> None:
        place = st.session_state[_VIEWER].get("residue")
        if place is not None:
            mark_residue(shown.choices, shown.protein, int(place))

    heads = shown.keys if len(shown.heads) > 1 else ()
    show_structure(
        structure,
        key=_VIEWER,
        height=VIEW_PIXELS,
        scene=scene,
        clicked=clicked,
        legend=legend_html((*heads, *residue_keys(shown), *_ball_keys(shown))),
    )


def draw_structure_alone(protein: Protein) -> None:
    """Draw the structure while there is no attention, where `draw_views` draws it later."""
    if protein.view is not None:
        nothing = np.zeros(len(protein), dtype=np.float32)
        scene = build_scene(protein, nothing, nothing > 0, [], Look("chain", sites=True), None)
        with st.container(horizontal=True, gap="small"), st.container(width=540, gap=None):
            show_structure(protein.view, key=_VIEWER, height=VIEW_PIXELS, scene=scene)


def _ball_keys(shown: Shown) -> tuple[Key, ...]:
    labels = shown.protein.chain.binding_site if shown.protein.chain is not None else None
    sites = shown.look.sites and labels is not None and labels.any()
    own = (Key(OWN, "your list"),) if shown.sites else ()
    return (*((Key(SITE, "binding site"),) if sites else ()), *own)


def _draw_map(shown: Shown) -> None:
    def picked(pair: list[str]) -> None:
        # The row is the attending residue; a second click on its row moves to the other.
        row, column = (residue_names(shown.protein).index(name) for name in pair)
        mark_residue(shown.choices, shown.protein, column if row == shown.marked else row)

    show_chart(
        map_json(shown),
        key="live_map",
        alt=f"Heatmap: attention of {shown.name} on {shown.protein.identifier}. "
        f"{arcs_sentence(shown)}",
        file_name=f"{shown.protein.identifier}_{shown.name}_map",
        on_pick=picked,
    )
    # The map is of the first head alone.
    keys = shown.keys[:1] if len(shown.heads) > 1 else shown.keys
    legend = legend_html((*keys, Key("rgba(128,128,128,0.45)", "contact, no attention")))
    said = quadrant_sentence(shown.protein, shown.attention, shown.head)
    st.html(legend + (caption_html(said) if said else ""))


@remember
def _diagram(
    attention: SparseAttention,
    protein: Protein,
    drawn: tuple[arc.Drawn, ...],
    colours: tuple[tuple[str, ...], ...],
    about: str,
    marked: int | None,
) -> str:
    return arc_diagram_svg(
        pd.concat([one.frame for one in drawn], ignore_index=True),
        [colour for own in colours for colour in own],
        protein.sequence,
        residue_labels(protein),
        protein.chain,
        attention.read,
        about=about,
        marked=marked,
        two=two_parts(protein),
    )


def _draw_diagram(shown: Shown) -> None:
    about = f"{shown.name} on {shown.protein.identifier}. {arcs_sentence(shown)}"
    markup = _diagram(
        shown.attention,
        shown.protein,
        shown.drawn,
        tuple(map(tuple, shown.colours)),
        about,
        shown.marked,
    )
    picked = partial(_mark_text, shown)
    show_markup(markup, key="live_diagram", picked=picked)
    legend = ""
    if shown.protein.chain is not None and shown.protein.chain.secondary_structure is not None:
        legend = legend_html(structure_keys())
    st.html(legend + caption_html(arcs_sentence(shown)) + (_ASK if shown.marked is None else ""))


def _mark_text(shown: Shown, value: str) -> None:
    mark_residue(shown.choices, shown.protein, int(value))


def draw_marked(shown: Shown) -> None:
    """Say what is known of the marked residue: its arcs and its neighbours."""
    place = shown.marked
    if place is None:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(marked_sentence(shown, place), width="stretch")
        st.button(
            "Unmark",
            key="live_unmark",
            type="tertiary",
            on_click=shown.choices.set,
            args=("residue", ""),
        )
