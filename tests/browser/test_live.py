"""The Live page's 3D view in real Chromium: who serves 3Dmol.js, and what a file can do."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from dashboard.molecule import LIBRARY_VERSION
from tests.dashboard.test_molecule import ATTACK, helix

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "static/3Dmol-min.js"
CDN = f"https://cdn.jsdelivr.net/npm/3dmol@{LIBRARY_VERSION}/build/3Dmol-min.js"


@pytest.fixture(scope="module", autouse=True)
def library() -> None:
    """Skip without 3Dmol.js; fail where a skip is not allowed."""
    if not LIBRARY.is_file():
        reason = "3Dmol.js is not installed: npm was not found"
        if os.environ.get("ATLAS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


@contextlib.contextmanager
def served(
    folder: Path, *, library: bool, base: str = "", entry: str | None = None
) -> Iterator[str]:
    """Run a copy of the app, or another entry, with or without 3Dmol.js in static/."""
    for name in ("pages", "dashboard", "precompute", "tests", ".streamlit"):
        (folder / name).symlink_to(ROOT / name)
    if entry is None:
        (folder / "streamlit_app.py").symlink_to(ROOT / "streamlit_app.py")
    else:
        (folder / "streamlit_app.py").write_text(entry)
    (folder / "static").mkdir()
    if library:
        shutil.copy(LIBRARY, folder / "static")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.port", str(port), "--server.headless", "true"]
    options += ["--server.address", "127.0.0.1", "--server.baseUrlPath", base]
    environment = {**os.environ, "PYTHONPATH": str(folder), "ATLAS_RESULTS": ""}
    environment.pop("ATLAS_VIEWER", None)
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *options],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    root = f"http://127.0.0.1:{port}/{f'{base}/' if base else ''}"
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{root}_stcore/health", timeout=1)
                break
            assert server.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield root
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def here(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("here"), library=True, base="lab/atlas") as root:
        yield root


@pytest.fixture(scope="module")
def elsewhere(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("elsewhere"), library=False) as root:
        yield root


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def drop(page: Page, content: str, name: str = "mine.cif") -> None:
    file = {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
    page.locator("input[type=file]").set_input_files(file)


def wait_for(page: Page, state: str, atoms: int | None = None) -> None:
    more = "" if atoms is None else f"[data-atoms='{atoms}']"
    page.locator(f".molecule[data-state={state}]{more}").wait_for()


def test_a_structure_is_drawn_without_any_other_server(page: Page, here: str) -> None:
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((here, "data:", "blob:"))
            else foreign.append(request.url)
        ),
    )
    page.goto(f"{here}Live?model=prot_bert&layer=3&head=16")
    page.get_by_text("ProtBert, head 3-16").wait_for()
    drop(page, helix(40, "A"))
    wait_for(page, "ready", 40)
    page.get_by_text("served by this dashboard").wait_for()
    assert [url for url in foreign if "3dmol" in url.lower()] == []
    drawn = page.locator(".molecule canvas").first.evaluate(
        """canvas => new Promise(done => requestAnimationFrame(() => {
            const copy = document.createElement("canvas");
            [copy.width, copy.height] = [canvas.width, canvas.height];
            const pen = copy.getContext("2d");
            pen.drawImage(canvas, 0, 0);
            const pixels = pen.getImageData(0, 0, copy.width, copy.height).data;
            let count = 0;
            for (let i = 3; i < pixels.length; i += 4) count += pixels[i] > 0;
            done(count);
        }))"""
    )
    assert drawn > 500


TWO_STRUCTURES = """
import streamlit as st
from dashboard.molecule import read_structure, show_structure
from tests.dashboard.test_molecule import helix

residues = 50 if st.checkbox("The longer one") else 40
show_structure(read_structure("a", helix(residues, "A").encode()), key="molecule")
"""


def test_one_viewer_lives_as_long_as_the_page(page: Page, tmp_path: Path) -> None:
    with served(tmp_path, library=True, entry=TWO_STRUCTURES) as root:
        page.goto(root)
        wait_for(page, "ready", 40)
        page.locator(".molecule canvas").evaluate("canvas => { canvas.dataset.mark = 'kept' }")
        page.get_by_text("The longer one").click()
        wait_for(page, "ready", 50)
        assert page.locator(".molecule canvas[data-mark=kept]").count() == 1
        assert page.locator(".molecule canvas").count() == 1


def test_a_file_runs_nothing(page: Page, here: str) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{here}Live?model=<img src=x onerror=alert(1)>&layer=1&head=1")
    page.get_by_text("names no head").wait_for()
    drop(page, helix(40, ATTACK.replace("'", "")), "<img src=x onerror=alert(2)>.cif")
    wait_for(page, "ready", 40)
    drop(page, f"ATOM  {ATTACK}", "<img src=x onerror=alert(3)>.pdb")
    page.get_by_text("coordinates of the atom").wait_for()
    assert page.title() != "broken"
    assert page.locator("img[src=x]").count() == 0
    assert dialogs == []


def test_without_the_library_the_pinned_file_of_a_cdn_is_taken(page: Page, elsewhere: str) -> None:
    allow = {"access-control-allow-origin": "*"}
    page.route(CDN, lambda route: route.fulfill(path=LIBRARY, headers=allow))
    page.goto(f"{elsewhere}Live")
    drop(page, helix(40, "A"))
    wait_for(page, "ready", 40)
    page.get_by_text("loaded from cdn.jsdelivr.net").wait_for()


@pytest.mark.parametrize("answer", ["another file", "no network"])
def test_any_other_file_of_a_cdn_is_refused(page: Page, elsewhere: str, answer: str) -> None:
    allow = {"access-control-allow-origin": "*"}
    changed = LIBRARY.read_text() + ";document.title='broken'"
    page.route(
        CDN,
        lambda route: (
            route.abort()
            if answer == "no network"
            else route.fulfill(body=changed, headers=allow, content_type="text/javascript")
        ),
    )
    page.goto(f"{elsewhere}Live")
    drop(page, helix(40, "A"))
    wait_for(page, "failed")
    page.get_by_text("3Dmol.js could not be loaded from cdn.jsdelivr.net.").wait_for()
    assert page.title() != "broken"
