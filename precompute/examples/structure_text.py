"""Write an example as a PDB file: what a viewer draws and any program reads."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gemmi
    import pandas as pd

    from precompute.examples.entry import ExampleEntry
    from precompute.examples.labelled_chain import ExampleChain


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
    for name, rows in groupby(atoms.to_dict("records"), key=lambda row: row["chain"]):
        own = gemmi.Chain(str(name))
        for key, own_atoms in groupby(rows, key=_residue_key):
            residue = _residue(key)
            for row in own_atoms:
                atom = gemmi.Atom()
                atom.name = row["atom"]
                atom.element = gemmi.Element(row["element"])
                atom.b_iso = 0.0
                atom.pos = gemmi.Position(row["x"], row["y"], row["z"])
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


def _residue_key(row: Mapping[Hashable, Any]) -> tuple[str, int, str, str, bool]:
    insertion = row["insertion"]
    return (
        str(row["chain"]),
        int(row["number"]),
        insertion if isinstance(insertion, str) else " ",
        str(row["component"]),
        bool(row["ligand"]),
    )


def _residue(key: tuple[str, int, str, str, bool]) -> gemmi.Residue:
    import gemmi

    chain, number, insertion, component, ligand = key
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
