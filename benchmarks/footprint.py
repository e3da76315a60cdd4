"""What processes and their children take: processor time, memory, open handles."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

EVERY = 1.0
"""Seconds between two looks."""


@dataclass
class Footprint:
    """What was seen from the begin to the end.

    Attributes
    ----------
    seconds
        Processor time of all processes, user and system.
    resident, proportional
        Memory at each look, MB of 2²⁰ bytes: every page counted in each process, and pages
        that several share counted in part.
    handles
        Open files and sockets at each look, of the process that has the most.
    """

    seconds: float = 0.0
    resident: list[float] = field(default_factory=list)
    proportional: list[float] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)


def processor_times(pids: Sequence[int]) -> dict[int, float]:
    """Give the processor time, in seconds, of each process and each of their living children."""
    spent = {}
    for process in _with_children(pids):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            spent[process.pid] = times.user + times.system
    return spent


def processor_seconds(pids: Sequence[int], before: Mapping[int, float]) -> float:
    """Give what has been used since; a child that has ended meanwhile counts nothing."""
    now = processor_times(pids)
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in now.items())


@contextlib.contextmanager
def watched(pids: Sequence[int]) -> Iterator[Footprint]:
    """Watch processes and their children for the block; give what is filled in until its end."""
    seen = Footprint()
    ended = threading.Event()
    thread = threading.Thread(target=_look, args=(pids, seen, ended), daemon=True)
    before = processor_times(pids)
    thread.start()
    try:
        yield seen
    finally:
        seen.seconds = processor_seconds(pids, before)
        ended.set()
        thread.join()


def _with_children(pids: Sequence[int]) -> list[psutil.Process]:
    processes = []
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            processes += [process, *process.children(recursive=True)]
    return processes


def _look(pids: Sequence[int], seen: Footprint, ended: threading.Event) -> None:
    while True:
        resident = proportional = 0.0
        handles = [0]
        for process in _with_children(pids):
            with contextlib.suppress(psutil.Error):
                memory = process.memory_full_info()
                resident += memory.rss / 2**20
                proportional += memory.pss / 2**20
                handles.append(process.num_fds())
        seen.resident.append(resident)
        seen.proportional.append(proportional)
        seen.handles.append(max(handles))
        if ended.wait(EVERY):
            return
