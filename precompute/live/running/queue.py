"""Run one job after another outside the pages' threads; visitors watch, wait or leave.

Whether a visitor is there their connection says, and not how often they ask: a server or a browser
may be late. Who is not connected for `PATIENCE` seconds has left. A job without visitors is
dropped from the queue, or stopped at the next layer. Whoever asks for what is already
waiting or running joins that job.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from precompute.errors import AtlasError

PATIENCE = 3.0
"""Seconds after which a visitor without a connection has left: one that broke is there again."""
_LOOK = 1.0
"""Seconds between two looks at who is there."""
LONGEST = 8
"""Jobs that may wait."""

Result = TypeVar("Result")
State = Literal["waiting", "running", "done", "failed", "left"]


class Left(Exception):  # noqa: N818 - a signal, not an error
    """Raised inside a job that nobody waits for any more."""


@dataclass(eq=False)
class Job(Generic[Result]):
    """One thing to compute, and who waits for it.

    Attributes
    ----------
    key
        What tells it from others.
    state
        Where it is.
    done, total
        Steps that are finished, and how many there are; 0 until the first is.
    stage, share
        What it is doing, for the visitor, and how much of that is done, 0 to 1.
    result
        Once it is done.
    problem
        One sentence, once it has failed.
    begun
        When it started to run, by the queue's clock.
    ahead
        How many jobs were before it when it was asked for.
    """

    key: Hashable
    work: Callable[[Job[Result]], Result]
    state: State = "waiting"
    done: int = 0
    total: int = 0
    stage: str = ""
    share: float = 0.0
    result: Result | None = None
    problem: str = ""
    begun: float | None = None
    ahead: int = 0
    visitors: dict[str, float] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)

    def report(self, done: int, total: int) -> None:
        """Say how far the job is; called by the work itself.

        Raises
        ------
        Left
            When nobody waits for the job any more.
        """
        self.done, self.total = done, total
        if self.stop.is_set():
            raise Left


class Queue(Generic[Result]):
    """Jobs for one device.

    Parameters
    ----------
    present
        Tells whether a visitor is connected.
    longest
        Jobs that may wait.
    patience
        Seconds after which a visitor who is not has left.
    clock
        Gives the seconds.
    """

    def __init__(
        self,
        *,
        present: Callable[[str], bool],
        longest: int = LONGEST,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.longest, self.present, self.patience, self.clock = longest, present, patience, clock
        self._waiting: deque[Job[Result]] = deque()
        self._running: Job[Result] | None = None
        self._changed = threading.Condition()
        self._worker: threading.Thread | None = None

    def submit(
        self, key: Hashable, work: Callable[[Job[Result]], Result], visitor: str
    ) -> Job[Result]:
        """Ask for a job; a visitor's earlier job is left.

        Parameters
        ----------
        key
            Equal for equal requests.
        work
            Computes the result; reports its steps.
        visitor
            Who asks.

        Raises
        ------
        AtlasError
            When the queue is full.
        """
        with self._changed:
            self._forget_the_gone()
            for job in self._jobs():
                if visitor in job.visitors and job.key != key:
                    self._remove(job, visitor)
            for job in self._jobs():
                if job.key == key and not job.stop.is_set():
                    job.visitors[visitor] = self.clock()
                    return job
            count = len(self._waiting)
            if count >= self.longest:
                proteins = "1 protein is" if count == 1 else f"{count} proteins are"
                raise AtlasError(
                    f"{proteins} waiting already and there is no room for "
                    "more; try again in a minute."
                )
            job = Job(key, work, ahead=len(self._jobs()))
            job.visitors[visitor] = self.clock()
            self._waiting.append(job)
            if self._worker is None or not self._worker.is_alive():
                self._worker = threading.Thread(target=self._run, name="inference", daemon=True)
                self._worker.start()
                threading.Thread(target=self._look, name="presence", daemon=True).start()
            self._changed.notify_all()
            return job

    def counts(self) -> tuple[int, int]:
        """Count the jobs that wait and those that run."""
        with self._changed:
            return len(self._waiting), int(self._running is not None)

    def place(self, job: Job[Result]) -> int:
        """Give the number of jobs before this one."""
        with self._changed:
            if job not in self._waiting:
                return 0
            return self._waiting.index(job) + (self._running is not None)

    def leave(self, job: Job[Result], visitor: str) -> None:
        """Take a visitor from a job; without any it is dropped or stopped."""
        with self._changed:
            self._remove(job, visitor)

    def _jobs(self) -> list[Job[Result]]:
        running = [self._running] if self._running is not None else []
        return [*running, *self._waiting]

    def _forget_the_gone(self) -> None:
        now = self.clock()
        for job in self._jobs():
            for visitor, seen in list(job.visitors.items()):
                if self.present(visitor):
                    job.visitors[visitor] = now
                elif now - seen > self.patience:
                    self._remove(job, visitor)

    def _remove(self, job: Job[Result], visitor: str) -> None:
        job.visitors.pop(visitor, None)
        if job.visitors or job.state not in ("waiting", "running"):
            return
        job.stop.set()
        if job in self._waiting:
            self._waiting.remove(job)
            job.state = "left"
            job.finished.set()

    def _look(self) -> None:
        """Look who is there, for as long as the server lives and while there is a job."""
        while True:
            with self._changed:
                while not self._jobs():
                    self._changed.wait()
                self._forget_the_gone()
            time.sleep(_LOOK)

    def _run(self) -> None:
        """Work the queue off, for as long as the server lives."""
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                self._forget_the_gone()
                if not self._waiting:
                    continue
                job = self._running = self._waiting.popleft()
                job.state, job.begun = "running", self.clock()
            self._work(job)

    def _work(self, job: Job[Result]) -> None:
        state: State = "failed"
        try:
            job.result = job.work(job)
            state = "done"
        except Left:
            state = "left"
        except AtlasError as error:
            job.problem = str(error)
        except MemoryError:
            job.problem = "The server has not enough memory for this protein and model."
        except Exception as error:  # whatever a model raises must not end the queue
            job.problem = (
                f"The model could not be run on this protein ({type(error).__name__}); "
                "try another model or a shorter protein."
            )
        with self._changed:
            job.state = state
            self._running = None
            job.finished.set()
            self._changed.notify_all()
