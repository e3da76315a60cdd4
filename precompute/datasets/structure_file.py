"""Read a PDB or mmCIF file into what labels are made of: atoms, residues, protein chains.

gemmi parses: it is fast (2 ms a file of 2,000 atoms), keeps alternate locations, entity
sequences and insertion codes apart, and knows the parents of modified residues. What is
decided here is which residues belong to a protein chain, and where an unresolved one stands.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.chain import RESIDUE_LETTERS
from precompute.datasets.numbering import (
    Missing,
    Scheme,
    complete_numbers,
    read_missing,
    read_scheme,
)
from precompute.errors import AtlasError

if TYPE_CHECKING:
    import gemmi

PDB_SUFFIXES = (".pdb", ".ent")
MMCIF_SUFFIXES = (".cif", ".mmcif")
SUFFIXES = PDB_SUFFIXES + MMCIF_SUFFIXES

MAXIMUM_BYTES = 512 * 1024**2
"""Of an unpacked file; the largest entries of the PDB have about 400 MB."""

BACKBONE = ("N", "CA", "C", "O")

CAPS = frozenset({"ACE", "FOR", "NH2", "NME", "NMA", "BOC", "CBZ", "Z", "TFA", "MYR"})
"""Groups that close a chain's end: part of the polymer, and no residues."""

LARGEST_BOND = 2.0
"""Å between two atoms of neighbouring residues that are bonded: 1.33 for a peptide bond,
1.6 for a phosphodiester; more than 2.4 between atoms that are not."""

_LARGEST_COORDINATE = 1e6
"""Å; what is beyond, or no number, is damage, and its atom is taken as not there."""

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
        How many chains were left out, by reason.
    title
        What the file says it is, in the words of whoever wrote it; may be empty.
    models
        How many models the file holds.
    alternatives
        How many atoms were left out because they have another location that is kept.
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
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), None)


def structure_stem(path: Path) -> str:
    """Give the file's name without ``.gz`` and the format's suffix."""
    name = path.name
    if name.lower().endswith(".gz"):
        name = name[:-3]
    return name[: name.rindex(".")]


