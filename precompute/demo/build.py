"""Rebuild what the demo ships: the checkpoint, its results, and its card; say what changed."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from precompute.datasets import find_dataset
from precompute.demo.families import Family
from precompute.drawn import draw_sample
from precompute.models import find_model
from precompute.models.aligned_bert import AlignedBertAdapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.progress import Progress
from precompute.results_folder import prepare_folder
from precompute.run import run_model
from precompute.settings import Settings

SEQUENCES = 5000
"""Sequences drawn from all alignments; those of the model's families are counted."""


def build_results(model: Path, data: Path, out: Path, command: str, *, quiet: bool) -> list[str]:
    """Run the engine with the demo model over the families and all structures.

    Parameters
    ----------
    model
        The checkpoint.
    data
        Holds folders of structures, and ``families`` with the alignments.
    out
        Results folder; runs that are there already are kept.
    command
        Kept in the `runs` table.
    quiet
        Show no progress.

    Returns
    -------
    list of str
        Names of the runs. The run over sequences is the later one: for amino acids and
        offsets, which both have, pages show the newest.
    """
    progress = Progress(quiet=quiet)
    checkpoint = Checkpoint(find_model("demo"), Weights(model, "trained here"))
    prepare_folder(str(out))
    names = []
    for name, path, proteins in (
        ("structures", data, None),
        ("families", data / "families", SEQUENCES),
    ):
        dataset = find_dataset(name)
        settings = Settings(proteins=proteins)
        with dataset.open(path) as chains:
            sample = draw_sample(dataset, chains, settings, progress)
        names += run_model(checkpoint, [sample], settings, str(out), command, progress, add=True)
    return names


def measure_quality(
    model: Path, families: Sequence[Family], data: Path, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure perplexity and contacts; see `precompute.demo.quality`.

    Returns
    -------
    tuple
        `quality.perplexity` and `quality.contact_table`, over the solved chain that
        stands beside each family's alignment.
    """
    from transformers import BertForMaskedLM

    from precompute.demo.quality import (
        attend_solved,
        contact_table,
        perplexity,
        solved_chains,
    )

    adapter = Checkpoint(find_model("demo"), Weights(model, "trained here")).load()
    assert isinstance(adapter, AlignedBertAdapter), "the demo is a model of alignments"
    known = {family.accession for family in families}
    solved = []
    for chain, betas in solved_chains(data / "families"):
        accession = chain.identifier.split("_")[0]
        placement = adapter.place(chain.sequence)
        if accession in known and placement is not None and placement.accession == accession:
            solved.append(attend_solved(adapter, accession, chain, betas))
    order = [family.accession for family in families]
    solved.sort(key=lambda one: order.index(one.accession))
    masked = BertForMaskedLM.from_pretrained(model).train(False)
    return perplexity(masked, families, seed), contact_table(solved, adapter.heads)


def file_sums(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file in a folder, by its path there."""
    if not folder.is_dir():
        return {}
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def describe_changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Say which files are new, gone or other than before; an empty list when none is."""
    lines = [f"new      {name}" for name in after if name not in before]
    lines += [f"gone     {name}" for name in before if name not in after]
    lines += [
        f"changed  {name}" for name in after if name in before and after[name] != before[name]
    ]
    return lines


def replace_folder(staging: Path, folder: Path) -> list[str]:
    """Put a finished folder in the place of another and say what changed."""
    lines = describe_changes(file_sums(folder), file_sums(staging))
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(staging, folder)
    return lines
