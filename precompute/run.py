"""A run: choose proteins, measure every head on them, write the tables.

One run is one model over one dataset. A command may ask for several: each model makes
one pass over all its datasets, and chains that datasets share are run once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from precompute.chain import Chain
from precompute.column_attention.frames import column_frames, matrices_of
from precompute.column_attention.kept import write_matrices
from precompute.column_attention.measure import Family
from precompute.drawn import Sample, background_of, keep_readable, read_as
from precompute.engines import Engine
from precompute.engines.measurer import ShardWork
from precompute.engines.one_process import OneProcess
from precompute.frames import run_frames
from precompute.measure import collect_items
from precompute.models import same_reading
from precompute.models.loading import Checkpoint
from precompute.progress import Progress
from precompute.results_folder import is_finished, name_apart, refuse_other_settings
from precompute.resumed import cut_shards, measure_shards, shard_store
from precompute.run_row import package_versions, run_identity, run_row
from precompute.settings import Settings
from precompute.shards import Shard
from precompute.tables import add_run, to_json
from precompute.tables.storage import patiently
from precompute.tally import Tally


def run_model(
    checkpoint: Checkpoint,
    samples: Sequence[Sample],
    settings: Settings,
    out: str,
    command: str,
    progress: Progress,
    *,
    add: bool = False,
    engine: Engine | None = None,
) -> list[str]:
    """Measure one model on its samples and write a run for each dataset.

    Parameters
    ----------
    checkpoint
        Model and weights.
    samples
        One for each dataset.
    settings
        What to count and where.
    out
        Results folder: local path or fsspec URL.
    command
        Kept in the `runs` table.
    progress
        Shown while proteins are measured.
    add
        Keep runs of the same model and dataset with other settings beside this one,
        instead of refusing.
    engine
        Where shards are measured; in this process by default.

    Returns
    -------
    list of str
        Names of the runs.

    Raises
    ------
    AtlasError
        When the model, the data or the folder cannot be used.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    engine = engine or OneProcess()
    weights = checkpoint.sha256()
    samples = read_as(checkpoint.model, samples)
    if not checkpoint.model.reads_any:
        samples = keep_readable(samples, checkpoint.load(), progress)
    rows = [run_row(checkpoint, weights, sample, settings) for sample in samples]
    if not add:
        for row in rows:
            refuse_other_settings(out, row)
    name_apart(out, rows)
    names = [str(row["run"]) for row in rows]
    if is_finished(out, rows):
        progress.say(f"Already there, with the same settings and data: {', '.join(names)}.")
        return names
    features = [
        checkpoint.feature_set(sample.dataset.features, settings.window) for sample in samples
    ]
    items = collect_items([sample.chains for sample in samples], settings.window)
    shards = cut_shards(items, settings.device)
    identity = run_identity(checkpoint, weights, samples, settings)
    reading = checkpoint.reading_digest()
    identity[same_reading.CONFIGURATION] = reading
    store = shard_store(out, identity, settings.device)
    work = ShardWork(
        checkpoint, weights, settings, reading, features=tuple(own.names for own in features)
    )
    tallies: list[Tally] = []
    families: list[Family] = []
    earlier = 0.0
    for shard, was_kept in measure_shards(engine, work, items, shards, store, progress):
        earlier += shard.seconds if was_kept else 0.0
        _add_shard(tallies, families, shard)
    seconds = time.perf_counter() - clock + earlier

    for number, (row, sample, own, tally) in enumerate(
        zip(rows, samples, features, tallies, strict=True)
    ):
        layers, heads = tally.special.shape
        row |= {
            "layers": layers,
            "heads": heads,
            "device": engine.device or "counts of an earlier, unfinished run",
            "versions": to_json(package_versions()),
            "command": command,
            "started": started.isoformat(timespec="seconds"),
            "wall_seconds": round(seconds, 3),
        }
        background = background_of(sample, own)
        row_frame, tables = run_frames(
            row, sample.chains, own, tally, background, checkpoint.model.attention
        )
        if checkpoint.model.reads_alignments and settings.columns is not None:
            found = [family for family in families if family.dataset == number]
            identity_ = {name: str(row[name]) for name in ("run", "model", "dataset")}
            identity_["attention"] = checkpoint.model.attention
            tables |= column_frames(identity_, sample.chains, found, tally, settings.columns.nulls)
            _write_matrices(out, str(row["run"]), sample.chains, found)
        add_run(out, row_frame, tables)
    store.remove()
    return names


def _write_matrices(
    out: str, run: str, chains: Sequence[Chain], families: Sequence[Family]
) -> None:
    """Put the matrices that are kept beside the tables, before the run is listed."""
    for family in families:
        matrices = matrices_of(chains[family.place], family)
        if matrices is not None:
            patiently(partial(write_matrices, out, run, family.place + 1, matrices))


def _add_shard(totals: list[Tally], families: list[Family], shard: Shard) -> None:
    families.extend(shard.families)
    if not totals:
        totals += [Tally.empty_like(part) for part in shard.tallies]
    for total, part in zip(totals, shard.tallies, strict=True):
        total.add(part)
