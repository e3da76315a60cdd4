"""Read a PDB or mmCIF file for the viewer, and write its atoms anew.

Nothing of the file but atoms reaches a browser. What a protein chain is, is not decided
here: `precompute.datasets.structure_file` does that.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from precompute.datasets.text import decode, is_mmcif
from precompute.errors import AtlasError

MAXIMUM_MEGABYTES = 20
"""Larger structure files are refused."""
CHAIN_COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#B8A800",
    "#7F7F7F",
)
"""Okabe and Ito's colours, told apart with any colour vision, the yellow darkened."""


_PRIME = "'"
_TOKEN = re.compile(r"""'(?:[^']|'(?=\S))*'|"(?:[^"]|"(?=\S))*"|\S+""")
_COLUMNS = (
    "group_PDB",
    "id",
    "type_symbol",
    "label_atom_id",
    "label_comp_id",
    "auth_asym_id",
    "auth_seq_id",
    "Cartn_x",
    "Cartn_y",
    "Cartn_z",
)


@dataclass(frozen=True)
class Structure:
    """What a structure file holds, as far as the view needs it.

    Attributes
    ----------
    name
        The file's name; for messages only.
    text
        The atoms of the first model as an mmCIF table, written anew: nothing else of the
        file reaches a browser. Of alternate locations it has the first.
    atoms
        Number of atoms in it.
    chains
        Names of its chains as the authors have them, in the file's order; a blank, and
        any sign that is no letter, digit or one of ``. + - *``, is written ``_``.
    drawing
        What its atoms allow: a cartoon; a trace where there are C-alpha or phosphorus
        atoms alone; sticks where there is no chain.
    numbers
        The number that each residue has in `text`, by chain, author's number and
        insertion code. Where a chain has insertion codes, which viewers do not tell
        apart, its residues are numbered one after another.
    """

    name: str
    text: str
    atoms: int
    chains: tuple[str, ...]
    drawing: Literal["cartoon", "trace", "stick"] = "cartoon"
    numbers: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    @property
    def colours(self) -> dict[str, str]:
        """Colour of each chain; they repeat after the eighth."""
        return {chain: CHAIN_COLOURS[i % len(CHAIN_COLOURS)] for i, chain in enumerate(self.chains)}


class _Atom(NamedTuple):
    """One atom as a file has it."""

    hetero: bool
    element: str
    name: str
    residue: str
    chain: str
    number: str
    insertion: str
    position: tuple[str, str, str]


def read_structure(name: str, content: bytes) -> Structure:
    """Read a structure file that somebody gave.

    Parameters
    ----------
    name
        What the file was called; the format is told by the content.
    content
        The file.

    Returns
    -------
    Structure
        With at least one atom.

    Raises
    ------
    AtlasError
        If the file is too large, no text, or no structure.
    """
    name = "".join(letter if letter.isprintable() else "_" for letter in name[:80])
    if len(content) > MAXIMUM_MEGABYTES * 1_000_000:
        raise AtlasError(
            f"{name} is larger than {MAXIMUM_MEGABYTES} MB; give one with fewer models or chains."
        )
    if content.startswith(b"\x1f\x8b"):
        raise AtlasError(f"{name} is compressed with gzip; unpack it first.")
    if b"\0" in content:
        raise AtlasError(f"{name} is not a text file; a PDB or mmCIF file is needed.")
    text = decode(content)
    atoms: list[_Atom] = []
    positions: list[list[float]] = []
    author: dict[tuple[str, str, str], int] = {}
    chains: dict[str, None] = {}
    seen: set[tuple[str, ...]] = set()
    names: Counter[str] = Counter()
    for place, atom in (_mmcif_atoms if is_mmcif(text.encode(errors="replace")) else _pdb_atoms)(
        name, text
    ):
        key = (atom.chain, atom.number, atom.insertion, atom.residue, atom.name)
        if key in seen:  # an alternate location
            continue
        seen.add(key)
        names[atom.name] += not atom.hetero
        chain = _plain(atom.chain)
        chains[chain] = None
        positions.append(_coordinates(name, place, atom.position))
        author.setdefault(_residue(atom), _residue_number(name, place, atom.number))
        atoms.append(atom)
    if not atoms:
        raise AtlasError(f"{name} holds no atom; a PDB or mmCIF file with coordinates is needed.")
    numbers = _number_residues(author)
    rows = []
    for serial, (atom, (x, y, z)) in enumerate(zip(atoms, positions, strict=True), 1):
        rows.append(
            f"{'HETATM' if atom.hetero else 'ATOM'} {serial} {_plain(atom.element)} "
            f'"{_plain(atom.name, also=_PRIME)}" {_plain(atom.residue)} {_plain(atom.chain)} '
            f"{numbers[_residue(atom)]} {x:.3f} {y:.3f} {z:.3f}"
        )
    head = ["data_structure", "loop_", *(f"_atom_site.{column}" for column in _COLUMNS)]
    text = "\n".join([*head, *rows, ""])
    return Structure(name, text, len(rows), tuple(chains), _drawing(names), numbers)


