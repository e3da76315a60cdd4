"""A dry run over pairs: how much there is to do, and how long it takes at the speed measured."""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from precompute.datasets.chains import RELATIONS
from precompute.devices import place_adapter
from precompute.models.checkpoint import weight_files
from precompute.models.loading import Checkpoint
from precompute.plan import PROBES, describe_seconds, estimate_seconds
from precompute.progress import Progress
from precompute.protein_pairs.item import Pair
from precompute.protein_pairs.measurer import measure_pairs
from precompute.protein_pairs.run import PairSample, read_all
from precompute.resumed import cut_shards
from precompute.settings import Settings


def print_pairs_plan(
    checkpoint: Checkpoint, sample: PairSample, settings: Settings, out: str, progress: Progress
) -> None:
    """Print what a run over pairs would do, after measuring three; nothing is written.

    The three are the shortest, the median and the longest; a pair's time is taken as
    a + b · residues², as that of a protein is in `precompute.plan.print_plan`.
    """
    pairs = read_all(checkpoint, sample, settings, progress)
    adapter = checkpoint.load()
    device = torch.device(settings.device)
    place_adapter(adapter, settings, device)
    by_length = sorted(pairs, key=_work)
    probes = [by_length[0], by_length[len(pairs) // 2], by_length[-1]][:PROBES]
    measured = []
    # The first pass warms the device up and is not counted.
    for probe in (probes[0], *probes):
        clock = time.perf_counter()
        measure_pairs(adapter, [probe], len(pairs), device)
        measured.append((probe, time.perf_counter() - clock))
    del measured[0]
    seconds = estimate_seconds(
        [(_work(probe), took) for probe, took in measured], [_work(pair) for pair in pairs]
    )
    size = sum(file.stat().st_size for file in weight_files(checkpoint.weights.folder))
    shards = cut_shards(pairs, settings.device)
    print(f"{checkpoint.model.label} over pairs of {sample.dataset.name} ({sample.chosen}) → {out}")
    print(f"  pairs      {len(pairs):,}: {_relations(pairs)}")
    print(f"  cut        {sum(any(pair.cut) for pair in pairs):,} to {settings.max_length} tokens")
    print(f"  residues   {sum(pair.columns for pair in pairs):,}")
    print(f"  shards     {len(shards):,}")
    print(f"  weights    {size:,} bytes, {adapter.layers} layers × {adapter.heads} heads")
    for probe, took in measured:
        print(f"  measured   {len(probe.first)} + {len(probe.second)} residues in {took:.2f} s")
    print(f"  time       about {describe_seconds(seconds)} on {settings.device}, in one process")


def _work(pair: Pair) -> int:
    """Give what a pair's time is taken to grow with."""
    return pair.columns**2


def _relations(pairs: Sequence[Pair]) -> str:
    counts = {name: sum(pair.relation == name for pair in pairs) for name in RELATIONS}
    return ", ".join(f"{count:,} of {name}" for name, count in counts.items() if count)
