"""A results folder of contacts as the command line makes it, from a random checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from precompute.command_line import main
from precompute.contacts.learning import PROTEINS
from precompute.tables import CONTACT_RUNS, read_table
from tests.chains import write_lmdb
from tests.checkpoints import make_checkpoint
from tests.precompute.contacts.test_scoring import folded

LAYERS, HEADS = 2, 4


def write_data(
    path: Path, proteins: int, residues: int = 70, name: str = "", called: Sequence[str] = ()
) -> Path:
    """Write made proteins with coordinates as ProteinNet has them.

    Parameters
    ----------
    path
        Of the file.
    proteins
        How many.
    residues
        Of the first; each next has one more.
    name
        What every protein's own name begins with.
    called
        Names in place of the proteins' own, one after the other and from the first again.
    """
    records = []
    for number in range(proteins):
        chain = folded(residues + number, number)
        records.append(
            {
                "id": called[number % len(called)] if called else f"{name}{chain.identifier}",
                "primary": chain.sequence,
                "tertiary": chain.alpha_carbons.astype(np.float32),
                "valid_mask": chain.resolved,
            }
        )
    return write_lmdb(path, records)


def measured_contacts(folder: Path, scored: int = 6, name: str = "") -> tuple[Path, str]:
    """Measure contacts of a random checkpoint.

    Parameters
    ----------
    folder
        Where weights, proteins and results go.
    scored
        Proteins beside those that are learnt from.
    name
        What every protein's own name begins with.

    Returns
    -------
    tuple
        The results folder and the run's name.
    """
    weights = make_checkpoint(folder / "weights", "esm2_t6_8m", layers=LAYERS, heads=HEADS)
    data = write_data(folder / "data.lmdb", PROTEINS + scored, name=name)
    arguments = ["contacts", "--model", "esm2_t6_8m", "--weights", str(weights), "--quiet"]
    arguments += ["--dataset", "proteinnet", "--data", str(data)]
    if main([*arguments, "--out", str(folder / "results")]):
        raise RuntimeError("the contacts were not measured")
    (run,) = read_table(folder / "results", CONTACT_RUNS)["run"]
    return folder / "results", str(run)
