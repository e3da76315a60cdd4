"""Where C-beta atoms are: as the file says, or where an ideal residue has them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.structure_model import Model

_NORMAL, _ALONG_N, _ALONG_C = -0.58273431, 0.56802827, -0.54067466
"""Of an ideal C-beta, in the cross product of the bonds N to C-alpha and C-alpha to C, and in
those bonds: the geometry that trRosetta and ESM use."""


def beta_carbons(model: Model) -> NDArray[np.float64]:
    """Place the C-beta atom of each residue of a model.

    Where a residue has none, as glycine or one that was not built to its end, an ideal one is
    taken from N, C-alpha and C.

    Returns
    -------
    numpy.ndarray
        In Å, NaN where neither is known; shape (residues, 3).
    """
    atoms = np.flatnonzero(model.atom_names == b"CB")
    found = ideal_betas(model)
    found[model.atom_residues[atoms]] = model.positions[atoms]
    return found


def ideal_betas(model: Model) -> NDArray[np.float64]:
    """Place ideal C-beta atoms, NaN where N, C-alpha or C is missing; shape (residues, 3)."""
    nitrogen, alpha, carbon = (
        np.where(
            (model.backbone[:, [place]] >= 0), model.positions[model.backbone[:, place]], np.nan
        )
        for place in range(3)
    )
    along_n, along_c = alpha - nitrogen, carbon - alpha
    normal = np.cross(along_n, along_c)
    placed: NDArray[np.float64] = alpha + _NORMAL * normal + _ALONG_N * along_n + _ALONG_C * along_c
    return placed
