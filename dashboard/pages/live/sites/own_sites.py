"""Ask for residues of the visitor's own: marked everywhere, and what heads are ranked by."""

from __future__ import annotations

import streamlit as st

from dashboard.page.address import Choices
from dashboard.page.opening import show_problems
from precompute.errors import AtlasError
from precompute.live.getting.protein import Protein
from precompute.live.residue_list import parse_residues


def ask_sites(choices: Choices, protein: Protein) -> None:
    """Draw the field for the list."""
    st.text_input(
        "Residues of your own",
        placeholder=", ".join(f"{tag}:45-60" for tag in protein.tags) or "A:45, A:67-72",
        width=210,
        help="As their authors number them. All heads are ranked by the attention that goes to "
        "them.",
        **choices.widget("selection"),
    )


def find_sites(choices: Choices, protein: Protein) -> tuple[int, ...]:
    """Give the list's residues, from 0; none, with a sentence, where it cannot be read."""
    text = str(choices["selection"])
    try:
        residues = parse_residues(text, protein)
        if text and not len(residues):
            raise AtlasError("This list names no residue: write some, such as 45-60, 72.")
    except AtlasError as error:
        show_problems([str(error)])
        return ()
    return tuple(residues.tolist())
