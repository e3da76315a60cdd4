"""Which pairs of residues are scored, which of them touch, and how far apart they stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.features import CONTACT_DISTANCE, MINIMUM_CONTACT_SEPARATION

ATOMS = {
    "alpha": "C-alpha atoms less than 8 Å apart",
    "beta": "C-beta atoms less than 8 Å apart; where a residue has none, as glycine, the place of "
    "an ideal one",
}
"""Between which atoms a contact is measured."""

RANGES: dict[str, tuple[int, int | None]] = {
    "all": (MINIMUM_CONTACT_SEPARATION, None),
    "short": (MINIMUM_CONTACT_SEPARATION, 12),
    "medium": (12, 24),
    "long": (24, None),
}
"""Residues apart in the sequence: from, the first included, to, the last not included."""
WHOLE = "all"
"""The range that the others make up: each pair is of one of them."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs of a chain, each once, at least 6 residues apart.

    Attributes
    ----------
    first, second
        Their residues, from 0, first < second; shape (pairs,).
    eligible, contact
        By kind of atoms, whether both have a place, and whether they touch; shape (pairs,).
    residues
        By kind of atoms, how many residues have a place: the L of a precision.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    eligible: dict[str, NDArray[np.bool_]]
    contact: dict[str, NDArray[np.bool_]]
    residues: dict[str, int]

    @cached_property
    def ranges(self) -> dict[str, NDArray[np.bool_]]:
        """Which pairs are in each of `RANGES`, shape (pairs,)."""
        apart = self.second - self.first
        ends = {
            name: (least, np.inf if most is None else most)
            for name, (least, most) in RANGES.items()
        }
        return {name: (apart >= least) & (apart < most) for name, (least, most) in ends.items()}


def find_pairs(chain: Chain) -> Pairs:
    """Find the pairs of a chain with a structure.

    Kinds of atoms whose places are not known are left out.
    """
    from scipy.spatial.distance import pdist, squareform

    first, second = np.triu_indices(len(chain), MINIMUM_CONTACT_SEPARATION)
    eligible, contact, residues = {}, {}, {}
    for atoms, places in atom_places(chain).items():
        known: NDArray[np.bool_] = np.asarray(np.isfinite(places).all(axis=1))
        distances = squareform(pdist(np.where(known[:, None], places, 0.0)))[first, second]
        both: NDArray[np.bool_] = known[first] & known[second]
        eligible[atoms] = both
        contact[atoms] = both & (distances < CONTACT_DISTANCE)
        residues[atoms] = int(known.sum())
    return Pairs(first, second, eligible, contact, residues)


def atom_places(chain: Chain) -> dict[str, NDArray[np.float64]]:
    """Give the places of a chain's atoms by kind, NaN where unknown, shape (residues, 3)."""
    if chain.alpha_carbons is None or chain.resolved is None:
        return {}
    alphas = np.where(chain.resolved[:, None], chain.alpha_carbons, np.nan)
    found = {"alpha": np.asarray(alphas, dtype=np.float64)}
    if chain.beta_carbons is not None:
        found["beta"] = np.asarray(chain.beta_carbons, dtype=np.float64)
    return found
