"""The central type: one protein chain with what is known of its residues."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from precompute.alignment import Alignment
from precompute.errors import AtlasError
from precompute.features import CONTACT_DISTANCE, MINIMUM_CONTACT_SEPARATION

RESIDUE_LETTERS = frozenset("ACDEFGHIKLMNPQRSTVWYXUZOB")
"""The twenty, X for unknown, and U, O, B and Z, which some models read as X."""


@dataclass(frozen=True, eq=False)
class Chain:
    """One protein chain; a label array is None where the dataset does not carry it.

    Parameters
    ----------
    identifier
        The dataset's own name of the chain.
    sequence
        One letter a residue.
    alpha_carbons
        C-alpha coordinates in Å, shape (residues, 3).
    resolved
        Whether the coordinates of a residue are known, shape (residues,).
    secondary_structure
        Class of each residue as an index into
        `precompute.features.SECONDARY_STRUCTURES`, −1 where unknown, shape (residues,).
    dssp
        DSSP's own class of each residue as an index into `precompute.features.DSSP_CLASSES`, −1
        where unknown, shape (residues,).
    binding_site, modification
        Labels, shape (residues,).
    numbers
        The author's number of each residue with its insertion code, empty where unknown, shape
        (residues,).
    labelled
        Whether it is known of a residue if it is a site, shape (residues,); of all where it is
        None.
    own_site
        Whether a list of the user's own names a residue: 1 or 0, −1 where it says nothing of the
        chain, shape (residues,).
    numbers
        The author's number of each residue with its insertion code, empty where nobody knows
        it; None where the dataset does not carry them, and residues are counted from 1.
    beta_carbons
        C-beta coordinates in Å, NaN where unknown, shape (residues, 3).
    alignment
        The chain's family, of which it is the query, where the dataset carries it.

    Raises
    ------
    AtlasError
        When the sequence has other letters or a label array another length.
    """

    identifier: str
    sequence: str
    alpha_carbons: NDArray[np.floating] | None = None
    resolved: NDArray[np.bool_] | None = None
    secondary_structure: NDArray[np.integer] | None = None
    dssp: NDArray[np.integer] | None = None
    binding_site: NDArray[np.bool_] | None = None
    modification: NDArray[np.bool_] | None = None
    labelled: NDArray[np.bool_] | None = None
    own_site: NDArray[np.int8] | None = None
    numbers: tuple[str, ...] | None = None
    beta_carbons: NDArray[np.floating] | None = None
    alignment: Alignment | None = None

    def __post_init__(self) -> None:
        check_sequence(self.sequence, f"the chain {self.identifier}")
        for name in _LABELS:
            labels = getattr(self, name)
            if labels is not None and len(labels) != len(self.sequence):
                raise AtlasError(
                    f"The chain {self.identifier} has {len(self.sequence)} residues and "
                    f"{len(labels)} values of {name}: the record is damaged."
                )
        if self.alignment is not None and self.alignment.query != self.sequence:
            raise ValueError(f"The chain {self.identifier} is not the query of its alignment.")

    def __len__(self) -> int:
        return len(self.sequence)

    def first(self, residues: int) -> Chain:
        """Cut the chain to its first residues."""
        if len(self) <= residues:
            return self
        cut = {
            name: getattr(self, name)[:residues]
            for name in _LABELS
            if getattr(self, name) is not None
        }
        family = self.alignment.first(residues) if self.alignment is not None else None
        return replace(self, sequence=self.sequence[:residues], alignment=family, **cut)

    def contact_states(self) -> NDArray[np.int8] | None:
        """State of every ordered pair: 1 contact, 0 none, −1 not eligible.

        A pair is eligible when both residues are resolved and at least 6 apart in the
        sequence, and a contact when their C-alpha atoms are less than 8 Å apart
        (ProteinNet's and the paper's definition). Shape (residues, residues).
        """
        if self.alpha_carbons is None or self.resolved is None:
            return None
        from scipy.spatial.distance import pdist, squareform

        coordinates = np.where(self.resolved[:, None], self.alpha_carbons, 0.0)
        distances: NDArray[np.float64] = squareform(pdist(coordinates))
        states = (distances < CONTACT_DISTANCE).astype(np.int8)
        position = np.arange(len(self))
        near = np.abs(position[:, None] - position) < MINIMUM_CONTACT_SEPARATION
        states[near | ~(self.resolved[:, None] & self.resolved)] = -1
        return states


_LABELS = tuple(
    field.name
    for field in fields(Chain)
    if field.name not in ("identifier", "sequence", "alignment")
)


def check_sequence(sequence: str, owner: str) -> None:
    """Refuse a sequence that is empty or has letters that are no residues.

    Raises
    ------
    AtlasError
        Naming the owner and the first letter at fault, with its place.
    """
    if not sequence:
        raise AtlasError(f"The sequence of {owner} is empty.")
    if RESIDUE_LETTERS.issuperset(sequence):
        return
    place, letter = next(
        (i, letter) for i, letter in enumerate(sequence, 1) if letter not in RESIDUE_LETTERS
    )
    if letter.upper() in RESIDUE_LETTERS:
        advice = "write residues as capital letters"
    elif letter in "-.~":
        advice = "take the gaps out"
    else:
        advice = "only the twenty amino acids and X, U, O, B, Z are residues"
    raise AtlasError(f"The sequence of {owner} has {letter!r} at position {place}: {advice}.")
