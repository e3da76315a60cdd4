"""A process of its own that reads what strangers wrote: ``python -m …live.getting.reader``.

It loads what readers need, and nothing of a page or a model. For each file it makes a copy of
itself that has bounds and ends with its answer: one visitor's file meets nothing of
another's, and what one takes too much of does not slow down the next.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, NoReturn

from precompute.errors import AtlasError
from precompute.live.child import POLITENESS, serve
from precompute.live.getting.bounds import Reading, UnreadError
from precompute.live.getting.files import read_upload

QUICK_SECONDS = 1.0
"""What takes longer comes after pages."""
MOST_BYTES = 64 * 1024**2
"""Of an answer."""

_WARM = "\n".join(
    f"{'HETATM' if name == 'C1' else 'ATOM':<6}{place:5d}  {name:<2}  {of} A{place // 4 + 1:4d}    "
    f"{place:8.3f}{place % 2:8.3f}{0:8.3f}"
    for place, (name, of) in enumerate(
        [*((name, "GLY") for name in ("N", "CA", "C", "O") * 6), ("C1", "NAG"), ("C1", "???")]
    )
)
"""A chain, a sugar and what nobody knows: they were never in anybody's file."""


def read_apart(reading: Reading[object]) -> bytes:
    """Read in a copy of this process, and give its answer as it is sent.

    What was refused, or took more than it may, is an `AtlasError`.
    """
    ours, theirs = Pipe(duplex=False)
    copy = os.fork()
    if not copy:
        _read_and_end(reading, theirs)
    theirs.close()
    problem: AtlasError = UnreadError(reading.too_slow)
    try:
        there = ours.poll(QUICK_SECONDS)
        if not there:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, copy, POLITENESS)
            there = ours.poll(reading.seconds - QUICK_SECONDS)
        if there:
            return ours.recv_bytes(MOST_BYTES)
    except EOFError:
        problem = _of_end(reading, os.waitpid(copy, 0)[1])
        copy = 0
    except OSError:  # a longer answer than may be
        problem = AtlasError(f"{reading.subject} holds more than can be shown: give a part of it.")
    finally:
        ours.close()
        if copy:
            os.kill(copy, signal.SIGKILL)
            os.waitpid(copy, 0)
    return bytes(ForkingPickler.dumps(problem))


def _of_end(reading: Reading[object], status: int) -> AtlasError:
    """Say why a copy ended without an answer: the system ends what takes too much."""
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if ended_by == signal.SIGXCPU:
        return UnreadError(reading.too_slow)
    if ended_by in (signal.SIGKILL, signal.SIGABRT):
        return UnreadError(reading.too_large)
    return AtlasError(
        f"{reading.subject} could not be read: reading it broke off. It may be damaged; fetch or "
        "save it anew."
    )


def _read_and_end(reading: Reading[object], answers: Connection[Any, Any]) -> NoReturn:
    """Do the reading, within its bounds, and end."""
    status = 1
    try:
        answers.send(_read(reading))
        status = 0
    except MemoryError:
        answers.send(UnreadError(reading.too_large))
    finally:
        os._exit(status)


def _read(reading: Reading[object]) -> object:
    seconds = int(reading.seconds) + 1
    resource.setrlimit(resource.RLIMIT_AS, (reading.memory, reading.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in [one for one in os.environ if one.startswith("ATLAS_")]:
        del os.environ[name]
    os.environ.update(reading.settings)
    try:
        return reading.read()
    except AtlasError as error:
        return error
    except MemoryError:
        raise
    except Exception as error:  # whatever a library raises of a file is no fault of the server's
        # Its kind alone: the words may be the visitor's.
        print(f"A file could not be read: {type(error).__name__}", file=sys.stderr)
        return AtlasError(
            f"{reading.subject} could not be read ({type(error).__name__}): it is damaged, or in "
            "a form that is not known here."
        )


def main() -> None:
    """Serve on standard input and output."""
    requests, answers = serve()
    # What is imported where it is used is there before the first visitor.
    read_upload(_WARM.encode(), "warm.pdb")
    gc.freeze()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            answers.send_bytes(read_apart(requests.recv()))


if __name__ == "__main__":
    main()
