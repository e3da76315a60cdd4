"""An example protein: what a menu says of it, its chains with their labels, its atoms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.errors import AtlasError

BACKBONE_ATOMS = ("N", "CA", "C", "O", "CB")
"""The atoms of `ExampleChain.backbone`, in its order."""

_HELIX, _STRAND = 0.15, 0.10
_THREE_STATES = dict(zip("GHIBESTC?", "HHHEECCC?", strict=True))


@dataclass(frozen=True)
class ExampleEntry:
    """One line of the list of examples.

    Attributes
    ----------
    name
        Identifier of the PDB entry, such as ``1T8K``; entries are in the public domain (CC0).
    protein, organism
        What it is and where it comes from; the organism is None where that is not certain.
    family
        Accession of its Pfam family where the demo model knows it.
    shows
        Why it is among the examples.
    extent
        Which part of the entry is here.
    chains, residues, unresolved
        Protein chains; residues with and without coordinates over all of them.
    helix, strand
        Share of the classified residues in DSSP's GHI and BE.
    ligands, modified
        Components of no chain, and modified components of chains.
    """

    name: str
    protein: str
    organism: str | None
    family: str | None
    shows: str
    extent: str
    chains: int
    residues: int
    unresolved: int
    helix: float
    strand: float
    ligands: tuple[str, ...]
    modified: tuple[str, ...]

    @property
    def label(self) -> str:
        """What a menu says."""
        where = f" ({self.organism})" if self.organism else ""
        return f"{self.name} · {self.protein}{where}"

    @property
    def fold(self) -> str:
        """Its structural class by content of helix and strand.

        Nakashima, Nishikawa and Ooi, J. Biochem. 99, 153 (1986): all-alpha, all-beta or
        both, with more than 15 % helix and more than 10 % strand as the borders.
        """
        return {
            (True, False): "all-alpha",
            (False, True): "all-beta",
            (True, True): "alpha and beta",
            (False, False): "irregular",
        }[self.helix > _HELIX, self.strand > _STRAND]


@dataclass(frozen=True, eq=False)
class ExampleChain:
    """One protein chain of an example, with its labels.

    Attributes
    ----------
    name
        The authors' identifier of the chain.
    sequence
        One letter a residue, unresolved ones included where the entry names them.
    components
        Component names, length (residues,).
    numbers
        The authors' numbers with insertion codes, such as ``42P``; length (residues,).
    missing_before
        Residues that the numbering leaves out at a break of the chain before each one, and
        that have no place in the sequence; shape (residues,).
    backbone
        Coordinates of `BACKBONE_ATOMS` in Å, NaN where an atom is not known (glycine has no
        CB); shape (residues, 5, 3).
    dssp
        DSSP's class of each residue, one of ``GHIBESTC``, ``?`` where it is not defined.
    secondary_structure
        Index into `precompute.features.SECONDARY_STRUCTURES`, −1 where it is not defined;
        shape (residues,).
    binding_site, modification
        Labels, shape (residues,).
    """

    name: str
    sequence: str
    components: tuple[str, ...]
    numbers: tuple[str, ...]
    missing_before: NDArray[np.int16]
    backbone: NDArray[np.float32]
    dssp: str
    secondary_structure: NDArray[np.int8]
    binding_site: NDArray[np.bool_]
    modification: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.sequence)

    @cached_property
    def resolved(self) -> NDArray[np.bool_]:
        """Whether the C-alpha atom of a residue is known, shape (residues,)."""
        known: NDArray[np.bool_] = ~np.isnan(self.backbone[:, BACKBONE_ATOMS.index("CA"), 0])
        return known

    @property
    def three_states(self) -> str:
        """Secondary structure as helix H, strand E or the rest C; ``?`` where not defined."""
        return "".join(_THREE_STATES[letter] for letter in self.dssp)

    def label_chain(self, identifier: str) -> Chain:
        """Give the chain as the engine takes it, contacts included."""
        alphas = self.backbone[:, BACKBONE_ATOMS.index("CA")].astype(np.float64)
        return Chain(
            identifier,
            self.sequence,
            alpha_carbons=np.where(self.resolved[:, None], alphas, 0.0),
            resolved=self.resolved,
            secondary_structure=self.secondary_structure,
            binding_site=self.binding_site,
            modification=self.modification,
        )


@dataclass(frozen=True, eq=False)
class Example:
    """One example protein.

    Attributes
    ----------
    entry
        What the list says of it.
    chains
        Its protein chains in the order of the entry.
    atoms
        Rows of `precompute.examples.schema.EXAMPLE_ATOMS`: backbones and ligands.
    """

    entry: ExampleEntry
    chains: tuple[ExampleChain, ...]
    atoms: pd.DataFrame

    @property
    def longest(self) -> ExampleChain:
        """The chain that a page shows first: the longest, the first of equals."""
        return max(self.chains, key=len)

    def find_chain(self, name: str) -> ExampleChain:
        """Look a chain up by its identifier.

        Raises
        ------
        AtlasError
            When the example does not have it.
        """
        found = next((chain for chain in self.chains if chain.name == name), None)
        if found is None:
            known = ", ".join(chain.name for chain in self.chains)
            raise AtlasError(f"{self.entry.name} has no chain {name}; it has {known}.")
        return found

    def engine_chain(self, name: str | None = None) -> Chain:
        """Give a chain as the engine takes it, called such as ``1T8K.A``; by default `longest`.

        Raises
        ------
        AtlasError
            When the example does not have it.
        """
        chain = self.longest if name is None else self.find_chain(name)
        return chain.label_chain(f"{self.entry.name}.{chain.name}")

    @cached_property
    def structure_text(self) -> str:
        """The example in the PDB format, for a viewer: backbones and ligands."""
        from precompute.examples.structure_text import write_pdb

        return write_pdb(self)
