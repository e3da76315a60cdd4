"""The atoms of a structure file as columns: what both formats are read into.

A file is one or several sections: data blocks in mmCIF, what stands between END records in
the PDB format. Nothing is judged here; names and numbers are the file's own, with the blanks
around them taken off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

Missing = Mapping[str, Sequence[tuple[str, str]]]
"""Component and number of each residue that was not resolved, by chain."""

Scheme = Mapping[tuple[str, int], str]
"""Number of a residue by its subchain and its place in the entity's sequence, from 1."""


@dataclass(frozen=True, eq=False)
class AtomTable:
    """Atoms of one model, a column a field; each array has shape (atoms,).

    Attributes
    ----------
    hetero
        Whether the file calls the atom HETATM.
    names, alternatives, components
        Atom name, label of an alternate location or an empty text, residue name.
    chains, segments
        The author's chain, and what else tells chains apart: the segment identifier of the
        PDB format, ``label_asym_id`` of mmCIF.
    pieces
        Counts the file's own signs of a chain's end (TER), from 0.
    numbers, insertions
        The author's residue number and insertion code.
    positions
        In Å, NaN where the file gives none, shape (atoms, 3).
    occupancies
        1 where the file gives none.
    elements
        Atomic numbers, 0 where unknown.
    entities, places
        mmCIF's entity, and the residue's place in its sequence, from 1, 0 where there is none.
    """

    hetero: NDArray[np.bool_]
    names: NDArray[np.str_]
    alternatives: NDArray[np.str_]
    components: NDArray[np.str_]
    chains: NDArray[np.str_]
    segments: NDArray[np.str_]
    pieces: NDArray[np.int64]
    numbers: NDArray[np.int64]
    insertions: NDArray[np.str_]
    positions: NDArray[np.float64]
    occupancies: NDArray[np.float64]
    elements: NDArray[np.uint8]
    entities: NDArray[np.str_]
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> AtomTable:
        """Take some atoms, by number or by a mask."""
        columns = {one.name: getattr(self, one.name)[rows] for one in fields(self)}
        return replace(self, **columns)


def join(tables: Sequence[AtomTable]) -> AtomTable:
    """Put tables one after the other, their pieces kept apart."""
    columns = {
        one.name: np.concatenate([getattr(table, one.name) for table in tables])
        for one in fields(AtomTable)
    }
    counts = [int(table.pieces.max(initial=-1)) + 1 for table in tables]
    shifts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    columns["pieces"] = np.concatenate(
        [table.pieces + shift for table, shift in zip(tables, shifts, strict=True)]
    )
    return AtomTable(**columns)


@dataclass(frozen=True, eq=False)
class Section:
    """A part of a file that stands for itself: its first model and what it says of residues.

    Attributes
    ----------
    atoms
        Of the first model.
    models
        How many there are.
    sequences
        Components of the whole sequence, by chain (PDB) or by entity (mmCIF).
    polymers
        Entities that are polymers; None where the file does not say.
    parents
        Components that modified ones come from.
    linking
        Components that the file itself describes as amino acids.
    scheme, missing
        Numbers of residues without coordinates (`precompute.datasets.numbering`).
    title
        What the file says it is.
    ended
        Whether an end (TER) is marked after the last atom.
    """

    atoms: AtomTable
    models: int = 1
    sequences: Mapping[str, Sequence[str]] = field(default_factory=dict)
    polymers: frozenset[str] | None = None
    parents: Mapping[str, str] = field(default_factory=dict)
    linking: frozenset[str] = frozenset()
    scheme: Scheme = field(default_factory=dict)
    missing: Missing = field(default_factory=dict)
    title: str = ""
    ended: bool = False
