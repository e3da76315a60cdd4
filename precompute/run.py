"""A run: choose proteins, measure every head on them, write the tables.

One run is one model over one dataset. A command may ask for several: each model makes
one pass over all its datasets, and chains that datasets share are run once.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from precompute import __version__
from precompute.drawn import Sample, background_of, keep_readable, skipped_of
from precompute.engines import Engine
from precompute.engines.measurer import ShardWork
from precompute.engines.one_process import OneProcess
from precompute.errors import AtlasError
from precompute.frames import run_frames
from precompute.labels import FeatureSet
from precompute.measure import Item, collect_items
from precompute.models import same_reading
from precompute.models.loading import READ_AS_UNKNOWN, Checkpoint
from precompute.progress import Progress
from precompute.settings import Settings
from precompute.shards import Shard, ShardStore, split_shards
from precompute.tables import (
    RUN_TABLES,
    RUNS,
    SCHEMA_VERSION,
    add_run,
    list_runs,
    open_folder,
    table_path,
    to_json,
    write_bytes,
)
from precompute.tally import THRESHOLDS, Tally

SHARD_WEIGHTS = {"cpu": 4_000_000, "mps": 20_000_000, "cuda": 50_000_000}
"""Cost of a shard as `shard_cost` counts it: what a killed run loses at most.

