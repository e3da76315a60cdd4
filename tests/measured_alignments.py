"""A results folder of alignments as the command line makes it, from a random checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from precompute.command_line import main
from precompute.examples import list_examples, load_example
from precompute.models.msa_network import Shape
from precompute.tables import list_runs
from tests.msa_checkpoints import SMALL, random_alignment, write_published

ALIGNMENTS = {"PF00001": (24, 40), "PF00002": (12, 33), "PF00003": (9, 21), "two_rows": (2, 30)}
"""Rows and columns by name; in the last nothing can be correlated."""


def write_alignment(path: Path, rows: Sequence[str]) -> None:
    """Write rows as A3M."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f">row{number}\n{row}\n" for number, row in enumerate(rows)))


def write_aligned_examples(folder: Path) -> Path:
    """Write the examples as `NAME.a3m`, whose rows are the query shuffled, and `NAME.pdb`."""
    for entry in list_examples():
        example = load_example(entry.name)
        letters = list(example.longest.sequence)
        random = np.random.default_rng(0)
        rows = ["".join(random.permutation(letters)) for _ in range(8)]
        write_alignment(folder / f"{entry.name}.a3m", ["".join(letters), *rows])
        (folder / f"{entry.name}.pdb").write_text(example.structure_text)
    return folder


def measured_alignments(folder: Path, *more: str, shape: Shape = SMALL) -> tuple[Path, str]:
    """Measure `ALIGNMENTS` with a random checkpoint.

    Parameters
    ----------
    folder
        Where weights, alignments and results go.
    *more
        More of the command line, such as ``--nulls columns,covariance,rows``.
    shape
        Of the checkpoint: 3 layers of 4 heads by default.

    Returns
    -------
    tuple
        The results folder and the run's name.
    """
    weights = write_published(folder / "weights", shape)
    for seed, (name, (rows, columns)) in enumerate(ALIGNMENTS.items()):
        write_alignment(
            folder / "alignments" / f"{name}.a3m", random_alignment(rows, columns, seed)
        )
    arguments = ["run", "--model", "esm_msa1b", "--weights", str(weights), "--quiet"]
    arguments += ["--dataset", "alignments", "--data", str(folder / "alignments")]
    arguments += ["--max-length", "96", "--no-shuffle", "--out", str(folder / "results"), *more]
    if main(arguments):
        raise RuntimeError("the alignments were not measured")
    (run,) = list_runs(folder / "results")["run"]
    return folder / "results", str(run)
