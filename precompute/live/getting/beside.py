"""Two structures as one: chains of one entry as they lie, others beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from precompute.live.getting.protein import Protein, ResidueKey
from precompute.live.writing import Structure, write_structure

if TYPE_CHECKING:
    import gemmi

APART = 15.0
"""Å between the atoms of two structures that stand beside each other, at least."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, eq=False)
class Laid:
    """Two proteins' structures in one.

    Attributes
    ----------
    text, kind, view
        As of `precompute.live.writing.Written`; None where neither has a structure.
    keys
        How each residue of both is found in it.
    chains
        The chain of each, empty where it has no structure.
    shift
        By how much the second was moved, Å, shape (3,).
    """

    text: str | None
    kind: Literal["cif", "pdb"]
    view: Structure | None
    keys: tuple[ResidueKey | None, ...]
    chains: tuple[str, str]
    shift: NDArray[np.float64]


def lay_beside(first: Protein, second: Protein, *, one_structure: bool) -> Laid:
    """Put the structures of two proteins into one.

    Parameters
    ----------
    first, second
        With or without a structure.
    one_structure
        Whether they are chains of one: nothing is moved then.
    """
    none = np.zeros(3)
    chains = first.chain_name or "", second.chain_name or ""
    keys = _keys(first), _keys(second)
    # Of a large structure each has its own chain alone, and of others what is bound to it.
    whole = one_structure and first.structure == second.structure
    if second.structure is None or whole:
        text, kind, view = first.structure, first.structure_format, first.view
        return Laid(text, kind, view, keys[0] + keys[1], chains, none)
    if first.structure is None:
        text, kind, view = second.structure, second.structure_format, second.view
        return Laid(text, kind, view, keys[0] + keys[1], chains, none)
    one, other = _read(first), _read(second)
    shift = none if one_structure else _shift(one[0], other[0])
    names = _rename([chain.name for chain in one[0]], [chain.name for chain in other[0]])
    for chain in other[0]:
        if one_structure:
            if chain.name != second.chain_name:
                continue
            if one[0].find_chain(chain.name) is not None:  # its ligands, which it has itself
                one[0].remove_chain(chain.name)
        else:
            chain.name = names[chain.name]
        for residue in chain:
            for atom in residue:
                atom.pos = type(atom.pos)(*(np.array(atom.pos.tolist()) + shift))
        one[0].add_chain(chain)
    text, kind, view = write_structure(one)
    moved = tuple(
        key if key is None or one_structure else key._replace(chain=names[key.chain])
        for key in keys[1]
    )
    second_chain = chains[1] if one_structure else names[chains[1]]
    return Laid(text, kind, view, keys[0] + moved, (chains[0], second_chain), shift)


def _keys(protein: Protein) -> tuple[ResidueKey | None, ...]:
    return protein.residue_keys or (None,) * len(protein)


def _read(protein: Protein) -> gemmi.Structure:
    """Read what `write_structure` wrote."""
    import gemmi

    assert protein.structure is not None
    if protein.structure_format == "pdb":
        return gemmi.read_pdb_string(protein.structure)
    block = gemmi.cif.read_string(protein.structure).sole_block()
    return gemmi.make_structure_from_block(block)


def _shift(one: gemmi.Model, other: gemmi.Model) -> NDArray[np.float64]:
    """Say where the second goes: to the right of the first, at one height and depth."""
    places = [
        np.array([row.atom.pos.tolist() for row in model.all()], dtype=float)
        for model in (one, other)
    ]
    low, high = [own.min(0) for own in places], [own.max(0) for own in places]
    shift: NDArray[np.float64] = (low[0] + high[0] - low[1] - high[1]) / 2
    shift[0] = high[0][0] + APART - low[1][0]
    return shift


def _rename(taken: list[str], names: list[str]) -> dict[str, str]:
    """Give the second's chains names that the first has not; of one letter where there are any."""
    used, given = set(taken), {}
    for name in names:
        free = (letter for letter in _LETTERS if letter not in used and letter not in names)
        number = 2
        own = name
        if name in used:
            own = next(free, "")
            while not own or own in used:
                own, number = f"{name[:6]}{number}", number + 1
        used.add(own)
        given[name] = own
    return given
