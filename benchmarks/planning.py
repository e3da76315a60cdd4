"""The large case on paper: 100 million proteins, ESM-2 3B, 64 GPUs.

    python -m benchmarks.planning [build/benchmarks/benchmarks.json] [--write docs/planning.md]

Sizes follow from shapes; speeds of this machine's CPU from a table of benchmarks, where one
is given; the GPUs' speed is an assumption, and said to be one.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from benchmarks.chains import made_chain
from benchmarks.document import replace_part
from benchmarks.table import Report, Row, Spread, number, read_report
from precompute.chain import Chain
from precompute.datasets import DATASETS
from precompute.models import find_model
from precompute.resumed import SHARD_WEIGHTS
from precompute.shards import shard_cost
from precompute.tally import LEVELS, Tally

PROTEINS = 100_000_000
RESIDUES = 300
GPUS = 64
_MODEL = find_model("esm2_t36_3b")
LAYERS, HEADS, WIDTH = _MODEL.layers, _MODEL.heads, _MODEL.width
PROPERTIES = len(DATASETS["structures"].features)
PARAMETERS = LAYERS * 12 * WIDTH**2
"""Of the matrices of all layers: 4 for attention and 8 (two of 4) for what follows it."""

SPEEDS = (50e12, 100e12, 200e12)
"""ASSUMED floating-point operations a second that one GPU achieves; not measured."""

TASK_SECONDS = 0.001
"""What a task costs Dask's scheduler, as its documentation says: about 1 ms."""

DEFAULT_OVERHEAD = 1.15
"""ASSUMED whole pass / bare forward pass where no table is given."""

LARGE_SHARD = 100
"""How many times larger the changed design's shards are."""

PART = "plan"


@dataclass(frozen=True)
class Measured:
    """What a table of benchmarks says that the plan needs; None where it does not.

    Attributes
    ----------
    overhead
        Whole pass / bare forward pass.
    overhead_of
        Whose it is.
    pack, unpack, add
        Seconds a shard.
    read
        Seconds a chain.
    packed
        Bytes of a packed shard.
    """

    overhead: float | None = None
    overhead_of: str = ""
    pack: float | None = None
    unpack: float | None = None
    add: float | None = None
    read: float | None = None
    packed: float | None = None

    @classmethod
    def of(cls, report: Report) -> Measured:
        """Take from a report: a GPU's overhead of ESM-2 if there is one, else the CPU's."""
        overhead, whose = None, ""
        for group in ("device", "counting"):
            for row in report.rows:
                if row.group == group and row.figures and "ESM-2" in row.what:
                    overhead, whose = _median(row), f"{row.what}, {group}"
            if overhead is not None:
                break
        merge = {row.what: row for row in report.rows if row.group == "merge" and row.absolutes}
        seconds = {name: row.absolutes[0].median for name, row in merge.items()}
        packed = None
        if "pack" in merge:
            packed = merge["pack"].absolutes[-1].median * 1e6
        return cls(
            overhead,
            whose,
            seconds.get("pack"),
            seconds.get("unpack"),
            seconds.get("add"),
            seconds.get("read"),
            packed,
        )


@dataclass(frozen=True)
class Line:
    """One line of the plan: a quantity, and where it comes from."""

    what: str
    value: str
    source: str


def tally_bytes(properties: int, layers: int = LAYERS, heads: int = HEADS) -> int:
    """Bytes of one tally in memory, from its shapes."""
    part = Tally.empty(1, 1, properties)
    each: int = sum(getattr(part, field.name).nbytes for field in fields(Tally))
    return layers * heads * each


def flops_a_protein(residues: int = RESIDUES) -> float:
    """Floating-point operations of one forward pass, two special tokens included.

    Two for each parameter and token; two products of tokens² × width in each layer.
    """
    tokens = residues + 2
    return 2 * PARAMETERS * tokens + 4 * LAYERS * WIDTH * tokens**2


