"""Example alignments: two families, each with the entry whose structure its query has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from precompute.alignment import Alignment
from precompute.datasets.alignment_text import read_alignment
from precompute.errors import AtlasError

_FOLDER = Path(__file__).parent / "alignments"


@dataclass(frozen=True)
class AlignedExample:
    """One example alignment.

    Attributes
    ----------
    name
        In addresses.
    title
        What it is.
    file
        Its file, as it was published.
    structure
        Where the query's structure comes from: ``example:NAME`` or ``pdb:ID``.
    query
        The row that is put first; the first of the file where it is empty.
    """

    name: str
    title: str
    file: str
    structure: str
    query: str = ""

    @property
    def label(self) -> str:
        """What a menu says."""
        return f"{self.name} · {self.title}"

    def read(self) -> Alignment:
        """Read it, the query first and the other rows in the order of the file."""
        alignment = read_alignment(_FOLDER / self.file, self.name).alignment
        if not self.query:
            return alignment
        first = alignment.names.index(self.query)
        return alignment.take([first, *(row for row in range(len(alignment)) if row != first)])


ALIGNED: dict[str, AlignedExample] = {
    one.name: one
    for one in (
        AlignedExample(
            "PF00076",
            "RNA recognition motif, 68 sequences",
            "PF00076.fasta.gz",
            "example:2X1B",
            "RNA15_YEAST/20-90",
        ),
        AlignedExample(
            "1A3A", "Enzyme IIA for mannitol, 1,024 sequences", "1A3A.a3m.gz", "pdb:1A3A"
        ),
    )
}
"""By name, in the order of a menu."""


def find_aligned(name: str) -> AlignedExample:
    """Look an example alignment up.

    Raises
    ------
    AtlasError
        When there is none of that name.
    """
    if name not in ALIGNED:
        raise AtlasError(f"There is no example alignment {name}; there are {', '.join(ALIGNED)}.")
    return ALIGNED[name]
