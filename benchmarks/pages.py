"""How long the pages take in a real browser, beside a bare Streamlit page with one heatmap.

    python benchmarks/pages.py [--rounds 9]

Both servers run on this machine, one browser stays open, every visit is a new tab, and
the pages take turns, so that whatever else the machine does falls on all alike. A page
is *ready* when Streamlit says that its script has finished and every heatmap it should
have is drawn (Home: what is loaded, its last part, is there); the time counts from the start of the
navigation. A change is *drawn* when the document shows it; the time counts from the
key press or click, and is set beside that of a bare page whose one plain heatmap a
button replaces, taken in turns with it. Also: the server's start (until it answers) and
its memory after all visits.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FIVE = "&".join(
    f"models={name}"
    for name in ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
)
CHART = ".st-key-heatmap_prot_bert_bfd_published"
FINISHED = """
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app || app.getAttribute('data-test-script-state') !== 'notRunning') return false;
"""
HEATMAPS = "document.querySelectorAll('.heatmaplayer image, .atlas-heatmap .atlas-cells').length"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serve(script: Path) -> Iterator[tuple[str, int, float]]:
    """Serve a script; give its address, process and the seconds until it answered."""
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", str(script)),
            *("--server.port", str(port), "--server.headless", "true"),
            *("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"),
        ],
        cwd=ROOT,
        env={**os.environ, "ATLAS_RESULTS": os.environ.get("ATLAS_RESULTS", "")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            if process.poll() is not None:
                raise SystemExit(f"The server of {script.name} ended by itself.")
            time.sleep(0.01)
        yield address, process.pid, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait()


def memory_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def ready(page: Page, url: str, condition: str) -> float:
    """Open a URL and give the seconds until it is ready."""
    page.goto(url, wait_until="commit")
    script = f"() => {{ {FINISHED} return {condition} ? performance.now() : false }}"
    return float(page.wait_for_function(script, polling="raf").json_value()) / 1000


def drawn(page: Page, event: str, act: object, condition: str) -> float:
    """Act and give the seconds from the event until the condition holds."""
    page.evaluate(
        "(event) => { window.atlasBegun = null; document.addEventListener(event, "
        "() => { window.atlasBegun ??= performance.now() }, {capture: true, once: true}) }",
        event,
    )
    act()  # type: ignore[operator]
    script = (
        f"() => window.atlasBegun !== null && {condition} "
        "? performance.now() - window.atlasBegun : false"
    )
    return float(page.wait_for_function(script, polling="raf").json_value()) / 1000


def change_property(page: Page, name: str, models: int) -> float:
    field = page.locator(".st-key-heads_feature input")
    field.click()
    page.keyboard.type(name)
    page.wait_for_timeout(300)
    titles = "[...document.querySelectorAll('[class*=st-key-heatmap_] text[font-weight]')]"
    condition = (
        f"{titles}.filter((title) => title.textContent.startsWith('{name}')).length === {models}"
        f" && {HEATMAPS} === {models}"
    )
    return drawn(page, "keydown", lambda: page.keyboard.press("Enter"), condition)


def change_bare(page: Page, number: int) -> float:
    """Press the bare page's button; give the seconds until its next heatmap is there."""
    condition = (
        f"document.querySelector('.gtitle')?.textContent === 'number {number}' && {HEATMAPS} === 1"
    )
    return drawn(page, "mousedown", lambda: page.get_by_role("button").first.click(), condition)


def click_cell(page: Page, layer: int, head: int) -> float:
    box = page.locator(f"{CHART} .atlas-cells").first.bounding_box()
    assert box is not None
    x = box["x"] + (head - 0.5) / 16 * box["width"]
    y = box["y"] + box["height"] - (layer - 0.5) / 30 * box["height"]
    page.mouse.move(x, y)
    page.wait_for_timeout(200)
    condition = (
        "document.querySelector('.st-key-opened_head h3')?.textContent.includes"
        f"('Head {layer}-{head}') && document.querySelector('.atlas-profile') !== null"
    )
    return drawn(page, "mousedown", lambda: page.mouse.click(x, y), condition)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    times: dict[str, list[float]] = {}
    with (
        serve(ROOT / "benchmarks/bare_page.py") as (bare, _, _),
        serve(ROOT / "benchmarks/bare_change.py") as (bare_change, _, _),
        serve(ROOT / "streamlit_app.py") as (atlas, pid, start),
        sync_playwright() as playwright,
    ):
        idle = memory_megabytes(pid)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        visits = {
            "bare page, one heatmap": (bare, f"{HEATMAPS} >= 1"),
            "Home": (f"{atlas}/", "document.body.innerText.includes('Loaded:')"),
            "Heads, one model": (f"{atlas}/Heads", f"{HEATMAPS} >= 1"),
            "Heads, one model, head opened": (
                f"{atlas}/Heads?head=prot_bert_bfd.30.9",
                f"{HEATMAPS} >= 1 && document.querySelector('.atlas-profile') !== null",
            ),
            "Heads, five models": (f"{atlas}/Heads?{FIVE}", f"{HEATMAPS} >= 5"),
        }
        for number in range(rounds + 1):
            for name, (url, condition) in visits.items():
                page = context.new_page()
                taken = ready(page, url, condition)
                page.close()
                if number:  # the first round warms browser and server
                    times.setdefault(name, []).append(taken)
        cells = [(1 + 3 * n % 30, 1 + 5 * n % 16) for n in range(1, rounds + 1)]
        names = ["Helix", "Strand", "Binding site", "Proline", "Contact", "Leucine", "Modification"]
        floor_page = context.new_page()
        ready(floor_page, bare_change, f"{HEATMAPS} >= 1")
        pressed = 0
        for models, url in ((1, f"{atlas}/Heads"), (5, f"{atlas}/Heads?{FIVE}")):
            page = context.new_page()
            page.set_viewport_size({"width": 1280, "height": 1500})  # all cells in sight
            ready(page, url, f"{HEATMAPS} >= {models}")
            page.wait_for_timeout(1000)
            label = "one model" if models == 1 else "five models"
            for number, (layer, head) in enumerate(cells):
                floor_page.bring_to_front()
                pressed += 1
                taken = change_bare(floor_page, pressed)
                times.setdefault("bare page, heatmap changed", []).append(taken)
                floor_page.wait_for_timeout(500)
                page.bring_to_front()
                page.wait_for_timeout(200)
                times.setdefault(f"clicked cell, {label}", []).append(click_cell(page, layer, head))
                page.wait_for_timeout(500)
                name = names[number % len(names)]
                times.setdefault(f"changed property, {label}", []).append(
                    change_property(page, name, models)
                )
                page.wait_for_timeout(500)
            page.close()
        browser.close()
        memory = memory_megabytes(pid)
    floor = statistics.median(times["bare page, one heatmap"])
    change = statistics.median(times["bare page, heatmap changed"])
    print(f"{'':34s} median s   spread (quartiles)   × bare   n")
    for name, values in times.items():
        middle = statistics.median(values)
        low, _, high = statistics.quantiles(values, n=4)
        own = change if "change" in name or "clicked" in name else floor
        ratio = f"{middle / own:6.2f}"
        print(
            f"{name:34s} {middle:7.3f}    {low:.3f} to {high:.3f}      {ratio:6s}  {len(values):3d}"
        )
    print(
        f"server answers after {start:.2f} s; {idle:.0f} MB idle, {memory:.0f} MB after all visits"
    )


if __name__ == "__main__":
    main()
