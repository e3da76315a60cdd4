"""Have what strangers wrote read in a process apart, within a time and a memory.

A file of a few kilobytes can be made such that reading it takes minutes or gigabytes. Here it
takes its reader alone: the server answers everyone else meanwhile, and a sentence says what
is wrong.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from precompute.errors import AtlasError
from precompute.live.child import Child
from precompute.live.getting.bounds import Reading, UnreadError
from precompute.live.settings import largest_file

READERS = 2
"""Files that are read at once."""
MOST_WAITING = 8
"""Visitors who may wait for a reader."""
WAIT_SECONDS = 30.0

LEAST_SECONDS = 30.0
BYTES_A_SECOND = 3 * 1024**2
LEAST_BYTES = 1024**3
BYTES_A_BYTE = 20
"""What reading may take: so much, or where files may be large so much for each of their bytes."""

_GRACE = 5.0
"""Seconds after which a reader that does not end by itself is ended."""

Given = ParamSpec("Given")
Found = TypeVar("Found")


class FullError(UnreadError):
    """What was not read since others' files are; it may be in a minute."""


class Reader(Child):
    """One process that reads; used by one thread at a time."""

    def __init__(self) -> None:
        super().__init__(
            "precompute.live.getting.reader",
            "The process that reads files ended by itself, perhaps for want of memory; try "
            "again, or give a smaller file.",
            # Threads of linear algebra are of no use to it, and it makes copies of itself.
            environment={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )

    def read(self, reading: Reading[Found]) -> Found:
        """Give what was read.

        Raises
        ------
        AtlasError
            When it was refused, or took more than it may.
        """
        with self.at_work():
            self.send(reading)
            # It ends by itself what takes too long; the time begins once it is there.
            if not self.answers(reading.seconds + WAIT_SECONDS + _GRACE):
                self.end()
                raise UnreadError(reading.too_slow)
            answer: Found | AtlasError = self.receive()
        if isinstance(answer, AtlasError):
            raise answer
        return answer


class Readers:
    """The readers of a server, and who waits for one.

    Parameters
    ----------
    count
        Files that are read at once.
    waiting
        Visitors who may wait.
    seconds
        How long one waits.
    """

    def __init__(
        self, count: int = READERS, waiting: int = MOST_WAITING, seconds: float = WAIT_SECONDS
    ) -> None:
        self.seconds = seconds
        # The last that was used is the next: the others need not be started.
        self._free: queue.LifoQueue[Reader] = queue.LifoQueue()
        self._all = [Reader() for _ in range(count)]
        for reader in reversed(self._all):
            self._free.put(reader)
        self._waiting = threading.Semaphore(waiting + count)

    def start(self) -> None:
        """Start the first, while a visitor still chooses."""
        self._all[0].start()

    def end(self) -> None:
        """End all processes."""
        for reader in self._all:
            reader.end()

    def read(
        self,
        subject: str,
        read: Callable[Given, Found],
        /,
        *arguments: Given.args,
        **named: Given.kwargs,
    ) -> Found:
        """Give what a function of a module gives, run apart.

        Parameters
        ----------
        subject
            What is read, as a sentence begins: ``mine.pdb``, ``The entry 1T8K``.
        read
            The function; what it is given and gives goes from one process to another.

        Raises
        ------
        AtlasError
            When the function refuses; an `UnreadError` when it takes too long or too much
            memory, or too many visitors have files read.
        """
        reading: Reading[Found] = Reading(
            subject,
            partial(read, *arguments, **named),
            max(LEAST_SECONDS, largest_file() * 1024**2 / BYTES_A_SECOND),
            max(LEAST_BYTES, largest_file() * 1024**2 * BYTES_A_BYTE),
            {
                name: text
                for name, text in os.environ.items()
                # PATH too: what programs there are is decided by the server, not by this process.
                if name.startswith("ATLAS_") or name == "PATH"
            },
        )
        if not self._waiting.acquire(blocking=False):
            raise FullError(_FULL)
        try:
            reader = self._free.get(timeout=self.seconds)
        except queue.Empty as error:
            raise FullError(_FULL) from error
        else:
            try:
                return reader.read(reading)
            finally:
                self._free.put(reader)
        finally:
            self._waiting.release()


_FULL = (
    "This server reads other visitors’ files just now and there is no room for more; try again in "
    "a minute."
)
readers = Readers()
"""The process's own; none is started before it is needed."""
