"""Ask for a protein and a model."""

from __future__ import annotations

import streamlit as st

from dashboard.address import Choices
from dashboard.live.inference import Offer
from dashboard.live.protein import Protein, ResidueKey, parse_number
from dashboard.page import show_notes, show_problems
from precompute.errors import AtlasError
from precompute.examples import ExampleEntry, list_examples, load_example


def default_protein() -> str:
    """Name the protein that is shown where the address names none."""
    return f"example:{list_examples()[0].name}"


def choose_protein(choices: Choices) -> Protein | None:
    """Draw the controls for the protein and give it; None when there is none yet."""
    entries = {f"example:{entry.name}": entry for entry in list_examples()}
    name = st.selectbox(
        "Example",
        list(entries),
        format_func=lambda name: entries[name].label,
        width=380,
        **choices.widget("protein"),
    )
    try:
        return example_protein(name.removeprefix("example:"), choices["chain"])
    except AtlasError as error:
        show_problems([str(error)])
        return None


@st.cache_resource(show_spinner=False, max_entries=24)
def example_protein(name: str, chain: str) -> Protein:
    """Give an example as the page takes it."""
    example = load_example(name)
    own = example.find_chain(chain) if chain else example.longest
    keys = []
    for number, resolved in zip(own.numbers, own.resolved, strict=True):
        parsed = parse_number(number)
        keys.append(ResidueKey(own.name, *parsed) if parsed and resolved else None)
    return Protein(
        identifier=name,
        title=example.entry.protein,
        source=f"example:{name}",
        sequence=own.sequence,
        numbers=own.numbers,
        chain_name=own.name,
        chains=tuple(one.name for one in example.chains),
        chain=example.engine_chain(own.name),
        structure=example.structure_text,
        structure_format="pdb",
        residue_keys=tuple(keys),
    )


def choose_model(choices: Choices, offers: dict[str, Offer]) -> Offer | None:
    """Draw the list of models and give the chosen one."""
    if not offers:
        show_problems(["There is no model on this server, and it downloads none."])
        return None
    name = st.selectbox(
        "Model",
        list(offers),
        format_func=lambda name: offers[name].label,
        width=300,
        **choices.widget("model"),
    )
    return offers[name]


def entry_of(protein: Protein) -> ExampleEntry | None:
    """Give the example that a protein is."""
    return next((e for e in list_examples() if f"example:{e.name}" == protein.source), None)


def show_protein(protein: Protein) -> None:
    """Say what the protein is, as plain text."""
    chain = f", chain {protein.chain_name}" if protein.chain_name else ""
    unresolved = len(protein) - protein.resolved if protein.structure is not None else 0
    more = f", {unresolved} without coordinates" if unresolved else ""
    title = f" · {protein.title}" if protein.title else ""
    st.text(f"{protein.identifier}{chain}{title}: {len(protein)} residues{more}")
    show_notes(list(protein.notes))
