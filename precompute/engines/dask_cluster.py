"""Dask distributed: the same shards on the workers of a cluster, local or any other.

Each worker has one shard at a time and returns counts only. A worker that dies gives its
shard back; a shard that fails three times, by the death of its worker or by an error, is
named at the end, when all others are done and kept.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import dask
from distributed import Client, Future, KilledWorker, LocalCluster
from distributed import wait as wait_for
from distributed.client import FutureCancelledError, FuturesCancelledError
from distributed.comm.core import CommClosedError

from precompute import __version__
from precompute.devices import choose_device
from precompute.engines.dask_worker import Measured, WorkerError, find_device, measure_shard
from precompute.engines.ledger import ATTEMPTS, Ledger
from precompute.engines.work import Work
from precompute.errors import AtlasError
from precompute.measure import Sized
from precompute.models.weights import Weights

S = TypeVar("S")

DIED = "the worker that had it died"

LOOK_AGAIN = 2.0
"""Seconds after which workers that have joined meanwhile are given shards."""

RESTART = 120.0
"""Seconds to wait for a worker of this machine to come back where all have died.

Dask starts a dead worker anew, but not one that dies while it starts.
"""

CONNECT = 10.0
"""Seconds to wait for a scheduler's answer."""


@contextmanager
def local_engine(workers: int, device: str, say: Callable[[str], None]) -> Iterator[DaskCluster]:
    """Start worker processes on this machine and stop them in the end.

    The cores are shared out evenly; on GPUs each worker takes one.

    Parameters
    ----------
    workers
        How many processes.
    device
        Name of the device they will use, or ``auto``.
    say
        Told the dashboard's address.

    Raises
    ------
    AtlasError
        When there are fewer GPUs than workers.
    """
    import torch

    name = choose_device(device)
    count = torch.cuda.device_count() if name == "cuda" else 1
    if name != "cpu" and workers > count:
        raise AtlasError(
            f"--workers {workers} asks for more workers than the {count} {name} "
            f"{'device' if count == 1 else 'devices'} of this machine: a device serves one worker."
        )
    threads = max(1, (os.cpu_count() or 1) // workers)
    # Everything stays on this machine: nothing listens on its network addresses. Workers
    # restart when they die; a shard is given up with the third death.
    with (
        _quiet(),
        dask.config.set({"distributed.scheduler.allowed-failures": ATTEMPTS - 1}),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=threads,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            preload=_preloads(),
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        say(
            f"{_many(workers, 'worker')} of {_many(threads, 'thread')} each; dashboard: "
            f"{client.dashboard_link}"
        )
        yield DaskCluster(client, "this machine", RESTART)


@contextmanager
def scheduler_engine(address: str, say: Callable[[str], None]) -> Iterator[DaskCluster]:
    """Connect to a running scheduler; its workers stay when the run is over.

    Parameters
    ----------
    address
        Such as ``tcp://node17:8786``.
    say
        Told the dashboard's address, and while there is no worker yet.

    Raises
    ------
    AtlasError
        When nothing answers there.
    """
    with _quiet():
        try:
            client = Client(address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, TimeoutError, CommClosedError) as error:
            raise AtlasError(
                f"No Dask scheduler answers at {address}: check the address, which looks like "
                "tcp://HOST:8786, and that this machine reaches it."
            ) from error
        with client:
            workers = len(client.nthreads())
            say(
                f"{_many(workers, 'worker')} at {address} so far; "
                f"dashboard: {client.dashboard_link}"
            )
            if not workers:
                say("Waiting for a worker; Ctrl-C stops waiting.")
            yield DaskCluster(client, address)


def _preloads() -> list[str]:
    """Name what a worker runs first: ours, then what the user's Dask configuration names."""
    named = dask.config.get("distributed.worker.preload", [])
    return ["precompute.engines.ignore_interrupts", *([named] if isinstance(named, str) else named)]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own reports of lost workers and closing streams away from the user."""
    # Dask gives some loggers below its own a level, so each is told.
    rooms = ("distributed", "tornado", "asyncio")
    named = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in rooms]
    loggers = [logging.getLogger(name) for name in named]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # "Sending large graph": shards are sent one by one, as workers ask for them.
            warnings.filterwarnings("ignore", category=UserWarning, module="distributed")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@dataclass(frozen=True)
class _Running:
    """A shard on a worker."""

    number: int
    worker: str


class DaskCluster:
    """Measures shards on the workers of a Dask cluster.

    Parameters
    ----------
    client
        Connected to the scheduler.
    place
        Where that is, for messages.
    patience
        Seconds to wait for a worker where there is none; None waits for a queue's turn, however
        long that takes.
    """

    def __init__(self, client: Client, place: str, patience: float | None = None) -> None:
        self._client = client
        self._place = place
        self._patience = patience
        self._devices: Counter[str] = Counter()
        self._seen: set[str] = set()

    @property
    def device(self) -> str:
        """What measured the shards: how many workers, on what."""
        devices = "; ".join(sorted(self._devices))
        return f"{_many(len(self._seen), 'Dask worker')}: {devices}" if devices else ""

    def choose_device(self, name: str) -> str:
        """Resolve a device's name on the first worker there is; see `Engine`."""
        with self._connected():
            found: str = self._client.submit(find_device, name, pure=False).result()
            return found

    def measure(
        self,
        work: Work[S],
        shards: Mapping[int, Sequence[Sized]],
        done: Callable[[Any], None],
        say: Callable[[str], None],
    ) -> Iterator[tuple[int, S]]:
        """Measure shards in the order in which workers finish them; see `Engine`."""
        work = _with_whole_path(work)
        ledger = Ledger(shards)
        running: dict[Future[Any], _Running] = {}
        finished: list[tuple[int, Measured]] = []
        try:
            with self._connected():
                while ledger.waiting or running or finished:
                    workers = set(self._client.nthreads())
                    self._take_back(workers, ledger, running, say)
                    self._hand_out(workers, ledger, running, work, shards)
                    # Workers have their next shards: nobody waits for the merging of these.
                    for number, measured in finished:
                        for item in shards[number]:
                            done(item)
                        yield number, work.unpack(measured.counts)
                    finished = self._collect(ledger, running, say)
        finally:
            # Also when the run is interrupted: what is still running is of no use.
            if running and self._client.status == "running":
                self._client.cancel(list(running), force=True)
        if failed := ledger.describe_failures(shards):
            raise AtlasError(failed)

    def _take_back(
        self,
        workers: set[str],
        ledger: Ledger,
        running: dict[Future[Any], _Running],
        say: Callable[[str], None],
    ) -> None:
        """Take back the shards of workers that are gone."""
        lost = [
            future
            for future, task in running.items()
            if task.worker not in workers and not future.done()
        ]
        for future in lost:
            task = running.pop(future)
            say(f"The worker {task.worker} is gone: its shard is measured again.")
            self._client.cancel([future], force=True)
            ledger.fail(task.number, DIED)

    def _hand_out(
        self,
        workers: set[str],
        ledger: Ledger,
        running: dict[Future[Any], _Running],
        work: Work[Any],
        shards: Mapping[int, Sequence[Sized]],
    ) -> None:
        """Give each idle worker a shard."""
        busy = {task.worker for task in running.values()}
        for worker in sorted(workers - busy):
            if not ledger.waiting:
                return
            number = ledger.waiting.popleft()
            # Bound to its worker: left to itself, Dask would put several on one that has
            # several threads, and would blame those that wait for the death of another.
            future = self._client.submit(
                measure_shard, work, shards[number], __version__, pure=False, workers=[worker]
            )
            running[future] = _Running(number, worker)

    def _collect(
        self,
        ledger: Ledger,
        running: dict[Future[Any], _Running],
        say: Callable[[str], None],
    ) -> list[tuple[int, Measured]]:
        """Wait for shards and give those that were measured; write down those that failed."""
        found = []
        for future in self._finished(running) if running or ledger.waiting else ():
            task = running.pop(future)
            try:
                measured: Measured = future.result()
            except (WorkerError, FutureCancelledError):
                raise
            except KilledWorker:
                ledger.fail(task.number, DIED)
            except AtlasError as error:
                ledger.fail(task.number, str(error))
            except Exception as error:  # whatever a worker raises is told
                ledger.fail(task.number, f"{type(error).__name__}: {error}")
            else:
                self._devices[measured.device] += 1
                self._seen.add(task.worker)
                for note in measured.notes:
                    say(f"{task.worker}: {note}")
                found.append((task.number, measured))
        return found

    def _finished(self, running: Mapping[Future[Any], _Running]) -> list[Future[Any]]:
        """Wait until a shard is done, or until it is time to look for other workers."""
        if not running:  # no worker, or none any more
            try:
                self._client.wait_for_workers(1, timeout=self._patience)
            except TimeoutError:
                raise WorkerError(
                    "Every worker process has died and none has come back; finished shards are "
                    "kept, and the same command measures the rest. Where memory runs out, take "
                    "fewer with --workers."
                ) from None
            return []
        try:
            with self._client.as_current():
                states = wait_for(list(running), timeout=LOOK_AGAIN, return_when="FIRST_COMPLETED")
        except TimeoutError:
            return []
        return list(states.done)

    @contextmanager
    def _connected(self) -> Iterator[None]:
        try:
            yield
        except (FutureCancelledError, FuturesCancelledError, OSError, TimeoutError) as error:
            raise AtlasError(
                f"The Dask scheduler at {self._place} was lost; finished shards are kept, and the "
                "same command takes them up."
            ) from error


def _with_whole_path(work: Work[S]) -> Work[S]:
    """Name the checkpoint by a path that holds in any working directory."""
    weights = work.checkpoint.weights
    whole = Weights(Path(weights.folder).resolve(), weights.revision)
    return replace(work, checkpoint=replace(work.checkpoint, weights=whole))


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
