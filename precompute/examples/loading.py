"""Read the example proteins: a list for a menu, and one protein with its chains."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

import numpy as np
import pandas as pd

from precompute.errors import AtlasError
from precompute.examples.entry import ExampleEntry
from precompute.examples.example import Example
from precompute.examples.labelled_chain import BACKBONE_ATOMS, ExampleChain
from precompute.examples.schema import (
    EXAMPLE_ARCS,
    EXAMPLE_ATOMS,
    EXAMPLE_PROTEINS,
    EXAMPLE_RESIDUES,
    TABLES_FOLDER,
)
from precompute.features import SECONDARY_STRUCTURES
from precompute.tables import read_table

_CLASSES = {name: index for index, name in enumerate(SECONDARY_STRUCTURES)}


@lru_cache(maxsize=1)
def list_examples() -> tuple[ExampleEntry, ...]:
    """List the examples in the order of a menu; no coordinates are read.

    Raises
    ------
    AtlasError
        When the table is missing or damaged.
    """
    frame = read_table(TABLES_FOLDER, EXAMPLE_PROTEINS)
    return tuple(
        ExampleEntry(
            name=str(row["name"]),
            protein=str(row["protein"]),
            organism=_text_or_none(row["organism"]),
            family=_text_or_none(row["family"]),
            shows=str(row["shows"]),
            extent=str(row["extent"]),
            chains=int(row["chains"]),
            residues=int(row["residues"]),
            unresolved=int(row["unresolved"]),
            helix=float(row["helix"]),
            strand=float(row["strand"]),
            ligands=tuple(filter(None, str(row["ligands"]).split(","))),
            modified=tuple(filter(None, str(row["modified"]).split(","))),
        )
        for row in frame.to_dict("records")
    )


def load_example(name: str) -> Example:
    """Read one example.

    Parameters
    ----------
    name
        Identifier of the PDB entry, in capitals or not.

    Raises
    ------
    AtlasError
        When there is no such example, or a table is missing or damaged.
    """
    entries = {entry.name: entry for entry in list_examples()}
    entry = entries.get(name.upper())
    if entry is None:
        raise AtlasError(f"There is no example {name}; there are {', '.join(entries)}.")
    return _read(entry)


def load_arcs() -> pd.DataFrame:
    """Read the arcs of the demo model on one example: the table `EXAMPLE_ARCS`.

    Raises
    ------
    AtlasError
        When the table is missing or damaged.
    """
    return read_table(TABLES_FOLDER, EXAMPLE_ARCS).astype({"contact": "boolean"})


@lru_cache(maxsize=12)
def _read(entry: ExampleEntry) -> Example:
    own = [("name", "==", entry.name)]
    residues = read_table(TABLES_FOLDER, EXAMPLE_RESIDUES, filters=own)
    atoms = read_table(TABLES_FOLDER, EXAMPLE_ATOMS, filters=own)
    backbones = dict(list(atoms[~atoms["ligand"]].groupby("chain", sort=False)))
    chains = tuple(
        _chain(str(chain), rows, backbones[chain])
        for chain, rows in residues.groupby("chain", sort=False)
    )
    return Example(entry, chains, atoms)


def _chain(name: str, residues: pd.DataFrame, atoms: pd.DataFrame) -> ExampleChain:
    numbers = _author_numbers(residues)
    places: dict[Hashable, int] = {number: place for place, number in enumerate(numbers)}
    backbone = np.full((len(residues), len(BACKBONE_ATOMS), 3), np.nan, dtype=np.float32)
    rows = [places[number] for number in _author_numbers(atoms)]
    columns = [BACKBONE_ATOMS.index(atom) for atom in atoms["atom"]]
    backbone[rows, columns] = atoms[["x", "y", "z"]].to_numpy(dtype=np.float32)
    classes = [_CLASSES.get(name, -1) for name in residues["secondary_structure"]]
    chain = ExampleChain(
        name,
        "".join(residues["letter"]),
        tuple(residues["component"]),
        numbers,
        residues["missing_before"].to_numpy(dtype=np.int16),
        backbone,
        "".join(residues["dssp"].fillna("?")),
        np.array(classes, dtype=np.int8),
        residues["binding_site"].to_numpy(dtype=bool),
        residues["modification"].to_numpy(dtype=bool),
    )
    for array in vars(chain).values():
        if isinstance(array, np.ndarray):
            array.flags.writeable = False  # one object serves every visitor
    return chain


def _author_numbers(frame: pd.DataFrame) -> tuple[str, ...]:
    """Join number and insertion code."""
    insertions = frame["insertion"].fillna("")
    return tuple(f"{n}{i}" for n, i in zip(frame["number"], insertions, strict=True))


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
