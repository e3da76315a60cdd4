"""Read a PDB or mmCIF file into what labels are made of: atoms, residues, protein chains.

Each format has a reader (`pdb_format`, `mmcif_format`) that gives columns; atoms are grouped
in `residues`, and which residues belong to a protein chain is decided in `polymer`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.atom_table import AtomTable, Section, join
from precompute.datasets.components import WATER, is_documented
from precompute.datasets.coordinates import refuse_other_unit
from precompute.datasets.mmcif_format import read_mmcif
from precompute.datasets.pdb_format import read_pdb
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
from precompute.datasets.text import clean_text, is_mmcif
from precompute.datasets.text import unpack as unpack_text
from precompute.errors import AtlasError

PDB_SUFFIXES = (".pdb", ".ent")
MMCIF_SUFFIXES = (".cif", ".mmcif")
SUFFIXES = PDB_SUFFIXES + MMCIF_SUFFIXES

_ASSEMBLY = re.compile(r"\.pdb\d{1,3}$")
"""``1abc.pdb1``: a biological assembly as the PDB gives it."""

MAXIMUM_BYTES = 512 * 1024**2
"""Of an unpacked file; the largest entries of the PDB have about 400 MB."""

BACKBONE = ("N", "CA", "C", "O")

_LONGEST_BOND_OF_A_RESIDUE = 2.2
"""Å from N to C-alpha and from C-alpha to C: 1.46 and 1.52; more is no amino acid's backbone."""


class ResidueId(NamedTuple):
    """The author's name of a residue: chain, number, insertion code or an empty text."""

    chain: str
    number: int
    insertion: str


@dataclass(frozen=True, eq=False)
class Model:
    """The first model of a structure, one location of each atom.

    Attributes
    ----------
    atom_names
        Shape (atoms,), bytes.
    positions
        In Å, shape (atoms, 3).
    elements
        Atomic numbers, 0 where unknown, shape (atoms,).
    atom_residues
        The residue of each atom, ascending, shape (atoms,).
    residue_names
        Component names, length (residues,).
    residue_ids
        The author's names, length (residues,).
    polymer
        Whether a residue belongs to a protein or nucleic acid chain, shape (residues,).
    backbone
        The atoms `BACKBONE` of each residue, −1 where one is not there; shape
        (residues, 4).
    chains
        Protein chains in the order of the file.
    skipped
        How many chains, models and atoms were left out, by reason.
    title
        What the file says it is, in the words of whoever wrote it; may be empty.
    models
        How many models the file holds.
    alternatives
        How many atoms were left out because they have another location that is kept.
    given_names
        The residues' names as the file has them, length (residues,).
    unknown
        How many residues of protein chains have a name that nobody knows, by that name.
    described
        Components that the file itself describes as amino acids or their modifications.
    remarks
        How else the file was read than as it stands, a sentence each.
    """

    atom_names: NDArray[np.bytes_]
    positions: NDArray[np.float64]
    elements: NDArray[np.uint8]
    atom_residues: NDArray[np.int64]
    residue_names: tuple[str, ...]
    residue_ids: tuple[ResidueId, ...]
    polymer: NDArray[np.bool_]
    backbone: NDArray[np.int64]
    chains: tuple[ProteinChain, ...]
    skipped: dict[str, int]
    title: str = ""
    models: int = 1
    alternatives: int = 0
    given_names: tuple[str, ...] = ()
    unknown: Mapping[str, int] = field(default_factory=dict)
    described: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()

    @cached_property
    def renamed(self) -> dict[tuple[str, str], int]:
        """How many residues have another name in the file, by that name and the component's.

        Water is left out, which every program calls as it likes.
        """
        pairs = zip(self.given_names, self.residue_names, strict=True)
        return dict(Counter((a, b) for a, b in pairs if a != b and b != WATER))

    @cached_property
    def heavy(self) -> NDArray[np.bool_]:
        """Whether an atom is not hydrogen, shape (atoms,)."""
        return self.elements > 1

    @cached_property
    def protein(self) -> NDArray[np.bool_]:
        """Whether a residue belongs to one of the protein chains, shape (residues,)."""
        inside = np.zeros(len(self.residue_names), dtype=bool)
        for chain in self.chains:
            inside[chain.residues[chain.residues >= 0]] = True
        return inside


