"""Build a structure's model of what a file says, section by section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.atom_table import AtomTable, Section, join
from precompute.datasets.components import is_documented
from precompute.datasets.coordinates import refuse_other_unit
from precompute.datasets.placed import find_copies, is_placed
from precompute.datasets.polymer import (
    CAPS,
    ProteinChain,
    find_breaks,
    find_linked,
    make_chain,
    place_residues,
)
from precompute.datasets.residues import Residues, group_residues
from precompute.datasets.structure_model import BACKBONE, Model, ResidueId
from precompute.errors import AtlasError

_LONGEST_BOND_OF_A_RESIDUE = 2.2
"""Å from N to C-alpha and from C-alpha to C: 1.46 and 1.52; more is no amino acid's backbone."""


def build_model(sections: Sequence[Section], name: str) -> Model:
    """Group atoms, choose one location of each, and find the chains.

    Parameters
    ----------
    sections
        What the file holds, at least one.
    name
        Of the file, for messages.

    Raises
    ------
    AtlasError
        When no atom has a place, or coordinates are in another unit than Å.
    """
    kept, copies = find_copies(sections)
    parts = [sections[number] for number in kept]
    atoms = join([part.atoms for part in parts])
    origin = np.repeat(np.arange(len(parts)), [len(part.atoms) for part in parts])
    known = [part.polymers for part in parts if part.polymers is not None]
    atoms, atom_residues, table = group_residues(
        atoms, origin, frozenset().union(*known) if known else None, parts[-1].ended
    )
    usable = is_placed(atoms, table.sites[atom_residues], table.chains[atom_residues])
    chosen = _choose_atoms(
        atoms.names,
        atom_residues,
        atoms.alternatives != "",
        atoms.occupancies,
        table.sites,
        usable,
    )
    # A residue whose atoms have no place is in the chain all the same, and not resolved.
    there = np.bincount(atom_residues[chosen], minlength=len(table)) > 0
    there |= ~np.isin(table.sites, table.sites[there])
    held = {
        one: np.bincount(atom_residues[atoms.names == one], minlength=len(table)) > 0
        for one in BACKBONE[:3]
    }
    without = np.bincount(atom_residues[usable], minlength=len(table)) == 0
    without &= held["N"] & held["CA"] & held["C"]
    unplaced = int(np.count_nonzero(~usable & (atoms.elements != 1)))
    alternatives = int(usable.sum()) - len(chosen)
    if not len(chosen):
        raise AtlasError(f"{name} gives none of its atoms a place; fetch it anew.")
    atoms, atom_residues = atoms.take(chosen), atom_residues[chosen]
    backbone = np.stack(
        [_find(atoms, atom_residues, len(table), one, one[0]) for one in BACKBONE], axis=1
    )
    described = frozenset().union(*(part.linking for part in parts))
    parents = {one: parent for part in parts for one, parent in part.parents.items()}
    protein, nucleic = _find_polymers(
        atoms, atom_residues, table, backbone, there, without, described
    )
    chains, skipped = _list_chains(
        parts, table, protein, nucleic, backbone, atoms.positions, parents
    )
    # One unit a file: all chains tell it together, so that none with gaps decides alone.
    refuse_other_unit(
        [
            (atoms.positions[np.where(rows >= 0, backbone[rows, 1], -1)], _resolved(rows, backbone))
            for rows in (chain.residues for chain in chains)
        ],
        name,
    )
    models = 1 + sum(part.models - 1 for part in parts) + copies
    if unplaced:
        skipped["atoms without a place"] = unplaced
    in_chains = np.zeros(len(table), dtype=bool)
    for chain in chains:
        in_chains[chain.residues[chain.residues >= 0]] = True
    unknown = Counter(
        one
        for one in table.names[in_chains].tolist()
        if not is_documented(one) and one not in described and one not in parents
    )
    return Model(
        atoms.names.astype("S8"),
        atoms.positions,
        atoms.elements,
        atom_residues,
        tuple(table.names.tolist()),
        tuple(
            ResidueId(table.chain_names[chain].name, number, insertion)
            for chain, number, insertion in zip(
                table.chains.tolist(),
                table.numbers.tolist(),
                table.insertions.tolist(),
                strict=True,
            )
        ),
        protein | nucleic | (table.stated & there),
        backbone,
        tuple(chains),
        dict(skipped),
        next((part.title for part in parts if part.title), ""),
        models,
        alternatives,
        tuple(table.given.tolist()),
        dict(unknown),
        described | frozenset(parents),
        {one.name: one.label for one in table.chain_names if one.name != one.label},
    )


