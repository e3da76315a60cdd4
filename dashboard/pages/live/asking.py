"""Ask for a protein and a model.

What an address may name stands among the page's choices. What the visitor gives, a file
or letters, stays in the session.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from dashboard.page.address import KEPT
from dashboard.page.labels import forget_labels, labelled, restore
from dashboard.page.names import tell_apart
from dashboard.page.opening import show_notes, show_problems
from dashboard.pages.live.choices import KINDS, OWN_ALIGNMENT, OWN_KINDS, LiveChoices, kind_of
from dashboard.pages.live.own import Own
from dashboard.pages.live.rows.own_alignment import ask_own_alignment
from dashboard.pages.live.waiting import begin_unasked
from precompute.errors import AtlasError
from precompute.examples import list_examples
from precompute.examples.aligned import ALIGNED
from precompute.live.getting.entries import can_fold, clean_accession, clean_pdb_id
from precompute.live.getting.files import SEQUENCE_ENDINGS, STRUCTURE_ENDINGS
from precompute.live.getting.inputs import fold, open_source, with_fold
from precompute.live.getting.protein import Protein
from precompute.live.getting.reading import readers
from precompute.live.getting.sequences import NO_SEQUENCE
from precompute.live.running.inference import Offer, size_gigabytes
from precompute.live.settings import largest_file, longest_chain

READS_EVERYTHING = "esm2_t6_8m"
"""The smallest model of the registry that does."""
NO_FILE = "No address holds a file of your own: choose it here."


def default_protein() -> str:
    """Name the protein that is shown where the address names none."""
    return f"example:{list_examples()[0].name}"


def choose_protein(choices: LiveChoices, *, alignments: bool) -> Protein | None:
    """Draw the controls for the protein and give it; None while there is none.

    Parameters
    ----------
    choices
        The page's.
    alignments
        Whether a model is here that reads them.
    """
    choices.correct("kind", choices.kind)
    kind = st.segmented_control(
        "Protein",
        [kind for kind in KINDS if kind != "alignment" or alignments or kind == choices.kind],
        required=True,
        wrap=True,
        **choices.widget("kind", KINDS.__getitem__),
    )
    if kind in (*OWN_KINDS, "alignment"):
        choices.pass_by("it is of no structure that an address names", "chain")
    try:
        protein = ask_kind(str(kind), choices)
        if protein is not None and len(protein.chains) > 1:
            return choose_chain(choices, protein)
    except AtlasError as error:
        show_problems([str(error)])
        return None
    return protein


def ask_kind(kind: str, choices: LiveChoices) -> Protein | None:
    """Draw the control of one kind and give what it names, in its first chain."""
    if kind == "upload":
        return _ask_file(choices)
    if kind == "sequence":
        return _ask_letters(choices)
    if kind == "example":
        named = {f"example:{entry.name}": entry.label for entry in list_examples()}
        left_out = {choices.beside} - {choices["protein"]}
        names = {name: label for name, label in named.items() if name not in left_out}
        _ask_listed(kind, "Example", names, choices)
    elif kind == "alignment":
        names = {f"alignment:{one.name}": one.label for one in ALIGNED.values()}
        names[OWN_ALIGNMENT] = "An alignment of yours"
        _ask_listed(kind, "Alignment", names, choices)
        if choices["protein"] == OWN_ALIGNMENT:
            return ask_own_alignment(choices)
    else:
        _ask_identifier(kind, choices)
    source = choices["protein"]
    if kind_of(source) != kind:
        return None
    waiting: AbstractContextManager[None] = nullcontext()
    if kind != "example":  # which is here; a spinner starts a thread
        waiting = st.spinner(f"Reading {source.partition(':')[2]}", show_time=True)
    with waiting:
        return open_source(source, choices["chain"] or None)


def _ask_listed(kind: str, label: str, names: dict[str, str], choices: LiveChoices) -> None:
    key = f"{choices.own}_{kind}"
    if choices["protein"] in names:
        st.session_state[key] = choices["protein"]
    st.selectbox(
        label,
        list(names),
        on_change=lambda: _name(choices, st.session_state[key]),
        width=330,
        **labelled(key, names.__getitem__),
        **KEPT,
    )
    if kind_of(choices["protein"]) != kind:
        _name(choices, st.session_state[key])


def _ask_identifier(kind: str, choices: LiveChoices) -> None:
    key, seen = f"{choices.own}_{kind}", f"{choices.own}_seen"
    readers.start()
    clean, label, hint = {
        "pdb": (clean_pdb_id, "PDB identifier", "1T8K"),
        "uniprot": (clean_accession, "UniProt accession", "P69905"),
    }[kind]
    source = choices["protein"]
    new = st.session_state.get(seen) != source or key not in st.session_state
    if kind_of(source) == kind and new:  # the visitor came by an address
        st.session_state[key] = source.partition(":")[2]
        st.session_state[seen] = source
    given = st.text_input(
        label,
        key=key,
        placeholder=hint,
        width=180,
        max_chars=40,
        help="Fetched from the RCSB PDB." if kind == "pdb" else "Fetched from AlphaFold DB.",
        **KEPT,
    )
    if given.strip():
        source = f"{kind}:{clean(given)}"
        if source != choices["protein"]:
            _name(choices, source)


def _name(choices: LiveChoices, source: str) -> None:
    """Choose a protein that an address may name."""
    choices.set("protein", source)
    choices.set("chain", "")
    choices.set("residue", "")
    st.session_state[f"{choices.own}_seen"] = source


def choose_chain(choices: LiveChoices, protein: Protein) -> Protein:
    """Draw the list of chains and give the chosen one."""
    own: Own | None = st.session_state.get(f"{choices.own}_own_file") if protein.private else None
    key = f"{choices.own}_own_chain" if own else f"{choices.own}_chain_list"
    if own is None or st.session_state.get(key) not in protein.chains:
        st.session_state[key] = protein.chain_name

    def chosen() -> None:
        choices.set("chain", "" if own else st.session_state[key])
        choices.set("residue", "")

    name = st.selectbox("Chain", protein.chains, key=key, on_change=chosen, width=100, **KEPT)
    if name == protein.chain_name:
        return protein
    return open_chain(protein, name, own)


def open_chain(protein: Protein, name: str, own: Own | None = None) -> Protein:
    """Give another chain of a protein's structure.

    Parameters
    ----------
    protein
        Of an entry, or of the visitor's file.
    name
        The chain.
    own
        The file; the first protein's by default.
    """
    if not protein.private:
        return open_source(protein.source, name)
    file: Own = own or st.session_state["live_own_file"]
    found = file.read(name)
    assert isinstance(found, Protein), "it was a structure before"
    return found


def _ask_file(choices: LiveChoices) -> Protein | None:
    key, kept = f"{choices.own}_file", f"{choices.own}_own_file"
    readers.start()

    def changed() -> None:
        _forget(kept)  # another file, or none any more
        choices.set("residue", "")

    file = st.file_uploader(
        "PDB, mmCIF or FASTA file, or its gzip",
        type=[*STRUCTURE_ENDINGS, *SEQUENCE_ENDINGS],
        max_upload_size=largest_file(),
        key=key,
        on_change=changed,
        help="The file stays in this session: it is neither stored nor passed on.",
        width=420,
    )
    own: Own | None = st.session_state.get(kept)
    if file is not None and (own is None or own.token != file.file_id):
        _forget(kept)
        own = st.session_state[kept] = Own(file.file_id, file.name, file.getvalue())
    if own is None:
        show_notes([NO_FILE])
        return None
    if file is None:
        with st.container(gap=None, width="content"):
            st.text(f"{own.subject} is kept for this visit.")
            st.button("Forget it", key=f"{choices.own}_forget", type="tertiary", on_click=changed)
    return _open_own(own, choices, f"{choices.own}_own_record")


def _ask_letters(choices: LiveChoices) -> Protein | None:
    readers.start()
    text = st.text_area(
        f"One or several sequences, of at most {longest_chain():,} residues",
        key=f"{choices.own}_letters",
        placeholder="MKVLATTAGHEQ… or FASTA",
        height=90,
        width=460,
        on_change=choices.set,
        args=("residue", ""),
        **KEPT,
    )
    if not text.strip():
        show_notes([NO_SEQUENCE])
        return None
    kept = f"{choices.own}_own_letters"
    own: Own | None = st.session_state.get(kept)
    if own is None or own.token != text:
        _forget(kept)
        own = st.session_state[kept] = Own(text, "", text)
    return _open_own(own, choices, f"{choices.own}_letters_record")


def _open_own(own: Own, choices: LiveChoices, key: str) -> Protein:
    """Give what the visitor gave: the first chain of a structure, or the chosen record."""
    read = own.read()
    if isinstance(read, Protein):
        return read
    place = 0
    if len(read.records) > 1:
        restore([key])
        if st.session_state.get(key) not in range(len(read.records)):
            st.session_state[key] = 0
        labels = tell_apart([record.label for record in read.records])
        place = st.selectbox(
            "Record",
            range(len(labels)),
            width=300,
            **labelled(key, labels.__getitem__),
            on_change=choices.set,
            args=("residue", ""),
            **KEPT,
        )
    show_notes(list(read.notes))
    return own.record(place)


def _forget(kept: str) -> None:
    """Forget what the visitor gave, and what was chosen of it."""
    own, _, what = kept.rpartition("_own_")
    chosen = ("own_chain", "own_record") if what == "file" else ("letters_record",)
    for key in (kept, *(f"{own}_{name}" for name in chosen)):
        st.session_state.pop(key, None)
        forget_labels(key)


def show_protein(protein: Protein, own: str = LiveChoices.own) -> Protein:
    """Say what the protein is, as plain text, and offer to fold it where it has no structure."""
    chain = f", chain {protein.chain_name}" if protein.chain_name else ""
    title = f" · {protein.title}" if protein.title else ""
    st.text(f"{protein.identifier}{chain}{title}: {len(protein)} residues")
    if protein.structure is None and can_fold():
        folded = st.session_state.get(f"{own}_folded")
        if (folded is None or folded.sequence != protein.sequence) and st.button(
            "Fold it",
            key=f"{own}_fold",
            help="Sends the sequence to the folding service of this server.",
        ):
            try:
                with st.spinner("The folding service is at work", show_time=True):
                    folded = st.session_state[f"{own}_folded"] = fold(protein.sequence)
            except AtlasError as error:
                show_problems([str(error)])
        if folded is not None and folded.sequence == protein.sequence:
            protein = with_fold(protein, folded)
    show_notes(list(protein.notes))
    return protein


def offer_instead(choices: LiveChoices, offers: dict[str, Offer], refused: Offer) -> None:
    """Offer the smallest model that reads every sequence, where one that does not was refused."""
    other = offers.get(READS_EVERYTHING)
    if refused.model.reads_any or other is None:
        return

    def take() -> None:
        begin_unasked()
        choices.set("model", READS_EVERYTHING)

    size = f"{1000 * size_gigabytes(other.model):.0f} MB{'' if other.here else ' to download'}"
    st.button(
        f"Look with {other.model.label} (about {size}), which reads every protein",
        key="live_instead",
        type="primary",
        on_click=take,
    )


def choose_model(choices: LiveChoices, offers: dict[str, Offer]) -> Offer | None:
    """Draw the list of models and give the chosen one."""
    if not offers:
        show_problems(["There is no model on this server, and it downloads none."])
        return None
    if choices["model"] not in offers:
        choices.correct(
            "model",
            next(iter(offers)),
            f"{choices['model']} is a recurrent network and has no attention to show: beside "
            "two proteins under another model there is its alignment of them.",
        )
    labels = dict(zip(offers, tell_apart([offer.label for offer in offers.values()]), strict=True))
    name = st.selectbox(
        "Model",
        list(offers),
        width=235,
        **choices.widget("model", labels.__getitem__),
    )
    return offers[name]
