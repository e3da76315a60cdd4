"""A dry run: how much there is to do, and how long it takes at the speed just measured."""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from precompute.devices import place_adapter
from precompute.drawn import Sample, keep_readable
from precompute.labels import FeatureSet
from precompute.measure import collect_items, measure_items
from precompute.models.checkpoint import weight_files
from precompute.models.loading import Checkpoint
from precompute.progress import Progress
from precompute.run import SHARD_WEIGHTS
from precompute.settings import Settings
from precompute.shards import split_shards

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
    a + b · residues², through the shortest and the longest, and summed over all.
    """
    adapter = checkpoint.load()
    if not checkpoint.model.reads_any:
        samples = keep_readable(samples, adapter, progress)
    items = collect_items([sample.chains for sample in samples])
    lengths = [len(item.sequence) for item in items]
    shards = split_shards(lengths, SHARD_WEIGHTS[settings.device])
    size = sum(file.stat().st_size for file in weight_files(checkpoint.weights.folder))
    features = [FeatureSet(sample.dataset.features) for sample in samples]

    device = torch.device(settings.device)
    place_adapter(adapter, settings, device)
    by_length = sorted(items, key=lambda item: len(item.sequence))
    probes = [by_length[0], by_length[len(by_length) // 2], by_length[-1]][:PROBES]
    measured = []
    # The first pass warms the device up and is not counted.
    for probe in (probes[0], *probes):
        clock = time.perf_counter()
        measure_items(
            adapter, [probe], features, device, settings.batch_tokens, lambda _: None, progress.say
        )
        measured.append((len(probe.sequence), time.perf_counter() - clock))
    seconds = estimate_seconds(measured[1:], lengths)

    print(f"{checkpoint.model.label} over {', '.join(s.dataset.name for s in samples)} → {out}")
    print(
        f"  proteins   {len(items):,} sequences of {sum(len(s.chains) for s in samples):,} chains"
    )
    print(f"  residues   {sum(lengths):,}")
    print(f"  shards     {len(shards):,}")
    print(f"  weights    {size:,} bytes, {adapter.layers} layers × {adapter.heads} heads")
    for length, took in measured[1:]:
        print(f"  measured   {length} residues in {took:.2f} s")
    print(f"  time       about {describe_seconds(seconds)} on {settings.device}, in one process")


def estimate_seconds(measured: Sequence[tuple[int, float]], lengths: Sequence[int]) -> float:
    """Estimate the time of all proteins from a few.

    Parameters
    ----------
    measured
        Residues and seconds, from the shortest to the longest.
    lengths
        Residues of every protein.
    """
    (short, quick), (long, slow) = measured[0], measured[-1]
    if long == short:
        return slow * len(lengths)
    slope = max((slow - quick) / (long**2 - short**2), 0.0)
    return sum(max(quick + slope * (length**2 - short**2), 0.0) for length in lengths)


def describe_seconds(seconds: float) -> str:
    """Write a duration as a reader would say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
