"""A model written anew for the viewer: atoms alone, nothing else of a file reaches a browser.

The PDB format is written wherever it has room, since 3Dmol.js 2.5.5 reads no insertion
codes from mmCIF; mmCIF where it has not (chains of two letters, 100,000 atoms).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.structure_model import Model

if TYPE_CHECKING:
    import gemmi

MOST_ATOMS = 60_000
"""With more, only the chosen chain is written, and what is bound to it."""

_PDB_ATOMS = 99_999
_PDB_NUMBERS = range(-999, 10_000)
_NEAR = 8.0


class Written(NamedTuple):
    """A structure's text, its format, and whether chains were left out."""

    text: str
    kind: Literal["mmcif", "pdb"]
    cut: bool


def safe_names(names: Iterable[str]) -> dict[str, str]:
    """Give each chain a name of letters, digits and ``_`` that scripts can hold, all distinct.

    Returns
    -------
    dict
        Safe name by author's name; a name that is safe already stays.
    """
    given = list(dict.fromkeys(names))
    safe = {name: name for name in given if re.fullmatch(r"\w{1,8}", name, re.ASCII)}
    taken = set(safe)
    numbers: dict[str, int] = {}
    for name in given:
        if name in safe:
            continue
        stem = re.sub(r"\W", "_", name[:6], flags=re.ASCII) or "_"
        wanted = stem
        while wanted in taken:
            numbers[stem] = numbers.get(stem, 1) + 1
            wanted = f"{stem}{numbers[stem]}"
        safe[name] = wanted
        taken.add(wanted)
    return safe


def write_model(model: Model, names: Mapping[str, str], chosen: str) -> Written:
    """Write a model's atoms, waters left out.

    Parameters
    ----------
    model
        The structure.
    names
        What to call its chains, by the author's names.
    chosen
        The author's name of the chain that is looked at.
    """
    import gemmi

    infos = {name: gemmi.find_tabulated_residue(name) for name in set(model.residue_names)}
    shown = np.array([not infos[name].is_water() for name in model.residue_names], dtype=bool)
    cut = int(shown[model.atom_residues].sum()) > MOST_ATOMS
    if cut:
        shown &= _around(model, chosen)
    structure = gemmi.Structure()
    structure.name = "structure"
    written = structure.add_model(gemmi.Model(1))
    ends = np.searchsorted(model.atom_residues, np.arange(len(shown) + 1))
    chains: dict[str, gemmi.Chain] = {}
    polymer = model.protein | model.polymer
    atoms = 0
    for row in np.flatnonzero(shown & (np.diff(ends) > 0)):
        author, number, insertion = model.residue_ids[row]
        chain = chains.setdefault(author, gemmi.Chain(names[author]))
        residue = gemmi.Residue()
        residue.name = model.residue_names[row]
        residue.seqid = gemmi.SeqId(number, insertion or " ")
        standard = infos[residue.name].is_standard()
        residue.het_flag = "A" if polymer[row] and standard else "H"
        for place in range(ends[row], ends[row + 1]):
            atom = gemmi.Atom()
            atom.name = model.atom_names[place].decode(errors="replace")
            atom.element = gemmi.Element(int(model.elements[place]))
            atom.b_iso = 0.0
            atom.pos = gemmi.Position(*model.positions[place])
            residue.add_atom(atom)
        atoms += len(residue)
        chain.add_residue(residue)
    for chain in chains.values():
        written.add_chain(chain)
    structure.setup_entities()
    structure.assign_serial_numbers()
    if _fits_pdb(structure, atoms):
        options = gemmi.PdbWriteOptions(minimal=True)
        options.cryst1_record = False
        return Written(structure.make_pdb_string(options), "pdb", cut)
    for entity in structure.entities:
        if entity.entity_type == gemmi.EntityType.Polymer:
            entity.full_sequence = written.get_subchain(entity.subchains[0]).extract_sequence()
    structure.assign_label_seq_id(True)
    groups = gemmi.MmcifOutputGroups(False, block_name=True, atoms=True, entity=True)
    groups.entity_poly = groups.entity_poly_seq = groups.struct_asym = True
    groups.group_pdb = groups.auth_all = True
    return Written(structure.make_mmcif_document(groups).as_string(), "mmcif", cut)


def _around(model: Model, chosen: str) -> NDArray[np.bool_]:
    """Mark the residues of a chain, and what is no polymer and near it."""
    from scipy.spatial import KDTree

    own = np.array([key.chain == chosen for key in model.residue_ids], dtype=bool)
    inside = own[model.atom_residues]
    near = np.zeros(len(own), dtype=bool)
    if inside.any():
        tree = KDTree(model.positions[inside])
        distances, _ = tree.query(model.positions, distance_upper_bound=_NEAR)
        near[model.atom_residues[np.isfinite(distances)]] = True
    return own | (near & ~model.polymer)


def _fits_pdb(structure: gemmi.Structure, atoms: int) -> bool:
    """Tell whether the PDB format has room for every name and number."""
    return atoms + len(structure[0]) <= _PDB_ATOMS and all(
        len(chain.name) == 1
        and all(len(row.name) <= 3 and row.seqid.num in _PDB_NUMBERS for row in chain)
        and all(len(atom.name) <= 4 for row in chain for atom in row)
        for chain in structure[0]
    )
