"""A chain of an example protein: its residues with their labels and backbone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain

BACKBONE_ATOMS = ("N", "CA", "C", "O", "CB")
"""The atoms of `ExampleChain.backbone`, in its order."""

_THREE_STATES = dict(zip("GHIBESTC?", "HHHEECCC?", strict=True))


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
