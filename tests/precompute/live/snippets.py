"""Structures written by hand, for tests: every atom's place is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

BACKBONE = (("N", 1.55, -27.7, -0.87), ("CA", 2.29, 0.0, 0.0), ("C", 1.68, 26.7, 1.10))
OXYGEN = ("O", 2.00, 20.3, 2.29)


class Atom(NamedTuple):
    name: str
    residue: str
    chain: str
    number: int
    xyz: tuple[float, float, float]
    insertion: str = ""
    alternative: str = ""
    occupancy: float = 1.0
    hetero: bool = False
    element: str = ""
    place: int | None = None

    @property
    def symbol(self) -> str:
        return self.element or self.name[0]


def helix(
    residues: Sequence[tuple[str, int, str]],
    chain: str = "A",
    shift: float = 0.0,
    places: Sequence[int] | None = None,
) -> list[Atom]:
    """Backbone of an ideal alpha helix; a residue is its component, number and insertion code.

    `places` are the residues' places in the entity's sequence, from 1, where some are missing.
    """
    atoms = []
    for order, (component, number, insertion) in enumerate(residues):
        place = order + 1 if places is None else places[order]
        for name, radius, angle, rise in (*BACKBONE, OXYGEN):
            turn = math.radians(100 * place + angle)
            x, y = radius * math.cos(turn) + shift, radius * math.sin(turn)
            atoms.append(
                Atom(
                    name,
                    component,
                    chain,
                    number,
                    (x, y, 1.5 * place + rise),
                    insertion,
                    hetero=component in ("MSE", "SEP"),
                    place=place,
                )
            )
    return atoms


def numbered(components: str | Sequence[str], first: int = 1) -> list[tuple[str, int, str]]:
    """Number components on from the first."""
    return [(component, first + i, "") for i, component in enumerate(components)]


def pdb(atoms: Sequence[Atom], *, before: Sequence[str] = (), models: int = 1) -> bytes:
    """Write the PDB format."""
    lines = list(before)
    for model in range(1, models + 1):
        lines += [f"MODEL     {model:4d}"] if models > 1 else []
        for serial, atom in enumerate(atoms, 1):
            name = atom.name.ljust(4) if len(atom.symbol) == 2 else f" {atom.name:<3}"
            x, y, z = atom.xyz
            lines.append(
                f"{'HETATM' if atom.hetero else 'ATOM':<6}{serial:5d} {name}"
                f"{atom.alternative or ' '}{atom.residue:>3} {atom.chain:1}{atom.number:4d}"
                f"{atom.insertion or ' '}   {x + 50 * (model - 1):8.3f}{y:8.3f}{z:8.3f}"
                f"{atom.occupancy:6.2f}{10.0:6.2f}          {atom.symbol:>2}"
            )
        lines += ["ENDMDL"] if models > 1 else []
    return "\n".join([*lines, "END", ""]).encode()


def mmcif(
    atoms: Sequence[Atom],
    *,
    sequence: Sequence[str] = (),
    scheme: Sequence[tuple[int, int, str]] = (),
    title: str = "",
) -> bytes:
    """Write mmCIF with one polymer entity for all chains.

    `scheme` gives place in the sequence, author's number and insertion code of each residue.
    """
    columns = (
        "group_PDB id type_symbol label_atom_id label_alt_id label_comp_id label_asym_id "
        "label_entity_id label_seq_id pdbx_PDB_ins_code Cartn_x Cartn_y Cartn_z occupancy "
        "B_iso_or_equiv auth_seq_id auth_asym_id pdbx_PDB_model_num"
    )
    lines = ["data_TEST", f"_struct.title '{title or '?'}'", "loop_", "_entity.id", "_entity.type"]
    lines += ["1 polymer", "2 non-polymer"]
    if sequence:
        lines += ["loop_", "_entity_poly_seq.entity_id", "_entity_poly_seq.num"]
        lines += ["_entity_poly_seq.mon_id"]
        lines += [f"1 {place} {component}" for place, component in enumerate(sequence, 1)]
    if scheme:
        names = ("asym_id", "entity_id", "seq_id", "mon_id", "pdb_seq_num", "pdb_ins_code")
        lines += ["loop_", *(f"_pdbx_poly_seq_scheme.{name}" for name in names)]
        lines += [
            f"{chain} 1 {place} {sequence[place - 1]} {number} {insertion or '.'}"
            for chain in dict.fromkeys(atom.chain for atom in atoms)
            for place, number, insertion in scheme
        ]
    lines += ["loop_", *(f"_atom_site.{column}" for column in columns.split())]
    for serial, atom in enumerate(atoms, 1):
        x, y, z = atom.xyz
        lines.append(
            f"{'HETATM' if atom.hetero else 'ATOM'} {serial} {atom.symbol} {atom.name} "
            f"{atom.alternative or '.'} {atom.residue} {atom.chain} {1 if atom.place else 2} "
            f"{atom.place or '.'} {atom.insertion or '?'} {x:.3f} {y:.3f} {z:.3f} "
            f"{atom.occupancy:.2f} 10.00 {atom.number} {atom.chain} 1"
        )
    return "\n".join([*lines, ""]).encode()
