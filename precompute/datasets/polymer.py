"""Which residues of a model make a protein chain, and where an unresolved one stands.

A PDB file does not say which of its HETATM residues belong to a chain, nor where a missing
one stands; mmCIF says both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.chain import RESIDUE_LETTERS
from precompute.datasets.numbering import Scheme, complete_numbers

if TYPE_CHECKING:
    import gemmi

CAPS = frozenset({"ACE", "FOR", "NH2", "NME", "NMA", "BOC", "CBZ", "Z", "TFA", "MYR"})
"""Groups that close a chain's end: part of the polymer, and no residues."""

LARGEST_BOND = 2.0
"""Å between two atoms of neighbouring residues that are bonded: 1.33 for a peptide bond,
1.6 for a phosphodiester; more than 2.4 between atoms that are not."""

_SMALLEST_PEPTIDE = 3
"""Linked amino acids that make a polymer though the file calls them all HETATM."""

_SMALLEST_AGREEMENT = 0.9
"""Share of the resolved residues that a stated sequence must name as they are."""


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


class Residues(NamedTuple):
    """The residues of a model, side by side; each array has shape (residues,).

    Residues of one `place` share one number in one chain. `stated` are those that mmCIF
    calls polymer, `numbers` their places in the entity's sequence, from 1.
    """

    rows: list[gemmi.Residue]
    names: NDArray[np.str_]
    chains: NDArray[np.int64]
    hetero: NDArray[np.bool_]
    places: NDArray[np.int64]
    stated: NDArray[np.bool_]
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


def list_residues(structure: gemmi.Structure) -> Residues:
    """List the residues of the first model."""
    import gemmi

    polymers = {
        entity.name
        for entity in structure.entities
        if entity.entity_type == gemmi.EntityType.Polymer
    }
    pairs = [(number, row) for number, chain in enumerate(structure[0]) for row in chain]
    rows = [row for _, row in pairs]
    keys = [(chain, row.seqid.num, row.seqid.icode) for chain, row in pairs]
    changes = [0, *(int(a != b) for a, b in pairwise(keys))]
    stated = [row.entity_id in polymers and row.label_seq is not None for row in rows]
    return Residues(
        rows,
        np.array([row.name for row in rows], dtype=np.str_),
        np.array([chain for chain, _ in pairs], dtype=np.int64),
        np.array([row.het_flag == "H" for row in rows], dtype=bool),
        np.cumsum(changes),
        np.array(stated, dtype=bool),
        np.array([row.label_seq or 0 for row in rows], dtype=np.int64),
    )


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
    for number in np.unique(table.chains[candidates]):
        rows = np.flatnonzero(candidates & (table.chains == number))
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


class Item(NamedTuple):
    """A residue of a chain: component, residue of the model or −1, author's number or ''."""

    component: str
    row: int
    number: str


def _observed(rows: NDArray[np.int64], table: Residues) -> list[Item]:
    names = table.names.tolist()
    return [Item(names[row], int(row), str(table.rows[row].seqid)) for row in rows]


def place_by_number(
    full: Sequence[str], rows: NDArray[np.int64], table: Residues, scheme: Scheme
) -> list[Item]:
    """Place residues by their numbers in the entity's sequence."""
    numbers = table.numbers[rows]
    observed = _observed(rows, table)
    if not len(full) or numbers.min() < 1 or numbers.max() > len(full):
        return observed
    if (np.diff(numbers) <= 0).any():
        return observed
    at = dict(zip(numbers.tolist(), observed, strict=True))
    subchain = table.rows[rows[0]].subchain
    return [
        at.get(n, Item(name.split(",")[0], -1, scheme.get((subchain, n), "")))
        for n, name in enumerate(full, 1)
    ]


def place_by_alignment(full: Sequence[str], rows: NDArray[np.int64], table: Residues) -> list[Item]:
    """Place residues by aligning them with the SEQRES records, gaps where bonds are missing."""
    import gemmi

    observed = _observed(rows, table)
    if not len(full):
        return observed
    chain = gemmi.Chain("A")
    for row in rows:
        chain.add_residue(table.rows[row])
    alignment = gemmi.align_sequence_to_polymer(
        list(full), chain.whole(), gemmi.PolymerType.PeptideL
    )
    items: list[Item] = []
    stated, placed, agreeing = iter(full), iter(observed), 0
    for count, operation in re.findall(r"(\d+)([MID])", alignment.cigar_str()):
        for _ in range(int(count)):
            if operation == "I":
                items.append(Item(next(stated), -1, ""))
            else:
                item = next(placed)
                agreeing += operation == "M" and next(stated) == item.component
                items.append(item)
    if agreeing < _SMALLEST_AGREEMENT * len(observed):
        return observed
    return items


def make_chain(
    name: str,
    items: Sequence[Item],
    missing: Sequence[tuple[str, str]],
    parents: dict[str, str],
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


def residue_letter(component: str, parents: dict[str, str]) -> str:
    """Give a component's letter, a modified residue's parent's, X where nobody knows it."""
    import gemmi

    for name in (component, parents.get(component, "")):
        info = gemmi.find_tabulated_residue(name)
        letter = info.one_letter_code.upper()
        if info.is_amino_acid() and letter in RESIDUE_LETTERS:
            return letter
    return "X"
