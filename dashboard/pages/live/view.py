"""Draw a protein's attention: in 3D, as a map, over the sequence, and head by head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from dashboard.figures.look.arc_colours import HEAD_COLOURS, Key, colour_arcs
from dashboard.page.address import Choices
from dashboard.page.chart import show_chart, to_json
from dashboard.page.markup import show_markup
from dashboard.pages.live import arcs as arc
from dashboard.pages.live.arc_diagram_screen import arc_diagram_svg
from dashboard.pages.live.arcs import Head
from dashboard.pages.live.attention_map_screen import LEFT, RIGHT, attention_map
from dashboard.pages.live.controls import choose_heads, find_marked, mark_residue
from dashboard.pages.live.export.arcs import arcs_frame
from dashboard.pages.live.getting.protein import Protein
from dashboard.pages.live.remember import remember
from dashboard.pages.live.running.attention import SCALE, SparseAttention
from dashboard.pages.live.running.inference import Offer
from dashboard.pages.live.scene import (
    SITE,
    Look,
    build_scene,
    received_colours,
)
from dashboard.pages.live.words import (
    arc_keys,
    map_title,
    residue_labels,
    residue_names,
    rule_words,
    structure_keys,
)
from dashboard.structure.molecule import show_structure
from dashboard.structure.writing import Structure

if TYPE_CHECKING:
    import plotly.graph_objects as go

VIEW_PIXELS, MAP_PIXELS = 460, 360
_VIEWER = "live_molecule"


@dataclass(frozen=True, eq=False)
class Shown:
    """What all parts of the page draw from.

    Attributes
    ----------
    protein, offer, attention, choices
        The protein, the model, what it attends to, and what is chosen.
    heads
        The heads that are drawn; map and lists are of the first.
    rule, look
        Which arcs are drawn, and how the structure is.
    drawn, colours
        Each head's arcs, and their colours.
    marked
        The marked residue, from 0.
    """

    protein: Protein
    offer: Offer
    attention: SparseAttention
    choices: Choices
    heads: tuple[Head, ...]
    rule: arc.Rule
    look: Look
    drawn: tuple[arc.Drawn, ...]
    colours: tuple[list[str], ...]
    marked: int | None

    @property
    def head(self) -> Head:
        """The first head."""
        return self.heads[0]

    @property
    def name(self) -> str:
        """Model and head, for people."""
        return f"{self.offer.model.label}, head {self.head[0]}-{self.head[1]}"

    @property
    def colouring(self) -> str:
        """How arcs are coloured; several heads have a colour each."""
        return "one" if len(self.heads) > 1 else str(self.choices["colour"])

    @property
    def keys(self) -> tuple[Key, ...]:
        """What the colours of arcs mean."""
        return arc_keys(self.heads, self.colouring)


def choose_shown(
    protein: Protein, offer: Offer, attention: SparseAttention, choices: Choices
) -> Shown:
    """Draw the controls and gather what they ask for."""
    heads, rule, look = choose_heads(choices, protein, attention)
    drawn = tuple(arc.choose_arcs(attention.head(*head), protein, rule) for head in heads)
    colouring = "one" if len(heads) > 1 else choices["colour"]
    colours = tuple(
        colour_arcs(one.frame, colouring, HEAD_COLOURS[number]) for number, one in enumerate(drawn)
    )
    marked = find_marked(choices, protein)
    return Shown(protein, offer, attention, choices, heads, rule, look, drawn, colours, marked)


def draw_views(shown: Shown) -> None:
    """Draw structure and map beside each other, and the arcs over the sequence below."""
    with st.container(horizontal=True, gap="small"):
        if shown.protein.view is not None:
            with st.container(width=540, gap=None):
                _draw_structure(shown, shown.protein.view)
        with st.container(width=MAP_PIXELS + LEFT + RIGHT, gap=None):
            _draw_map(shown)
    _draw_diagram(shown)
    draw_marked(shown)


@remember
def contacts_of(protein: Protein) -> NDArray[np.int8] | None:
    """Give the states of all pairs, worked out once."""
    return protein.chain.contact_states() if protein.chain is not None else None


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

    show_structure(structure, key=_VIEWER, height=VIEW_PIXELS, scene=scene, clicked=clicked)
    heads = shown.keys if len(shown.heads) > 1 else ()
    st.html(legend_html((*heads, *residue_keys(shown), *_ball_keys(shown))))


def draw_structure_alone(protein: Protein) -> None:
    """Draw the structure while there is no attention, where `draw_views` draws it later."""
    if protein.view is not None:
        nothing = np.zeros(len(protein), dtype=np.float32)
        scene = build_scene(protein, nothing, nothing > 0, [], Look("chain", sites=True), None)
        with st.container(horizontal=True, gap="small"), st.container(width=540, gap=None):
            show_structure(protein.view, key=_VIEWER, height=VIEW_PIXELS, scene=scene)


def residue_keys(shown: Shown) -> tuple[Key, ...]:
    """Say what the colours of residues mean."""
    by = shown.look.residues
    layer, head = shown.head
    if by == "attention":
        most = float(shown.attention.received[layer - 1, head - 1].max(initial=0.0))
        several = len(shown.heads) > 1
        not_read, scale = received_colours(several)
        of = f" from head {layer}-{head}" if several else ""
        keys = [Key(scale[0], f"receives 0{of}"), Key(scale[-1], f"receives {most:.1f}, the most")]
        if not shown.attention.read.all():
            keys.append(Key(not_read, "not read by the model"))
        return tuple(keys)
    return structure_keys() if by == "structure" else ()


def _ball_keys(shown: Shown) -> tuple[Key, ...]:
    labels = shown.protein.chain.binding_site if shown.protein.chain is not None else None
    sites = shown.look.sites and labels is not None and labels.any()
    return (Key(SITE, "binding site"),) if sites else ()


def arcs_sentence(shown: Shown) -> str:
    """Say how many arcs there are, and how many of them are drawn."""
    parts = []
    for (layer, head), one in zip(shown.heads, shown.drawn, strict=True):
        count = len(one.frame)
        some = f"the strongest {count:,} of {one.found:,}" if count < one.found else f"{count:,}"
        noun = "arc" if one.found == 1 else "arcs"
        known = one.frame["contact"].notna()
        text = f"head {layer}-{head}: {some} {noun}"
        if known.any():
            hits = int(one.frame["contact"].fillna(False).sum())
            text += (
                f"; of the {int(known.sum())} between resolved residues at least 6 apart, {hits} "
                "are contacts"
            )
        parts.append(text)
    sentence = ". ".join(f"{part[:1].upper()}{part[1:]}" for part in parts)
    rule = rule_words(shown.rule)
    return f"{sentence}. {rule[:1].upper()}{rule[1:]}, n = 1 protein."


def legend_html(keys: tuple[Key, ...]) -> str:
    """Write a legend as one line."""
    items = "".join(
        f'<span style="white-space:nowrap"><span style="display:inline-block;width:10px;'
        f'height:10px;background:{key.colour};margin-right:4px"></span>{escape(key.label)}</span>'
        for key in keys
    )
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:2px 12px;font-size:0.75rem;opacity:0.85">'
        f"{items}</div>"
    )


def _draw_map(shown: Shown) -> None:
    def picked(pair: list[str]) -> None:
        # The row is the attending residue; a second click on its row moves to the other.
        row, column = (residue_names(shown.protein).index(name) for name in pair)
        mark_residue(shown.choices, shown.protein, column if row == shown.marked else row)

    show_chart(
        _map_json(shown.attention, shown.protein, shown.head, shown.name, *_map_looks(shown)),
        key="live_map",
        alt=f"Heatmap: attention of {shown.name} on {shown.protein.identifier}. "
        f"{arcs_sentence(shown)}",
        file_name=f"{shown.protein.identifier}_{shown.name}_map",
        on_pick=picked,
    )
    # The map is of the first head alone.
    keys = shown.keys[:1] if len(shown.heads) > 1 else shown.keys
    st.html(legend_html((*keys, Key("rgba(128,128,128,0.45)", "contact, no attention"))))


def _map_looks(shown: Shown) -> tuple[str, int | None]:
    return shown.colouring, shown.marked


def map_chart(shown: Shown) -> go.Figure:
    """Make the map of the first head, as the page shows it."""
    return _make_map(shown.attention, shown.protein, shown.head, shown.name, *_map_looks(shown))


def _make_map(
    attention: SparseAttention,
    protein: Protein,
    head: Head,
    name: str,
    colouring: str,
    marked: int | None,
) -> go.Figure:
    figure = attention_map(
        all_arcs_frame(attention, protein, *head),
        residue_names(protein),
        contacts_of(protein),
        map_title(protein, name, attention.floor),
        colouring=colouring,
        marked=marked,
        pixels=MAP_PIXELS,
    )
    # Another protein is seen whole; another head in the part that was zoomed into.
    figure.update_layout(uirevision=f"{protein.identifier} {protein.chain_name} {len(protein)}")
    return figure


@remember
def _map_json(attention: SparseAttention, *what: Any) -> str:
    return to_json(_make_map(attention, *what))


@remember
def all_arcs_frame(
    attention: SparseAttention, protein: Protein, layer: int, head: int
) -> pd.DataFrame:
    """Describe everything that was kept of a head."""
    arcs = attention.head(layer, head)
    return arcs_frame(protein, arcs.source, arcs.target, arcs.weight / SCALE)


def _draw_diagram(shown: Shown) -> None:
    markup = arc_diagram_svg(
        pd.concat([one.frame for one in shown.drawn], ignore_index=True),
        [colour for colours in shown.colours for colour in colours],
        shown.protein.sequence,
        residue_labels(shown.protein),
        shown.protein.chain,
        shown.attention.read,
        about=f"{shown.name} on {shown.protein.identifier}. {arcs_sentence(shown)}",
        marked=shown.marked,
    )
    picked = partial(_mark_text, shown)
    show_markup(markup, key="live_diagram", picked=picked)
    if shown.protein.chain is not None and shown.protein.chain.secondary_structure is not None:
        st.html(legend_html(structure_keys()))
    st.caption(arcs_sentence(shown))


def _mark_text(shown: Shown, value: str) -> None:
    mark_residue(shown.choices, shown.protein, int(value))


def draw_marked(shown: Shown) -> None:
    """Say what is known of the marked residue: its arcs and its neighbours."""
    place = shown.marked
    if place is None:
        st.caption("Click a residue in the structure, the map or the sequence to mark it.")
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


def marked_sentence(shown: Shown, place: int) -> str:
    """Say a residue's arcs with their weights, and what is in contact with it."""
    protein = shown.protein
    parts = [f"{protein.label(place)} (residue {place + 1} of the sequence)"]
    if not shown.attention.read[place]:
        parts.append("the model did not read it")
    for (layer, head), one in zip(shown.heads, shown.drawn, strict=True):
        name = f"head {layer}-{head}: " if len(shown.heads) > 1 else ""
        received = float(shown.attention.received[layer - 1, head - 1, place])
        gives = one.frame[one.frame["i"] == place + 1]
        takes = one.frame[one.frame["j"] == place + 1]
        parts.append(f"{name}receives {received:.2f} in all")
        parts.append(f"attends to {_listed(protein, gives, 'j')}")
        parts.append(f"attended to by {_listed(protein, takes, 'i')}")
    states = contacts_of(protein)
    if states is not None:
        near = np.flatnonzero(states[place] == 1).tolist()
        parts.append(f"contacts {', '.join(map(protein.label, near)) or 'none'}")
    return "; ".join(parts) + "."


def _listed(protein: Protein, arcs: pd.DataFrame, end: str, most: int = 8) -> str:
    """Name the residues at one end of arcs, with the weights."""
    items = [
        f"{protein.label(int(other) - 1)} {weight:.2f}"
        for other, weight in zip(arcs[end].head(most), arcs["weight"].head(most), strict=True)
    ]
    return ", ".join(items) + (" …" if len(arcs) > most else "") if items else "none"
