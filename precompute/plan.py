"""A dry run: how much there is to do, and how long it takes at the speed just measured."""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from precompute.column_attention.measure import Families
from precompute.devices import place_adapter
from precompute.drawn import Sample, keep_readable, read_as
from precompute.measure import Item, collect_items, measure_items
from precompute.models.checkpoint import weight_files
from precompute.models.loading import Checkpoint
from precompute.progress import Progress
from precompute.resumed import cut_shards
from precompute.settings import Settings

PROBES = 3


def print_plan(
    checkpoint: Checkpoint,
    samples: Sequence[Sample],
    settings: Settings,
    out: str,
    progress: Progress,
) -> None:
    """Print what a run would do, after measuring three proteins; nothing is written.

    The three are the shortest, the median and the longest. A protein's time is taken as
    a + b · residues², through the shortest and the longest, and summed over all; that of an
    alignment as a + b · rows · columns.
    """
    samples = read_as(checkpoint.model, samples)
    adapter = checkpoint.load()
    if not checkpoint.model.reads_any:
        samples = keep_readable(samples, adapter, progress)
    items = collect_items([sample.chains for sample in samples], settings.window)
    lengths = [len(item.sequence) for item in items]
    shards = cut_shards(items, settings.device)
    size = sum(file.stat().st_size for file in weight_files(checkpoint.weights.folder))
    features = [
        checkpoint.feature_set(sample.dataset.features, settings.window) for sample in samples
    ]

    device = torch.device(settings.device)
    place_adapter(adapter, settings, device)
    by_length = sorted(items, key=_work)
    probes = [by_length[0], by_length[len(by_length) // 2], by_length[-1]][:PROBES]
    columns = settings.columns if checkpoint.model.reads_alignments else None
    measured = []
    # The first pass warms the device up and is not counted.
    for probe in (probes[0], *probes):
        clock = time.perf_counter()
        measure_items(
            adapter,
            [probe],
            features,
            device,
            settings.batch_tokens,
            lambda _: None,
            progress.say,
            Families(columns) if columns is not None else None,
        )
        measured.append((probe, time.perf_counter() - clock))
    seconds = estimate_seconds(
        [(_work(probe), took) for probe, took in measured[1:]], [_work(item) for item in items]
    )

    print(f"{checkpoint.model.label} over {', '.join(s.dataset.name for s in samples)} → {out}")
    print(
        f"  proteins   {len(items):,} sequences of {sum(len(s.chains) for s in samples):,} chains"
    )
    print(f"  residues   {sum(lengths):,}")
    print(f"  shards     {len(shards):,}")
    print(f"  weights    {size:,} bytes, {adapter.layers} layers × {adapter.heads} heads")
    for probe, took in measured[1:]:
        kind = "rows" if probe.chain.alignment is not None else f"windows of {probe.columns}"
        rows = f" × {probe.rows} {kind}" if probe.rows > 1 else ""
        print(f"  measured   {len(probe.sequence)} residues{rows} in {took:.2f} s")
    print(f"  time       about {describe_seconds(seconds)} on {settings.device}, in one process")


def _work(item: Item) -> int:
    """Give what an item's time is taken to grow with."""
    if item.chain.alignment is not None and item.rows > 1:
        return item.rows * item.columns
    return item.rows * item.columns**2


def estimate_seconds(measured: Sequence[tuple[int, float]], work: Sequence[int]) -> float:
    """Estimate the time of all proteins from a few.

    Parameters
    ----------
    measured
        Work and seconds, from the least to the most.
    work
        That of every protein.
    """
    (small, quick), (large, slow) = measured[0], measured[-1]
    if large == small:
        return slow * len(work)
    slope = max((slow - quick) / (large - small), 0.0)
    return sum(max(quick + slope * (own - small), 0.0) for own in work)


def describe_seconds(seconds: float) -> str:
    """Write a duration as a reader would say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
