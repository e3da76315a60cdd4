"""A run over pairs: choose them, run each as one input, write their tables."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from precompute.datasets import Dataset
from precompute.datasets.chains import Chains
from precompute.drawn import say_files
from precompute.engines import Engine
from precompute.errors import AtlasError
from precompute.long_names import refuse_long_names
from precompute.models import same_reading
from precompute.models.loading import Checkpoint
from precompute.progress import Progress
from precompute.protein_pairs.chosen import Numbers, draw_pairs, read_pairs
from precompute.protein_pairs.cutting import SPECIAL_TOKENS
from precompute.protein_pairs.frames import attention_frame, scores_frame
from precompute.protein_pairs.item import Pair, make_pair
from precompute.protein_pairs.measurer import PairWork
from precompute.protein_pairs.shares import describe_scores
from precompute.protein_pairs.tally import PairTally
from precompute.resumed import cut_shards, measure_shards, shard_store
from precompute.run_row import digest, package_versions, run_name
from precompute.settings import Settings
from precompute.shards import ShardStore
from precompute.tables import (
    PAIR_ATTENTION,
    PAIR_RUNS,
    PAIR_SCORES,
    PAIR_TABLES,
    SCHEMA_VERSION,
    add_run,
    known_runs,
    open_folder,
    table_path,
    to_json,
)
from precompute.tables.storage import exists


@dataclass(frozen=True, eq=False)
class PairSample:
    """The pairs chosen of one dataset.

    Attributes
    ----------
    dataset, sha256
        The dataset and the checksum of its data.
    chosen
        What was asked for: a file's name, or how many to draw.
    numbers
        The chains of each pair.
    chains
        The opened data, from which pairs are read.
    skipped, notes
        As those of `Chains`.
    """

    dataset: Dataset
    sha256: str
    chosen: str
    drawn: bool
    numbers: tuple[Numbers, ...]
    chains: Chains
    skipped: dict[str, Any]
    notes: dict[str, str]


def choose_pairs(
    dataset: Dataset, chains: Chains, asked: str, seed: int | None, progress: Progress
) -> PairSample:
    """Read the pairs of a file, or draw as many as a number says.

    Parameters
    ----------
    dataset, chains
        The dataset and its opened data.
    asked
        A file, or a whole number.
    seed
        Of the drawing.
    progress
        Told what of the data is left out.

    Raises
    ------
    AtlasError
        When they cannot be read or drawn.
    """
    for reason, count in chains.skipped.items():
        progress.say(f"{dataset.label}: {count} {reason} left out.")
    say_files(chains.skipped_files, progress)
    drawn = asked.isdecimal() and not Path(asked).exists()
    if drawn:
        if int(asked) < 1:
            raise AtlasError("--pairs asks for no pair: give a number above 0, or a file.")
        if seed is None:
            raise AtlasError("Pairs are drawn by a seed: leave --no-shuffle out.")
        numbers = draw_pairs(chains, int(asked), seed)
        names = chains.identifiers()
        refuse_long_names(names[place] for pair in numbers for place in pair)
    else:
        numbers = read_pairs(Path(asked), chains)
    return PairSample(
        dataset,
        chains.sha256(),
        f"{asked} drawn" if drawn else Path(asked).name,
        drawn,
        tuple(numbers),
        chains,
        dict(chains.skipped),
        {**chains.notes, **chains.remarks},
    )


def run_pairs(
    checkpoint: Checkpoint,
    sample: PairSample,
    settings: Settings,
    out: str,
    command: str,
    progress: Progress,
    engine: Engine,
) -> str:
    """Measure one model on pairs and write a run; what is there already is not measured again.

    Parameters
    ----------
    checkpoint
        Model and weights.
    sample
        The pairs.
    settings
        How long inputs are, and where they are run.
    out
        Results folder: local path or fsspec URL.
    command
        Kept in `pair_runs`.
    progress
        Shown while pairs are measured.
    engine
        Where shards are measured.

    Returns
    -------
    str
        Name of the run.

    Raises
    ------
    AtlasError
        When the model, the data or the folder cannot be used.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    weights, reading = checkpoint.sha256(), checkpoint.reading_digest()
    model = checkpoint.model
    notes = sample.notes | checkpoint.reading() | _pair_notes(checkpoint)
    identity: dict[str, Any] = {
        "pairs": digest({"numbers": [list(pair) for pair in sample.numbers]}),
        "model": model.name,
        "architecture": model.architecture,
        "weights": weights,
        "datasets": [[sample.dataset.name, sample.sha256, notes]],
        "max_length": settings.max_length,
        "precision": settings.precision,
        "schema": SCHEMA_VERSION,
        same_reading.CONFIGURATION: reading,
    }
    run = run_name(model.name, f"{sample.dataset.name}-pairs", identity)
    if _is_finished(out, run):
        progress.say(f"Already there, with the same settings and data: {run}.")
        return run
    pairs = read_all(checkpoint, sample, settings, progress)
    shards = cut_shards(pairs, settings.device)
    store = shard_store(out, identity, settings.device)
    work = PairWork(checkpoint, weights, settings, reading, len(pairs))
    tally, earlier = _count(engine, work, pairs, shards, store, progress)
    _, _, layers, heads = tally.pairs.shape
    row = {
        "run": run,
        "model": model.name,
        "architecture": model.architecture,
        "model_source": model.source,
        "model_revision": checkpoint.weights.revision,
        "weights_sha256": weights,
        "layers": layers,
        "heads": heads,
        "dataset": sample.dataset.name,
        "dataset_source": sample.dataset.source,
        "dataset_sha256": sample.sha256,
        "chosen": sample.chosen,
        "seed": settings.seed if sample.drawn else None,
        "pairs": len(pairs),
        "residues": sum(len(pair.sequence) for pair in pairs),
        "max_length": settings.max_length,
        "number_type": settings.precision,
        "device": engine.device or "counts of an earlier, unfinished run",
        "versions": to_json(package_versions()),
        "command": command,
        "started": started.isoformat(timespec="seconds"),
        "wall_seconds": round(time.perf_counter() - clock + earlier, 3),
        "skipped": to_json(_cut(pairs) | sample.skipped),
        "notes": to_json(notes | {same_reading.CONFIGURATION: reading}),
    }
    frame = pd.DataFrame([row], columns=list(PAIR_RUNS.column_names))
    frame["seed"] = frame["seed"].astype("Int64")
    names = {"run": run, "model": model.name, "dataset": sample.dataset.name}
    tables = {
        PAIR_ATTENTION: attention_frame(names, tally),
        PAIR_SCORES: scores_frame(run, pairs, tally),
    }
    add_run(out, frame, tables, PAIR_RUNS)
    store.remove()
    for sentence in describe_scores(tables[PAIR_SCORES]):
        progress.say(sentence)
    return run


