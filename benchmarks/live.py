"""How long the Live page takes: the first result, and every change after it.

    python benchmarks/live.py [--model prot_bert] [--residues 255 510] [--repeats 3]
    python benchmarks/live.py --redraw [--repeats 9]

Without ``--redraw``: a random checkpoint of a model's real shape. Timed in turn, repeat
by repeat: the bare forward pass with transformers' eager attention, its answer thrown
away; and the page's own way, from the request to the process that runs models until the
kept attention is back in the server. Ratios are taken within a repeat.

With ``--redraw``: real Chromium, the demo model on an example. From the click to the
arcs on the structure for another head, and from the key to the arcs for another
threshold; beside the bare page of `bare_change.py`, one figure changed by a button.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

ARCS = (
    "[...document.querySelectorAll('*')].map((one) => one.shadowRoot?.querySelector('.molecule'))"
    ".find((one) => one)"
)


def measure_first(model: str, lengths: list[int], repeats: int) -> None:
    """Time first results beside bare eager passes, and say what is kept."""
    import numpy as np
    import torch

    from benchmarks.counting import make_random
    from dashboard.live.attention import SparseAttention
    from dashboard.live.messages import Request
    from dashboard.live.process import Worker
    from dashboard.live.queue import Job
    from precompute.models import MODELS

    def wait(worker: Worker, request: Request) -> SparseAttention:
        job: Job[SparseAttention] = Job("benchmark", lambda job: worker.run(request, job))
        return job.work(job)

    def bare(adapter: Any, sequence: str) -> None:
        tokens = torch.from_numpy(adapter.encode(sequence).tokens)[None]
        with torch.inference_mode():
            adapter.encoder(input_ids=tokens)

    letters = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        adapter = make_random(Path(folder) / model, model)
        adapter.encoder.set_attn_implementation("eager")
        worker = Worker()
        print("residues  bare eager s   first result s   ratio: median (min to max)   kept")
        for length in lengths:
            sequences = ["".join(random.choice(letters, length)) for _ in range(repeats + 1)]
            ratios, plain, own = [], [], []
            for number, sequence in enumerate(sequences):
                request = Request(MODELS[model], str(Path(folder) / model), "", sequence)
                begun = time.perf_counter()
                bare(adapter, sequence)
                middle = time.perf_counter()
                kept = wait(worker, request)
                end = time.perf_counter()
                if number:  # the first warms both
                    plain.append(middle - begun)
                    own.append(end - middle)
                    ratios.append((end - middle) / (middle - begun))
            print(
                f"{length:8d}  {statistics.median(plain):12.2f}  {statistics.median(own):14.2f}   "
                f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
                f"   {kept.nbytes / 1e6:.1f} MB, weights ≥ {kept.floor:g}"
            )
        worker.end()


def measure_redraw(repeats: int) -> None:
    """Time changes in the browser."""
    import shutil

    from playwright.sync_api import Page, sync_playwright

    from benchmarks.pages import FLAGS, HEATMAPS, change_bare, drawn, ready, serve

    def change(page: Page, event: str, act: Any) -> float:
        before = page.evaluate(f"() => {ARCS}.dataset.drawn")
        return drawn(page, event, act, f"{ARCS}.dataset.drawn !== '{before}'")

    def click_head(page: Page, head: int) -> float:
        cell = page.locator(f"[data-pick='1-{head}']").first
        cell.scroll_into_view_if_needed()
        return change(page, "mousedown", cell.click)

    def press(page: Page, key: str) -> float:
        page.locator("[data-testid=stSlider]").locator("input, [role=slider]").first.focus()
        return change(page, "keydown", lambda: page.keyboard.press(key))

    times: dict[str, list[float]] = {}
    with (
        serve(ROOT / "benchmarks/bare_change.py") as (bare, _, _),
        serve(ROOT / "streamlit_app.py") as (atlas, _, _),
        sync_playwright() as playwright,
    ):
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 1500}).new_page()
        ready(page, bare, f"{HEATMAPS} >= 1")
        for number in range(1, repeats + 1):
            page.wait_for_timeout(500)
            times.setdefault("bare page, figure changed", []).append(change_bare(page, number))
        page.goto(f"{atlas}/Live?threshold=0.10&layer=1&head=1")
        page.wait_for_function(f"() => Number({ARCS}?.dataset.arcs) > 0", timeout=120_000)
        view = page.evaluate(f"() => {ARCS}.dataset.view")
        for number in range(repeats):
            page.wait_for_timeout(700)
            times.setdefault("another head", []).append(click_head(page, 2 + number % 14))
        for number in range(repeats):
            page.wait_for_timeout(700)
            key = "ArrowRight" if number % 2 == 0 else "ArrowLeft"
            times.setdefault("another threshold", []).append(press(page, key))
        kept = page.evaluate(f"() => {ARCS}.dataset.view") == view
        browser.close()
    floor = statistics.median(times["bare page, figure changed"])
    for name, values in times.items():
        middle = statistics.median(values)
        print(
            f"{name:28s} {middle:.3f} s ({min(values):.3f} to {max(values):.3f}), "
            f"{middle / floor:.2f} × bare, n = {len(values)}"
        )
    print("the camera stayed" if kept else "the camera moved")


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="prot_bert")
    parser.add_argument("--residues", type=int, nargs="+", default=[255, 510])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--redraw", action="store_true")
    options = parser.parse_args()
    if options.redraw:
        measure_redraw(options.repeats)
    else:
        measure_first(options.model, options.residues, options.repeats)


if __name__ == "__main__":
    main()
