"""A chain of which C-alpha atoms alone are known, as the 3D view takes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from precompute.features import AMINO_ACIDS
from precompute.live.writing import COLUMNS, Structure

CHAIN = "A"
_NAMES = {letter: name[:3].upper() for letter, name in AMINO_ACIDS.items()} | {
    **{"N": "ASN", "Q": "GLN", "W": "TRP", "I": "ILE"}
}


def trace_structure(
    sequence: str, places: NDArray[np.floating], known: NDArray[np.bool_]
) -> tuple[Structure, tuple[str, ...]]:
    """Write a chain's C-alpha atoms, its residues numbered from 1.

    Parameters
    ----------
    sequence
        Residue letters.
    places, known
        In Å, shape (residues, 3), and whether they are known, shape (residues,).

    Returns
    -------
    tuple
        The structure, and the key of each residue in it, empty where it is not known.
    """
    rows = ["data_structure", "loop_", *(f"_atom_site.{column}" for column in COLUMNS)]
    keys = []
    for place, (letter, there) in enumerate(zip(sequence, known.tolist(), strict=True)):
        keys.append(f"{CHAIN}|{place + 1}" if there else "")
        if there:
            x, y, z = places[place].tolist()
            name = _NAMES.get(letter, "UNK")
            rows.append(
                f'ATOM {len(rows)} C "CA" {name} {CHAIN} {place + 1} {x:.3f} {y:.3f} {z:.3f}'
            )
    return Structure("\n".join([*rows, ""]), (CHAIN,), "trace"), tuple(keys)
