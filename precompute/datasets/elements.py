"""The element of every atom, where a file does not say it, or says it wrongly."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.atom_table import AtomTable
from precompute.datasets.components import ion_element, is_polymer_name

_OF_POLYMERS = {"C": 6, "N": 7, "O": 8, "S": 16, "P": 15, "H": 1, "D": 1}
_TWO_LETTERS = ("CL", "BR", "FE", "ZN", "MG", "MN", "SE", "SI", "CU", "CO", "NI", "NA")


def complete_elements(
    atoms: AtomTable, residues: NDArray[np.int64], names: list[str]
) -> NDArray[np.uint8]:
    """Give every atom its element.

    In an amino acid or a nucleotide the name's first letter is the element, whatever else a
    file says: ``CA`` is C-alpha there and no calcium. Elsewhere the file's element counts, and
    where there is none the name's letters.

    Parameters
    ----------
    atoms
        The atoms.
    residues
        The residue of each, from 0, shape (atoms,).
    names
        The residues' names as the file has them.

    Returns
    -------
    numpy.ndarray
        Atomic numbers, 0 where unknown, shape (atoms,).
    """
    elements = atoms.elements.copy()
    polymer = np.array([is_polymer_name(name) for name in names], dtype=bool)
    held = {
        wanted: np.bincount(residues[atoms.names == wanted], minlength=len(names)) > 0
        for wanted in ("N", "CA", "C", "C1'", "C4'")
    }
    backbone = held["N"] & held["CA"] & held["C"]
    sizes = np.bincount(residues, minlength=len(names))
    in_polymer = ((polymer & (sizes > 1)) | backbone)[residues]
    known = {name: _of_polymer(name) for name in set(atoms.names[in_polymer].tolist())}
    by_name = np.array([known[name] for name in atoms.names[in_polymer].tolist()], dtype=np.uint8)
    own = elements[in_polymer]
    # A modified residue may have an iodine or an arsenic, which its file knows best.
    plain = np.isin(atoms.names[in_polymer], ("N", "CA", "C", "O", "CB"))
    light = np.isin(own, (0, *_OF_POLYMERS.values())) | (own == ion_element("CA"))
    elements[in_polymer] = np.where((plain | light) & (by_name > 0), by_name, own)
    # A model of C-alphas alone.
    alone = polymer & (sizes == 1) & ~backbone
    carbon = alone[residues] & (atoms.names == "CA") & (atoms.components != "CA")
    elements[carbon] = _OF_POLYMERS["C"]
    for row in np.flatnonzero((sizes == 1)[residues] & ~in_polymer & ~carbon).tolist():
        name, component = str(atoms.names[row]), str(atoms.components[row])
        # GROMACS calls ions ION, and the atom says which.
        ion = ion_element(name if component.upper() == "ION" else component)
        if ion and (elements[row] == 0 or name == component or ion_element(name) == ion):
            elements[row] = ion
    for row in np.flatnonzero(elements == 0).tolist():
        elements[row] = _by_letters(str(atoms.names[row]))
    return elements


@lru_cache(maxsize=4096)
def _of_polymer(name: str) -> int:
    if name.startswith("SE"):
        return 34
    letter = next((sign for sign in name if sign.isalpha()), "")
    return _OF_POLYMERS.get(letter.upper(), 0)


@lru_cache(maxsize=4096)
def _by_letters(name: str) -> int:
    import gemmi

    letters = "".join(sign for sign in name if sign.isalpha()).upper()
    two = letters[:2] if letters[:2] in _TWO_LETTERS else letters[:1]
    return int(gemmi.Element(two).atomic_number) if two else 0
