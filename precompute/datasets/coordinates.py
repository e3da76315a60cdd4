"""Which C-alpha coordinates are places, and whether they are in Å.

Neighbours in a chain are 3.8 Å apart, 2.9 Å at a cis bond: the one length that every protein
has, so that it tells the unit.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from precompute.errors import AtlasError

NEIGHBOUR_DISTANCE = 3.8
"""Å between C-alpha atoms of neighbours."""
_RIGHT = (2.5, 5.5)
"""Å, of the median: room for coarse models, bad geometry and gaps without numbers."""
_FEWEST = 5
"""Pairs of neighbours from which on their median counts."""
_UNITS = (
    (100.0, "hundredths of an Å (picometres), as ProteinNet's own files are", "divide them by 100"),
    (10.0, "tenths of an Å", "divide them by 10"),
    (0.1, "nanometres", "multiply them by 10"),
)
_BEYOND = 9_998.0
"""Å; no protein reaches so far from the origin, and programs write 9999 for what is missing."""


def find_places(
    alpha_carbons: NDArray[np.floating], resolved: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell which residues that are said to be resolved have a place.

    What is no number or infinite is no place, nor is 9999 or more, a spot that two residues
    share to the last bit (0, 0, 0 where something is missing), or the origin where no neighbour
    is near it.

    Parameters
    ----------
    alpha_carbons
        In Å, shape (residues, 3).
    resolved
        Shape (residues,).

    Returns
    -------
    numpy.ndarray
        Shape (residues,).
    """
    positions = np.asarray(alpha_carbons, dtype=np.float64)
    placed = resolved & _apart(positions, resolved)
    placed &= (np.abs(np.where(placed[:, None], positions, 0.0)) < _BEYOND).all(axis=1)
    for place in np.flatnonzero(placed & (positions == 0.0).all(axis=1)):
        near = [one for one in (place - 1, place + 1) if 0 <= one < len(placed) and placed[one]]
        distances = np.linalg.norm(positions[near], axis=1)
        placed[place] = not len(near) or bool((distances <= 2 * NEIGHBOUR_DISTANCE).any())
    return placed


def refuse_other_unit(
    chains: Iterable[tuple[NDArray[np.floating], NDArray[np.bool_]]], owner: str
) -> None:
    """Refuse coordinates in another unit than Å.

    Parameters
    ----------
    chains
        Positions and whether they are resolved, of each chain that shares the unit.
    owner
        Whose they are, for a message.

    Raises
    ------
    AtlasError
        When neighbours are not near 3.8 Å, in the median over five pairs or more; it says
        which unit it seems to be and what to do.
    """
    steps = [_steps(positions, resolved) for positions, resolved in chains]
    distances = np.concatenate([np.zeros(0), *steps])
    if len(distances) < _FEWEST:
        return
    median = float(np.median(distances))
    if _RIGHT[0] <= median <= _RIGHT[1]:
        return
    said = (
        f"{owner} has neighbouring C-alpha atoms {median:.3g} apart (median) "
        f"instead of {NEIGHBOUR_DISTANCE} Å"
    )
    for factor, name, advice in _UNITS:
        if _RIGHT[0] <= median / factor <= _RIGHT[1]:
            raise AtlasError(f"{said}: its coordinates seem to be in {name}; {advice}.")
    raise AtlasError(f"{said}: its coordinates are scaled, or of other atoms; give Å.")


def _apart(positions: NDArray[np.float64], resolved: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark residues with three finite numbers that no other resolved residue has."""
    good = resolved & np.isfinite(positions).all(axis=1)
    _, own, count = np.unique(positions[good], axis=0, return_inverse=True, return_counts=True)
    good[good] = count[own.reshape(-1)] == 1
    return good


def _steps(positions: NDArray[np.floating], resolved: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give the distances between resolved neighbours; sizes do not matter, the unit is open."""
    exact = np.asarray(positions, dtype=np.float64)
    good = _apart(exact, resolved)
    pairs = np.flatnonzero(good[:-1] & good[1:])
    with np.errstate(over="ignore"):
        return np.asarray(np.linalg.norm(exact[pairs + 1] - exact[pairs], axis=1))
