"""Chains without a structure, labels of them in a file, and what probes make of both."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from precompute.chain import Chain
from precompute.datasets import DATASETS
from precompute.drawn import Sample
from precompute.models.loading import Checkpoint
from precompute.probes.gather import Probing
from precompute.probes.own_labels import read_labels
from precompute.probes.run import probe_model
from precompute.progress import Progress
from precompute.settings import Settings
from precompute.tables import PROBE_RUNS, PROBE_SCORES, known_runs, read_table

LETTERS = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
FIRST = frozenset("ACDEFGHIKL")
"""Half of the amino acids."""


def make_chains() -> list[Chain]:
    generator = np.random.default_rng(11)
    return [
        Chain(f"p{number}", "".join(generator.choice(LETTERS, generator.integers(60, 120))))
        for number in range(40)
    ]


def make_sample(chains: list[Chain]) -> Sample:
    records = tuple(range(len(chains)))
    return Sample(
        DATASETS["families"], "0" * 64, len(chains), records, tuple(chains), 0, {}, {}, {}
    )


def write_labels(path: Path, chains: list[Chain], labels: list[list[str]]) -> Path:
    rows = [
        f"{chain.identifier},{place},{label}"
        for chain, own in zip(chains, labels, strict=True)
        for place, label in enumerate(own, 1)
    ]
    path.write_text("chain,residue,class\n" + "\n".join(rows) + "\n")
    return path


def write_neighbours(path: Path, chains: list[Chain]) -> Path:
    """Label each residue by the one before it, of which it says nothing itself."""
    labels = [
        ["first" if before in FIRST else "other" for before in f"W{chain.sequence[:-1]}"]
        for chain in chains
    ]
    return write_labels(path, chains, labels)


def probe_labels(
    checkpoint: Checkpoint, sample: Sample, tmp_path: Path, **asked: object
) -> dict[tuple[str, int, str], float]:
    probing = Probing(labels=read_labels(tmp_path / "own.csv"), **asked)  # type: ignore[arg-type]
    out = str(tmp_path / "out")
    probe_model(checkpoint, sample, probing, Settings(), out, "", Progress(quiet=True))
    run = known_runs(out, PROBE_RUNS)["run"].item()
    frame = read_table(out, PROBE_SCORES, run=run)
    assert set(frame["task"]) == {"own:own"}
    keys = ["source", "layer", "control"]
    found: dict[tuple[str, int, str], float] = frame.set_index(keys)["value"].to_dict()
    return found
