"""What all parts of the page draw from, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures.look.draft import Chart
from dashboard.page.address import Choices
from dashboard.page.chart import to_json
from dashboard.page.opening import show_notes
from dashboard.pages.live.arcs.attention_map_screen import attention_map
from dashboard.pages.live.controls import choose_heads, find_marked
from dashboard.pages.live.scene import Look, received_colours
from dashboard.pages.live.sites.own_sites import find_sites
from dashboard.pages.live.two.quadrants import mark_quadrants
from dashboard.pages.live.words import (
    arc_keys,
    map_title,
    residue_names,
    rule_words,
    structure_keys,
)
from precompute.live import arcs as arc
from precompute.live.arc_colours import HEAD_COLOURS, Key, colour_arcs
from precompute.live.arcs import Head
from precompute.live.getting.protein import Protein
from precompute.live.programs.arc_frame import arcs_frame, contacts_of
from precompute.live.remember import remember
from precompute.live.residue_list import with_sites
from precompute.live.running.attention import SCALE, SparseAttention
from precompute.live.running.inference import Offer


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
    sites
        The visitor's own list of residues, from 0; the protein's chain has them as own sites.
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
    sites: tuple[int, ...] = ()

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
        return arc_keys(self.heads, self.colouring, two=self.protein.boundary is not None)


def choose_shown(
    protein: Protein, offer: Offer, attention: SparseAttention, choices: Choices
) -> Shown:
    """Draw the controls and gather what they ask for."""
    heads, rule, look = choose_heads(choices, protein, attention)
    sites = find_sites(choices, protein)
    protein = with_sites(protein, sites)
    drawn = tuple(drawn_arcs(attention, protein, head, rule) for head in heads)
    colouring = "one" if len(heads) > 1 else choices["colour"]
    if len(heads) > 1:
        show_notes(choices.pass_by("several heads have a colour each", "colour"))
    if protein.view is None:
        of_view = ("arrows", "residues", "sites", "labels")
        show_notes(choices.pass_by("no structure is shown", *of_view))
    colours = tuple(
        arc_colours(attention, protein, head, rule, colouring, HEAD_COLOURS[number])
        for number, head in enumerate(heads)
    )
    marked = find_marked(choices, protein)
    return Shown(
        protein, offer, attention, choices, heads, rule, look, drawn, colours, marked, sites
    )


@remember
def drawn_arcs(
    attention: SparseAttention, protein: Protein, head: Head, rule: arc.Rule
) -> arc.Drawn:
    """Choose the arcs of a head that are drawn, once."""
    return arc.choose_arcs(attention.head(*head), protein, rule)


@remember
def arc_colours(
    attention: SparseAttention,
    protein: Protein,
    head: Head,
    rule: arc.Rule,
    colouring: str,
    one: str,
) -> list[str]:
    """Colour the arcs of a head that are drawn, once."""
    return colour_arcs(drawn_arcs(attention, protein, head, rule).frame, colouring, one)


@remember
def all_arcs_frame(
    attention: SparseAttention, protein: Protein, layer: int, head: int
) -> pd.DataFrame:
    """Describe everything that was kept of a head."""
    arcs = attention.head(layer, head)
    return arcs_frame(protein, arcs.source, arcs.target, arcs.weight / SCALE)


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


@remember
def arcs_sentence(shown: Shown) -> str:
    """Say how many arcs there are, and how many of them are drawn."""
    parts = []
    for (layer, head), one in zip(shown.heads, shown.drawn, strict=True):
        count = len(one.frame)
        some = f"the strongest {count:,} of {one.found:,}" if count < one.found else f"{count:,}"
        noun = "arc" if one.found == 1 else "arcs"
        contact = one.frame["contact"].to_numpy(dtype=float, na_value=np.nan)
        known = ~np.isnan(contact)
        text = f"head {layer}-{head}: {some} {noun}"
        apart = "at least 6 apart"
        if "between" in one.frame:
            text += f", {int(one.frame['between'].sum()):,} of them between the two"
            apart = f"{apart} or of two chains"
        if known.any():
            hits = int(np.nansum(contact))
            text += (
                f"; of the {int(known.sum())} between resolved residues {apart}, {hits} are "
                "contacts"
            )
        parts.append(text)
    sentence = ". ".join(f"{part[:1].upper()}{part[1:]}" for part in parts)
    rule = rule_words(shown.rule)
    return f"{sentence}. {rule[:1].upper()}{rule[1:]}, {shown.protein.sample}."


def marked_sentence(shown: Shown, place: int) -> str:
    """Say a residue's arcs with their weights, and what is in contact with it."""
    protein = shown.protein
    parts = [f"{protein.label(place)} ({protein.place(place)})"]
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


def map_chart(shown: Shown) -> Chart:
    """Make the map of the first head, as the page shows it."""
    return _make_map(shown.attention, *_asked(shown))


def map_json(shown: Shown) -> str:
    """Give the same as Plotly's JSON, made once."""
    return _map_json(shown.attention, *_asked(shown))


def _asked(shown: Shown) -> tuple[Protein, Head, str, str, int | None]:
    return shown.protein, shown.head, shown.name, shown.colouring, shown.marked


def _make_map(
    attention: SparseAttention,
    protein: Protein,
    head: Head,
    name: str,
    colouring: str,
    marked: int | None,
) -> Chart:
    return attention_map(
        all_arcs_frame(attention, protein, *head),
        residue_names(protein),
        contacts_of(protein),
        map_title(protein, name, attention.floor),
        colouring=colouring,
        marked=marked,
        zoom=zoom_of(protein),
        add=partial(mark_quadrants, protein, attention, head) if protein.boundary else None,
    )


def zoom_of(protein: Protein) -> str:
    """Tell a protein's maps from others': another protein is seen whole, another head is not."""
    return f"{protein.identifier} {protein.chain_name} {len(protein)}"


@remember
def _map_json(attention: SparseAttention, *what: Any) -> str:
    return to_json(_make_map(attention, *what))
