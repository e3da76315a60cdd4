"""The worker's side of a Dask cluster: load the model once, measure shards, return counts."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from typing import Any

import torch
from distributed import get_worker
from filelock import FileLock, Timeout

from precompute import __version__
from precompute.devices import choose_device
from precompute.engines.work import Measures, Work
from precompute.errors import AtlasError
from precompute.measure import Sized

# A process measures one shard at a time, whatever the number of its threads: those are torch's.
_ONE_AT_A_TIME = threading.Lock()
_loaded: dict[Work[Any], Measures[Any]] = {}
# The number of this process's GPU, and the lock that keeps others off it.
_own_device: list[tuple[int, FileLock]] = []


class WorkerError(AtlasError):
    """A worker on which no shard can be measured; trying others would be no use."""


@dataclass(frozen=True)
class Measured:
    """What a worker gives back.

    Attributes
    ----------
    counts
        The shard, as `Work.pack` writes it.
    device
        The device's name, for the `runs` table.
    notes
        What a user should know, in sentences.
    """

    counts: bytes
    device: str
    notes: tuple[str, ...]


def find_device(name: str) -> str:
    """Resolve a device's name on the worker that is asked."""
    return choose_device(name)


def measure_shard(work: Work[Any], items: Sequence[Sized], version: str) -> Measured:
    """Measure one shard on this worker.

    Parameters
    ----------
    work
        What all shards of the run share; the model of the last one is kept.
    items
        The shard's items.
    version
        Version of this software where the run was started.

    Returns
    -------
    Measured
        The counts.

    Raises
    ------
    WorkerError
        When this worker has another version, no such checkpoint or device, or when its
        devices are all taken.
    AtlasError
        When this shard cannot be measured.
    """
    with _ONE_AT_A_TIME:
        measurer = _loaded.get(work)
        if measurer is None:
            _loaded.clear()  # the memory is needed
            measurer = _loaded[work] = _load(work, version)
        notes: list[str] = []
        shard = measurer.measure(items, lambda _: None, notes.append)
        return Measured(work.pack(shard), measurer.device, tuple(notes))


def _load(work: Work[Any], version: str) -> Measures[Any]:
    place = f"The worker on {socket.gethostname()}"
    if version != __version__:
        raise WorkerError(
            f"{place} has version {__version__} of protein-attention-atlas, this process "
            f"{version}: install the same one."
        )
    try:
        # What the admin gave the worker: one process a GPU, or a share of the CPU's cores.
        torch.set_num_threads(get_worker().state.nthreads)
        name = choose_device(work.settings.device)
        _check_checkpoint(work)
        return work.load(_take_device(name))
    except AtlasError as error:
        raise WorkerError(f"{place}: {error}") from error


def _check_checkpoint(work: Work[Any]) -> None:
    checkpoint = work.checkpoint
    folder = checkpoint.weights.folder
    if not folder.is_dir():
        raise AtlasError(
            f"there is no folder {folder} here; keep the checkpoint on a file system that every "
            "worker sees, under one path."
        )
    if checkpoint.sha256() != work.weights:
        raise AtlasError(f"{folder} holds other weights here than where the run was started.")
    if checkpoint.reading_digest() != work.reading:
        raise AtlasError(
            f"{folder} holds another configuration or vocabulary here than where the run was "
            "started."
        )


def _take_device(name: str) -> torch.device:
    """Take a device that no other worker of this user on this machine has; keep it."""
    if name != "cuda":
        return torch.device(name)
    if not _own_device:
        count = torch.cuda.device_count()
        identifiers = [str(torch.cuda.get_device_properties(index).uuid) for index in range(count)]
        taken = take_first_free(identifiers, _lock_folder())
        if taken is None:
            raise AtlasError(
                f"its {count} CUDA {'device is' if count == 1 else 'devices are'} taken by other "
                "workers; start one worker a device."
            )
        _own_device.append(taken)
    return torch.device("cuda", _own_device[0][0])


def take_first_free(identifiers: Sequence[str], folder: Path) -> tuple[int, FileLock] | None:
    """Lock the first of some devices that no living process has locked.

    A lock goes with its process, so the device of a killed worker is free at once. It is
    named after the device's own identifier, since jobs on one machine may each see their
    device as number 0.

    Parameters
    ----------
    identifiers
        What names each device on this machine.
    folder
        Where locks lie, local to the machine.

    Returns
    -------
    tuple or None
        The device's number and its lock; None when all are taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for index, identifier in enumerate(identifiers):
        # Shards run in threads that come and go; the lock is the process's.
        lock = FileLock(folder / f"{identifier}.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        return index, lock
    return None


def _lock_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"protein-attention-atlas-{getuser()}"
