"""Sequences that visitors paste or upload: records of a format, or one sequence as plain text.

Spaces, line ends, position numbers and a closing ``*`` are cleaned off, and small letters
are read as capitals. What cannot be a protein is refused in one sentence. Records are
checked when one is chosen: a bad one does not keep the visitor from the others. Formats
are told and read in `precompute.datasets.sequence_text`.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

from precompute.chain import RESIDUE_LETTERS
from precompute.datasets.sequence_text import join_letters, read_entries, refuse_words
from precompute.datasets.text import decode, is_binary, is_gzip, unpack
from precompute.errors import AtlasError
from precompute.live.getting.protein import Protein, bare_protein, plain
from precompute.live.settings import longest_chain

MOST_RECORDS = 100
"""Records of one text that can be chosen from."""
MOST_LETTERS = 2_000_000
"""Letters of a text that is read at all."""
SHORTEST = 2
"""Residues: one alone attends to nothing but itself."""

PASTED = "sequence"
"""Name of a record without a header."""

NO_SEQUENCE = "There is no sequence yet: paste one, as letters or as FASTA."

_CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
_NUCLEOTIDES = frozenset("ACGTUN")
_SHORTEST_NUCLEIC = 12
"""Letters from which on a text of nucleotides' letters alone is taken for DNA or RNA."""


@dataclass(frozen=True)
class Record:
    """One sequence of a text.

    Attributes
    ----------
    name
        First word of the header, or `PASTED`; plain text.
    title
        The rest of the header; plain text.
    text
        The sequence as it was given, spaces and position numbers taken out.
    problem
        Why it cannot be used, where its format tells.
    """

    name: str
    title: str
    text: str
    problem: str = ""

    @property
    def label(self) -> str:
        """Name and length, for a menu."""
        return f"{self.name} ({len(self.text.rstrip('*')):,} residues)"

    def protein(self) -> Protein:
        """Check the sequence and give it as a protein.

        Raises
        ------
        AtlasError
            When it is no protein sequence, or too short or too long.
        """
        if self.problem:
            raise AtlasError(plain(self.problem, 400))
        sequence, notes = clean_sequence(self.text, self.name, longest_chain())
        return bare_protein(self.name, sequence, self.title, notes)


@dataclass(frozen=True)
class Records:
    """The sequences of a text, at least one, and what a visitor should know about them."""

    records: tuple[Record, ...]
    notes: tuple[str, ...] = ()


def read_records(given: str | bytes) -> Records:
    """Read FASTA or another format of sequences, or a sequence without a header.

    Parameters
    ----------
    given
        What was pasted, or the bytes of a text file.

    Raises
    ------
    AtlasError
        When it is empty, too large, no text, or in a format that is not read.
    """
    text = _decode(given) if isinstance(given, bytes) else given
    if len(text) > MOST_LETTERS:
        raise AtlasError(
            f"This text has more than {MOST_LETTERS:,} letters; give the sequences you need alone."
        )
    text = "\n".join(text.splitlines()).lstrip("\ufeff \n\t")
    if not text:
        raise AtlasError(NO_SEQUENCE)
    found = read_entries(text, MOST_RECORDS)
    if found is None:
        return Records((_bare_record(text.split("\n")),))
    records = []
    for number, entry in enumerate(found.entries, 1):
        name = plain(entry.name, 60) or f"record {number}"
        records.append(Record(name, plain(entry.title, 1000), entry.letters, entry.problem))
    notes = []
    if found.aligned:
        notes.append(f"This is {found.kind}: the gaps of its rows were taken out.")
    if found.number > MOST_RECORDS:
        notes.append(
            f"The text has {found.number:,} records; the first {MOST_RECORDS} can be chosen."
        )
    return Records(tuple(records), tuple(notes))


def _bare_record(lines: list[str]) -> Record:
    """Give a text without a format as one sequence, if it is letters and no words."""
    letters = join_letters(lines)
    if RESIDUE_LETTERS.issuperset(letters.translate(_CAPITALS).rstrip("*")):
        refuse_words(lines, "The sequence", wrapped=True)
    return Record(PASTED, "", letters)


def clean_sequence(text: str, name: str, longest: int | None) -> tuple[str, tuple[str, ...]]:
    """Give a sequence in capital letters, and notes on what was changed.

    Parameters
    ----------
    text
        The sequence without spaces.
    name
        Names it in a message.
    longest
        Residues that are taken, at most; None for any number.

    Raises
    ------
    AtlasError
        When it is empty, holds what is no residue, looks like DNA or RNA, or is too
        short or too long.
    """
    notes = []
    sequence = text
    if sequence.endswith("*"):
        sequence = sequence.rstrip("*")
        notes.append("The stop sign * at the end was left out.")
    # Of ASCII alone: capitals of other alphabets can be two letters, or a residue's by chance.
    capitals = sequence.translate(_CAPITALS)
    if sequence != capitals:
        notes.append("Small letters were read as capitals.")
        sequence = capitals
    owner = "The sequence" if name == PASTED else f"The sequence of {name}"
    if not sequence:
        raise AtlasError(f"{owner} is empty.")
    _refuse_other_letters(sequence, owner)
    kinds = _NUCLEOTIDES.intersection(sequence)
    if (
        len(sequence) >= _SHORTEST_NUCLEIC
        and _NUCLEOTIDES.issuperset(sequence)
        and len(kinds - {"N"}) >= 3
    ):
        raise AtlasError(f"{owner} has the letters of DNA or RNA alone; translate it first.")
    if len(sequence) < SHORTEST:
        raise AtlasError(f"{owner} has one residue; attention needs two or more.")
    if longest is not None and len(sequence) > longest:
        raise AtlasError(
            f"{owner} has {len(sequence):,} residues and this dashboard takes {longest:,}: give a "
            "part of it."
        )
    return sequence, tuple(notes)


def _decode(data: bytes) -> str:
    most = 4 * MOST_LETTERS + 4
    data = unpack(data, "This file", most) if is_gzip(data) else data[:most]
    if is_binary(data.rstrip(b"\0")):
        raise AtlasError("This file is no text; a sequence or FASTA file is needed.")
    return decode(data)


def _refuse_other_letters(sequence: str, owner: str) -> None:
    if RESIDUE_LETTERS.issuperset(sequence):
        return
    place, letter = next(
        (i, letter) for i, letter in enumerate(sequence, 1) if letter not in RESIDUE_LETTERS
    )
    if letter in "-.~":
        advice = "it looks like a row of an alignment, so take the gaps out"
    elif letter == "*":
        advice = "that is a stop in the middle, so give the part before or after it"
    elif letter.isdecimal():
        advice = "take the numbers out"
    elif letter == "J":
        advice = "write L or I, which no model reads as one"
    elif re.search(r"[<>{}/\\\"'=;]", sequence):
        advice = "that is no sequence; paste letters or FASTA"
    else:
        advice = "only the twenty amino acids and X, U, O, B, Z are residues"
    raise AtlasError(f"{owner} has {plain(letter)!r} at position {place}: {advice}.")