def unpack(data: bytes, name: str, most: int | None = None) -> bytes:
    """Undo gzip where the name says so, up to a number of bytes.

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
    most = MAXIMUM_BYTES if most is None else most
    if name.lower().endswith(".gz"):
        try:
            with gzip.open(io.BytesIO(data)) as file:
                data = file.read(most + 1)
        except EOFError as error:
            raise AtlasError(f"{name} is truncated; fetch it anew.") from error
        except (OSError, zlib.error) as error:
            raise AtlasError(f"{name} is not a gzip file; unpack it or fetch it anew.") from error
    if len(data) > most:
        raise AtlasError(f"{name} unpacks to more than {most // 1024**2} MB, which is not read.")
    if not data.strip():
        raise AtlasError(f"{name} is empty; fetch it anew.")
    return data


def parse_structure(data: bytes, name: str) -> Model:
    """Read the first model of an unpacked PDB or mmCIF file.

    Parameters
    ----------
    data
        The file's bytes.
    name
        Its name, which tells the format and names it in a message.

    Raises
    ------
    AtlasError
        When the file is not what its name says, or holds no atoms.
    """
    suffix = structure_suffix(Path(name))
    try:
        said = _read(data, suffix in MMCIF_SUFFIXES)
        if len(said.structure) == 0 or said.structure[0].count_atom_sites() == 0:
            raise AtlasError(f"{name} holds no atoms: it is not a structure.")
        return _build(said)
    except AtlasError:
        raise
    except Exception as error:  # damaged files raise whatever the parser tripped over
        kind = "mmCIF" if suffix in MMCIF_SUFFIXES else "PDB"
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise AtlasError(f"{name} is not a readable {kind} file ({reason}).") from error


class _Said(NamedTuple):
    """What a file says: its first model, and what it states about residues.

    `parents` are the components that modified ones come from, `scheme` and `missing` the
    numbers of residues without coordinates (`precompute.datasets.numbering`).
    """

    structure: gemmi.Structure
    parents: dict[str, str]
    scheme: Scheme
    missing: Missing
    models: int


def _read(data: bytes, mmcif: bool) -> _Said:
    import gemmi

    parents: dict[str, str] = {}
    scheme: Scheme = {}
    if mmcif:
        document = gemmi.cif.read_string(data)
        block = next((b for b in document if b.find_loop("_atom_site.Cartn_x")), None)
        if block is None:
            return _Said(gemmi.Structure(), parents, scheme, {}, 0)
        structure = gemmi.make_structure_from_block(block)
        for row in block.find("_chem_comp.", ["id", "mon_nstd_parent_comp_id"]):
            if row.str(1):
                parents[row.str(0)] = row.str(1).split(",")[0]
        scheme = read_scheme(block)
    else:
        structure = gemmi.read_pdb_string(data)
    parents |= {mod.res_id.name: mod.parent_comp_id for mod in structure.mod_residues}
    models = len(structure)
    while len(structure) > 1:
        del structure[-1]
    structure.merge_chain_parts()
    return _Said(structure, parents, scheme, read_missing(structure.raw_remarks), models)


class _Residues(NamedTuple):
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


def _list_residues(structure: gemmi.Structure) -> _Residues:
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
    return _Residues(
        rows,
        np.array([row.name for row in rows], dtype=np.str_),
        np.array([chain for chain, _ in pairs], dtype=np.int64),
        np.array([row.het_flag == "H" for row in rows], dtype=bool),
        np.cumsum(changes),
        np.array(stated, dtype=bool),
        np.array([row.label_seq or 0 for row in rows], dtype=np.int64),
    )


def _build(said: _Said) -> Model:
    """Choose one location of each atom and find the chains."""
    import gemmi

    structure = said.structure
    table = _list_residues(structure)
    flat = gemmi.FlatStructure(structure)
    atom_residues = np.repeat(np.arange(len(table)), [len(row) for row in table.rows])
    positions = np.array(flat.pos)
    usable = np.asarray((np.abs(positions) < _LARGEST_COORDINATE).all(axis=1))
    names = np.ascontiguousarray(flat.atom_names).view("S8")[:, 0]
    kept = _choose_atoms(
        names,
        atom_residues,
        np.array(flat.altlocs) != 0,
        np.array(flat.occ),
        table.places,
        usable,
    )
    names, atom_residues, positions = names[kept], atom_residues[kept], positions[kept]
    elements = np.array(flat.elements)[kept]

    def find(name: str, element: str) -> NDArray[np.int64]:
        # The element tells a C-alpha from a calcium ion, which bears the same name.
        number = gemmi.Element(element).atomic_number
        own = np.flatnonzero((names == name.encode()) & (elements == number))
        found = np.full(len(table), -1, dtype=np.int64)
        found[atom_residues[own]] = own
        return found

    backbone = np.stack([find(name, name[0]) for name in BACKBONE], axis=1)
    infos = {str(name): gemmi.find_tabulated_residue(str(name)) for name in set(table.names)}
    there = np.bincount(atom_residues, minlength=len(table)) > 0
    there &= ~np.isin(table.names, sorted(CAPS))
    nucleic = there & np.array([infos[name].is_nucleic_acid() for name in table.names], dtype=bool)
    amino = there & ~nucleic & (backbone[:, :3] >= 0).all(axis=1)
    amino |= there & np.array([infos[name].is_amino_acid() for name in table.names], dtype=bool)
    if table.stated.any():
        protein, nucleic = amino & table.stated, nucleic & table.stated
    else:
        protein = _linked(table, amino, backbone[:, 2], backbone[:, 0], positions)
        nucleic = _linked(table, nucleic, find("O3'", "O"), find("P", "P"), positions)

    chains: list[ProteinChain] = []
    skipped: Counter[str] = Counter()
    sequences = {entity.name: list(entity.full_sequence) for entity in structure.entities}
    for number, chain in enumerate(structure[0]):
        rows = np.flatnonzero(protein & (table.chains == number))
        if (backbone[rows, 1] >= 0).any():
            if table.stated.any():
                full = sequences.get(table.rows[rows[0]].entity_id, [])
                items = _by_number(full, rows, table, said.scheme)
            else:
                items = _by_alignment(sequences.get(chain.name, []), rows, table)
            missing = said.missing.get(chain.name, ())
            chains.append(_chain(chain.name, items, missing, said.parents))
        elif len(rows):
            skipped["chains without a C-alpha atom"] += 1
        elif (nucleic & (table.chains == number)).any():
            skipped["nucleic acid chains"] += 1
    return Model(
        names,
        positions,
        elements.astype(np.uint8),
        atom_residues,
        tuple(table.names.tolist()),
        tuple(
            ResidueId(chain.name, row.seqid.num or 0, row.seqid.icode.strip())
            for chain in structure[0]
            for row in chain
        ),
        protein | nucleic | table.stated,
        backbone,
        tuple(chains),
        dict(skipped),
        dict(structure.info.items()).get("_struct.title", ""),
        said.models,
        int(usable.sum()) - len(kept),
    )


def _choose_atoms(
    names: NDArray[np.bytes_],
    residues: NDArray[np.int64],
    alternative: NDArray[np.bool_],
    occupancies: NDArray[np.float32],
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


def _linked(
    table: _Residues,
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


class _Item(NamedTuple):
    """A residue of a chain: component, residue of the model or −1, author's number or ''."""

    component: str
    row: int
    number: str


def _observed(rows: NDArray[np.int64], table: _Residues) -> list[_Item]:
    names = table.names.tolist()
    return [_Item(names[row], int(row), str(table.rows[row].seqid)) for row in rows]


def _by_number(
    full: Sequence[str], rows: NDArray[np.int64], table: _Residues, scheme: Scheme
) -> list[_Item]:
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
        at.get(n, _Item(name.split(",")[0], -1, scheme.get((subchain, n), "")))
        for n, name in enumerate(full, 1)
    ]


def _by_alignment(full: Sequence[str], rows: NDArray[np.int64], table: _Residues) -> list[_Item]:
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
    items: list[_Item] = []
    stated, placed, agreeing = iter(full), iter(observed), 0
    for count, operation in re.findall(r"(\d+)([MID])", alignment.cigar_str()):
        for _ in range(int(count)):
            if operation == "I":
                items.append(_Item(next(stated), -1, ""))
            else:
                item = next(placed)
                agreeing += operation == "M" and next(stated) == item.component
                items.append(item)
    if agreeing < _SMALLEST_AGREEMENT * len(observed):
        return observed
    return items


def _chain(
    name: str,
    items: Sequence[_Item],
    missing: Sequence[tuple[str, str]],
    parents: dict[str, str],
) -> ProteinChain:
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
