"""One job at a time, in order; who waits, who joins, who leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from precompute.errors import AtlasError
from precompute.live.running.queue import Job, Queue


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Gate:
    """Work that begins, waits for the test, and then ends."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Event(), threading.Event()
        self.runs = 0

    def __call__(self, job: Job[str]) -> str:
        self.runs += 1
        self.begun.set()
        while not self.open.wait(0.01):
            job.report(1, 10)
        job.report(10, 10)
        return "done"


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


class Gone(set[str]):
    """Who is connected; everybody until somebody is named as gone."""

    def __call__(self, visitor: str) -> bool:
        return visitor not in self


def make(clock: Callable[[], float], longest: int = 8, gone: Gone | None = None) -> Queue[str]:
    present = Gone() if gone is None else gone
    return Queue(present=present, longest=longest, patience=10, clock=clock)


def test_jobs_run_one_at_a_time_and_in_order(gate: Gate) -> None:
    queue, ran = make(Clock()), []
    first = queue.submit("a", gate, "ann")
    assert gate.begun.wait(5)
    others = [
        queue.submit(key, lambda job, key=key: ran.append(key) or key, key) for key in ("b", "c")
    ]
    assert (first.state, [job.state for job in others]) == ("running", ["waiting", "waiting"])
    assert [queue.place(job) for job in (first, *others)] == [0, 1, 2]
    gate.open.set()
    assert all(job.finished.wait(5) for job in (first, *others))
    assert ran == ["b", "c"]
    assert [job.result for job in (first, *others)] == ["done", "b", "c"]


def test_identical_requests_are_computed_once(gate: Gate) -> None:
    queue = make(Clock())
    one = queue.submit("a", gate, "ann")
    assert gate.begun.wait(5)
    two = queue.submit("a", gate, "bob")
    assert one is two
    queue.leave(one, "ann")
    assert not one.stop.is_set()
    gate.open.set()
    assert one.finished.wait(5)
    assert (one.result, gate.runs) == ("done", 1)


def test_a_running_job_that_everybody_left_stops(gate: Gate) -> None:
    queue = make(Clock())
    job = queue.submit("a", gate, "ann")
    assert gate.begun.wait(5)
    queue.leave(job, "ann")
    assert job.finished.wait(5)
    assert job.state == "left"
    after = queue.submit("b", lambda job: "b", "ann")
    assert after.finished.wait(5)
    assert after.result == "b"


def test_a_visitor_who_is_not_connected_frees_the_place(gate: Gate) -> None:
    clock, gone = Clock(), Gone()
    queue = make(clock, longest=1, gone=gone)
    queue.submit("a", gate, "ann")
    assert gate.begun.wait(5)
    waiting = queue.submit("b", lambda job: "b", "bob")
    with pytest.raises(AtlasError, match="no room"):
        queue.submit("c", lambda job: "c", "cat")
    gone.add("bob")
    clock.now = 9
    with pytest.raises(AtlasError, match="no room"):  # it may be back
        queue.submit("c", lambda job: "c", "cat")
    clock.now = 12
    third = queue.submit("c", lambda job: "c", "cat")
    assert waiting.state == "left"
    assert queue.place(third) == 1
    gate.open.set()
    assert third.finished.wait(5)


def test_who_is_connected_stays_however_late(gate: Gate) -> None:
    clock = Clock()
    queue = make(clock, longest=1)
    running = queue.submit("a", gate, "ann")
    assert gate.begun.wait(5)
    waiting = queue.submit("b", lambda job: "b", "bob")
    clock.now = 100_000.0  # and nobody asked for anything meanwhile
    with pytest.raises(AtlasError, match="no room"):
        queue.submit("c", lambda job: "c", "cat")
    assert (running.state, waiting.state) == ("running", "waiting")
    gate.open.set()
    assert waiting.finished.wait(5)
    assert (running.result, waiting.result) == ("done", "b")


def test_a_running_job_whose_visitor_is_gone_stops_though_nobody_asks(gate: Gate) -> None:
    gone = Gone()
    queue: Queue[str] = Queue(present=gone, patience=0.1)
    job = queue.submit("a", gate, "ann")
    assert gate.begun.wait(5)
    gone.add("ann")
    assert job.finished.wait(10)
    assert job.state == "left"


def test_a_new_request_leaves_the_old_one(gate: Gate) -> None:
    queue = make(Clock())
    first = queue.submit("a", gate, "ann")
    assert gate.begun.wait(5)
    second = queue.submit("b", lambda job: "b", "ann")
    assert first.finished.wait(5)
    assert second.finished.wait(5)
    assert (first.state, second.state) == ("left", "done")


def test_what_was_left_can_be_asked_for_again(gate: Gate) -> None:
    queue = make(Clock())
    first = queue.submit("a", gate, "ann")
    assert gate.begun.wait(5)
    queue.leave(first, "ann")
    again = queue.submit("a", lambda job: "anew", "ann")
    assert again.finished.wait(5)
    assert again is not first
    assert again.result == "anew"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (AtlasError("This model cannot read it."), "This model cannot read it."),
        (MemoryError(), "not enough memory"),
        (RuntimeError("boom at 0x7f"), "RuntimeError"),
    ],
)
def test_a_failure_is_one_sentence_and_ends_nothing(error: Exception, sentence: str) -> None:
    queue = make(Clock())

    def fail(job: Job[str]) -> str:
        raise error

    job = queue.submit("a", fail, "ann")
    assert job.finished.wait(5)
    assert job.state == "failed"
    assert sentence in job.problem
    assert "0x7f" not in job.problem
    after = queue.submit("b", lambda job: "b", "ann")
    assert after.finished.wait(5)
    assert after.result == "b"