def _count(
    engine: Engine,
    work: PairWork,
    pairs: Sequence[Pair],
    shards: Sequence[Sequence[int]],
    store: ShardStore,
    progress: Progress,
) -> tuple[PairTally, float]:
    """Add all shards up; give the seconds of earlier sessions too."""
    total, earlier = None, 0.0
    for shard, was_kept in measure_shards(engine, work, pairs, shards, store, progress, "pair"):
        earlier += shard.seconds if was_kept else 0.0
        (own,) = shard.tallies
        total = total or PairTally.empty_like(own)
        total.add(own)
    assert total is not None
    return total, earlier


def read_all(
    checkpoint: Checkpoint, sample: PairSample, settings: Settings, progress: Progress
) -> list[Pair]:
    """Read every pair, cut to what the model reads, and say how many were cut.

    Parameters
    ----------
    checkpoint
        The model: one without attention reads each protein on its own.
    sample
        Which pairs.
    settings
        How long inputs are.
    progress
        Told how many are cut.
    """
    together = checkpoint.model.attends
    most = settings.max_length - (SPECIAL_TOKENS if together else 2)
    bar = progress.over(list(enumerate(sample.numbers)), "reading pairs", "pair")
    pairs = [
        make_pair(sample.chains, number, chosen, most, together=together) for number, chosen in bar
    ]
    if cut := sum(any(pair.cut) for pair in pairs):
        progress.say(
            f"{cut:,} of {len(pairs):,} pairs are longer than {settings.max_length} tokens and are "
            "cut, from the end of the longer protein."
        )
    return pairs


def _cut(pairs: Sequence[Pair]) -> dict[str, int]:
    return {"pairs cut to the longest input": sum(any(pair.cut) for pair in pairs)}


def _pair_notes(checkpoint: Checkpoint) -> dict[str, str]:
    """Say how a model reads a pair, and whether it was trained on pairs."""
    model = checkpoint.model
    if not model.attends:
        return {"pairs": "each protein is read on its own, and the two are compared"}
    notes = {"pairs": "one input, the first separator of the first segment"}
    if model.architecture != "plus_tfm":
        notes["training"] = "not on pairs, as far as is known"
    elif model.longest_seen is not None:
        notes["longest input in training"] = f"{model.longest_seen} residues of each protein"
    return notes


def _is_finished(out: str, run: str) -> bool:
    """Tell whether a run is listed, with all its files in place."""
    filesystem, root = open_folder(out)
    return run in set(known_runs(out, PAIR_RUNS)["run"]) and all(
        exists(filesystem, table_path(root, table, run)) for table in PAIR_TABLES
    )