On a CPU thread about a minute of ProtBert. The same whatever the number of workers, so
that a run can be taken up with more of them."""

PACKAGES = ("torch", "transformers", "numpy", "pyarrow", "pandas")


def run_name(model: str, dataset: str, identity: dict[str, Any]) -> str:
    """Name a run after its model, its dataset and everything that its counts depend on."""
    return f"{model}-{dataset}-{_digest(identity)[:8]}"


def _digest(identity: dict[str, Any]) -> str:
    return hashlib.sha256(to_json(identity).encode()).hexdigest()


def _identity(
    checkpoint: Checkpoint, weights: str, samples: Sequence[Sample], settings: Settings
) -> dict[str, Any]:
    reading = checkpoint.reading()
    return {
        **({"reading": reading} if reading else {}),
        "model": checkpoint.model.name,
        "architecture": checkpoint.model.architecture,
        "weights": weights,
        "datasets": [[sample.dataset.name, sample.sha256, sample.notes] for sample in samples],
        "proteins": [len(sample.records) for sample in samples],
        "seed": settings.seed,
        "max_length": settings.max_length,
        "precision": settings.precision,
        "thresholds": list(THRESHOLDS),
        "schema": SCHEMA_VERSION,
    }


def prepare_folder(folder: str) -> None:
    """Check that results can be written before hours are spent on them.

    Raises
    ------
    AtlasError
        When the folder cannot be written, or holds something else than results.
    """
    filesystem, root = open_folder(folder)
    probe = f"{root}/.atlas-can-write"
    write_bytes(filesystem, probe, b"")
    filesystem.rm_file(probe)
    if filesystem.exists(table_path(root, RUNS)):
        list_runs(folder)


_SETTINGS_OF_A_RUN = (
    "architecture",
    "weights_sha256",
    "dataset_sha256",
    "proteins",
    "seed",
    "max_length",
    "number_type",
    "notes",
)


def refuse_other_settings(out: str, row: dict[str, Any]) -> None:
    """Refuse to put a run beside one of the same model and dataset with other settings.

    Two such runs in one folder would be told apart by their names alone, and a page
    would show whichever is newer.

    Parameters
    ----------
    out
        Results folder.
    row
        The run's row of `RUNS`, as far as it is known before the run.

    Raises
    ------
    AtlasError
        Saying what differs.
    """
    filesystem, root = open_folder(out)
    if not filesystem.exists(table_path(root, RUNS)):
        return
    runs = list_runs(out)
    same = runs[(runs["model"] == row["model"]) & (runs["dataset"] == row["dataset"])]
    for other in same.to_dict("records"):
        differs = [
            f"{name} {_short(other[name])} there, {_short(row[name])} now"
            for name in _SETTINGS_OF_A_RUN
            if _short(_setting(other, name)) != _short(_setting(row, name))
        ]
        if same_reading.differs(other["notes"], row["notes"]):
            differs.append(f"another {same_reading.CONFIGURATION} of the same weights")
        if differs:
            raise AtlasError(
                f"{out} holds a run of {row['model']} over {row['dataset']} with other settings "
                f"({'; '.join(differs)}): choose another --out, or keep both with --add."
            )


def _setting(row: Mapping[str, Any], name: str) -> Any:
    return same_reading.without_digest(row[name]) if name == "notes" else row[name]


def _name_apart(out: str, rows: Sequence[dict[str, Any]]) -> None:
    """Name runs otherwise whose name another configuration of the same weights has taken.

    The digest of configuration and vocabulary is no part of a run's name, so that names are
    what they were before it was noted.
    """
    filesystem, root = open_folder(out)
    if not filesystem.exists(table_path(root, RUNS)):
        return
    taken = list_runs(out).set_index("run")["notes"]
    for row in rows:
        if row["run"] in taken.index and same_reading.differs(taken[row["run"]], row["notes"]):
            digest = json.loads(row["notes"])[same_reading.CONFIGURATION]
            row["run"] = f"{row['run']}-{digest[:8]}"


def _short(value: Any) -> str:
    """Write a setting as a message would: none for a missing seed, checksums cut."""
    if value is None or value is pd.NA or value != value:
        return "none"
    text = str(int(value)) if isinstance(value, float) else str(value)
    return f"{text[:12]}…" if len(text) == 64 else text


@contextmanager
def locked_folder(folder: str) -> Iterator[None]:
    """Keep a second run out of a local results folder while the block runs.

    Raises
    ------
    AtlasError
        When another run is writing there.
    """
    if "://" in folder:
        yield
        return
    lock = FileLock(Path(folder) / ".atlas.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise AtlasError(
            f"Another run is writing to {folder}; wait for it or choose another --out."
        ) from error
    try:
        yield
    finally:
        lock.release()


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
    if not checkpoint.model.reads_any:
        samples = keep_readable(samples, checkpoint.load(), progress)
    rows = [_run_row(checkpoint, weights, sample, settings) for sample in samples]
    if not add:
        for row in rows:
            refuse_other_settings(out, row)
    _name_apart(out, rows)
    names = [str(row["run"]) for row in rows]
    if _finished(out, names):
        progress.say(f"Already there, with the same settings and data: {', '.join(names)}.")
        return names
    features = [FeatureSet(sample.dataset.features) for sample in samples]
    items = collect_items([sample.chains for sample in samples])
    shards = split_shards([len(item.sequence) for item in items], SHARD_WEIGHTS[settings.device])
    identity = _identity(checkpoint, weights, samples, settings)
    reading = checkpoint.reading_digest()
    identity[same_reading.CONFIGURATION] = reading
    store = ShardStore(_shard_folder(out, identity, settings.device))
    work = ShardWork(checkpoint, weights, settings, tuple(own.names for own in features), reading)
    tallies, earlier = _measure(engine, work, items, shards, store, progress)
    seconds = time.perf_counter() - clock + earlier

    for row, sample, own, tally in zip(rows, samples, features, tallies, strict=True):
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
        row_frame, tables = run_frames(row, sample.chains, own, tally, background)
        add_run(out, row_frame, tables)
    store.remove()
    return names


def _finished(out: str, names: Sequence[str]) -> bool:
    """Tell whether every one of some runs is listed, with all its files in place."""
    filesystem, root = open_folder(out)
    if not filesystem.exists(table_path(root, RUNS)):
        return False
    listed = set(list_runs(out)["run"])
    return all(
        name in listed and all(filesystem.exists(table_path(root, t, name)) for t in RUN_TABLES)
        for name in names
    )


def _run_row(
    checkpoint: Checkpoint, weights: str, sample: Sample, settings: Settings
) -> dict[str, Any]:
    """Fill in what the `runs` table says of a run, as far as it is known before the run."""
    model = checkpoint.model
    identity = _identity(checkpoint, weights, [sample], settings)
    return {
        "run": run_name(model.name, sample.dataset.name, identity),
        "model": model.name,
        "architecture": model.architecture,
        "model_source": model.source,
        "model_revision": checkpoint.weights.revision,
        "weights_sha256": weights,
        "dataset": sample.dataset.name,
        "dataset_source": sample.dataset.source,
        "dataset_sha256": sample.sha256,
        "dataset_size": sample.size,
        "proteins": len(sample.chains),
        "residues": sum(len(chain) for chain in sample.chains),
        "protein_ids": [chain.identifier for chain in sample.chains],
        "protein_records": list(sample.records),
        "seed": settings.seed,
        "thresholds": list(THRESHOLDS),
        "max_length": settings.max_length,
        "number_type": settings.precision,
        "skipped": to_json(skipped_of(sample)),
        "notes": to_json(sample.notes | _reading_notes(checkpoint, sample)),
    }


def _reading_notes(checkpoint: Checkpoint, sample: Sample) -> dict[str, str]:
    """Say how the model reads sequences, and how many residues it does not know."""
    notes = checkpoint.reading() | {same_reading.CONFIGURATION: checkpoint.reading_digest()}
    if unknown := notes.get(READ_AS_UNKNOWN):
        letters = unknown.split(", ")
        count = sum(chain.sequence.count(x) for chain in sample.chains for x in letters)
        residues = sum(len(chain) for chain in sample.chains)
        notes[READ_AS_UNKNOWN] = f"{unknown}: {count:,} of {residues:,} residues"
    return notes


def _measure(
    engine: Engine,
    work: ShardWork,
    items: Sequence[Item],
    shards: Sequence[Sequence[int]],
    store: ShardStore,
    progress: Progress,
) -> tuple[list[Tally], float]:
    """Count all items shard by shard; give the tallies and the seconds of earlier sessions."""
    totals: list[Tally] = []
    earlier, waiting = 0.0, {}
    with progress.proteins(len(items)) as bar:
        for number, shard in enumerate(shards):
            own_items = [items[item] for item in shard]
            found = _read_shard(store, number, len(work.features), progress)
            if found is None:
                waiting[number] = own_items
            else:
                earlier += found.seconds
                bar.skip(own_items)
                _add_shard(totals, found)
        if waiting:
            for number, counted in engine.measure(work, waiting, bar.done, progress.say):
                store.write(number, counted)
                _add_shard(totals, counted)
    if kept := len(shards) - len(waiting):
        progress.say(f"{kept} of {len(shards)} shards were kept from an earlier, unfinished run.")
    return totals, earlier


def _add_shard(totals: list[Tally], shard: Shard) -> None:
    if not totals:
        totals += [Tally.empty_like(part) for part in shard.tallies]
    for total, part in zip(totals, shard.tallies, strict=True):
        total.add(part)


def _read_shard(store: ShardStore, number: int, datasets: int, progress: Progress) -> Shard | None:
    try:
        return store.read(number, datasets)
    except ValueError as error:
        progress.say(f"{error}; it is computed again.")
        return None


def _shard_folder(out: str, identity: dict[str, Any], device: str) -> Path:
    """Where unfinished work waits: in the results folder, or beside the user's caches."""
    name = _digest({**identity, "shard": SHARD_WEIGHTS[device]})[:16]
    if "://" in out:
        return Path.home() / ".cache" / "protein-attention-atlas" / "unfinished" / name
    return Path(out) / ".unfinished" / name


def package_versions() -> dict[str, str]:
    """Versions of everything that the numbers could depend on."""
    return {
        "protein-attention-atlas": __version__,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        **{package: version(package) for package in PACKAGES},
    }


def read_versions(text: str) -> dict[str, str]:
    """Read the `versions` column back."""
    parsed: dict[str, str] = json.loads(text)
    return parsed
