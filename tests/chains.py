"""Real chains as records, and LMDB files made of them in TAPE's layout."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lmdb
import numpy as np
import pandas as pd

DATA = Path(__file__).parent / "data"


def structure_records() -> list[dict[str, Any]]:
    """Records with every field of TAPE's ProteinNet and secondary-structure files."""
    table = pd.read_csv(DATA / "structures.csv")
    records = []
    for protein, rows in table.groupby("protein", sort=False):
        resolved = rows["x"].notna().to_numpy()
        eight = rows["ss8"].to_numpy(dtype=np.int64)
        records.append(
            {
                "id": str(protein).encode(),
                "primary": "".join(rows["residue"]),
                "tertiary": rows[["x", "y", "z"]].fillna(0.0).to_numpy(dtype=np.float32),
                "valid_mask": resolved,
                "ss8": eight,
                "ss3": np.array([0, 0, 0, 1, 1, 2, 2, 2])[eight],
                "protein_length": len(rows),
            }
        )
    return records


def site_records() -> list[dict[str, Any]]:
    """Records with every field of the binding-site and modification files."""
    table = pd.read_csv(DATA / "sites.csv", keep_default_na=False)
    return [
        {
            "id": str(protein),
            "primary": "".join(rows["residue"]),
            "positions": rows["position"].tolist(),
            "sites": sorted(set(rows.loc[rows["binding_site"] == 1, "position"])),
            "modifications": sorted(set(rows.loc[rows["modification"] == 1, "position"])),
        }
        for protein, rows in table.groupby("protein", sort=False)
    ]


def records_of(dataset: str) -> list[dict[str, Any]]:
    """Records of one of the four LMDB datasets, with that dataset's fields alone."""
    fields = {
        "proteinnet": ("id", "primary", "tertiary", "valid_mask", "protein_length"),
        "secondary_structure": ("id", "primary", "ss3", "ss8", "valid_mask"),
        "binding_sites": ("id", "primary", "positions", "sites"),
        "modifications": ("id", "primary", "positions", "modifications"),
    }[dataset]
    structures = dataset in ("proteinnet", "secondary_structure")
    source = structure_records() if structures else site_records()
    return [{field: record[field] for field in fields} for record in source]


def write_lmdb(path: Path, records: Sequence[Any], *, raw: bool = False) -> Path:
    """Write records as TAPE does: pickles under their number, and ``num_examples``."""
    environment = lmdb.open(str(path), map_size=1 << 24)
    with environment.begin(write=True) as transaction:
        for number, record in enumerate(records):
            data = record if raw else pickle.dumps(record, protocol=2)
            transaction.put(str(number).encode(), data)
        transaction.put(b"num_examples", pickle.dumps(len(records)))
    environment.close()
    return path
