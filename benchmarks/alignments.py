"""The MSA Transformer over alignments: its bare forward pass, and the whole measuring pass."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks.checkpoints import load
from benchmarks.options import Options
from benchmarks.table import RATIO, Absolute, Limit, Row, compare
from benchmarks.timing import time_in_turn
from precompute.alignment import Alignment
from precompute.chain import Chain
from precompute.column_attention.choice import ColumnChoice
from precompute.column_attention.measure import Families
from precompute.datasets import DATASETS
from precompute.datasets.alignments import unlabelled
from precompute.labels import FeatureSet
from precompute.measure import collect_items, measure_items
from precompute.models.msa_network import Shape
from tests.msa_checkpoints import random_alignment, write_published

GROUP = "alignments"
MODEL = "esm_msa1b"
SIZES = ((64, 128), (64, 256), (128, 128), (128, 256))
"""Rows and columns."""
DEFINITION = (
    "whole: row attention counted and column attention of every head correlated with "
    "distance and kept, as `precompute run --dataset alignments` does without nulls; bare: the "
    "network without either shown (sdpa along columns). Peaks: above what is there after one "
    "alignment of 8 × 16, each time in a process of its own."
)
LIMIT, MEMORY_LIMIT = Limit(1.15, RATIO), Limit(1.25, RATIO)
_SHAPE = Shape(layers=12, heads=12, width=768, inner=3072)
_FEATURES = FeatureSet(DATASETS["alignments"].features)


def make(folder: Path, *, quick: bool = False) -> None:
    """Write a random checkpoint of the published shape, or of a small one."""
    write_published(folder, Shape(2, 2, 16, 32) if quick else _SHAPE)


def made_family(rows: int, columns: int) -> Chain:
    """Make a query with its alignment."""
    alignment = Alignment.of(random_alignment(rows, columns, seed=1))
    return unlabelled(f"made, {rows} × {columns}", alignment)


def bare_pass(adapter: Any, chain: Chain) -> None:
    """Run the network, nothing of its attention shown."""
    adapter.attend([adapter.encode_chain(chain)], None)


def whole_pass(adapter: Any, chain: Chain) -> None:
    """Measure an alignment as a run does."""
    items, device = collect_items([[chain]]), torch.device("cpu")
    families = Families(ColumnChoice())
    measure_items(adapter, items, [_FEATURES], device, 0, lambda _: None, lambda _: None, families)


def rows(options: Options) -> Iterator[Row]:
    """Measure seconds, then peaks, of whole passes beside bare ones; a row a size."""
    yield from time_rows(options)
    yield from peak_rows(options)


def time_rows(options: Options) -> Iterator[Row]:
    """Time whole passes beside bare ones; a row for each size of alignment."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), quick=options.quick)
        adapter = load(Path(folder), MODEL)
    for rows, columns in SIZES[: 1 if options.quick else None]:
        options.say(f"{GROUP}: {rows} rows × {columns} columns")
        chain = made_family(rows, columns)
        seconds = time_in_turn(
            {
                "bare": lambda chain=chain: bare_pass(adapter, chain),
                "whole": lambda chain=chain: whole_pass(adapter, chain),
            },
            options.repeats(3),
        )
        yield compare(
            GROUP,
            f"MSA Transformer, {rows} rows × {columns} columns",
            Absolute("whole pass", seconds["whole"]),
            Absolute("bare forward pass", seconds["bare"]),
            LIMIT,
            "Two layers of two heads instead of the real shape." if options.quick else "",
        )


def peak_rows(options: Options) -> Iterator[Row]:
    """Measure peaks, once a size: each takes a minute, and is hardly another the next time."""
    from benchmarks.memory import run_peak

    for rows, columns in SIZES[: 1 if options.quick else None]:
        options.say(f"{GROUP}: peak of {rows} rows × {columns} columns")
        model = f"{MODEL} {rows} {columns}"
        with tempfile.TemporaryDirectory() as folder:
            run_peak("make", model, folder)
            whole, bare = (run_peak(way, model, folder) for way in ("whole", "bare"))
        yield compare(
            GROUP,
            f"MSA Transformer, {rows} rows × {columns} columns "
            f"({whole['weights']:,.0f} MB of weights)",
            Absolute("whole pass, peak", (whole["above"],), "MB"),
            Absolute("bare forward pass, peak", (bare["above"],), "MB"),
            MEMORY_LIMIT,
        )


def peak_above(folder: Path, way: str, rows: int, columns: int) -> dict[str, float]:
    """Measure this process's peak above libraries and weights; see `benchmarks.memory`."""
    from benchmarks.memory import above_rest

    run = whole_pass if way == "whole" else bare_pass
    adapter = load(folder, MODEL)
    weights = sum(one.numel() * 4 for one in adapter.network.parameters()) / (1 << 20)
    run(adapter, made_family(8, 16))
    chain = made_family(rows, columns)
    return {"weights": weights, "above": above_rest(lambda: run(adapter, chain))}
