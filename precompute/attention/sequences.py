"""The proteins whose attention is written: read and checked before a model is loaded."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from precompute.datasets.sequence_text import read_entries
from precompute.datasets.text import decode, is_binary, unpack
from precompute.errors import AtlasError
from precompute.live.getting.sequences import clean_sequence
from precompute.one_line import one_line

MOST_BYTES = 4 * 1024**3
"""Of the file, unpacked."""
_MOST_ENTRIES = 10_000_000
_LONGEST_NAME = 1_000
"""Signs: an arc in a table has its protein's name, and there are many arcs."""


class Sequence(NamedTuple):
    """One protein: its name in the file, and one letter a residue."""

    name: str
    letters: str


def read_sequences(path: Path) -> list[Sequence]:
    """Read a file of sequences: FASTA, or another format that names them; gzipped or not.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    AtlasError
        When it is missing, no such file, or holds something that is no protein; when two
        proteins have one name, since nobody could tell their attention apart.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AtlasError(f"{path} cannot be read ({error.strerror}).") from error
    data = unpack(data, str(path), MOST_BYTES)
    if is_binary(data.rstrip(b"\0")):
        raise AtlasError(f"{path} is no text; a file of sequences is needed, such as FASTA.")
    found = read_entries(decode(data).lstrip("\ufeff \n\t"), _MOST_ENTRIES)
    if found is None or not found.entries:
        raise AtlasError(f"{path} names no sequence: give FASTA, a line with > and a name each.")
    sequences = []
    for number, entry in enumerate(found.entries, 1):
        if not entry.name:
            raise AtlasError(f"Sequence {number} of {path} has no name: give it one after its >.")
        shown = one_line(entry.name[:60])
        if len(entry.name) > _LONGEST_NAME:
            raise AtlasError(
                f"Sequence {number} of {path}, {shown}…, has a name of {len(entry.name):,} signs: "
                f"give it one of at most {_LONGEST_NAME:,}, a blank behind it."
            )
        if entry.problem:
            raise AtlasError(f"{path}: {one_line(entry.problem)}")
        letters, _ = clean_sequence(entry.letters, shown, longest=None)
        sequences.append(Sequence(entry.name, letters))
    name, count = Counter(sequence.name for sequence in sequences).most_common(1)[0]
    if count > 1:
        raise AtlasError(
            f"{path} has {count} sequences called {one_line(name[:60])}: give each a name of its "
            "own, so that their attention can be told apart."
        )
    return sequences
