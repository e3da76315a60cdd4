"""A real server and a real Chromium."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from benchmarks.server import free_port
from dashboard.results.loaded import RESULTS_VARIABLE

PATIENCE = 150_000
"""Milliseconds: a busy machine may take its time; what is waited for is a condition."""
expect.set_options(timeout=PATIENCE)

ROOT = Path(__file__).parents[2]
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first that is here; the shell draws the same pages without the windows around them, and a
visit costs it a third less."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    # On a busy machine a frame in software may take longer than Chromium has patience for, and
    # after that it gives no page a 3D view any more.
    "--disable-gpu-watchdog",
    "--disable-gpu-process-crash-limit",
    "--disable-domain-blocking-for-3d-apis",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Chromium's path; without one a skip, or a failure where it is required."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found:
        return found
    reason = "no chromium on this machine's PATH (Debian: apt-get install chromium-headless-shell)"
    if os.environ.get("ATLAS_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{reason}, and ATLAS_REQUIRE_BROWSER=1 requires it")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        opened.on("context", lambda context: context.set_default_timeout(PATIENCE))
        yield opened
        opened.close()


SEEN = """(body) => [body.innerText, ...[...document.querySelectorAll(
  "[data-test-script-state], .molecule, .atlas-chart, [data-testid=stException]"
)].map((one) => JSON.stringify({ class: one.className, ...one.dataset }))].join("\\n")"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say with a failure what stood on every page: it may not come again for a long while."""
    report = yield
    given = getattr(item, "funcargs", {})
    opened = given.get("browser")
    if report.when == "call" and report.failed and opened is not None:
        for page in [page for context in opened.contexts for page in context.pages]:
            with contextlib.suppress(PlaywrightError):
                seen = page.locator("body").evaluate(SEEN, timeout=5000)
                report.sections.append((f"seen at {page.url}", seen[:6000]))
        log = given.get("tmp_path", Path()) / "log"
        if log.is_file():
            report.sections.append(("the server's log", log.read_text()[-3000:]))
    return report


@contextlib.contextmanager
def _serve(results: str, log: Path, script: str = "serve.py") -> Iterator[str]:
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "streamlit", "run", script),
                *("--server.port", str(port), "--server.headless", "true"),
            ],
            cwd=ROOT,
            env={**os.environ, RESULTS_VARIABLE: results, "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()
    assert "Traceback" not in log.read_text()


@pytest.fixture
def fresh_server(tmp_path: Path, chromium: str) -> Iterator[Callable[..., str]]:
    """Start servers that nobody has visited; they end with the test, without a traceback."""
    with contextlib.ExitStack() as stack:

        def start(results: str = "", script: str = "serve.py") -> str:
            number = len(list(tmp_path.glob("server-*.log")))
            return stack.enter_context(_serve(results, tmp_path / f"server-{number}.log", script))

        yield start


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Callable[..., str]]:
    """Start servers that the tests of one file share."""
    with contextlib.ExitStack() as stack:

        def start(results: str = "", script: str = "serve.py") -> str:
            log = tmp_path_factory.mktemp("serve") / "server.log"
            return stack.enter_context(_serve(results, log, script))

        yield start


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory,
    results_folder: Path,
    contacts_folder: Path,
    chromium: str,
) -> Iterator[str]:
    """One server with measured runs for tests that do not mind who came before."""
    log = tmp_path_factory.mktemp("server") / "server.log"
    with _serve(f"{results_folder},{contacts_folder}", log) as address:
        yield address


READY = """(heatmaps) => {
  const has = (what) => document.querySelector(what) !== null;
  const maps = [...document.querySelectorAll(".atlas-chart .js-plotly-plot")].filter((plot) =>
    plot.data.some((trace) => trace.type === "heatmap" && trace.meta?.pick));
  return has('[data-testid="stApp"][data-test-script-state="notRunning"]')
    && has('[data-testid="stMain"] [data-testid="stElementContainer"]')
    && !has('[data-testid="stSkeleton"], .atlas-chart:not([data-state="drawn"])')
    && heatmaps <= maps.length;
}"""
"""The script is done, no widget's code is awaited and no chart, and there are so many heatmaps."""


def settle(page: Page, heatmaps: int = 0) -> None:
    """Wait until a page is drawn; to look at every frame would keep it from being so."""
    page.wait_for_function(READY, arg=heatmaps, polling=50)


def place_in(page: Page, key: str, x: float, y: float) -> tuple[float, float]:
    """Give where on the page a place of a chart is that is given in the units of its axes."""
    chart = page.locator(f".st-key-{key} .js-plotly-plot")
    chart.scroll_into_view_if_needed()
    return tuple(
        chart.evaluate(
            """(plot, [x, y]) => {
              const box = plot.getBoundingClientRect();
              const { xaxis, yaxis } = plot._fullLayout;
              return [box.x + xaxis._offset + xaxis.c2p(x), box.y + yaxis._offset + yaxis.c2p(y)];
            }""",
            [x, y],
        )
    )
