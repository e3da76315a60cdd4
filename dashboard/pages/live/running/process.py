"""The server's end of the worker: start it, ask it, stop it, end it when it is idle."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from dashboard.pages.live.running.attention import SparseAttention
from dashboard.pages.live.running.messages import STOP, Failure, Layer, Request, Stage
from dashboard.pages.live.running.queue import Job, Left
from precompute.errors import AtlasError

IDLE_SECONDS = 900.0
"""Without a request for so long, the process ends and its memory is free again."""
STOP_SECONDS = 5.0
"""A process that was told to stop and does not, because a layer is long, is ended."""
_POLL = 0.1
_ROOT = Path(__file__).parents[4]


class Worker:
    """One process that runs models; used by one thread at a time.

    Parameters
    ----------
    idle
        Seconds without a request after which the process ends.
    """

    def __init__(self, idle: float = IDLE_SECONDS) -> None:
        self.idle = idle
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: Connection[Any, Any] | None = None
        self._answers: Connection[Any, Any] | None = None
        self._used = time.monotonic()
        self._busy = False
        self._lock = threading.Lock()

    @property
    def process_id(self) -> int | None:
        """The process, or None while there is none."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the process, if it does not run yet; it loads its libraries meanwhile."""
        with self._lock:
            self._start()

    def run(self, request: Request, job: Job[SparseAttention]) -> SparseAttention:
        """Have a request answered; the work of a job.

        Raises
        ------
        AtlasError
            When the model could not be run.
        Left
            When nobody waits for the job any more.
        """
        with self._lock:
            self._start()
            self._busy = True
        try:
            assert self._requests is not None, "just started"
            self._requests.send(request)
            return self._listen(job)
        except (EOFError, OSError) as error:
            self.end()
            raise AtlasError(
                "The process that runs models ended by itself, perhaps for want of memory; try "
                "again, or a smaller model or protein."
            ) from error
        finally:
            self._used = time.monotonic()
            self._busy = False

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

    def _listen(self, job: Job[SparseAttention]) -> SparseAttention:
        answers, requests = self._answers, self._requests
        assert answers is not None, "just started"
        assert requests is not None, "just started"
        stopped: float | None = None
        while True:
            if job.stop.is_set() and stopped is None:
                requests.send(STOP)
                stopped = time.monotonic()
            if stopped is not None and time.monotonic() - stopped > STOP_SECONDS:
                self.end()
                raise Left
            if not answers.poll(_POLL):
                continue
            answer = answers.recv()
            if isinstance(answer, Stage):
                job.stage, job.share = answer.words, answer.share
            elif isinstance(answer, Layer):
                job.done, job.total = answer.done, answer.total
            elif isinstance(answer, SparseAttention):
                return answer
            elif isinstance(answer, Failure):
                if not answer.sentence:
                    raise Left
                raise AtlasError(answer.sentence)

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dashboard.pages.live.running.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert self._process.stdin is not None, "asked for"
        assert self._process.stdout is not None, "asked for"
        self._requests = Connection(os.dup(self._process.stdin.fileno()), readable=False)
        self._answers = Connection(os.dup(self._process.stdout.fileno()), writable=False)
        self._process.stdin.close()
        self._process.stdout.close()
        self._used = time.monotonic()
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """End the process once it was idle for long."""
        while self._process is process:
            time.sleep(min(self.idle / 4, 30.0))
            if not self._busy and time.monotonic() - self._used > self.idle:
                self.end()
