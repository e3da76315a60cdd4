"""Peak memory of the measuring pass, for each model's shape at 510 residues."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.checkpoints import SHAPES
from benchmarks.options import ROOT, Options
from benchmarks.table import Absolute, Row, compare
from precompute.models import MODELS

GROUP = "memory"
DEFINITION = (
    "peak resident memory during two proteins of 510 residues, above what is there after one of 16 "
    "(libraries, weights), whole pass / bare forward pass (sdpa), each time in a process of its "
    "own."
)


def rows(options: Options) -> Iterator[Row]:
    """Measure every shape, the smallest only when quick."""
    for model in list(SHAPES)[: 1 if options.quick else None]:
        options.say(f"memory: {model}")
        with tempfile.TemporaryDirectory() as folder:
            run_peak("make", model, folder)
            found = [
                {way: run_peak(way, model, folder) for way in ("whole", "bare")}
                for _ in range(options.repeats(3))
            ]
        whole, bare = ([one[way] for one in found] for way in ("whole", "bare"))
        yield compare(
            GROUP,
            f"{MODELS[model].label}, 510 residues ({whole[0]['weights']:,.0f} MB of weights)",
            Absolute("whole pass, peak", tuple(one["above"] for one in whole), "MB"),
            Absolute("bare forward pass, peak", tuple(one["above"] for one in bare), "MB"),
        )


def run_peak(way: str, model: str, folder: str) -> dict[str, float]:
    """Run `benchmarks.peak` in a new process; give what it prints."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.peak", way, folder, *model.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(run.stdout.splitlines()[-1]))


def peak_of(folder: Path, model: str, way: str) -> dict[str, float]:
    """Measure this process: the weights and the peak above them, MB of 2²⁰ bytes.

    A short protein runs first, so that libraries and all weights are in memory; then the
    kernel's high-water mark is reset, so that only what follows counts. `getrusage` will
    not do: a process begins with the mark of the one that began it.
    """
    from benchmarks.chains import made_chain
    from benchmarks.checkpoints import load
    from benchmarks.passes import bare_pass, whole_pass

    run = whole_pass if way == "whole" else bare_pass
    adapter = load(folder, model)
    weights = sum(parameter.numel() * 4 for parameter in adapter.encoder.parameters()) / (1 << 20)
    run(adapter, [made_chain(16)])
    return {"weights": weights, "above": above_rest(lambda: run(adapter, [made_chain(510)] * 2))}


def above_rest(action: Callable[[], object]) -> float:
    """Give how far this process's memory rises during an action, MB."""
    base = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    action()
    return _status("VmHWM") - base


def _status(name: str) -> float:
    """Read this process's memory in MB from the kernel."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024
