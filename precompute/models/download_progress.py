"""How much of a download from the hub has come, for whoever shows it in a way of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm

if TYPE_CHECKING:
    Bar = tqdm[Any]
else:
    Bar = tqdm

Progress = Callable[[int, int], None]
"""Told bytes that have come, and bytes in all."""
_SECONDS = 0.25


def reporting_bars(total: int, progress: Progress) -> type[Bar]:
    """Make a kind of tqdm's bars that huggingface_hub takes: they draw nothing and report.

    Parameters
    ----------
    total
        Bytes in all; the hub's own bars learn of files one after another.
    progress
        Told the bytes a few times a second and at every hundredth, from whichever thread
        received some, one call at a time.
    """
    lock = threading.Lock()
    received: dict[int, int] = {}
    told, said = 0.0, 0

    class Reporting(Bar):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            named.pop("name", None)  # of the hub's own bars
            super().__init__(*arguments, **{**named, "disable": False})

        def display(self, *_: Any, **__: Any) -> None:
            pass

        def update(self, n: float | None = 1) -> bool | None:
            nonlocal told, said
            drawn = super().update(n)
            if self.unit != "B":  # a count of files
                return drawn
            with lock:
                # Two bars count the same bytes where they pass a store of chunks on their way.
                received[id(self)] = int(self.n)
                came, now = min(max(received.values()), total), time.monotonic()
                if now - told >= _SECONDS or came - said >= total / 100:
                    told, said = now, came
                    progress(came, total)
            return drawn

    return Reporting
