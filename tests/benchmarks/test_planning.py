"""The plan: sizes are those of the tables' own code, and each line follows from the last."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from benchmarks import planning
from benchmarks.planning import (
    Line,
    Measured,
    driver_lines,
    general_lines,
    shard_lines,
    time_lines,
)
from benchmarks.table import Absolute, Report, Row, compare
from precompute.resumed import SHARD_WEIGHTS
from precompute.shards import split_shards
from precompute.tally import Tally

DOCUMENT = Path(__file__).parents[2] / "docs/planning.md"
MEASURED = Measured(1.5, "a model", pack=2.0, unpack=0.5, add=0.1, read=1e-3, packed=5e6)


def value(lines: list[Line], what: str) -> str:
    return next(line.value for line in lines if line.what == what)


def test_a_tally_has_the_bytes_of_its_tensors() -> None:
    tally = Tally.empty(3, 5, 7)
    expected = sum(getattr(tally, field.name).nbytes for field in fields(Tally))
    assert planning.tally_bytes(7, 3, 5) == expected


def test_a_chain_is_as_large_as_what_it_holds() -> None:
    short, long = planning.chain_bytes(100), planning.chain_bytes(1100)
    for small, large in zip(short, long, strict=True):
        assert large - small == pytest.approx(1000 * (1 + 12 + 1), abs=100)


def test_operations_grow_with_length() -> None:
    assert abs(planning.PARAMETERS / 2.84e9 - 1) < 0.01  # ESM-2 3B's own number
    few, many = planning.flops_a_protein(10), planning.flops_a_protein(1000)
    assert few == pytest.approx(2 * planning.PARAMETERS * 12, rel=0.01)
    attention = 4 * planning.LAYERS * planning.WIDTH * 1002**2
    assert many == 2 * planning.PARAMETERS * 1002 + attention


def test_shards_are_those_of_a_run() -> None:
    shards = split_shards([planning.RESIDUES] * 1000, SHARD_WEIGHTS["cuda"])
    assert planning.shard_proteins() == len(shards[0])


def test_hours_follow_from_speed_and_overhead() -> None:
    lines = time_lines(1e14, MEASURED)
    bare = planning.PROTEINS * planning.flops_a_protein() / 1e14 / planning.GPUS / 3600
    assert value(lines, "forward passes alone") == planning.hours(bare)
    assert value(lines, "with counting") == planning.hours(1.5 * bare)


def test_larger_shards_mean_fewer_tasks_and_bytes() -> None:
    small, large = (shard_lines(1e14, MEASURED, times) for times in (1, 100))
    count = [int(value(lines, "shards").replace(",", "")) for lines in (small, large)]
    assert count[0] == pytest.approx(100 * count[1], rel=0.01)
    each = 2.0 + 0.5 + 0.1
    assert value(small, "merging, one process").startswith(planning.hours(count[0] * each / 3600))
    assert value(small, "results over the network") == planning.size(count[0] * 5e6)


def test_what_was_not_measured_is_said_to_be_assumed() -> None:
    assert "ASSUMED" in value(general_lines(Measured()), "whole pass / bare forward pass")
    assert value(general_lines(Measured()), "one shard, packed") == "not measured"
    assert value(driver_lines(Measured()), "reading it, one process") == "not measured"
    assert value(driver_lines(MEASURED), "reading it, one process") == "27.8 h"
    assert "merging, one process" not in {line.what for line in shard_lines(1e14, Measured())}
    assert "ASSUMED" in planning.to_markdown(MEASURED)


def test_a_gpu_is_preferred_to_a_cpu() -> None:
    def overhead(group: str, what: str, ratio: float) -> Row:
        return compare(group, what, Absolute("w", (ratio,)), Absolute("b", (1.0,)))

    rows = (overhead("counting", "ESM-2 650M, 1.0 arcs", 1.2), overhead("counting", "ProtBert", 9))
    assert Measured.of(Report(rows, {})).overhead == 1.2
    rows = (*rows, overhead("device", "ESM-2 650M, bfloat16", 1.4))
    assert Measured.of(Report(rows, {})).overhead == 1.4


def test_merging_is_read_from_its_rows() -> None:
    copy = Absolute("copy", (0.1,))
    rows = [
        compare("merge", name, Absolute(name, (seconds,)), copy)
        for name, seconds in (("pack", 2.0), ("unpack", 0.5), ("add", 0.1), ("read", 0.01))
    ]
    rows[0] = rows[0].with_absolutes(Absolute("packed size", (5.0,), "MB"))
    found = Measured.of(Report(tuple(rows), {}))
    assert (found.pack, found.unpack, found.add) == (2.0, 0.5, 0.1)
    assert (found.read, found.packed) == (0.01, 5e6)


@pytest.mark.parametrize(
    ("count", "text"), [(12, "12.0 B"), (63.8e6, "63.8 MB"), (3.6e11, "360 GB"), (4e15, "4,000 TB")]
)
def test_sizes_have_units(count: float, text: str) -> None:
    assert planning.size(count) == text
