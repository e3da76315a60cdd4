"""Read a PDB or mmCIF file into what labels are made of: atoms, residues, protein chains.

gemmi parses: it is fast (2 ms a file of 2,000 atoms), keeps alternate locations, entity
sequences and insertion codes apart, and knows the parents of modified residues. Which
residues belong to a protein chain is decided in `precompute.datasets.polymer`.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.numbering import Missing, Scheme, read_missing, read_scheme
from precompute.datasets.polymer import (
    CAPS,
    ProteinChain,
    find_linked,
    list_residues,
    make_chain,
    place_by_alignment,
    place_by_number,
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

_LARGEST_COORDINATE = 1e6
"""Å; what is beyond, or no number, is damage, and its atom is taken as not there."""


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


def _build(said: _Said) -> Model:
    """Choose one location of each atom and find the chains."""
    import gemmi

    structure = said.structure
    table = list_residues(structure)
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
        protein = find_linked(table, amino, backbone[:, 2], backbone[:, 0], positions)
        nucleic = find_linked(table, nucleic, find("O3'", "O"), find("P", "P"), positions)

    chains: list[ProteinChain] = []
    skipped: Counter[str] = Counter()
    sequences = {entity.name: list(entity.full_sequence) for entity in structure.entities}
    for number, chain in enumerate(structure[0]):
        rows = np.flatnonzero(protein & (table.chains == number))
        if (backbone[rows, 1] >= 0).any():
            if table.stated.any():
                full = sequences.get(table.rows[rows[0]].entity_id, [])
                items = place_by_number(full, rows, table, said.scheme)
            else:
                items = place_by_alignment(sequences.get(chain.name, []), rows, table)
            missing = said.missing.get(chain.name, ())
            chains.append(make_chain(chain.name, items, missing, said.parents))
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
