"""A model written anew, for the 3D view and for other programs: its atoms alone.

Nothing else of a file reaches a browser. Other programs get the PDB format wherever it has
room, mmCIF where it has not (chains of two letters, 100,000 atoms). The 3D view gets a table
of atoms in which each residue of a chain has a number of its own, since 3Dmol.js 2.5.5 reads no
insertion codes from mmCIF.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.datasets.structure_model import Model, ResidueId

if TYPE_CHECKING:
    import gemmi

MOST_ATOMS = 60_000
"""With more, only the chosen chain is written, and what is bound to it."""
MOST_CHAINS = 200
"""With more, likewise: to tell which are alike takes the square of their number."""
CHAIN_COLOURS = (
    *("#0072B2", "#E69F00", "#009E73", "#CC79A7"),
    *("#56B4E9", "#D55E00", "#B8A800", "#7F7F7F"),
)
"""Okabe and Ito's colours, told apart with any colour vision, the yellow darkened."""

_PDB_ATOMS = 99_999
_PDB_NUMBERS = range(-999, 10_000)
_NUMBERS = 2**31
_NEAR = 8.0
_PRIME = "'"
COLUMNS = (
    *("group_PDB", "id", "type_symbol", "label_atom_id", "label_comp_id"),
    *("auth_asym_id", "auth_seq_id", "Cartn_x", "Cartn_y", "Cartn_z"),
)


@dataclass(frozen=True)
class Structure:
    """A structure as the 3D view takes it.

    Attributes
    ----------
    text
        Its atoms as an mmCIF table; of letters, digits and signs that mean nothing in markup.
    chains
        Names of its chains, in order.
    drawing
        What its atoms allow: a cartoon; a trace where there are C-alpha or phosphorus
        atoms alone; sticks where there is no chain.
    numbers
        The number that each residue has in `text`. Where a chain has insertion codes its
        residues are numbered one after another.
    """

    text: str
    chains: tuple[str, ...]
    drawing: Literal["cartoon", "trace", "stick"] = "cartoon"
    numbers: Mapping[tuple[str, int, str], int] = field(default_factory=dict)

    @property
    def colours(self) -> dict[str, str]:
        """Colour of each chain; they repeat after the eighth."""
        return {chain: CHAIN_COLOURS[i % len(CHAIN_COLOURS)] for i, chain in enumerate(self.chains)}


class Written(NamedTuple):
    """Text for other programs, its format, the view, and whether chains were left out.

    ``renumbered`` gives the numbers of residues that have not their author's, by their places in
    the model.
    """

    text: str
    kind: Literal["cif", "pdb"]
    view: Structure
    cut: bool
    renumbered: Mapping[int, int] = {}


def safe_names(names: Iterable[str]) -> dict[str, str]:
    """Give each chain a name of letters, digits and ``_`` that scripts can hold, all distinct.

    Returns
    -------
    dict
        Safe name by author's name; a name that is safe already stays.
    """
    given = list(dict.fromkeys(names))
    safe = {
        name: name
        for name in given
        if name == _word(name) and re.fullmatch(r"\w{1,8}", name, re.ASCII)
    }
    taken = set(safe)
    numbers: dict[str, int] = {}
    for name in given:
        if name in safe:
            continue
        stem = _word(re.sub(r"\W", "_", name[:6], flags=re.ASCII)) or "_"
        wanted = stem
        while wanted in taken:
            numbers[stem] = numbers.get(stem, 1) + 1
            wanted = f"{stem.replace('_', 'x')}{numbers[stem]}"
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
    cut = (
        int(shown[model.atom_residues].sum()) > MOST_ATOMS
        or len({key.chain for key in model.residue_ids}) > MOST_CHAINS
    )
    if cut:
        shown &= _around(model, chosen)
    structure = gemmi.Structure()
    structure.name = "structure"
    written = structure.add_model(gemmi.Model(1))
    ends = np.searchsorted(model.atom_residues, np.arange(len(shown) + 1))
    chains: dict[str, gemmi.Chain] = {}
    polymer = model.protein | model.polymer
    rows = np.flatnonzero(shown & (np.diff(ends) > 0)).tolist()
    renumbered = _told_apart(model, rows)
    for row in rows:
        author, number, insertion = model.residue_ids[row]
        if author not in chains:
            chains[author] = gemmi.Chain(names[author])
        residue = gemmi.Residue()
        residue.name = model.residue_names[row]
        residue.seqid = gemmi.SeqId(renumbered.get(row, number), _code(insertion) or " ")
        standard = infos[residue.name].is_standard()
        residue.het_flag = "A" if polymer[row] and standard else "H"
        for place in range(ends[row], ends[row + 1]):
            atom = gemmi.Atom()
            atom.name = model.atom_names[place].decode(errors="replace")
            atom.element = gemmi.Element(int(model.elements[place]))
            atom.b_iso = 0.0
            atom.pos = gemmi.Position(*model.positions[place])
            residue.add_atom(atom)
        chains[author].add_residue(residue)
    for chain in chains.values():
        written.add_chain(chain)
    text, kind, view = write_structure(structure)
    return Written(text, kind, view, cut, renumbered)


