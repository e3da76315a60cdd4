"""The controls of a head on a protein: which head, which arcs, which colours."""

from __future__ import annotations

import streamlit as st

from dashboard.page.address import Choices, Value
from dashboard.page.controls import choose_one
from dashboard.page.opening import show_notes
from dashboard.pages.live.choices import MOST_HEADS
from dashboard.pages.live.offered import THRESHOLDS
from dashboard.pages.live.scene import Look
from dashboard.pages.live.sites.own_sites import ask_sites
from precompute.live.arcs import Head, Rule, best_head, labelled_chain
from precompute.live.getting.protein import Protein
from precompute.live.running.attention import SparseAttention


def choose_heads(
    choices: Choices, protein: Protein, attention: SparseAttention
) -> tuple[tuple[Head, ...], Rule, Look]:
    """Draw the controls and give what they say.

    Returns
    -------
    tuple
        The heads, the one that all parts of the page show first; which arcs of them;
        how the structure is drawn.
    """
    _drop_missing(choices, attention)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        layers = ["", *map(str, range(1, attention.layers + 1))]
        numbers = ["", *map(str, range(1, attention.heads + 1))]
        layer = st.selectbox(
            "Layer",
            layers,
            width=92,
            help="“best”: the highest share of contacts on this protein, or most arcs where "
            "contacts are not known.",
            **choices.widget("layer", lambda name: name or "best"),
        )
        head = st.selectbox(
            "Head",
            numbers,
            width=92,
            **choices.widget("head", lambda name: name or "best"),
        )
        threshold = st.select_slider(
            "Attention of an arc at least",
            [step for step in THRESHOLDS if float(step) >= attention.floor - 1e-9],
            width=230,
            **choices.widget("threshold"),
        )
        rule, look = _details(choices, float(threshold))
        first = _resolve(attention, protein, rule, layer, head)
        also = _also(choices, attention, first)
        ask_sites(choices, protein)
    return (first, *also), rule, look


def _drop_missing(choices: Choices, attention: SparseAttention) -> None:
    """Drop a head or threshold that this model and protein lack, and say so."""
    for name, most in (("layer", attention.layers), ("head", attention.heads)):
        if choices[name] and int(choices[name]) > most:
            why = f"This model has no {name} {choices[name]}: the best one is shown."
            correct_here(choices, name, "", why)
    also = [name for name in choices["also"] if _there(attention, name)]
    if len(also) < len(choices["also"]):
        why = "This model does not have all the further heads of the address."
        correct_here(choices, "also", tuple(also), why)
    if float(choices["threshold"]) < attention.floor - 1e-9:
        lowest = next(step for step in THRESHOLDS if float(step) >= attention.floor - 1e-9)
        why = f"Weights below {attention.floor:.2f} were not kept: arcs of {lowest} are shown."
        correct_here(choices, "threshold", lowest, why)


def correct_here(choices: Choices, name: str, value: Value, why: str) -> None:
    """Put a choice right, and say so here: where notes stand on the page is drawn already."""
    show_notes([why])
    choices.correct(name, value, why)


def _there(attention: SparseAttention, name: str) -> bool:
    layer, head = parse_head(name)
    return layer <= attention.layers and head <= attention.heads


def _resolve(
    attention: SparseAttention, protein: Protein, rule: Rule, layer: str, head: str
) -> Head:
    """Give the chosen head; the best one where layer or head is left open."""
    if layer and head:
        return int(layer), int(head)
    return best_head(
        attention,
        labelled_chain(protein),
        rule.threshold,
        int(layer) if layer else None,
        int(head) if head else None,
    )


def _also(choices: Choices, attention: SparseAttention, first: Head) -> tuple[Head, ...]:
    names = [
        f"{layer}-{head}"
        for layer in range(1, attention.layers + 1)
        for head in range(1, attention.heads + 1)
    ]
    chosen = st.multiselect(
        "Further heads",
        names,
        max_selections=MOST_HEADS - 1,
        placeholder="none",
        width=210,
        **choices.widget("also"),
    )
    heads = [parse_head(name) for name in chosen]
    return tuple(head for head in heads if head != first)


def parse_head(name: str) -> Head:
    """Read ``layer-head``."""
    layer, _, head = name.partition("-")
    return int(layer), int(head)


def _details(choices: Choices, threshold: float) -> tuple[Rule, Look]:
    with st.popover("Arcs and colours"):
        direction = choose_one(choices, "direction", "Arcs")
        separation = choose_one(choices, "separation", "Distance in sequence")
        most = choose_one(choices, "most", "Strongest arcs drawn")
        arrows = choose_one(choices, "arrows", "Direction as arrows")
        choose_one(choices, "colour", "Colour of arcs")
        residues = choose_one(choices, "residues", "Colour of residues")
        sites = choose_one(choices, "sites", "Binding sites")
        labels = choose_one(choices, "labels", "Most attended residues named")
    return (
        Rule(threshold, direction, int(separation), int(most)),  # type: ignore[arg-type]
        Look(residues, arrows == "yes", sites == "yes", int(labels)),
    )


def find_marked(choices: Choices, protein: Protein) -> int | None:
    """Give the marked residue, from 0; None, with a note, where the chain lacks it."""
    return find_residue(choices["residue"], protein)


def find_residue(text: str, protein: Protein) -> int | None:
    """Give a residue of an address, from 0; None, with a note, where the chain lacks it."""
    if not text:
        return None
    if text.startswith("#"):
        place = int(text[1:]) - 1
        if 0 <= place < len(protein):
            return place
    elif text in protein.numbers:
        return protein.numbers.index(text)
    show_notes([f"This chain has no residue {text}."])
    return None


def mark_residue(choices: Choices, protein: Protein, place: int) -> None:
    """Mark a residue, or none where it is marked already; for callbacks."""
    if not 0 <= place < len(protein):
        return
    text = residue_text(protein, place)
    choices.set("residue", "" if choices["residue"] == text else text)


def residue_text(protein: Protein, place: int) -> str:
    """Give what an address calls a residue, from 0."""
    number = protein.numbers[place]
    # A number that an earlier residue has too, as of a second protein, does not name this one.
    return number if number and protein.numbers.index(number) == place else f"#{place + 1}"


def open_head(choices: Choices, name: str) -> None:
    """Show another head; for callbacks."""
    layer, head = parse_head(name)
    choices.set("layer", str(layer))
    choices.set("head", str(head))
