"""Ask for an alignment of the visitor's own, and for its query's structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import streamlit as st

from dashboard.page.address import KEPT
from dashboard.page.opening import show_notes
from dashboard.pages.live.choices import LiveChoices
from dashboard.pages.live.own import Own
from precompute.datasets.alignment_files import SUFFIXES
from precompute.live.getting.aligned import PASTED, read_aligned
from precompute.live.getting.family import Family
from precompute.live.getting.files import STRUCTURE_ENDINGS
from precompute.live.getting.protein import Protein, plain
from precompute.live.getting.reading import readers
from precompute.live.settings import largest_file

NO_ALIGNMENT = "No address holds an alignment of your own: choose its file here, or paste it."
_ENDINGS = ("gz", "txt", *(suffix.removeprefix(".") for suffix in SUFFIXES))
_OWN, _PARTS, _ORDERS = "live_alignment_own", "live_alignment_parts", "live_alignment_orders"


class _Part(NamedTuple):
    """One file or text: what tells it from the next, its name, what it holds."""

    token: str
    name: str
    content: bytes | str


@dataclass(eq=False)
class OwnAlignment(Own):
    """An alignment, and the structure of its query where there is one."""

    structure: tuple[bytes, str] | None = None

    @property
    def size(self) -> int:
        """Bytes of both."""
        return super().size + (len(self.structure[0]) if self.structure else 0)

    @property
    def subject(self) -> str:
        """What a sentence about it begins with."""
        return plain(self.name, 60) or PASTED

    def _read(self, chain: str | None) -> Protein:
        del chain  # the one that fits is taken
        with st.spinner(f"Reading {self.subject}", show_time=True):
            given = (self.content, self.name, self.structure)
            return readers.read(self.subject, read_aligned, *given)


def ask_own_alignment(choices: LiveChoices) -> Protein | None:
    """Draw what takes an alignment and a structure, and give the query."""
    readers.start()
    parts: dict[str, _Part] = st.session_state.setdefault(_PARTS, {})

    def changed(which: str) -> None:
        parts.pop(which, None)
        choices.set("residue", "")

    for which, label, endings in (
        ("alignment", "A3M, aligned FASTA, Stockholm or Clustal, or its gzip", _ENDINGS),
        ("structure", "Its query’s structure, if you have one: PDB or mmCIF", STRUCTURE_ENDINGS),
    ):
        file = st.file_uploader(
            label,
            type=list(endings),
            max_upload_size=largest_file(),
            key=f"live_{which}_file",
            on_change=changed,
            args=(which,),
            help="The file stays in this session: it is neither stored nor passed on.",
            width=340,
        )
        if file is not None and which not in parts:
            parts[which] = _Part(file.file_id, file.name, file.getvalue())
        elif file is None and which in parts and parts[which].name:
            with st.container(gap=None, width="content"):
                st.text(f"{plain(parts[which].name, 60)} is kept for this visit.")
                key = f"live_forget_{which}"
                st.button("Forget it", key=key, type="tertiary", on_click=changed, args=(which,))
    if "alignment" not in parts or not parts["alignment"].name:
        text = st.text_area(
            "Or the alignment, pasted; the first row is the query",
            key="live_alignment_text",
            placeholder=">query\nMKV-LATT…",
            height=90,
            width=340,
            on_change=changed,
            args=("alignment",),
            **KEPT,
        )
        parts.pop("alignment", None)
        if text.strip():
            parts["alignment"] = _Part(text, "", text)
    if "alignment" not in parts:
        show_notes([NO_ALIGNMENT])
        return None
    return _open(parts["alignment"], parts.get("structure"))


def _open(alignment: _Part, structure: _Part | None) -> Protein:
    token = alignment.token + (f" {structure.token}" if structure else "")
    own: OwnAlignment | None = st.session_state.get(_OWN)
    if own is None or own.token != token:
        st.session_state.pop(_OWN, None)
        atoms = (bytes(structure.content), structure.name) if structure else None  # type: ignore[arg-type]
        own = OwnAlignment(token, alignment.name, alignment.content, structure=atoms)
        st.session_state[_OWN] = own
    protein = own.read()
    assert isinstance(protein, Protein), "of an alignment"
    if protein.family is not None:
        _tell_order(protein.family)
    return protein


def _tell_order(family: Family) -> None:
    """Warn of rows that this visitor gave in another order before."""
    orders: dict[str, str] = st.session_state.setdefault(_ORDERS, {})
    if orders.setdefault(family.content, family.order) != family.order:
        show_notes(
            [
                "You gave the same rows in another order before: the maps differ, as the first row "
                "is the query, and the model knows each row’s place."
            ]
        )
