"""The protein that a visitor looks at: one chain, with what is known of its residues.

Wherever it came from, the page sees the same: a sequence, the authors' numbers, labels for
the engine, and the structure's text for the viewer. Texts are others' words: they are shown
as plain text, never as markup.
"""

from __future__ import annotations

import re
from collections.abc import Sized
from dataclasses import dataclass
from typing import Literal, NamedTuple

from precompute.chain import Chain, check_sequence
from precompute.errors import AtlasError
from precompute.live.getting.family import Family
from precompute.live.writing import Structure
from precompute.one_line import one_line

LONGEST_TEXT = 160
"""Letters of a title that are kept."""

_NUMBER = re.compile(r"(-?\d+)([A-Za-z]?)")


class ResidueKey(NamedTuple):
    """How a viewer finds a residue of a structure.

    Attributes
    ----------
    chain
        As in `Protein.structure`: letters, digits and ``_`` alone.
    number
        The author's.
    insertion
        Insertion code, empty where there is none.
    """

    chain: str
    number: int
    insertion: str = ""

    @property
    def text(self) -> str:
        """Number and insertion code as authors write them: ``52A``."""
        return f"{self.number}{self.insertion}"


@dataclass(frozen=True, eq=False)
class Protein:
    """One protein chain to look at.

    Residues are counted from 0 in the fields here, as arrays are; where a person reads a
    place in the sequence it counts from 1 (`label`).

    Parameters
    ----------
    identifier
        Short name: ``1T8K``, ``P69905``, a file's or a record's name.
    title
        What it is, as its source says; may be empty.
    source
        ``example:NAME``, ``alignment:NAME``, ``pdb:ID``, ``uniprot:ACCESSION``, ``upload``,
        ``aligned``, ``sequence`` or ``folded``.
    sequence
        One letter a residue; unresolved residues keep their place where the source gives
        the whole sequence.
    numbers
        The authors' number of each residue with its insertion code (``52A``), empty where
        they give none; those of a bare sequence count from 1. Length (residues,).
    chain_name
        The chosen chain as in `residue_keys`; None for a bare sequence.
    chains
        Every chain that can be chosen instead, itself included, in the file's order.
    chain
        Labels for the engine: coordinates, secondary structure, sites; None for a bare
        sequence.
    structure
        The first model with all its chains and ligands, waters left out, one location an
        atom, written anew; None for a bare sequence.
    structure_format
        Of `structure`: the ending of its file.
    residue_keys
        How the viewer finds each residue, None where it was not resolved; length
        (residues,).
    notes
        What the visitor should know, a sentence each.
    view
        `structure` as the 3D view takes it.
    family
        The alignment whose query it is; None where it was given alone.
    sample
        How much a figure of it is of, in words.
    atoms
        Digest of its file's atoms: files of one name are two structures. Empty where the source
        alone tells.

    Raises
    ------
    AtlasError
        When the sequence is empty or has other letters, or a field another length.
    """

    identifier: str
    title: str
    source: str
    sequence: str
    numbers: tuple[str, ...]
    chain_name: str | None = None
    chains: tuple[str, ...] = ()
    chain: Chain | None = None
    structure: str | None = None
    structure_format: Literal["cif", "pdb"] = "cif"
    residue_keys: tuple[ResidueKey | None, ...] = ()
    notes: tuple[str, ...] = ()
    view: Structure | None = None
    family: Family | None = None
    sample: str = "n = 1 protein"
    atoms: str = ""

    def __post_init__(self) -> None:
        check_sequence(self.sequence, self.identifier)
        fields: dict[str, Sized] = {"numbers": self.numbers}
        if self.structure is not None:
            fields["residue keys"] = self.residue_keys
        if self.chain is not None:
            fields["labels"] = self.chain
        for name, values in fields.items():
            if len(values) != len(self.sequence):
                raise AtlasError(
                    f"{self.identifier} has {len(self.sequence)} residues and {len(values)} {name}."
                )

    def __len__(self) -> int:
        return len(self.sequence)

    @property
    def private(self) -> bool:
        """Whether it is the visitor's own, so that nothing of it may enter an address."""
        return not self.source.startswith(PUBLIC_SOURCES)

    @property
    def parameters(self) -> dict[str, str]:
        """What an address needs to come back to it; empty where it is private."""
        if self.private:
            return {}
        chain = {"chain": self.chain_name} if self.chain_name else {}
        return {"protein": self.source, **chain}

    @property
    def boundary(self) -> int | None:
        """Where the second of two proteins begins; None of one."""
        return None

    @property
    def tags(self) -> tuple[str, ...]:
        """What residues of two proteins are told apart by; empty of one."""
        return ()

    @property
    def shown_chains(self) -> tuple[str, ...]:
        """Chains of `structure` that it is of."""
        return (self.chain_name,) if self.chain_name else ()

    def place(self, residue: int) -> str:
        """Say where a residue stands in its sequence."""
        return f"residue {residue + 1} of the sequence"

    def number(self, residue: int) -> str:
        """Give the authors' number of a residue, or its place after ``#``."""
        return self.numbers[residue] or f"#{residue + 1}"

    def label(self, residue: int) -> str:
        """Name a residue as papers do: letter and author's number (``K52A``).

        Where the authors give no number it is the place in the sequence, ``K#12``.
        """
        return f"{self.sequence[residue]}{self.number(residue)}"


PUBLIC_SOURCES = ("example:", "alignment:", "pdb:", "uniprot:")
"""Beginnings of sources that an address may name."""


def bare_protein(
    identifier: str, sequence: str, title: str = "", notes: tuple[str, ...] = ()
) -> Protein:
    """Give a sequence without a structure as a protein of the visitor's.

    Raises
    ------
    AtlasError
        When it is empty or has letters that are no residues.
    """
    numbers = tuple(str(place) for place in range(1, len(sequence) + 1))
    return Protein(
        identifier=plain(identifier) or "sequence",
        title=plain(title),
        source="sequence",
        sequence=sequence,
        numbers=numbers,
        notes=notes,
    )


def parse_number(text: str) -> tuple[int, str] | None:
    """Take an author's number apart into number and insertion code; None where it is none."""
    match = _NUMBER.fullmatch(text)
    return (int(match[1]), match[2]) if match else None


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """Make one line of somebody's words, not too long; markup stays what it is: text."""
    text = text.strip()
    # More than this is blanks or is cut off below: a megabyte of it need not be looked at.
    head = text[: 16 * longest]
    line = one_line(head)
    whole = len(head) == len(text) and len(line) <= longest
    return line if whole else f"{line[: longest - 1].rstrip()}…"
