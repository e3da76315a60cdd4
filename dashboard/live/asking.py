"""Ask for a protein and a model.

What an address may name stands among the page's choices. What the visitor gives, a file
or letters, stays in the session.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.address import Choices
from dashboard.live.fetching import can_fold, clean_accession, clean_pdb_id
from dashboard.live.inference import Offer
from dashboard.live.inputs import (
    SEQUENCE_ENDINGS,
    STRUCTURE_ENDINGS,
    fold,
    open_source,
    open_upload,
    upload_chain,
)
from dashboard.live.protein import Protein
from dashboard.live.sequences import NO_SEQUENCE, Records, read_records
from dashboard.live.settings import largest_file, longest_chain
from dashboard.page import show_notes, show_problems
from precompute.errors import AtlasError
from precompute.examples import list_examples

KINDS: dict[str, str] = {
    "example": "Example",
    "pdb": "PDB entry",
    "uniprot": "UniProt",
    "upload": "File",
    "sequence": "Sequence",
}
_KIND, _SEEN, _OWN, _FOLDED = "live_kind", "live_seen", "live_own", "live_folded"


def default_protein() -> str:
    """Name the protein that is shown where the address names none."""
    return f"example:{list_examples()[0].name}"


def choose_protein(choices: Choices) -> Protein | None:
    """Draw the controls for the protein and give it; None while there is none."""
    if st.session_state.get(_SEEN) != choices["protein"]:  # the visitor came by an address
        st.session_state[_KIND] = choices["protein"].partition(":")[0]
        st.session_state[_SEEN] = choices["protein"]
    kind = st.segmented_control(
        "Protein",
        list(KINDS),
        format_func=lambda name: KINDS[name],
        required=True,
        key=_KIND,
        on_change=choices.touch,
    )
    try:
        protein = _ask(str(kind), choices)
        if protein is not None and len(protein.chains) > 1:
            return _choose_chain(choices, protein, str(kind))
    except AtlasError as error:
        show_problems([str(error)])
        return None
    return protein


def _ask(kind: str, choices: Choices) -> Protein | None:
    """Draw the control of one kind and give what it names, in its first chain."""
    if kind == "upload":
        return _ask_file(choices)
    if kind == "sequence":
        return _ask_letters(choices)
    if kind == "example":
        _ask_example(choices)
    else:
        _ask_identifier(kind, choices)
    source = choices["protein"]
    if not source.startswith(f"{kind}:"):
        return None
    with st.spinner(f"Reading {source.partition(':')[2]}", show_time=True):
        return open_source(source, choices["chain"] or None)


def _ask_example(choices: Choices) -> None:
    entries = {f"example:{entry.name}": entry for entry in list_examples()}
    key = "live_example"
    if choices["protein"] in entries:
        st.session_state[key] = choices["protein"]
    st.selectbox(
        "Example",
        list(entries),
        format_func=lambda name: entries[name].label,
        key=key,
        on_change=lambda: _name(choices, st.session_state[key]),
        width=330,
    )
    if not choices["protein"].startswith("example:"):
        _name(choices, st.session_state[key])


def _ask_identifier(kind: str, choices: Choices) -> None:
    key = f"live_{kind}"
    clean, label, hint = {
        "pdb": (clean_pdb_id, "PDB identifier", "1T8K"),
        "uniprot": (clean_accession, "UniProt accession", "P69905"),
    }[kind]
    if choices["protein"].startswith(f"{kind}:") and key not in st.session_state:
        st.session_state[key] = choices["protein"].partition(":")[2]
    given = st.text_input(
        label,
        key=key,
        placeholder=hint,
        width=180,
        max_chars=40,
        help="Fetched from the RCSB PDB." if kind == "pdb" else "Fetched from AlphaFold DB.",
    )
    if given.strip():
        source = f"{kind}:{clean(given)}"
        if source != choices["protein"]:
            _name(choices, source)


def _name(choices: Choices, source: str) -> None:
    """Choose a protein that an address may name."""
    choices.set("protein", source)
    choices.set("chain", "")
    choices.set("residue", "")
    st.session_state[_SEEN] = source


def _choose_chain(choices: Choices, protein: Protein, kind: str) -> Protein:
    """Draw the list of chains and give the chosen one."""
    key = "live_chain_list"
    if st.session_state.get(key) not in protein.chains:
        st.session_state[key] = protein.chain_name
    if kind in ("example", "pdb", "uniprot") and choices["chain"] in protein.chains:
        st.session_state[key] = choices["chain"]

    def chosen() -> None:
        choices.set("chain", st.session_state[key])
        choices.set("residue", "")

    name = st.selectbox("Chain", protein.chains, key=key, on_change=chosen, width=100)
    if name == protein.chain_name:
        return protein
    if kind == "upload":
        return _kept(("chain", name), lambda: upload_chain(st.session_state[_OWN][1], name))
    return open_source(protein.source, name)


def _ask_file(choices: Choices) -> Protein | None:
    file = st.file_uploader(
        "PDB, mmCIF or FASTA file, or its gzip",
        type=[*STRUCTURE_ENDINGS, *SEQUENCE_ENDINGS],
        max_upload_size=largest_file(),
        key="live_file",
        on_change=choices.touch,
        help="The file stays in this session: it is neither stored nor passed on.",
        width=420,
    )
    if file is None:
        return None
    held = st.session_state.get(_OWN)
    if held is None or held[0] != file.file_id:
        held = (file.file_id, open_upload(file.getvalue(), file.name))
        st.session_state[_OWN] = held
        st.session_state["live_kept"] = {}
    read = held[1]
    if isinstance(read, Records):
        return _choose_record(read)
    return _kept(("chain", None), lambda: upload_chain(read))


def _ask_letters(choices: Choices) -> Protein | None:
    text = st.text_area(
        f"One or several sequences, of at most {longest_chain():,} residues",
        key="live_letters",
        placeholder="MKVLATTAGHEQ… or FASTA",
        height=90,
        width=460,
        on_change=choices.touch,
    )
    if not text.strip():
        show_notes([NO_SEQUENCE])
        return None
    if st.session_state.get(_OWN, ("", None))[0] != text:
        st.session_state[_OWN] = (text, read_records(text))
        st.session_state["live_kept"] = {}
    return _choose_record(st.session_state[_OWN][1])


def _choose_record(records: Records) -> Protein:
    place = 0
    if len(records.records) > 1:
        place = st.selectbox(
            "Record",
            range(len(records.records)),
            format_func=lambda number: records.records[number].label,
            width=300,
        )
    show_notes(list(records.notes))
    return _kept(("record", place), records.records[place].protein)


def _kept(key: Any, make: Any) -> Protein:
    """Give what was made of the visitor's own before, so that it is one object."""
    kept: dict[Any, Protein] = st.session_state.setdefault("live_kept", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]


def show_protein(protein: Protein) -> Protein:
    """Say what the protein is, as plain text, and offer to fold it where it has no structure."""
    chain = f", chain {protein.chain_name}" if protein.chain_name else ""
    title = f" · {protein.title}" if protein.title else ""
    st.text(f"{protein.identifier}{chain}{title}: {len(protein)} residues")
    if protein.structure is None and can_fold():
        folded = st.session_state.get(_FOLDED)
        if folded is not None and folded.sequence == protein.sequence:
            protein = folded
        elif st.button("Fold it", help="Sends the sequence to the folding service of this server."):
            try:
                with st.spinner("The folding service is at work", show_time=True):
                    protein = st.session_state[_FOLDED] = fold(protein)
            except AtlasError as error:
                show_problems([str(error)])
    show_notes(list(protein.notes))
    return protein


def choose_model(choices: Choices, offers: dict[str, Offer]) -> Offer | None:
    """Draw the list of models and give the chosen one."""
    if not offers:
        show_problems(["There is no model on this server, and it downloads none."])
        return None
    name = st.selectbox(
        "Model",
        list(offers),
        format_func=lambda name: offers[name].label,
        width=235,
        **choices.widget("model"),
    )
    return offers[name]
