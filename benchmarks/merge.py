"""What it costs to pack, move and merge one shard's counts of ESM-2 3B: the plan's figures."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import lmdb
import torch

from benchmarks.chains import write_chains
from benchmarks.options import Options
from benchmarks.planning import HEADS, LAYERS, PROPERTIES, RESIDUES, tally_bytes
from benchmarks.table import Absolute, Row, compare
from benchmarks.timing import time_in_turn
from precompute.datasets import DATASETS
from precompute.shards import Shard, pack_shard, unpack_shard
from precompute.tally import LEVELS, Tally

GROUP = "merge"
DEFINITION = (
    f"one shard's tally of ESM-2 3B ({LAYERS} layers × {HEADS} heads × {PROPERTIES} properties × "
    f"{LEVELS} thresholds, made counts): packed by the worker, unpacked and added up by the "
    "process that was started, / copying its bytes in memory; and reading one chain of 300 "
    "residues from an LMDB / the bytes of its record."
)
SIZE = "packed size"
_CHAINS = 500


def rows(options: Options) -> Iterator[Row]:
    """Measure each step."""
    options.say("merge: a shard of ESM-2 3B")
    part = made_tally(LAYERS, HEADS, PROPERTIES)
    whole = Tally.empty_like(part)
    packed = pack_shard(Shard((part,), 0.0))
    source = torch.zeros(tally_bytes(PROPERTIES) // 8, dtype=torch.int64)
    target = torch.empty_like(source)
    seconds = time_in_turn(
        {
            "copy": lambda: target.copy_(source),
            "pack": lambda: pack_shard(Shard((part,), 0.0)),
            "unpack": lambda: unpack_shard(packed, 1),
            "add": lambda: whole.add(part),
        },
        options.repeats(7),
    )
    copied = Absolute("copying its bytes", seconds["copy"])
    sizes = {"pack": Absolute(SIZE, (len(packed) / 1e6,), "MB")}
    yield _reading(options)
    for name in ("pack", "unpack", "add"):
        row = compare(GROUP, name, Absolute(f"{name} a shard", seconds[name]), copied)
        extra = (sizes[name],) if name in sizes else ()
        yield row.with_absolutes(*extra)


def _reading(options: Options) -> Row:
    """Time chains of 300 residues from a file, as a run reads its sample."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chains.lmdb"
        write_chains(path, [RESIDUES] * _CHAINS)

        def read() -> None:
            with DATASETS["proteinnet"].open(path) as chains:
                for number in range(_CHAINS):
                    chains[number]

        def bare() -> None:
            with lmdb.open(str(path), readonly=True, lock=False) as file, file.begin() as view:
                for number in range(_CHAINS):
                    view.get(str(number).encode())

        seconds = time_in_turn({"bare": bare, "read": read}, options.repeats(7))
    each = {name: tuple(one / _CHAINS for one in values) for name, values in seconds.items()}
    return compare(
        GROUP,
        "read",
        Absolute(f"read a chain of {RESIDUES} residues", each["read"]),
        Absolute("its record's bytes", each["bare"]),
    )


def made_tally(layers: int, heads: int, properties: int) -> Tally:
    """Make counts that look like a shard's: heads differ, and high thresholds have few arcs."""
    random = torch.Generator().manual_seed(0)
    tally = Tally.empty(layers, heads, properties)
    level = 0.75 ** torch.arange(LEVELS)
    head = torch.empty(layers, heads).exponential_(1 / 2000, generator=random)
    share = torch.empty(properties).exponential_(1 / 0.05, generator=random).clamp(max=1)
    by_head = head[..., None] * level
    expected = {3: by_head, 4: by_head[:, :, None, :] * share[:, None], 2: head}
    for field in fields(Tally):
        tensor = getattr(tally, field.name)
        if not tensor.numel():  # of alignments alone
            continue
        mean = expected[tensor.ndim]
        if tensor.shape != mean.shape:  # the examples: five proteins instead of thresholds
            mean = mean[..., : tensor.shape[-1]]
        tensor.copy_(torch.poisson(mean, generator=random).long())
    return tally