def _code(insertion: str) -> str:
    """Keep a code that every format has room for, one letter; what others say is not handed on."""
    return insertion if len(insertion) == 1 and insertion.isascii() else ""


def _told_apart(model: Model, rows: Sequence[int]) -> dict[int, int]:
    """Give a new number to what has chain, number and code of a protein's residue.

    A ligand that was put into a file is often number 1 of chain A; programs find the end of an
    arc by these three, and a calcium ion's atom is called CA too.
    """
    names = {row: model.residue_ids[row] for row in rows}
    names = {row: name._replace(insertion=_code(name.insertion)) for row, name in names.items()}
    holders = {names[row]: row for row in reversed(rows) if model.protein[row]}
    second = [row for row in rows if holders.get(names[row], row) != row]
    taken: dict[str, set[int]] = defaultdict(set)
    for name in names.values() if second else ():
        taken[name.chain].add(name.number)
    free: dict[str, Iterator[int]] = {}
    for whose in {names[row].chain for row in second}:
        used, last = taken[whose], max(taken[whose])
        behind = itertools.chain(range(last + 1, _NUMBERS), range(1, last))
        free[whose] = itertools.filterfalse(used.__contains__, behind)
    return {row: next(free[names[row].chain]) for row in second}


def write_structure(structure: gemmi.Structure) -> tuple[str, Literal["cif", "pdb"], Structure]:
    """Write a model for other programs and for the 3D view.

    Parameters
    ----------
    structure
        Of one model; entities and serial numbers are set anew.

    Returns
    -------
    tuple
        The text and its format, and the view.
    """
    import gemmi

    structure.setup_entities()
    structure.assign_serial_numbers()
    written = structure[0]
    view = view_atoms(written)
    if _fits_pdb(structure, written.count_atom_sites()):
        options = gemmi.PdbWriteOptions(minimal=True)
        options.cryst1_record = False
        return structure.make_pdb_string(options), "pdb", view
    for entity in structure.entities:
        if entity.entity_type == gemmi.EntityType.Polymer:
            entity.full_sequence = written.get_subchain(entity.subchains[0]).extract_sequence()
    structure.assign_label_seq_id(True)
    groups = gemmi.MmcifOutputGroups(False, block_name=True, atoms=True, entity=True)
    groups.entity_poly = groups.entity_poly_seq = groups.struct_asym = True
    groups.group_pdb = groups.auth_all = True
    return structure.make_mmcif_document(groups).as_string(), "cif", view


def view_atoms(model: gemmi.Model) -> Structure:
    """Write a model's atoms for the 3D view."""
    numbers = _number_residues(model)
    rows = ["data_structure", "loop_", *(f"_atom_site.{column}" for column in COLUMNS)]
    names: Counter[str] = Counter()
    serial = 0
    for chain in model:
        for residue in chain:
            standard = residue.het_flag == "A"
            record = "ATOM" if standard else "HETATM"
            number = numbers[_identify(chain, residue)]
            whose = f"{_plain(residue.name)} {_plain(chain.name)} {number}"
            for atom in residue:
                serial += 1
                name = atom.name
                names[name] += standard
                x, y, z = atom.pos.tolist()
                rows.append(
                    f'{record} {serial} {atom.element.name.upper()} "{_plain(name, _PRIME)}" '
                    f"{whose} {x:.3f} {y:.3f} {z:.3f}"
                )
    # A cartoon turns by the atoms O or O3'.
    backbone, turning = names["CA"] + names["P"], names["O"] + names["O3'"]
    cartoon: Literal["cartoon", "trace"] = "cartoon" if 2 * turning >= backbone else "trace"
    return Structure(
        "\n".join([*rows, ""]),
        tuple(_plain(chain.name) for chain in model),
        "stick" if backbone < 3 else cartoon,
        numbers,
    )


def _identify(chain: gemmi.Chain, residue: gemmi.Residue) -> ResidueId:
    return ResidueId(_plain(chain.name), residue.seqid.num or 0, residue.seqid.icode.strip())


def _number_residues(model: gemmi.Model) -> dict[tuple[str, int, str], int]:
    """Give residues their authors' numbers, or new ones where a chain has insertion codes."""
    numbers: dict[tuple[str, int, str], int] = {}
    for chain in model:
        own = list(dict.fromkeys(_identify(chain, residue) for residue in chain))
        inserted = any(residue.insertion for residue in own)
        before = given = own[0].number - 1 if own else 0
        for residue in own:
            # A gap in the authors' numbers stays a gap.
            given = given + max(residue.number - before, 1) if inserted else residue.number
            before = residue.number
            numbers[residue] = given
    return numbers


@lru_cache(maxsize=4096)
def _plain(name: str, also: str = "") -> str:
    """Write a name with signs that mean nothing in mmCIF, in markup or in a script."""
    return _word(re.sub(rf"[^A-Za-z0-9_.+*{also}-]", "_", name[:20])) or "_"


def _word(name: str) -> str:
    """Begin a name so that it is no word of mmCIF's own, such as ``_name`` or ``loop_``."""
    own = len(name) > 1 and re.match(r"_|(data|loop|save|stop|global)_", name, re.IGNORECASE)
    return f"x{name[1:]}" if own else name


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
