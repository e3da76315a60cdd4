"""From one worker process to two, each with one torch thread: the real command, as users run it."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from benchmarks.chains import made_chain, write_chains
from benchmarks.checkpoints import SHAPES, SMALL, make_random
from benchmarks.options import ROOT, Options
from benchmarks.passes import whole_pass
from benchmarks.table import Absolute, Limit, Row, absent, compare
from precompute.resumed import SHARD_WEIGHTS
from precompute.shards import split_shards
from precompute.tables import list_runs

GROUP = "scaling"
DEFINITION = (
    "`python -m precompute run --scheduler …` as a process, on Dask workers of one torch thread "
    "each that are started anew for every run: seconds with one worker / seconds with two, for "
    "the run as its `runs` table states it (wall_seconds: loading and measuring) and for the "
    "whole command. TapeBert's shape with random weights; made chains of 100 to 400 residues, so "
    "many that one worker takes more than a minute, filling an even number of shards. "
    "`--workers N` starts the same workers, but shares all cores out among them, so that one "
    "alone would have two threads."
)
AIM = Limit(1.7, at_least=True)
SECONDS = 62
"""How long a run with one worker should take at least."""
_MODEL = "tape_bert"
_THREADS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def rows(options: Options) -> Iterator[Row]:
    """Time one and two workers in turn."""
    cores = len(os.sched_getaffinity(0))
    if cores < 2:
        yield absent(GROUP, "1 → 2 workers", f"needs two cores; {cores} here")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        adapter = make_random(
            folder / "weights", _MODEL, shape=SMALL if options.quick else SHAPES[_MODEL]
        )
        lengths = even_shards(24 if options.quick else _chains_for(adapter, SECONDS))
        del adapter
        count = len(lengths)
        write_chains(folder / "chains.lmdb", lengths)
        options.say(f"scaling: {count} chains")
        stated: dict[int, list[float]] = {1: [], 2: []}
        whole: dict[int, list[float]] = {1: [], 2: []}
        for repeat in range(options.repeats(3)):
            for workers in (1, 2):
                options.say(f"scaling: round {repeat + 1}, {workers} workers")
                out = folder / f"out-{repeat}-{workers}"
                own, total = time_run(folder, out, workers, count)
                stated[workers].append(own)
                whole[workers].append(total)
    for what, seconds in (("the run (wall_seconds)", stated), ("the whole command", whole)):
        yield compare(
            GROUP,
            f"1 → 2 workers, {what}, {count} chains",
            Absolute("one worker", tuple(seconds[1])),
            Absolute("two workers", tuple(seconds[2])),
            AIM if seconds is stated else None,
        )


def time_run(folder: Path, out: Path, workers: int, proteins: int) -> tuple[float, float]:
    """Run the command on new workers.

    Parameters
    ----------
    folder
        Holds ``weights`` and ``chains.lmdb``.
    out
        Results folder.
    workers
        Worker processes of one thread.
    proteins
        How many to measure: all there are.

    Returns
    -------
    tuple
        Seconds that the `runs` table states, and seconds of the whole command.
    """
    with one_thread_workers(workers) as address:
        clock = time.perf_counter()
        subprocess.run(
            [
                *(sys.executable, "-m", "precompute", "run", "--model", _MODEL),
                *("--weights", str(folder / "weights"), "--dataset", "proteinnet"),
                *("--data", str(folder / "chains.lmdb"), "--out", str(out)),
                *("--proteins", str(proteins), "--device", "cpu"),
                *("--scheduler", address, "--quiet"),
            ],
            cwd=ROOT,
            env={**os.environ, **_THREADS},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        taken = time.perf_counter() - clock
    return float(list_runs(str(out))["wall_seconds"].iloc[0]), taken


@contextlib.contextmanager
def one_thread_workers(workers: int) -> Iterator[str]:
    """Start a scheduler and workers of one thread; give the scheduler's address."""
    environment = {**os.environ, **_THREADS, "PYTHONPATH": str(ROOT)}
    with contextlib.ExitStack() as stack, tempfile.TemporaryDirectory() as name:
        file = Path(name) / "scheduler.json"

        def start(*arguments: str) -> None:
            process = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
                cwd=name,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)

        start(
            "dask_scheduler",
            *("--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
            *("--scheduler-file", str(file)),
        )
        for _ in range(workers):
            start(
                "dask_worker",
                *("--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard"),
                *("--host", "127.0.0.1", "--no-nanny", "--memory-limit", "0"),
            )
        yield _address_of(file, workers)


def _address_of(file: Path, workers: int) -> str:
    """Wait until all workers are there; give the scheduler's address."""
    from distributed import Client

    with Client(scheduler_file=str(file), timeout=60, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)
        address: str = client.scheduler.address
        return address


def _chains_for(adapter: object, seconds: float) -> int:
    """Find how many chains take one thread so long."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        probes = [made_chain(length) for length in (100, 200, 300, 400)]
        whole_pass(adapter, probes[:1])
        clock = time.perf_counter()
        whole_pass(adapter, probes)
        taken = (time.perf_counter() - clock) / len(probes)
    finally:
        torch.set_num_threads(threads)
    return math.ceil(seconds / taken)


def even_shards(count: int) -> list[int]:
    """Choose lengths of at least so many chains that fill an even number of shards.

    The last shard of a short run would else leave a worker idle for a good part of it,
    which in a long run is nothing.
    """
    random = np.random.default_rng(0)
    lengths = [int(length) for length in random.integers(100, 401, count)]
    while True:
        longer = [*lengths, int(random.integers(100, 401))]
        now, then = (len(split_shards(own, SHARD_WEIGHTS["cpu"])) for own in (lengths, longer))
        if now % 2 == 0 and then > now:
            return lengths
        lengths = longer
