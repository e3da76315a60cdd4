"""Numbers about this process for Prometheus: Streamlit's own, and ours beside them.

They are served on an address of their own, so that nobody reaches them through the
dashboard's, and only where `METRICS_VARIABLE` names one.
"""

from __future__ import annotations

import http.server
import logging
import math
import os
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence

from streamlit.runtime import Runtime
from streamlit.runtime.stats import (
    ACTIVE_SESSIONS_FAMILY,
    SESSION_DURATION_FAMILY,
    SESSION_EVENTS_FAMILY,
    CounterStat,
    GaugeStat,
    HistogramStat,
    Stat,
)

from dashboard.page.settings import METRICS_VARIABLE
from dashboard.results import loaded as results
from precompute.live.running.inference import SERVICES
from precompute.log import facts_of

_BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, math.inf)
_TIMES = {
    "atlas_run_seconds": "From a visitor's request to the end of the run that answers it.",
    "atlas_inference_seconds": "A model on a protein, its loading included.",
}
_COUNTS = {
    "atlas_runs": "Runs of a page or a part of it, by page and outcome.",
    "atlas_inferences": "Proteins that a model was run on, by outcome.",
}
_STREAMLITS = (ACTIVE_SESSIONS_FAMILY, SESSION_EVENTS_FAMILY, SESSION_DURATION_FAMILY)
"""Of Streamlit's own: others name users, or walk through every object of every result."""
_STATES = {
    "atlas_queue_waiting": "Proteins that wait for a model.",
    "atlas_queue_running": "Proteins that a model reads now.",
    "atlas_results_loaded": "Measured runs that can be shown.",
    "atlas_results_problems": "Results folders and runs that cannot be used.",
}


class Numbers(logging.Handler):
    """Counts what the log is told, and gives it to Streamlit's collection of metrics."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, Counter[tuple[tuple[str, str], ...]]] = {
            name: Counter() for name in _COUNTS
        }
        self._times: dict[str, list[float]] = {name: [0.0] * (len(_BOUNDS) + 1) for name in _TIMES}

    def emit(self, record: logging.LogRecord) -> None:
        """Count one note; the handler's lock is held."""
        facts = facts_of(record)
        match record.getMessage():
            case "run" | "beat":
                labels = (("outcome", facts["outcome"]), ("page", facts["page"]))
                self._counts["atlas_runs"][labels] += 1
                self._observe("atlas_run_seconds", facts["ms"] / 1000)
            case "live":
                self._counts["atlas_inferences"][(("outcome", facts["outcome"]),)] += 1
                self._observe("atlas_inference_seconds", facts["seconds"])

    def _observe(self, name: str, seconds: float) -> None:
        times = self._times[name]
        times[next(i for i, bound in enumerate(_BOUNDS) if seconds <= bound)] += 1
        times[-1] += seconds

    @property
    def stats_families(self) -> Sequence[str]:
        """Name what is counted."""
        return [*_COUNTS, *_TIMES, *_STATES]

    def get_stats(self, family_names: Sequence[str] | None = None) -> Mapping[str, Sequence[Stat]]:
        """Give the numbers as they stand."""
        waiting, running = (
            sum(of) for of in zip((0, 0), *(each.queue.counts() for each in SERVICES), strict=True)
        )
        loaded = results.load()
        states = (waiting, running, len(loaded.runs), len(loaded.problems))
        with self.lock or threading.Lock():
            found: dict[str, list[Stat]] = {
                name: [
                    CounterStat(name, count, dict(labels), help=_COUNTS[name])
                    for labels, count in counts.items()
                ]
                for name, counts in self._counts.items()
            }
            for name, times in self._times.items():
                found[name] = [_histogram(name, times)]
        for (name, words), value in zip(_STATES.items(), states, strict=True):
            found[name] = [GaugeStat(name, value, help=words)]
        asked = self.stats_families if family_names is None else family_names
        return {name: stats for name, stats in found.items() if name in asked}


def _histogram(name: str, times: Sequence[float]) -> HistogramStat:
    *counts, total = times
    sums = [int(sum(counts[: place + 1])) for place in range(len(counts))]
    buckets = tuple(zip(_BOUNDS, sums, strict=True))
    return HistogramStat(name, buckets, total, sums[-1], unit="seconds", help=_TIMES[name])


def write_metrics(runtime: Runtime) -> str:
    """Write Streamlit's numbers of sessions and ours as OpenMetrics text."""
    lines = []
    for stats in runtime.stats_mgr.get_stats([*_STREAMLITS, *_COUNTS, *_TIMES, *_STATES]).values():
        if stats:
            lines.append(f"# TYPE {stats[0].family_name} {stats[0].type}")
            lines.append(f"# HELP {stats[0].family_name} {stats[0].help}")
            lines += [stat.to_metric_str() for stat in stats]
    return "\n".join([*lines, "# EOF", ""])


def serve_metrics(runtime: Runtime) -> http.server.HTTPServer | None:
    """Serve the metrics on the address that is named, if one is, in a thread of their own."""
    named = os.environ.get(METRICS_VARIABLE, "").strip()
    if not named:
        return None

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/metrics"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/openmetrics-text; version=1.0.0")
            self.end_headers()
            self.wfile.write(write_metrics(runtime).encode() if found else b"")

        def log_message(self, *_: object) -> None:
            pass

    address, _, port = named.rpartition(":")
    try:
        server = http.server.ThreadingHTTPServer((address or "127.0.0.1", int(port)), Page)
    except (OSError, ValueError, OverflowError) as error:
        print(f"There are no metrics: {METRICS_VARIABLE}={named}: {error}", file=sys.stderr)
        return None
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
