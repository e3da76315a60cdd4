"""Choose the rows of an alignment that a model reads: a choice that changes its numbers."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.page.opening import show_notes
from dashboard.pages.live.choices import LiveChoices
from dashboard.pages.live.controls import correct_here
from precompute.live.getting.family import DEPTHS, RULES, Family, thin
from precompute.live.getting.protein import Protein
from precompute.live.remember import remember
from precompute.live.running.attention import Given
from precompute.models import Model


def choose_rows(choices: LiveChoices, protein: Protein, model: Model) -> tuple[Protein, Given]:
    """Draw the controls where a model reads an alignment.

    Returns
    -------
    tuple
        The protein, which says how many rows were read and by which rule; and what the model reads.
    """
    family = protein.family
    if family is None:
        show_notes(choices.pass_by("there is no alignment", "depth", "thin"))
        return protein, protein.sequence
    if not model.reads_alignments:
        show_notes(["This model reads the query alone."])
        show_notes(choices.pass_by("the query alone is read", "depth", "thin"))
        return protein, protein.sequence
    depths = depths_of(family)
    _correct(choices, family, depths)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        depth = depths[0]
        if len(depths) > 1:
            depth = st.select_slider(
                "Sequences read",
                depths,
                width=300,
                help="Which rows are read changes the maps.",
                **choices.widget("depth", lambda name: _label(family, name)),
            )
        rule, notes = "first", list[str]()  # of as many as there are
        if int(depth) < family.total:
            rules, notes = _rules(choices, family, int(depth))
            rule = st.selectbox(
                "Which of them",
                rules,
                width=170,
                help=family.unfiltered or None,
                **choices.widget("thin", RULES.__getitem__),
            )
        else:
            notes = choices.pass_by("all rows are read", "thin")
    show_notes(notes)
    read = thin(family, rule, int(depth))
    return _said(protein, rule, len(read)), read


def depths_of(family: Family) -> list[str]:
    """List the depths that can be chosen, the last of which reads all rows or as many as it may."""
    fewer = [depth for depth in DEPTHS if depth < family.most]
    if family.most < family.total:
        more = [depth for depth in DEPTHS if depth == family.most]
    else:  # all rows are the default where they are no more than it is
        more = [next(depth for depth in DEPTHS if depth >= max(family.total, 128))]
    return [str(depth) for depth in (*fewer, *more)]


def _rules(choices: LiveChoices, family: Family, depth: int) -> tuple[list[str], list[str]]:
    """List the rules that can be chosen, put one right that cannot, and say so."""
    if depth in family.filtered:
        return list(RULES), []
    notes = []
    if choices["thin"] == "hhfilter":
        notes = [f"{family.unfiltered} The most different rows are read."]
        choices.correct("thin", "diverse", *notes)
    return [rule for rule in RULES if rule != "hhfilter"], notes


def _correct(choices: LiveChoices, family: Family, depths: list[str]) -> None:
    """Put a depth right that this alignment has not got, or that is too much here."""
    depth = str(choices["depth"])
    if depth in depths:
        return
    nearest = next((one for one in depths if int(one) >= int(depth)), depths[-1])
    if int(depth) > family.most and family.most < family.total:
        why = f"{depth} rows of this alignment are more than a model is given here."
        correct_here(choices, "depth", nearest, why)
    else:
        choices.correct("depth", nearest)


def _label(family: Family, depth: str) -> str:
    return f"all {family.total:,}" if int(depth) >= family.total else f"{int(depth):,}"


@remember
def _said(protein: Protein, rule: str, rows: int) -> Protein:
    """Give the protein with what figures say of its alignment."""
    assert protein.family is not None
    total = protein.family.total
    some = f"{rows:,} of {total:,} rows, {rule}" if rows < total else f"{rows:,} rows"
    return replace(protein, sample=f"{protein.sample}, {some}")
