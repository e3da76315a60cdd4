"""Collect garbage now and then, and not after every script as Streamlit does.

Streamlit would walk every object of the process after every script and every fragment,
with the interpreter's lock held: everyone waits. ``postScriptGC`` is off in
``.streamlit/config.toml``; what that leaves behind, such as the objects of ended visits,
which refer to each other and may hold files and memory, is collected here instead. Python's own
collection looks at young objects alone, and seldom: what is kept for all visitors is some hundred
thousand objects, and to look through them takes a quarter of a second.
"""

from __future__ import annotations

import gc
import threading

SECONDS = 30.0
"""How long garbage waits at most on a server that is in use."""
THRESHOLDS = 5_000, 20, 1_000
"""As of `gc.set_threshold`: Python looks through old objects itself only after 100 million more."""


class Collector:
    """A thread that collects garbage, and only where something has been made since.

    Parameters
    ----------
    seconds
        Between two looks.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, unless it has been started before."""
        with self._lock:
            if self._thread is not None:
                return
            # What is here now, modules above all, stays: no collection looks at it again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*THRESHOLDS)
            self._thread = threading.Thread(target=self._collect, name="garbage", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Stop the thread."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _collect(self) -> None:
        seen = _young_collections()
        while not self._ended.wait(self.seconds):
            if _young_collections() != seen:
                gc.collect()
                seen = _young_collections()


def _young_collections() -> int:
    """Count what Python itself has collected of young objects: it grows as objects are made."""
    return int(gc.get_stats()[0]["collections"])


collector = Collector()
"""The process's own."""