def structure_suffix(path: Path) -> str | None:
    """Give the suffix that tells a structure's format, ``.gz`` left out; None for other files."""
    name = path.name.lower().removesuffix(".gz")
    if _ASSEMBLY.search(name):
        return PDB_SUFFIXES[0]
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), None)


def structure_stem(path: Path) -> str:
    """Give the file's name without ``.gz`` and the format's suffix."""
    name = path.name
    if name.lower().endswith(".gz"):
        name = name[:-3]
    return name[: name.rindex(".")]


def unpack(data: bytes, name: str, most: int | None = None) -> bytes:
    """Undo gzip where the content is gzip, up to a number of bytes.

    Parameters
    ----------
    data
        The file's bytes.
    name
        Its name.
    most
        Bytes of the unpacked file, at most: `MAXIMUM_BYTES` where it is None. No more than
        these are ever in memory.

    Raises
    ------
    AtlasError
        When the data are no whole gzip file, or unpack to more than that.
    """
    return unpack_text(data, name, MAXIMUM_BYTES if most is None else most)


def parse_structure(data: bytes, name: str) -> Model:
    """Read the first model of an unpacked PDB or mmCIF file; the content tells which it is.

    Parameters
    ----------
    data
        The file's bytes.
    name
        Its name, for messages.

    Raises
    ------
    AtlasError
        When the file is damaged or no structure.
    """
    mmcif = _is_mmcif(data)
    try:
        text = clean_text(data, columns=not mmcif)
        sections = read_mmcif(text, name) if mmcif else read_pdb(text, name)
        if not sections:
            raise AtlasError(f"{name} holds no atoms: it is not a structure.")
        return _build(sections, name)
    except AtlasError:
        raise
    except Exception as error:  # damaged files raise whatever the parser tripped over
        kind = "mmCIF" if mmcif else "PDB"
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise AtlasError(f"{name} is not a readable {kind} file ({reason}).") from error


def _is_mmcif(data: bytes) -> bool:
    """Tell the format by the content; a file in UTF-16 has to be made text for that."""
    if b"\0" in data[:4096]:
        data = clean_text(data, columns=False)
    return b"_atom_site." in data and is_mmcif(data)


def _build(sections: Sequence[Section], name: str) -> Model:
    """Group atoms, choose one location of each, and find the chains."""
    kept, copies = find_copies(sections)
    parts = [sections[number] for number in kept]
    atoms = join([part.atoms for part in parts])
    origin = np.repeat(np.arange(len(parts)), [len(part.atoms) for part in parts])
    known = [part.polymers for part in parts if part.polymers is not None]
    atoms, atom_residues, table = group_residues(
        atoms, origin, frozenset().union(*known) if known else None
    )
    usable = is_placed(atoms, table.sites[atom_residues])
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
        tuple(_remarks(table, name)),
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
            full = part.sequences.get(entity if entity else label, ())
            missing = part.missing.get(label, ())
            broken = find_breaks(table, rows, backbone, positions)
            items = place_residues(full, rows, table, part.scheme, missing, broken)
            chains.append(make_chain(name, items, missing, parents))
        elif len(rows):
            skipped["chains without a C-alpha atom"] += 1
        elif nucleic[first:end].any():
            skipped["nucleic acid chains"] += 1
    return chains, skipped


def _remarks(table: Residues, name: str) -> list[str]:
    """Say where chains were parted that the file's names do not tell apart."""
    parted = [one for one in table.chain_names if one.name != one.label]
    if not parted:
        return []
    names = ", ".join(one.name for one in parted[:6]) + (" and more" if len(parted) > 6 else "")
    unnamed = all(not one.label for one in parted)
    return [
        f"{name} {'does not name its chains' if unnamed else 'uses names of chains twice'}: they "
        f"were parted at the ends it marks and where numbers come again, and are called {names}."
    ]


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
