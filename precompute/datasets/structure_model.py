"""What labels are made of: the atoms, residues and protein chains of one structure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.components import WATER
from precompute.datasets.polymer import ProteinChain

BACKBONE = ("N", "CA", "C", "O")


class ResidueId(NamedTuple):
    """The author's name of a residue: chain, number, insertion code or an empty text."""

    chain: str
    number: int
    insertion: str


@dataclass(frozen=True, eq=False)
class Model:
    """The first model of a structure, one location of each atom.

    Attributes
    ----------
    atom_names
        Shape (atoms,), bytes.
    positions
        In Å, shape (atoms, 3).
    elements
        Atomic numbers, 0 where unknown, shape (atoms,).
    atom_residues
        The residue of each atom, ascending, shape (atoms,).
    residue_names
        Component names, length (residues,).
    residue_ids
        The author's names, length (residues,).
    polymer
        Whether a residue belongs to a protein or nucleic acid chain, shape (residues,).
    backbone
        The atoms `BACKBONE` of each residue, −1 where one is not there; shape
        (residues, 4).
    chains
        Protein chains in the order of the file.
    skipped
        How many chains, models and atoms were left out, by reason.
    title
        What the file says it is, in the words of whoever wrote it; may be empty.
    models
        How many models the file holds.
    alternatives
        How many atoms were left out because they have another location that is kept.
    given_names
        The residues' names as the file has them, length (residues,).
    unknown
        How many residues of protein chains have a name that nobody knows, by that name.
    described
        Components that the file itself describes as amino acids or their modifications.
    parted
        Chains that the file does not tell apart by their names: what it calls each, by the name
        that it has here.
    """

    atom_names: NDArray[np.bytes_]
    positions: NDArray[np.float64]
    elements: NDArray[np.uint8]
    atom_residues: NDArray[np.int64]
    residue_names: tuple[str, ...]
    residue_ids: tuple[ResidueId, ...]
    polymer: NDArray[np.bool_]
    backbone: NDArray[np.int64]
    chains: tuple[ProteinChain, ...]
    skipped: dict[str, int]
    title: str = ""
    models: int = 1
    alternatives: int = 0
    given_names: tuple[str, ...] = ()
    unknown: Mapping[str, int] = field(default_factory=dict)
    described: frozenset[str] = frozenset()
    parted: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def renamed(self) -> dict[tuple[str, str], int]:
        """How many residues have another name in the file, by that name and the component's.

        Water is left out, which every program calls as it likes.
        """
        pairs = zip(self.given_names, self.residue_names, strict=True)
        return dict(Counter((a, b) for a, b in pairs if a != b and b != WATER))

    @cached_property
    def heavy(self) -> NDArray[np.bool_]:
        """Whether an atom is not hydrogen, shape (atoms,)."""
        return self.elements > 1

    @cached_property
    def protein(self) -> NDArray[np.bool_]:
        """Whether a residue belongs to one of the protein chains, shape (residues,)."""
        inside = np.zeros(len(self.residue_names), dtype=bool)
        for chain in self.chains:
            inside[chain.residues[chain.residues >= 0]] = True
        return inside
