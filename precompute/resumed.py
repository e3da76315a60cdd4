"""Measure a run's shards, those left out that an earlier, unfinished run has kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from precompute.engines import Engine
from precompute.engines.work import Work
from precompute.measure import Sized
from precompute.progress import Progress
from precompute.results_folder import unfinished_folder
from precompute.run_row import digest
from precompute.shards import ShardStore, split_shards

S = TypeVar("S")

SHARD_WEIGHTS = {"cpu": 4_000_000, "mps": 20_000_000, "cuda": 50_000_000}
"""Cost of a shard as `shard_cost` counts it: what a killed run loses at most.

On a CPU thread about a minute of ProtBert. The same whatever the number of workers, so
that a run can be taken up with more of them."""


def cut_shards(items: Sequence[Sized], device: str) -> list[list[int]]:
    """Split items into shards for a device; see `split_shards`."""
    return split_shards(
        [item.columns for item in items], SHARD_WEIGHTS[device], [item.rows for item in items]
    )


def measure_shards(
    engine: Engine,
    work: Work[S],
    items: Sequence[Sized],
    shards: Sequence[Sequence[int]],
    store: ShardStore,
    progress: Progress,
    unit: str = "protein",
) -> Iterator[tuple[S, bool]]:
    """Measure all shards, keep each as soon as it is there, and give them.

    Parameters
    ----------
    engine, work
        Where, and what all shards share.
    items, shards
        What to measure, and which items each shard has.
    store
        Keeps them.
    progress, unit
        Shown, with what an item is called, and told of shards that are damaged or kept.

    Yields
    ------
    tuple
        A shard, and whether an earlier run measured it.

    Raises
    ------
    AtlasError
        When a shard cannot be measured, or kept.
    """
    waiting = {}
    with progress.proteins(len(items), unit) as bar:
        for number, shard in enumerate(shards):
            own = [items[item] for item in shard]
            try:
                found = store.read(number, work.unpack)
            except ValueError as error:
                progress.say(f"{error}; it is computed again.")
                found = None
            if found is None:
                waiting[number] = own
            else:
                bar.skip(own)
                yield found, True
        if waiting:
            for number, measured in engine.measure(work, waiting, bar.done, progress.say):
                store.write(number, work.pack(measured))
                yield measured, False
    if kept := len(shards) - len(waiting):
        progress.say(f"{kept} of {len(shards)} shards were kept from an earlier, unfinished run.")


def shard_store(out: str, identity: dict[str, Any], device: str) -> ShardStore:
    """Give where unfinished shards wait; see `unfinished_folder`.

    Parameters
    ----------
    out
        Results folder: local path or fsspec URL.
    identity
        Everything that the shards depend on: ``model``, ``datasets`` and more.
    device
        Key of `SHARD_WEIGHTS`.
    """
    settings = digest({**identity, "shard": SHARD_WEIGHTS[device]})
    whose = {
        "model": str(identity["model"]),
        "data sets": ", ".join(name for name, *_ in identity["datasets"]),
        "settings": settings,
    }
    return ShardStore(unfinished_folder(out) / settings[:16], whose)
