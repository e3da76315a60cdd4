"""Build the tables of the example proteins from the maintainers' data folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.datasets.components import residue_letter
from precompute.datasets.dssp import eight_classes, four_classes
from precompute.datasets.ligands import binding_sites, modifications
from precompute.datasets.structure_file import parse_structure, unpack
from precompute.datasets.structure_model import BACKBONE, Model
from precompute.demo.families import NAMES
from precompute.errors import AtlasError
from precompute.examples.chosen import CHOICES, Choice
from precompute.examples.residues import (
    Residue,
    complete_copies,
    list_residues,
    missing_before,
)
from precompute.examples.schema import (
    EXAMPLE_ATOMS,
    EXAMPLE_PROTEINS,
    EXAMPLE_RESIDUES,
    EXAMPLE_TABLES,
)
from precompute.features import SECONDARY_STRUCTURES
from precompute.tables import Table, read_table, write_table

_KEPT = (*BACKBONE, "CB")


def build_examples(data: Path, target: Path) -> list[str]:
    """Rebuild the tables; the same input gives the same bytes.

    Parameters
    ----------
    data
        Folder that holds ``families`` and ``structures``.
    target
        Folder to write the Parquet files to.

    Returns
    -------
    list of str
        What changed, a line each; empty when nothing did.

    Raises
    ------
    AtlasError
        When a file is missing or is not what its name says.
    """
    parts = [extract(choice, data / choice.source) for choice in CHOICES]
    changes: list[str] = []
    for place, table in enumerate(EXAMPLE_TABLES):
        frame = pd.concat([part[place] for part in parts], ignore_index=True)
        before = _read_earlier(target, table)
        write_table(target, table, frame)
        changes += describe_changes(table, before, read_table(target, table))
    return changes


def extract(choice: Choice, path: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Read one protein off its file.

    Returns
    -------
    tuple of pandas.DataFrame
        Its rows of `EXAMPLE_TABLES`.

    Raises
    ------
    AtlasError
        When the file is missing or damaged.
    """
    try:
        data = unpack(path.read_bytes(), path.name)
    except OSError as error:
        raise AtlasError(
            f"{path} cannot be read ({error.strerror or error}); name the folder that holds "
            "families and structures."
        ) from error
    model = parse_structure(data, path.name.removesuffix(".gz"))
    chains = complete_copies([list_residues(model, chain) for chain in model.chains])
    names = [chain.name for chain in model.chains]
    residues = _residue_rows(choice.name, model, names, chains)
    atoms = _atom_rows(choice.name, model)
    protein = _protein_row(choice, residues, atoms, hashlib.sha256(data).hexdigest())
    return protein, residues, atoms


def _residue_rows(
    name: str, model: Model, names: Sequence[str], chains: Sequence[Sequence[Residue]]
) -> pd.DataFrame:
    letters = eight_classes(model, "mdtraj")
    classes = four_classes(letters)
    sites, modified = binding_sites(model), modifications(model)
    rows: list[dict[str, Any]] = []
    for chain, residues in zip(names, chains, strict=True):
        gaps = missing_before(model, residues)
        for position, (residue, gap) in enumerate(zip(residues, gaps, strict=True), 1):
            there = residue.row >= 0
            letter = str(letters[residue.row]) if there else ""
            rows.append(
                {
                    "name": name,
                    "chain": chain,
                    "position": position,
                    "letter": residue_letter(residue.component, {}),
                    "component": residue.component,
                    "number": residue.number,
                    "insertion": residue.insertion or None,
                    "resolved": bool(there and model.backbone[residue.row, 1] >= 0),
                    "missing_before": gap,
                    "dssp": letter or None,
                    "secondary_structure": (
                        SECONDARY_STRUCTURES[classes[residue.row]] if letter else None
                    ),
                    "binding_site": bool(there and sites[residue.row]),
                    "modification": bool(there and modified[residue.row]),
                }
            )
    return pd.DataFrame(rows, columns=list(EXAMPLE_RESIDUES.column_names))


def _atom_rows(name: str, model: Model) -> pd.DataFrame:
    import gemmi

    water = {n for n in model.residue_names if gemmi.find_tabulated_residue(n).is_water()}
    wet = np.isin(model.residue_names, sorted(water))
    protein = model.protein[model.atom_residues]
    kept = np.isin(model.atom_names, [atom.encode() for atom in _KEPT])
    kept = np.where(protein, kept, ~wet[model.atom_residues]) & model.heavy
    chosen = np.flatnonzero(kept)
    rows = model.atom_residues[chosen]
    ids = [model.residue_ids[row] for row in rows]
    # The entries give three decimals, which float32 holds for every atom here.
    positions: NDArray[np.float32] = np.round(model.positions[chosen], 3).astype(np.float32)
    return pd.DataFrame(
        {
            "name": name,
            "serial": np.arange(1, len(chosen) + 1),
            "chain": [own.chain for own in ids],
            "number": [own.number for own in ids],
            "insertion": [own.insertion or None for own in ids],
            "component": [model.residue_names[row] for row in rows],
            "ligand": ~protein[chosen],
            "atom": [atom.decode() for atom in model.atom_names[chosen]],
            "element": [gemmi.Element(int(n)).name for n in model.elements[chosen]],
            "x": positions[:, 0],
            "y": positions[:, 1],
            "z": positions[:, 2],
        },
        columns=list(EXAMPLE_ATOMS.column_names),
    )


def _protein_row(
    choice: Choice, residues: pd.DataFrame, atoms: pd.DataFrame, sha256: str
) -> pd.DataFrame:
    classes = residues["secondary_structure"].dropna()
    family = choice.family
    row = {
        "name": choice.name,
        "protein": choice.protein,
        "organism": choice.organism,
        "family": family,
        "shows": f"a family of the demo model: {NAMES[family]}" if family else choice.shows,
        "extent": "chain A, without ligands" if family else "all chains and ligands",
        "chains": residues["chain"].nunique(),
        "residues": int(residues["resolved"].sum()),
        "unresolved": int((~residues["resolved"]).sum()),
        "helix": float((classes == "helix").mean()),
        "strand": float((classes == "strand").mean()),
        "ligands": ",".join(atoms.loc[atoms["ligand"], "component"].unique()),
        "modified": ",".join(residues.loc[residues["modification"], "component"].unique()),
        "source": choice.source,
        "sha256": sha256,
    }
    return pd.DataFrame([row], columns=list(EXAMPLE_PROTEINS.column_names))


def _read_earlier(folder: Path, table: Table) -> pd.DataFrame | None:
    """Read what a rebuild replaces; None where there is nothing that can be read."""
    try:
        return read_table(folder, table)
    except AtlasError:
        return None


def describe_changes(table: Table, before: pd.DataFrame | None, after: pd.DataFrame) -> list[str]:
    """Say whose rows of a table are new, gone or other than before."""
    if before is None:
        return [f"{table.name}: written"]
    earlier, later = (
        {str(name): rows.reset_index(drop=True) for name, rows in frame.groupby("name", sort=False)}
        for frame in (before, after)
    )
    lines = []
    for name in dict.fromkeys((*earlier, *later)):
        if name not in later:
            lines.append(f"{table.name}: {name} is gone")
        elif name not in earlier:
            lines.append(f"{table.name}: {name} is new")
        elif not earlier[name].equals(later[name]):
            lines.append(f"{table.name}: {name} changed")
    return lines
