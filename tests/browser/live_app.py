"""A copy of the app on a port of its own, and what tests of Live do in a browser."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page

from benchmarks.server import free_port
from tests.dashboard.test_molecule import pdb_atom

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "static/3Dmol-min.js"
ARCS = ".molecule[data-state=ready][data-arcs]:not([data-arcs='0'])"


def require_library() -> None:
    """Skip without 3Dmol.js; fail where a skip is not allowed."""
    if not LIBRARY.is_file():
        reason = "3Dmol.js is not installed: npm was not found"
        if os.environ.get("ATLAS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


@contextlib.contextmanager
def served(
    folder: Path,
    *,
    library: bool,
    base: str = "",
    entry: str | None = None,
    settings: Mapping[str, str] | None = None,
    script: str = "streamlit_app.py",
) -> Iterator[str]:
    """Run a copy of the app, or another entry, with or without 3Dmol.js in static/.

    What it writes is in `folder / "log"`, and its process's number in `folder / "server"`.
    """
    for name in ("pages", "dashboard", "precompute", "tests", ".streamlit"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("serve.py", "streamlit_app.py"):
        if entry is not None and name == script:
            (folder / name).write_text(entry)
        else:
            (folder / name).symlink_to(ROOT / name)
    (folder / "static").mkdir()
    if library:
        shutil.copy(LIBRARY, folder / "static")
    port = free_port()
    options = ["--server.port", str(port), "--server.headless", "true"]
    options += ["--server.address", "127.0.0.1", "--server.baseUrlPath", base]
    environment = {**os.environ, "PYTHONPATH": str(folder), "ATLAS_RESULTS": ""}
    environment.update(settings or {})
    environment.pop("ATLAS_VIEWER", None)
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, *options],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    (folder / "server").write_text(str(server.pid))
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


def glycines(residues: int, chain: str = "A") -> str:
    """C-alpha atoms of a chain as a PDB file."""
    return "\n".join(pdb_atom(place, place, chain) for place in range(1, residues + 1))


def drop(page: Page, content: str, name: str = "mine.pdb") -> None:
    page.get_by_role("radio", name="File").or_(page.get_by_text("File", exact=True)).first.click()
    file = {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
    page.locator("input[type=file]").set_input_files(file)


def wait_for(page: Page, state: str, atoms: int | None = None) -> None:
    more = "" if atoms is None else f"[data-atoms='{atoms}']"
    page.locator(f".molecule[data-state={state}]{more}").wait_for()


def attended(page: Page, drawn: str = ARCS) -> None:
    """Wait until arcs, or something else, are drawn; a busy machine asks first if it is wanted."""
    there, ask = page.locator(drawn), page.get_by_role("button", name="Compute the attention")
    there.or_(ask).first.wait_for()
    if ask.is_visible():
        ask.click()
    there.wait_for()


def camera(page: Page) -> str:
    return page.locator(".molecule").get_attribute("data-view") or ""


def turn(page: Page) -> None:
    """Turn the structure with the mouse."""
    box = page.locator(".molecule .view").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y + 30, steps=4)
    page.mouse.up()


def painted(page: Page) -> int:
    """Count the pixels of the view that are not empty."""
    return int(
        page.locator(".molecule canvas").first.evaluate(
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
    )


def redrawn(page: Page, act: Callable[[], object]) -> None:
    """Do something and wait until the 3D view was drawn anew."""
    before = page.locator(".molecule").get_attribute("data-drawn")
    act()
    page.locator(f".molecule[data-state=ready]:not([data-drawn='{before}'])").wait_for()


def click_chart(page: Page, key: str, x: float, y: float) -> None:
    """Click a place of a chart, in its data's numbers; names count from 0."""
    page.locator(f".st-key-{key} .atlas-chart[data-state=drawn]").scroll_into_view_if_needed()
    across, down = page.evaluate(
        """([key, x, y]) => {
            const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`);
            const { xaxis, yaxis } = plot._fullLayout;
            const box = plot.getBoundingClientRect();
            return [box.x + xaxis._offset + xaxis.c2p(x), box.y + yaxis._offset + yaxis.c2p(y)];
        }""",
        [key, x, y],
    )
    page.mouse.click(across, down)


def open_head(page: Page, head: int) -> None:
    """Click a head of the first layer in the map of all heads, and wait until it is drawn."""
    redrawn(page, lambda: click_chart(page, "live_heads", head, 1))
    page.wait_for_url(f"**head={head}**")


def has_map(page: Page) -> None:
    """Wait for the map of a head."""
    page.locator(".st-key-live_map .atlas-chart[data-state=drawn]").wait_for()
