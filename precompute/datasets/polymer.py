"""Which residues of a model make a protein chain, and where an unresolved one stands.

A PDB file does not say which of its HETATM residues belong to a chain, nor where a missing
one stands; mmCIF says both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.atom_table import Scheme
from precompute.datasets.components import residue_letter
from precompute.datasets.numbering import complete_numbers
from precompute.datasets.placing import place_by_alignment, place_by_pieces
from precompute.datasets.residues import Residues
from precompute.datasets.runs import LARGEST_BOND

CAPS = frozenset({"ACE", "FOR", "NH2", "NME", "NMA", "BOC", "CBZ", "Z", "TFA", "MYR", "CT3", "CT2"})
"""Groups that close a chain's end: part of the polymer, and no residues."""

_SMALLEST_PEPTIDE = 3
"""Linked amino acids that make a polymer though the file calls them all HETATM."""


class ProteinChain(NamedTuple):
    """One protein chain of a model.

    Attributes
    ----------
    name
        The author's identifier of the chain.
    sequence
        One letter a residue.
    residues
        Which residue of the model each one is, −1 where it is not in the model, shape
        (residues,).
    numbers
        The author's number of each with its insertion code, empty where the file does not
        say it, length (residues,).
    """

    name: str
    sequence: str
    residues: NDArray[np.int64]
    numbers: tuple[str, ...]


_LONGEST_PEPTIDE_BOND = 2.5
_LONGEST_STEP = 4.5
"""Å from C to N, and from C-alpha to C-alpha, beyond which a chain is broken."""


def find_linked(
    table: Residues,
    candidates: NDArray[np.bool_],
    last: NDArray[np.int64],
    first: NDArray[np.int64],
    positions: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Tell the residues of a polymer from free ones, where the file does not say.

    A PDB file calls modified residues HETATM, and free amino acids and nucleotides too. A
    HETATM candidate belongs to the chain when it stands between ATOM residues, or is bonded
    to them through other candidates, or is one of three or more that are bonded.

    Parameters
    ----------
    candidates
        Residues of the right sort, shape (residues,).
    last, first
        The atom with which a residue is bonded to the next and to the one before, −1
        where it is not there, shape (residues,).
    """
    member = candidates & ~table.hetero
    chosen = np.flatnonzero(candidates)
    parts = np.split(chosen, np.flatnonzero(np.diff(table.chains[chosen])) + 1)
    for rows in parts if len(chosen) else ():
        sure = rows[~table.hetero[rows]]
        if len(sure):
            member[rows[(rows > sure[0]) & (rows < sure[-1])]] = True
        one, other = last[rows[:-1]], first[rows[1:]]
        distance = np.linalg.norm(positions[one] - positions[other], axis=1)
        bonded = (one >= 0) & (other >= 0) & (distance <= LARGEST_BOND)
        group = np.concatenate([[0], np.cumsum(~bonded)])
        sizes = np.bincount(group)
        held = np.bincount(group, weights=member[rows]) > 0
        member[rows] |= (held | (sizes >= _SMALLEST_PEPTIDE))[group]
    return member


def find_breaks(
    table: Residues,
    rows: NDArray[np.int64],
    backbone: NDArray[np.int64],
    positions: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Tell before which residues a chain is broken.

    Parameters
    ----------
    table, rows
        All residues, and those of the chain in order.
    backbone
        N, C-alpha, C and O of all residues, −1 where one is not there, shape (residues, 4).
    positions
        Of the atoms, in Å.

    Returns
    -------
    numpy.ndarray
        The first is; shape (residues of the chain,).
    """

    def apart(last: int, first: int, most: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        one, other = backbone[rows[:-1], last], backbone[rows[1:], first]
        known = (one >= 0) & (other >= 0)
        return known, np.linalg.norm(positions[one] - positions[other], axis=1) > most

    bond, no_bond = apart(2, 0, _LONGEST_PEPTIDE_BOND)
    step, far = apart(1, 1, _LONGEST_STEP)
    jump = ~np.isin(np.diff(table.numbers[rows]), (0, 1))
    return np.concatenate([[True], np.where(bond, no_bond, np.where(step, far, jump))])


class Item(NamedTuple):
    """A residue of a chain: component, residue of the model or −1, author's number or ''."""

    component: str
    row: int
    number: str


def place_residues(
    full: Sequence[str],
    rows: NDArray[np.int64],
    table: Residues,
    scheme: Scheme,
    missing: Sequence[tuple[str, str]],
    broken: NDArray[np.bool_],
) -> list[Item]:
    """Place a chain's resolved residues in its whole sequence.

    Parameters
    ----------
    full
        Components of the sequence that the file states; may be empty.
    rows
        The resolved residues, in the order of the file.
    table
        All residues.
    scheme, missing
        Numbers of residues without coordinates: mmCIF's, and REMARK 465's of this chain.
    broken
        Whether the chain is broken before each of `rows`, shape (resolved residues,).

    Returns
    -------
    list of Item
        Every residue of the sequence; the resolved ones alone where the sequence is not
        known, or is another's.
    """
    names = table.names[rows].tolist()
    observed = [
        Item(name, row, table.number(row)) for name, row in zip(names, rows.tolist(), strict=True)
    ]
    if not len(full):
        return observed
    if table.stated[rows].all():
        numbers = table.places[rows]
        if numbers.max() > len(full) or (np.diff(numbers) <= 0).any():
            return observed
        places = (numbers - 1.0).tolist()
    else:
        components = [item.component for item in observed]
        found = place_by_pieces(
            full, components, [item.number for item in observed], missing, broken
        )
        if found is None:
            found = place_by_alignment(full, components, broken)
        if found is None:
            return observed
        places = found
    segment, taken = str(table.segments[rows[0]]), set(places)
    absent = [
        (float(place), Item(name, -1, scheme.get((segment, place + 1), "")))
        for place, name in enumerate(full)
        if place not in taken
    ]
    laid_out = sorted([*zip(places, observed, strict=True), *absent], key=lambda one: one[0])
    return [item for _, item in laid_out]


def make_chain(
    name: str,
    items: Sequence[Item],
    missing: Sequence[tuple[str, str]],
    parents: Mapping[str, str],
) -> ProteinChain:
    """Make a chain of its residues, the groups that close its ends left out.

    Parameters
    ----------
    name
        The author's identifier of the chain.
    items
        Its residues in order.
    missing
        What REMARK 465 names of the chain (`complete_numbers`).
    parents
        Components that modified ones come from (`residue_letter`).
    """
    kept = [item for item in items if item.component not in CAPS]
    components = [item.component for item in kept]
    return ProteinChain(
        name,
        "".join(residue_letter(component, parents) for component in components),
        np.array([item.row for item in kept], dtype=np.int64),
        complete_numbers(components, [item.number for item in kept], missing),
    )