def _resolved(rows: NDArray[np.int64], backbone: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which residues of a chain have a C-alpha atom."""
    return np.asarray((rows >= 0) & (backbone[rows, 1] >= 0))


def _find(
    atoms: AtomTable, residues: NDArray[np.int64], count: int, name: str, element: str
) -> NDArray[np.int64]:
    """Find an atom in every residue, −1 where it is not there; shape (residues,)."""
    import gemmi

    # The element tells a C-alpha from a calcium ion, which bears the same name.
    number = gemmi.Element(element).atomic_number
    own = np.flatnonzero((atoms.names == name) & (atoms.elements == number))
    found = np.full(count, -1, dtype=np.int64)
    found[residues[own]] = own
    return found


def _find_polymers(
    atoms: AtomTable,
    residues: NDArray[np.int64],
    table: Residues,
    backbone: NDArray[np.int64],
    there: NDArray[np.bool_],
    unplaced: NDArray[np.bool_],
    described: frozenset[str],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the residues of proteins and of nucleic acids.

    Where mmCIF says of a chain which residues are its polymer, it is believed, chain by chain.
    `there` are all residues but those that share a place with a more occupied one, `unplaced`
    those of them that have the atoms of a backbone, and none of them a place.
    """
    import gemmi

    def find(name: str, element: str) -> NDArray[np.int64]:
        return _find(atoms, residues, len(table), name, element)

    infos = {one: gemmi.find_tabulated_residue(one) for one in set(table.names.tolist())}
    named = {
        one: (info.is_amino_acid() and one != "UNK") or one in described
        for one, info in infos.items()
    }
    documented = {one: is_documented(one) or one == "UNK" for one in infos}
    there = there & ~np.isin(table.names, sorted(CAPS))
    nucleic = there & np.array([infos[one].is_nucleic_acid() for one in table.names], dtype=bool)
    sugar = (find("O3'", "O") >= 0) & (find("C1'", "C") >= 0)
    # An amino acid has a backbone; of those that the tables know a part of it is enough.
    ends = np.stack([atoms.positions[backbone[:, one]] for one in (0, 1, 2)])
    bonds = np.linalg.norm(np.diff(ends, axis=0), axis=2) <= _LONGEST_BOND_OF_A_RESIDUE
    sizes = np.bincount(residues, minlength=len(table))
    amino = (backbone[:, :3] >= 0).all(axis=1) & bonds.all(axis=0)
    amino |= unplaced | np.array([named[one] for one in table.names], dtype=bool)
    traced = (backbone[:, 1] >= 0) & (sizes == 1)
    amino |= traced & np.array([documented[one] for one in table.names], dtype=bool)
    amino &= there & ~nucleic
    linked = find_linked(table, amino, backbone[:, 2], backbone[:, 0], atoms.positions)
    joined = find_linked(
        table,
        nucleic | (there & ~amino & sugar & ~table.hetero),
        find("O3'", "O"),
        find("P", "P"),
        atoms.positions,
    )
    says = np.bincount(table.chains[table.stated], minlength=len(table.chain_names)) > 0
    stated = says[table.chains]
    return (
        np.where(stated, amino & table.stated, linked),
        np.where(stated, nucleic & table.stated, joined),
    )


def _list_chains(
    parts: Sequence[Section],
    table: Residues,
    protein: NDArray[np.bool_],
    nucleic: NDArray[np.bool_],
    backbone: NDArray[np.int64],
    positions: NDArray[np.float64],
    parents: Mapping[str, str],
) -> tuple[list[ProteinChain], Counter[str]]:
    """List the protein chains, and count what is none, by reason."""
    chains: list[ProteinChain] = []
    skipped: Counter[str] = Counter()
    bounds = np.searchsorted(table.chains, np.arange(len(table.chain_names) + 1))
    for number, (name, label, section) in enumerate(table.chain_names):
        part, first, end = parts[section], bounds[number], bounds[number + 1]
        rows = first + np.flatnonzero(protein[first:end])
        if (backbone[rows, 1] >= 0).any():
            entity = str(table.entities[rows[0]])
            # A header stands before the first END, and speaks of what comes after it too.
            sequences = part.sequences or parts[0].sequences
            full = sequences.get(entity if entity else label, ())
            missing = (part.missing or parts[0].missing).get(label, ())
            broken = find_breaks(table, rows, backbone, positions)
            items = place_residues(full, rows, table, part.scheme, missing, broken)
            chains.append(make_chain(name, items, missing, parents))
        elif len(rows):
            skipped["chains without a C-alpha atom"] += 1
        elif nucleic[first:end].any():
            skipped["nucleic acid chains"] += 1
    return chains, skipped


def _choose_atoms(
    names: NDArray[np.str_],
    residues: NDArray[np.int64],
    alternative: NDArray[np.bool_],
    occupancies: NDArray[np.float64],
    places: NDArray[np.int64],
    usable: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Choose the most occupied location of every atom, the first on ties.

    Where alternatives of one place are different components, the component with the most
    occupied atom is chosen first, so that no atoms of two are mixed.
    """
    number = np.arange(len(names))
    occupancy = np.nan_to_num(occupancies.astype(np.float64))
    only_alternatives = np.bincount(residues, weights=~alternative, minlength=len(places)) == 0
    highest = np.full(len(places), -np.inf)
    np.maximum.at(highest, residues, occupancy)
    crowded = np.flatnonzero(only_alternatives)
    ranked = crowded[np.lexsort((crowded, -highest[crowded], places[crowded]))]
    first = np.diff(places[ranked], prepend=-1) != 0
    dropped = np.zeros(len(places), dtype=bool)
    dropped[ranked[~first]] = True

    order = np.lexsort((number, -occupancy, names, residues))
    order = order[(usable & ~dropped[residues])[order]]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(residues[order]) != 0) | (names[order][1:] != names[order][:-1])
    # In the order of the file, which is by residue.
    return np.sort(order[first])
