"""Which coordinates are places, and which sections of a file are copies of others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.atom_table import AtomTable, Section

_LARGEST = 1e6
"""Å; what is beyond is damage."""

_SENTINEL = 990.0
"""Å from which three equal coordinates (9999.000 thrice, −999.000) say that there is no place."""

_MOST_AT_ONE_PLACE = 2
"""Atoms of one chain, of different names or residues; more have no place of their own."""

_CLASH = 3.0
"""Å between C-alpha atoms that are not of one chain's neighbours: 3.8 at least."""

_SMALLEST_OVERLAP = 0.05
"""Share of the C-alpha atoms that clash in copies laid over each other."""


def is_placed(
    atoms: AtomTable, sites: NDArray[np.int64], chains: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which atoms have coordinates that are a place.

    Programs write atoms that were not resolved as stars, as 0 0 0, as 9999.000 three times, or
    all at one point.

    Parameters
    ----------
    atoms
        The atoms.
    sites
        The residue number that each is of, shape (atoms,): alternate locations of an atom
        may share a place.
    chains
        The chain that each is of, shape (atoms,): copies of a chain may lie over each other.

    Returns
    -------
    numpy.ndarray
        Shape (atoms,).
    """
    positions = atoms.positions
    finite = np.asarray(np.isfinite(positions).all(axis=1))
    held = np.where(finite[:, None], positions, 0.0)
    size = np.abs(held).max(axis=1)
    equal = np.ptp(held, axis=1) == 0
    placed = np.array(finite & (size < _LARGEST) & ~(equal & (size >= _SENTINEL)), dtype=bool)
    rows = np.flatnonzero(placed)
    rows = rows[share_place(held[rows])]
    keys = np.column_stack([held[rows], chains[rows]])
    places, inverse = np.unique(keys, axis=0, return_inverse=True)
    inverse = inverse.ravel()
    counts = np.bincount(inverse, minlength=len(places))
    origin = (places[:, :3] == 0).all(axis=1)
    for place in np.flatnonzero((counts > _MOST_AT_ONE_PLACE) | ((counts > 1) & origin)).tolist():
        own = rows[inverse == place]
        distinct = set(zip(sites[own].tolist(), atoms.names[own].tolist(), strict=True))
        if len(distinct) > (1 if origin[place] else _MOST_AT_ONE_PLACE):
            placed[own] = False
    at_origin = np.flatnonzero(placed & (held == 0).all(axis=1))
    for row in at_origin.tolist():
        placed[row] = _belongs(atoms, sites, placed, row)
    return placed


def share_place(positions: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark positions that may not be alone: all three coordinates are others' too.

    Quick, and right where it says no; shape (positions,).
    """
    rows = np.arange(len(positions))
    for axis in range(3):
        _, inverse, counts = np.unique(
            positions[rows, axis], return_inverse=True, return_counts=True
        )
        rows = rows[counts[inverse] > 1]
    marked = np.zeros(len(positions), dtype=bool)
    marked[rows] = True
    return marked


def _belongs(
    atoms: AtomTable, sites: NDArray[np.int64], placed: NDArray[np.bool_], row: int
) -> bool:
    """Tell whether an atom is near the others of its residue, a lone C-alpha near another."""
    others = placed & (np.arange(len(atoms)) != row)
    own = others & (sites == sites[row])
    trace = atoms.names[row] == "CA" and atoms.components[row] != "CA"
    near = own if own.any() else others & (trace & (atoms.names == "CA"))
    if not near.any():
        return True
    gaps = np.linalg.norm(atoms.positions[near] - atoms.positions[row], axis=1)
    return bool(gaps.min() <= 2 * _CLASH)


def find_copies(sections: Sequence[Section]) -> tuple[list[int], int]:
    """Tell the partners of a complex from frames of a trajectory and poses of a ligand.

    Both come with END records between them, or as data blocks: partners stand beside each
    other, frames lie over each other.

    Returns
    -------
    tuple
        The numbers of the sections to read together, and how many others are copies.
    """
    kept = [0]
    for number in range(1, len(sections)):
        own = sections[number].atoms
        if not any(_is_copy(sections[other].atoms, own) for other in kept):
            kept.append(number)
    return kept, len(sections) - len(kept)


def _is_copy(one: AtomTable, other: AtomTable) -> bool:
    from scipy.spatial import KDTree

    first, second = (_alpha_carbons(table) for table in (one, other))
    if not len(second):
        same = len(one) == len(other) and not len(first)
        return same and bool((one.names == other.names).all())
    if not len(first):
        return False
    distances, _ = KDTree(first).query(second)
    return bool((distances < _CLASH).mean() >= _SMALLEST_OVERLAP)


def _alpha_carbons(atoms: AtomTable) -> NDArray[np.float64]:
    chosen = (atoms.names == "CA") & (atoms.components != "CA")
    positions: NDArray[np.float64] = atoms.positions[chosen]
    return positions[np.isfinite(positions).all(axis=1)]
