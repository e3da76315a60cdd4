"""The server's end of the worker: ask it, and stop it."""

from __future__ import annotations

import threading
import time

from precompute.errors import AtlasError
from precompute.live.child import IDLE_SECONDS, Child
from precompute.live.running.messages import (
    PING,
    PONG,
    STOP,
    Failure,
    Found,
    Layer,
    Request,
    Stage,
)
from precompute.live.running.queue import Job, Left

STOP_SECONDS = 5.0
"""A process that was told to stop and does not, because a layer is long, is ended."""
START_SECONDS = 120.0
"""Likewise one that does not even begin. On a busy machine its libraries take tens of seconds, and
a process in its place would load them anew."""
_POLL = 0.1


class Worker(Child):
    """One process that runs models; used by one thread at a time.

    Parameters
    ----------
    idle
        Seconds without a request after which the process ends.
    """

    def __init__(self, idle: float = IDLE_SECONDS) -> None:
        super().__init__(
            "precompute.live.running.worker",
            "The process that runs models ended by itself, perhaps for want of memory; try "
            "again, or a smaller model or protein.",
            idle,
            # Threads that have nothing to do wait without turning: turning, they take the
            # processors from pages, and from the thread that has.
            environment={"OMP_WAIT_POLICY": "PASSIVE"},
        )
        self._asked = threading.Lock()

    def run(self, request: Request, job: Job[Found]) -> Found:
        """Have a request answered; the work of a job.

        Raises
        ------
        AtlasError
            When the model could not be run.
        Left
            When nobody waits for the job any more.
        """
        with self._asked, self.at_work():
            self.send(request)
            return self._listen(job)

    def ping(self, patience: float) -> str:
        """See that the process answers, without a model; start it unless it was idle for long.

        Parameters
        ----------
        patience
            Seconds within which it answers, a start included.

        Returns
        -------
        str
            ``answers``; ``works`` where it is at a model and so is not asked; ``rests`` where it
            ended for want of requests.

        Raises
        ------
        AtlasError
            When it does not start or does not answer. It is left alone, as it may be slow.
        """
        if not self._asked.acquire(blocking=False):
            return "works"
        try:
            if self.rests:
                return "rests"
            self.start()
            while self.answers(0):  # late answers to earlier pings
                self.receive()
            self.send(PING)
            if self.answers(patience) and self.receive() == PONG:
                return "answers"
        except (EOFError, OSError):
            self.end()
        finally:
            self._asked.release()
        raise AtlasError("The process that runs models does not answer.")

    def _listen(self, job: Job[Found]) -> Found:
        stopped: float | None = None
        most = START_SECONDS
        while True:
            if job.stop.is_set() and stopped is None:
                self.send(STOP)
                stopped = time.monotonic()
            if stopped is not None and time.monotonic() - stopped > most:
                self.end()
                raise Left
            if not self.answers(_POLL):
                continue
            answer = self.receive()
            if most != STOP_SECONDS:  # it has begun
                most, stopped = STOP_SECONDS, stopped and time.monotonic()
            if isinstance(answer, Stage):
                job.stage, job.share = answer.words, answer.share
            elif isinstance(answer, Layer):
                job.done, job.total = answer.done, answer.total
            elif isinstance(answer, Found):
                return answer
            elif isinstance(answer, Failure):
                if not answer.sentence:
                    raise Left
                raise AtlasError(answer.sentence)
