"""The tables of the example proteins: proteins, residues, atoms; and one's arcs."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from precompute.tables import Column, Table

TABLES_FOLDER = Path(__file__).parent / "tables"
"""Where the tables that ship stand."""

_SOURCE = "entries of the Protein Data Bank (wwPDB), in the public domain under CC0 1.0"
_NAME = Column("name", pa.string(), "", "identifier of the PDB entry")
_CHAIN = Column("chain", pa.string(), "", "the authors' identifier of the chain")
_COMPONENT = Column("component", pa.string(), "", "name of the component, such as ALA or PTR")
_NUMBER = Column("number", pa.int32(), "", "the authors' number of the residue")
_INSERTION = Column("insertion", pa.string(), "", "insertion code", nullable=True)

EXAMPLE_PROTEINS = Table(
    "example_proteins",
    "Proteins that ship with the project, in the order of a menu.",
    ("name",),
    (
        _NAME,
        Column("protein", pa.string(), "", "what the protein is"),
        Column("organism", pa.string(), "", "where it comes from", nullable=True),
        Column("family", pa.string(), "", "accession of its Pfam family", nullable=True),
        Column("shows", pa.string(), "", "why it is among the examples"),
        Column("extent", pa.string(), "", "which part of the entry is here"),
        Column("chains", pa.int16(), "chains", "protein chains"),
        Column("residues", pa.int32(), "residues", "residues with coordinates, of all chains"),
        Column("unresolved", pa.int32(), "residues", "those of the sequences without coordinates"),
        Column("helix", pa.float32(), "", "share of the classified residues in GHI of DSSP"),
        Column("strand", pa.float32(), "", "share of the classified residues in BE of DSSP"),
        Column("ligands", pa.string(), "", "components of no chain, separated by commas"),
        Column("modified", pa.string(), "", "modified components, separated by commas"),
        Column("source", pa.string(), "", "file it was read from"),
        Column("sha256", pa.string(), "", "SHA-256 of that file, unpacked"),
    ),
    source=_SOURCE,
)

EXAMPLE_RESIDUES = Table(
    "example_residues",
    "Every residue of every protein chain, in the order of the sequence, with its labels.",
    ("name", "chain", "position"),
    (
        _NAME,
        _CHAIN,
        Column("position", pa.int32(), "", "place in the sequence, counted from 1"),
        Column("letter", pa.string(), "", "one-letter code; that of the parent where modified"),
        _COMPONENT,
        _NUMBER,
        _INSERTION,
        Column("resolved", pa.bool_(), "", "whether its C-alpha atom is known"),
        Column(
            "missing_before",
            pa.int16(),
            "residues",
            "residues that the numbering leaves out at a break of the chain before this one, and "
            "whose names the file does not give",
        ),
        Column("dssp", pa.string(), "", "DSSP's class: one of GHIBESTC", nullable=True),
        Column(
            "secondary_structure",
            pa.string(),
            "",
            "the paper's class: helix, strand, turn_bend or blank",
            nullable=True,
        ),
        Column("binding_site", pa.bool_(), "", "a heavy atom within 4.5 Å of a ligand's"),
        Column("modification", pa.bool_(), "", "modified, or bears a sugar"),
    ),
    accuracy="secondary structure by mdtraj's DSSP; sites from all atoms of the entry",
    source=_SOURCE,
)

EXAMPLE_ATOMS = Table(
    "example_atoms",
    "N, CA, C, O and CB of every resolved residue, every heavy atom of the ligands; no water. "
    "Of alternative locations the most occupied one.",
    ("name", "serial"),
    (
        _NAME,
        Column("serial", pa.int32(), "", "counted from 1, in the order of the file"),
        _CHAIN,
        _NUMBER,
        _INSERTION,
        _COMPONENT,
        Column("ligand", pa.bool_(), "", "whether it belongs to no protein chain"),
        Column("atom", pa.string(), "", "name of the atom"),
        Column("element", pa.string(), "", "its element"),
        Column("x", pa.float32(), "Å", "coordinate"),
        Column("y", pa.float32(), "Å", "coordinate"),
        Column("z", pa.float32(), "Å", "coordinate"),
    ),
    accuracy="0.001 Å, as in the entries",
    source=_SOURCE,
)

EXAMPLE_TABLES: tuple[Table, ...] = (EXAMPLE_PROTEINS, EXAMPLE_RESIDUES, EXAMPLE_ATOMS)

EXAMPLE_ARCS = Table(
    "example_arcs",
    "The arcs of every head of the demo model on one example.",
    ("name", "layer", "head", "i", "j"),
    (
        _NAME,
        _CHAIN,
        Column("layer", pa.int16(), "", "layer, counted from 1"),
        Column("head", pa.int16(), "", "head, counted from 1"),
        Column("i", pa.int32(), "", "place in the sequence that attends, counted from 1"),
        Column("j", pa.int32(), "", "place that is attended to, counted from 1"),
        Column("weight", pa.float32(), "", "attention, at least 0.3"),
        Column(
            "contact",
            pa.bool_(),
            "",
            "whether the residues are in contact; missing where they are nearer than 6 in the "
            "sequence or not resolved",
            nullable=True,
        ),
    ),
    accuracy="float32 on a CPU",
    source="the demo model that ships with the project, on " + _SOURCE,
)
"""Arcs of a model, and so not among `EXAMPLE_TABLES`, which are facts of the entries."""
