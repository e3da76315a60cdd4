"""Alignments in the formats that programs write them in, as rows of one length.

A3M, aligned FASTA, Stockholm and Clustal. In A3M lower-case letters and dots are insertions
that the query lacks, and are left out, as the authors of the MSA Transformer do it; in the
other formats every column is kept.
"""

from __future__ import annotations

import string
from pathlib import Path
from typing import NamedTuple

import numpy as np

from precompute.alignment import GAP, Alignment
from precompute.chain import RESIDUE_LETTERS
from precompute.datasets.alignment_blocks import read_block_rows
from precompute.datasets.sequence_text import (
    CLUSTAL_NAMES,
    NOT_ROWS,
    is_pir,
    split_fasta,
    without_preamble,
)
from precompute.datasets.text import decode, unpack
from precompute.errors import AtlasError
from precompute.one_line import one_line

MOST_BYTES = 2 * 1024**3
"""Of an alignment, unpacked; the deepest have about a gigabyte."""
INSERTING = (".a3m", ".a2m")
"""How files are named in which lower-case letters are insertions."""
_INSERTIONS = str.maketrans("", "", "abcdefghijklmnopqrstuvwxyz.*")
_GAPS = str.maketrans(".~", "--")
# Of ASCII alone: capitals of other alphabets can be two letters, or a residue's by chance.
_ROWS = _GAPS | str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
_NUCLEOTIDES = b"ACGTUN"
_AMBIGUOUS = b"RYSWKMBDHV"
_SHORTEST_NUCLEIC = 12
"""A protein of fewer letters may be made of Ala, Cys, Gly, Thr and Asn alone."""
_MOST_NUCLEIC = 0.9
"""Share of plain nucleotides among letters that are all of nucleic acids."""


class ReadAlignment(NamedTuple):
    """An alignment, and how many rows of the file were left out for letters that are none."""

    alignment: Alignment
    left_out: int


def read_alignment(path: Path, name: str) -> ReadAlignment:
    """Read a file with one alignment, gzipped or not.

    Parameters
    ----------
    path
        The file.
    name
        What to call it in messages.

    Raises
    ------
    AtlasError
        When it is no alignment of proteins, or not one.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AtlasError(f"{name} cannot be read ({error.strerror or error}).") from error
    text = decode(unpack(data, name, MOST_BYTES))
    return parse_alignment(text, name, inserting=has_insertions(path.name))


def has_insertions(file: str) -> bool:
    """Tell by a file's name whether lower-case letters in it are insertions."""
    return file.lower().removesuffix(".gz").endswith(INSERTING)


def parse_alignment(text: str, name: str, *, inserting: bool) -> ReadAlignment:
    r"""Read the text of an alignment.

    Parameters
    ----------
    text
        With ``\n`` at the ends of lines (`precompute.datasets.text.decode`).
    name
        What to call it in messages.
    inserting
        Whether lower-case letters are insertions.

    Raises
    ------
    AtlasError
        When it is no alignment of proteins, or not one.
    """
    rows = _read_rows(text, name, inserting=inserting)
    if not rows:
        raise AtlasError(f"{name} holds no sequence; give an alignment.")
    lengths = {len(row) for _, row in rows}
    if len(lengths) > 1:
        reason = " when insertions (lower case) are left out" if inserting else ""
        raise AtlasError(
            f"{name} is not an alignment: its rows have {min(lengths):,} to {max(lengths):,} "
            f"columns{reason}."
        )
    return _checked(rows, name)


def _read_rows(text: str, name: str, *, inserting: bool) -> list[tuple[str, str]]:
    """Read names and rows, with gaps as `GAP`; the content tells the format."""
    lines = without_preamble(text.strip("\n").split("\n"))
    head = lines[0].strip().upper()
    if head.startswith(">"):
        return _read_fasta(lines, name, inserting=inserting)
    if head.startswith("# STOCKHOLM"):
        kind = "a Stockholm alignment"
    elif head.startswith(CLUSTAL_NAMES):
        kind = "a Clustal alignment"
    else:
        raise AtlasError(
            f"{name} is no alignment that is read here: give A3M, aligned FASTA, Stockholm or "
            "Clustal."
        )
    try:
        found = read_block_rows(kind, lines[1:])
    except AtlasError as error:
        raise AtlasError(f"{name}: {error}") from error
    return [(own, row.translate(_ROWS)) for own, row in found.items()]


def _read_fasta(lines: list[str], name: str, *, inserting: bool) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for header, own in split_fasta(lines):
        if is_pir(header):
            raise AtlasError(f"{name} is PIR, where a title follows each name: give aligned FASTA.")
        label = (header.split() or [f"row {len(rows) + 1}"])[0]
        if NOT_ROWS.match(label):
            continue
        letters = "".join("".join(own).split())
        if inserting:
            letters = letters.translate(_INSERTIONS)
        elif letters != letters.upper():
            raise AtlasError(
                f"{name} has lower-case letters in the row {_shown(label)}: if they are "
                "insertions, name the file .a3m, else write capitals."
            )
        rows.append((label, letters.translate(_GAPS)))
    return rows


def _checked(rows: list[tuple[str, str]], name: str) -> ReadAlignment:
    """Leave rows out that have other letters than residues', and refuse what is no protein."""
    label, query = rows[0]
    if not query.replace(GAP, ""):
        raise AtlasError(f"{name}: its first row, which is the query, has no residue.")
    good = [row for row in rows if RESIDUE_LETTERS.issuperset(row[1].replace(GAP, ""))]
    if not good or good[0] is not rows[0]:
        other = next(letter for letter in query if letter not in RESIDUE_LETTERS | {GAP})
        raise AtlasError(
            f"{name}: its first row, {_shown(label)}, has {other!r}, which is neither a residue "
            "nor a gap."
        )
    alignment = Alignment.of([row for _, row in good], [own for own, _ in good])
    if _is_nucleic(alignment):
        raise AtlasError(f"{name} is made of nucleotides: give an alignment of proteins.")
    return ReadAlignment(alignment, len(rows) - len(good))


def _shown(label: str) -> str:
    """Give a row's name as a sentence takes it; signs that steer a screen may be all of it."""
    return one_line(label[:40]) or "without a name"


def _is_nucleic(alignment: Alignment) -> bool:
    """Tell DNA and RNA by letters, those of ambiguous bases too."""
    counts = np.bincount(alignment.rows.ravel(), minlength=256)
    counts[ord(GAP)] = 0
    plain, ambiguous = (int(counts[list(letters)].sum()) for letters in (_NUCLEOTIDES, _AMBIGUOUS))
    long = len(alignment.query) >= _SHORTEST_NUCLEIC
    return long and plain + ambiguous == counts.sum() and plain >= _MOST_NUCLEIC * counts.sum()