def _residue(atom: _Atom) -> tuple[str, str, str]:
    """Name an atom's residue: chain as it is written, author's number, insertion code."""
    insertion = "" if atom.insertion in {"", " ", "?", "."} else atom.insertion
    return _plain(atom.chain), atom.number, insertion


def _number_residues(author: Mapping[tuple[str, str, str], int]) -> dict[tuple[str, str, str], int]:
    """Give residues their authors' numbers, or new ones where a chain has insertion codes."""
    inserted = {chain for chain, _, insertion in author if insertion}
    numbers = dict(author)
    last: dict[str, tuple[int, int]] = {}
    for residue, number in author.items():
        chain = residue[0]
        if chain in inserted:
            before, given = last.get(chain, (number - 1, number - 1))
            # A gap in the authors' numbers stays a gap.
            numbers[residue] = given + max(number - before, 1)
            last[chain] = (number, numbers[residue])
    return numbers


def _drawing(names: Counter[str]) -> Literal["cartoon", "trace", "stick"]:
    """Choose by the names of the atoms; a cartoon turns by the atoms O or O3'."""
    backbone = names["CA"] + names["P"]
    if backbone < 3:
        return "stick"
    return "cartoon" if 2 * (names["O"] + names["O3'"]) >= backbone else "trace"


def _plain(token: str, also: str = "") -> str:
    """Write a name with signs that mean nothing in mmCIF, in markup or in a script."""
    return re.sub(rf"[^A-Za-z0-9_.+*{also}-]", "_", token[:20]) or "_"


def _coordinates(name: str, place: str, fields: tuple[str, ...]) -> list[float]:
    try:
        values = [float(field) for field in fields]
    except ValueError:
        values = [math.nan]
    if not all(abs(value) < 1e6 for value in values):
        raise AtlasError(f"{name}, {place}: the coordinates of the atom are not three numbers.")
    return values


def _residue_number(name: str, place: str, field: str) -> int:
    if field in {".", "?"}:
        return 0
    try:
        return int(field)
    except ValueError:
        raise AtlasError(f"{name}, {place}: the residue's number is not a number.") from None


def _pdb_atoms(name: str, text: str) -> Iterator[tuple[str, _Atom]]:
    """Atoms of the first model of a PDB file, each with its place in the file."""
    del name
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("ENDMDL"):
            return
        if line.startswith(("ATOM  ", "HETATM")):
            atom = line[12:16].strip()
            yield (
                f"line {number}",
                _Atom(
                    hetero=line.startswith("HETATM"),
                    element=line[76:78].strip() or atom.lstrip("0123456789")[:1],
                    name=atom,
                    residue=line[17:20].strip(),
                    chain=line[21:22].strip(),
                    number=line[22:26].strip(),
                    insertion=line[26:27],
                    position=(line[30:38], line[38:46], line[46:54]),
                ),
            )


def _mmcif_atoms(name: str, text: str) -> Iterator[tuple[str, _Atom]]:
    """Atoms of the first model of the first block of an mmCIF file, each with its place."""
    columns: list[str] = []
    model: str | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("_atom_site."):
            columns.append(line.split()[0].removeprefix("_atom_site."))
            continue
        if not columns or not line:
            continue
        if line.startswith(("_", "#", "loop_", "data_", ";")):
            return
        values = [
            token[1:-1] if len(token) > 1 and token[0] == token[-1] and token[0] in "'\"" else token
            for token in _TOKEN.findall(line)
        ]
        if len(values) != len(columns):
            raise AtlasError(
                f"{name}, line {number}: the row of atoms has {len(values)} values "
                f"for {len(columns)} columns; the file is broken."
            )
        row = dict(zip(columns, values, strict=True))

        def either(field: str, row: dict[str, str] = row) -> str:
            return row.get(f"auth_{field}", row.get(f"label_{field}", ""))

        this_model = row.get("pdbx_PDB_model_num", "1")
        model = model or this_model
        if this_model != model:
            return
        atom = either("atom_id")
        yield (
            f"line {number}",
            _Atom(
                hetero=row.get("group_PDB") == "HETATM",
                element=row.get("type_symbol") or atom[:1],
                name=atom,
                residue=either("comp_id"),
                chain=either("asym_id"),
                number=either("seq_id") or ".",
                insertion=row.get("pdbx_PDB_ins_code", ""),
                position=(
                    row.get("Cartn_x", ""),
                    row.get("Cartn_y", ""),
                    row.get("Cartn_z", ""),
                ),
            ),
        )