def shard_proteins(times: int = 1, residues: int = RESIDUES) -> int:
    """Proteins of a GPU's shard, as `precompute run` cuts them, or of one so many times larger."""
    return max(times * SHARD_WEIGHTS["cuda"] // shard_cost(residues), 1)


def general_lines(measured: Measured) -> list[Line]:
    """Give what does not depend on the GPUs' speed."""
    sequences = PROTEINS * RESIDUES
    coordinates = sequences * 12
    weights = PARAMETERS * 2
    raw = tally_bytes(PROPERTIES)
    rows = LAYERS * HEADS * PROPERTIES * LEVELS
    return [
        Line("residues", f"{sequences:,}", f"{RESIDUES} a protein, ASSUMED"),
        Line("data in: sequences", size(sequences), "1 byte a residue"),
        Line("data in: C-alpha coordinates", size(coordinates), "3 × 4 bytes a residue"),
        Line("weights, for each GPU", size(weights), "bfloat16, from the shape"),
        Line("operations a protein", f"{flops_a_protein():.3g}", "2·parameters·tokens + attention"),
        Line("operations in all", f"{PROTEINS * flops_a_protein():.3g}", "times proteins"),
        Line("one tally in memory", size(raw), "shapes of precompute.tally, int64"),
        Line(
            "one shard, packed",
            size(measured.packed) if measured.packed else "not measured",
            "made counts, zlib; `benchmarks` merge",
        ),
        Line("data out: rows of head_counts", f"{rows:,}", "one file, however many proteins"),
        Line("data out: head_counts, not compressed", size(rows * 9 * 8), "nine int64 a row"),
        Line(
            "whole pass / bare forward pass",
            number(measured.overhead) if measured.overhead else f"{DEFAULT_OVERHEAD} (ASSUMED)",
            measured.overhead_of or "no table of benchmarks was given",
        ),
    ]


def time_lines(speed: float, measured: Measured) -> list[Line]:
    """Hours at an assumed speed of a GPU."""
    overhead = measured.overhead or DEFAULT_OVERHEAD
    bare = PROTEINS * flops_a_protein() / speed / GPUS / 3600
    return [
        Line("forward passes alone", hours(bare), f"{GPUS} GPUs, none ever idle"),
        Line("with counting", hours(bare * overhead), "times whole / bare"),
    ]


def shard_lines(speed: float, measured: Measured, times: int = 1) -> list[Line]:
    """Give what shards of a size mean for workers, network, scheduler and merging."""
    overhead = measured.overhead or DEFAULT_OVERHEAD
    proteins = shard_proteins(times)
    shards = -(-PROTEINS // proteins)
    seconds = proteins * flops_a_protein() / speed * overhead
    wall = shards * seconds / GPUS
    rate = shards / wall
    lines = [
        Line("proteins a shard", f"{proteins:,}", "precompute.shards"),
        Line("shards", f"{shards:,}", ""),
        Line("a shard takes", f"{number(seconds)} s", "at the assumed speed"),
        Line("tasks a second", number(rate), "shards / hours"),
        Line("scheduler's load", f"{100 * rate * TASK_SECONDS:.2g} %", "1 ms a task (Dask's docs)"),
    ]
    if measured.packed:
        total = shards * measured.packed
        lines += [
            Line("results over the network", size(total), "packed shards"),
            Line("into one process", f"{size(total / wall)}/s", "on average"),
        ]
    if measured.pack is not None:
        share = measured.pack / (seconds + measured.pack)
        lines.append(Line("workers' time spent packing", f"{100 * share:.2g} %", "CPU, GPU idle"))
    if measured.unpack is not None and measured.add is not None and measured.pack is not None:
        # The process that was started unpacks each shard, writes it (packing it anew), adds it.
        merge = shards * (measured.unpack + measured.pack + measured.add)
        lines.append(
            Line(
                "merging, one process",
                f"{hours(merge / 3600)}, {number(merge / wall)} × the run",
                "unpack, write, add",
            )
        )
    lines.append(
        Line("S3 requests if shards were kept there", f"{2 * shards:,}", "a PUT and a GET each")
    )
    return lines


def chain_bytes(residues: int = RESIDUES) -> tuple[int, int]:
    """Bytes of a chain of ProteinNet in memory, and of one that is sent to a worker."""
    made = made_chain(residues)
    assert made.alpha_carbons is not None
    chain = Chain(
        made.identifier, made.sequence, made.alpha_carbons.astype(np.float32), made.resolved
    )
    values = [getattr(chain, field.name) for field in fields(chain)]
    kept = sys.getsizeof(chain.__dict__) + sum(map(sys.getsizeof, values))
    return kept, len(pickle.dumps(chain))


def driver_lines(measured: Measured) -> list[Line]:
    """Give what one process holds and does that reads the whole sample before it begins."""
    kept, sent = chain_bytes()
    names = PROTEINS * 12
    reading = hours(PROTEINS * measured.read / 3600) if measured.read else "not measured"
    return [
        Line("the sample in memory", size(PROTEINS * kept), "objects of precompute.chain"),
        Line("reading it, one process", reading, "LMDB, coordinates; `benchmarks` merge"),
        Line("chains sent to workers", size(PROTEINS * sent), "pickled"),
        Line("names and record numbers in `runs`", size(names + PROTEINS * 8), "12 bytes a name"),
        Line(
            "longest names that fit one Arrow array",
            f"{2**31 // PROTEINS} bytes",
            "32-bit offsets of pa.string()",
        ),
        Line("S3 requests of the results", "about 10", "five tables, read once and written once"),
    ]


def to_markdown(measured: Measured, machine: str = "") -> str:
    """Write the plan's tables."""
    parts = [
        f"{PROTEINS:,} proteins of {RESIDUES} residues, {LAYERS} layers × {HEADS} heads of width "
        f"{WIDTH:,}, {PROPERTIES} properties, {GPUS} GPUs"
        + (f"; CPU figures: {machine}." if machine else "; CPU figures: none given."),
        "",
        "### Sizes and work",
        "",
        *_table(general_lines(measured)),
        "",
        "### Hours, by the speed that a GPU is ASSUMED to achieve",
        "",
        _row(["", *(f"{speed / 1e12:g} TFLOP/s" for speed in SPEEDS), "from"]),
        _row(["---"] * (len(SPEEDS) + 2)),
        *_columns([time_lines(speed, measured) for speed in SPEEDS]),
        "",
        f"### Shards, at {SPEEDS[-1] / 1e12:g} TFLOP/s a GPU, where they come fastest",
        "",
        _row(["", "as it is", f"{LARGE_SHARD} × larger", "from"]),
        _row(["---"] * 4),
        *_columns([shard_lines(SPEEDS[-1], measured, times) for times in (1, LARGE_SHARD)]),
        "",
        "### The process that is started",
        "",
        *_table(driver_lines(measured)),
    ]
    return "\n".join(parts) + "\n"


def size(count: float) -> str:
    """Write bytes with a unit of a thousand."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":
            break
        count /= 1000
    return f"{number(count)} {unit}"


def hours(count: float) -> str:
    """Write hours, as days where they are many."""
    return f"{number(count)} h" if count < 72 else f"{number(count / 24)} days"


def _median(row: Row) -> float:

    return Spread.of(row.figures).median


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _table(lines: Sequence[Line]) -> list[str]:
    head = [_row(["", "", "from"]), _row(["---"] * 3)]
    return head + [_row([line.what, line.value, line.source]) for line in lines]


def _columns(variants: Sequence[Sequence[Line]]) -> list[str]:
    return [
        _row([same[0].what, *(line.value for line in same), same[0].source])
        for same in zip(*variants, strict=True)
    ]


def main() -> None:
    """Print the plan, or write it into a document."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("json", type=Path, nargs="?", help="benchmarks.json")
    parser.add_argument("--write", type=Path, help="document with the plan's marks")
    asked = parser.parse_args()
    measured, machine = Measured(), ""
    if asked.json:
        report = read_report(asked.json.read_text(encoding="utf-8"))
        if report.quick:
            parser.error(f"{asked.json} is of a quick run, whose figures mean little")
        measured = Measured.of(report)
        machine = f"{report.machine['processor']}, {report.machine['cores']} cores"
    plan = to_markdown(measured, machine)
    if asked.write:
        document = asked.write.read_text(encoding="utf-8")
        asked.write.write_text(replace_part(document, PART, plan), encoding="utf-8")
    else:
        print(plan, end="")


if __name__ == "__main__":
    main()
