"""Metrics of a real server: what was done is counted, and strangers do not see it."""

from __future__ import annotations

import contextlib
import re
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from benchmarks.server import free_port
from dashboard import health
from tests.browser.live_app import served


def read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())


def value(text: str, name: str) -> float:
    (found,) = re.findall(rf"^{re.escape(name)} (\S+)$", text, re.M)
    return float(found)


def test_what_was_done_is_counted_and_nothing_of_visitors_told(
    tmp_path: Path, results_folder: Path
) -> None:
    port = free_port()
    settings = {
        "ATLAS_METRICS": str(port),
        "ATLAS_RESULTS": f"{results_folder},{tmp_path / 'none'}",
    }
    with served(tmp_path, library=False, script="serve.py", settings=settings) as address:
        for page in ("Methods", "Methods", "MKWVTFISLL"):
            for _ in health.visit(address.rstrip("/"), page, 60, "protein=example:MKWVTFISLL"):
                pass
        before = read(f"http://127.0.0.1:{port}/metrics")
        # A model that reads a protein; the visitor stays until it has.
        for message in health.visit(address.rstrip("/"), "Live", 60):
            assert message
        after = before
        while not value(after, "atlas_inference_seconds_count"):
            for _ in health.visit(address.rstrip("/"), "Live", 60):
                pass
            after = read(f"http://127.0.0.1:{port}/metrics")
        with pytest.raises(urllib.error.HTTPError):
            read(f"http://127.0.0.1:{port}/")
    assert value(before, 'atlas_runs_total{outcome="done",page="Methods"}') == 2
    assert value(before, 'atlas_runs_total{outcome="done",page="unknown"}') == 1
    assert value(before, "atlas_run_seconds_count") == 3
    assert value(before, 'atlas_run_seconds_bucket{le="+Inf"}') == 3
    assert value(before, "atlas_run_seconds_sum") > 0
    assert value(before, "atlas_results_loaded") == 2
    assert value(before, "atlas_results_problems") == 1
    assert value(before, "atlas_queue_waiting") == value(before, "atlas_queue_running") == 0
    assert value(before, 'session_events_total{type="connect"}') == 3
    assert value(after, "atlas_inference_seconds_sum") > 0
    assert before.endswith("# EOF\n")
    assert "MKWVTFISLL" not in after


def test_no_metrics_are_served_where_visitors_are(tmp_path: Path) -> None:
    with served(tmp_path, library=False, base="lab", script="serve.py") as address:
        for path in ("_stcore/metrics", "_stcore//metrics", "_stcore/%6detrics", "metrics"):
            with contextlib.suppress(urllib.error.HTTPError):  # or Streamlit's page for no page
                assert "# TYPE" not in read(address + path)


def test_a_port_that_is_taken_is_said_and_the_dashboard_serves(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for place, named in enumerate([str(taken.getsockname()[1]), "here", "127.0.0.1:99999"]):
            folder = tmp_path / str(place)
            folder.mkdir()
            settings = {"ATLAS_METRICS": named}
            with served(folder, library=False, script="serve.py", settings=settings) as address:
                assert read(f"{address}_stcore/health") == "ok"
            assert f"There are no metrics: ATLAS_METRICS={named}" in (folder / "log").read_text()
