"""Write an example as a PDB file: what a viewer draws and any program reads."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gemmi
    import pandas as pd

    from precompute.examples.entry import ExampleEntry
    from precompute.examples.labelled_chain import ExampleChain

_RESIDUE = ("chain", "number", "insertion", "component", "ligand")
_ATOM = ("atom", "element", "x", "y", "z")


def write_pdb(entry: ExampleEntry, chains: Sequence[ExampleChain], atoms: pd.DataFrame) -> str:
    """Write the backbones of all chains and the ligands in the PDB format.

    SEQRES gives the sequences, REMARK 465 the numbers of residues without coordinates, so
    that a reader finds what the tables hold. Residues other than the twenty are HETATM
    records, as in the Protein Data Bank. Occupancies are 1 and displacements 0:
    the tables do not hold them.

    Parameters
    ----------
    entry, chains, atoms
        The parts of a `precompute.examples.Example`.
    """
    import gemmi

    structure = gemmi.Structure()
    structure.name = entry.name
    structure.info["_entry.id"] = entry.name
    structure.info["_struct.title"] = entry.protein.replace("–", "-").upper()
    structure.raw_remarks = _remarks(entry.name, chains)
    structure.add_model(gemmi.Model(1))
    by_name = {chain.name: chain for chain in chains}
    # Columns as lists: pandas makes a row of them slowly.
    atoms = atoms.assign(insertion=atoms["insertion"].fillna(" "))
    residues = zip(*(atoms[column].tolist() for column in _RESIDUE), strict=True)
    places = zip(*(atoms[column].tolist() for column in _ATOM), strict=True)
    rows_of = groupby(zip(residues, places, strict=True), key=lambda row: row[0][0])
    for name, rows in rows_of:
        own = gemmi.Chain(str(name))
        for key, own_atoms in groupby(rows, key=lambda row: row[0]):
            residue = _residue(*key)
            for _, (called, element, *position) in own_atoms:
                atom = gemmi.Atom()
                atom.name = called
                atom.element = gemmi.Element(element)
                atom.b_iso = 0.0
                atom.pos = gemmi.Position(*position)
                residue.add_atom(atom)
            own.add_residue(residue)
        structure[0].add_chain(own)
        if name in by_name:
            structure.entities.append(_entity(by_name[str(name)]))
    options = gemmi.PdbWriteOptions()
    options.cryst1_record = False
    structure.assign_serial_numbers()
    text: str = structure.make_pdb_string(options)
    return text


def _residue(
    chain: str, number: int, insertion: str, component: str, ligand: bool
) -> gemmi.Residue:
    import gemmi

    residue = gemmi.Residue()
    residue.name = component
    residue.seqid = gemmi.SeqId(number, insertion)
    residue.het_flag = "A" if gemmi.find_tabulated_residue(component).is_standard() else "H"
    residue.entity_type = gemmi.EntityType.NonPolymer if ligand else gemmi.EntityType.Polymer
    residue.subchain = f"{chain}{number}" if ligand else chain
    residue.entity_id = component if ligand else chain
    return residue


def _entity(chain: ExampleChain) -> gemmi.Entity:
    import gemmi

    entity = gemmi.Entity(chain.name)
    entity.entity_type = gemmi.EntityType.Polymer
    entity.polymer_type = gemmi.PolymerType.PeptideL
    entity.subchains = [chain.name]
    entity.full_sequence = list(chain.components)
    return entity


def _remarks(name: str, chains: Sequence[ExampleChain]) -> list[str]:
    lines = [
        "REMARK   1",
        f"REMARK   1 BACKBONES AND LIGANDS OF PDB ENTRY {name}, FROM TABLES;",
        "REMARK   1 SIDE CHAINS BEYOND CB AND WATERS ARE LEFT OUT.",
    ]
    missing = [
        # An insertion code has a column of its own behind the number's.
        f"REMARK 465     {component:>3} {chain.name} {number:>{5 + number[-1].isalpha()}}"
        for chain in chains
        for component, number, resolved in zip(
            chain.components, chain.numbers, chain.resolved, strict=True
        )
        if not resolved
    ]
    return [*lines, *(["REMARK 465", *missing] if missing else [])]
