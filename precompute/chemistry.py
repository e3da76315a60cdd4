"""Amino acids by the chemistry of their side chains."""

from __future__ import annotations

from precompute.features import AMINO_ACIDS

LETTERS: tuple[str, ...] = tuple(AMINO_ACIDS)
"""The 20 amino acids by their one-letter codes, in alphabetical order."""

GROUPS: dict[str, tuple[str, ...]] = {
    "hydrophobic": ("A", "V", "L", "I", "M"),
    "aromatic": ("F", "W", "Y"),
    "polar": ("S", "T", "N", "Q"),
    "charged": ("D", "E", "H", "K", "R"),
    "special": ("C", "G", "P"),
}
"""Groups of amino acids, each with its members.

Within a group, neighbours are alike: branched beside branched, acids before bases.
Special are those whose backbone or side chain does what no other does: cysteine's
disulfide bonds, glycine's missing side chain, proline's ring.
"""

BY_CHEMISTRY: tuple[str, ...] = tuple(letter for group in GROUPS.values() for letter in group)
"""The 20 amino acids, group by group."""


def groups_in_words() -> str:
    """Name every group with its letters, in one line."""
    return "; ".join(f"{name} {' '.join(letters)}" for name, letters in GROUPS.items())
