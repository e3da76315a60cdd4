"""Garbage is collected by one thread, and not after every script."""

from __future__ import annotations

import gc
import threading
import tomllib
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.page.collecting import Collector

ROOT = Path(__file__).parents[2]


class Ring:
    """An object that only a collection frees."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector() -> Iterator[Collector]:
    usual = gc.get_threshold()
    made = Collector(seconds=0.01)
    yield made
    made.end()
    gc.unfreeze()
    gc.set_threshold(*usual)


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "garbage"]


def test_streamlit_does_not_collect_after_every_script() -> None:
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert config["runner"]["postScriptGC"] is False
    assert "COPY .streamlit .streamlit" in (ROOT / "Dockerfile").read_text()


def test_garbage_is_freed_without_being_asked_for(collector: Collector) -> None:
    collector.start()
    freed = threading.Event()
    ring = Ring()
    weakref.finalize(ring, freed.set)
    del ring
    # The objects that a page makes meanwhile; too few for Python to look at old ones itself.
    made = [[] for _ in range(3 * gc.get_threshold()[0])]
    assert freed.wait(30)
    assert len(made) > 0


def test_there_is_one_thread_however_often_it_is_started(collector: Collector) -> None:
    before = len(threads())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: collector.start(), range(64)))
    assert len(threads()) == before + 1
    assert all(thread.daemon for thread in threads())
    collector.end()
    assert len(threads()) == before


def test_what_was_there_at_the_start_is_not_looked_at_again(collector: Collector) -> None:
    here = len(gc.get_objects())
    collector.start()
    assert gc.get_freeze_count() > here / 2
    assert len(gc.get_objects()) < here / 2


def test_python_leaves_old_objects_to_the_thread(collector: Collector) -> None:
    collector.seconds = 3600.0
    collector.start()
    before = [each["collections"] for each in gc.get_stats()]
    # More than would make Python itself, as it comes, look through all there is several times.
    made = [[] for _ in range(600_000)]
    after = [each["collections"] for each in gc.get_stats()]
    assert after[2] == before[2]
    assert after[1] > before[1]
    assert len(made) > 0
