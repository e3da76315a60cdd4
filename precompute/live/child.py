"""A process that works for the server: how it is started, spoken with and ended.

What takes long or comes from strangers is done in such a process, so that pages answer
meanwhile, its memory is free again afterwards, and nobody's file can end the server. Requests
come on its standard input and answers go to its standard output, as
`multiprocessing.connection` writes them; both ends are this project.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from precompute.errors import AtlasError
from precompute.log import hide_messages

IDLE_SECONDS = 900.0
"""Without a request for so long, the process ends and its memory is free again."""
POLITENESS = 5
"""Niceness of what takes long, so that pages answer meanwhile."""
_ROOT = Path(__file__).parents[2]


class Child:
    """One process; used by one thread at a time.

    Parameters
    ----------
    module
        What it runs.
    gone
        What a visitor reads when it ends while it works.
    idle
        Seconds without a request after which the process ends.
    environment
        Variables that it has beside the server's own.

    Attributes
    ----------
    rests
        Whether it was ended for want of requests, and nothing has started it since.
    """

    def __init__(
        self,
        module: str,
        gone: str,
        idle: float = IDLE_SECONDS,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.module, self.gone, self.idle = module, gone, idle
        self.environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: Connection[Any, Any] | None = None
        self._answers: Connection[Any, Any] | None = None
        self._used = time.monotonic()
        self._busy = False
        self.rests = False
        self._lock = threading.RLock()

    @property
    def process_id(self) -> int | None:
        """The process, or None while there is none."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the process, if it does not run yet; it loads its libraries meanwhile."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()

    def end(self) -> None:
        """End the process."""
        with self._lock:
            process, self._process = self._process, None
            for connection in (self._requests, self._answers):
                if connection is not None:
                    with contextlib.suppress(OSError):
                        connection.close()
            self._requests = self._answers = None
            if process is not None:
                process.kill()
                process.wait()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Have the process at hand, started if need be.

        Raises
        ------
        AtlasError
            When it ends meanwhile.
        """
        with self._lock:
            self.start()
            self._busy = True
        try:
            yield
        except (EOFError, OSError) as error:
            self.end()
            raise AtlasError(self.gone) from error
        finally:
            self._used = time.monotonic()
            self._busy = False

    def send(self, message: object) -> None:
        """Send a request."""
        if self._requests is None:
            raise EOFError
        self._requests.send(message)

    def answers(self, seconds: float) -> bool:
        """Wait for an answer, and tell whether there is one."""
        if self._answers is None:
            raise EOFError
        return self._answers.poll(seconds)

    def receive(self) -> Any:
        """Give its next answer."""
        if self._answers is None:
            raise EOFError
        return self._answers.recv()

    def _start(self) -> None:
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **self.environment, "PYTHONPATH": path},
        )
        assert self._process.stdin is not None, "asked for"
        assert self._process.stdout is not None, "asked for"
        self._requests = Connection(os.dup(self._process.stdin.fileno()), readable=False)
        self._answers = Connection(os.dup(self._process.stdout.fileno()), writable=False)
        self._process.stdin.close()
        self._process.stdout.close()
        self._used, self.rests = time.monotonic(), False
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """End the process once it was idle for long."""
        while self._process is process:
            time.sleep(min(self.idle / 4, 30.0))
            with self._lock:
                idle = not self._busy and time.monotonic() - self._used > self.idle
                if idle and self._process is process:
                    self.rests = True
                    self.end()


def serve() -> tuple[Connection[Any, Any], Connection[Any, Any]]:
    """Give a child's own ends, requests and answers; what libraries print goes to standard error.

    Where memory runs out the system ends this process and not the server.
    """
    hide_messages()
    with contextlib.suppress(OSError):  # Linux alone has it
        Path("/proc/self/oom_score_adj").write_text("1000")
    requests: Connection[Any, Any] = Connection(os.dup(0), writable=False)
    answers: Connection[Any, Any] = Connection(os.dup(1), readable=False)
    os.dup2(2, 1)
    return requests, answers
