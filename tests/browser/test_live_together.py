"""Heads together in real Chromium, with trained weights on a real protein."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.results.loaded import RESULTS_VARIABLE
from dashboard.results.reader import read_heads, read_runs
from dashboard.results.sources import HeadSource
from precompute.command_line import main
from precompute.live.getting.inputs import open_source
from precompute.models.loading import Checkpoint
from tests.browser.live_app import click_chart, require_library, served
from tests.precompute.live.test_together import naive
from tests.real.conftest import esm2  # noqa: F401

pytestmark = pytest.mark.browser

MAP = ".st-key-live_together_map"


@pytest.fixture(scope="module")
def ranked(esm2: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:  # noqa: F811
    """A run over twelve proteins, and the heads by their share of contacts in it."""
    out = tmp_path_factory.mktemp("ranked") / "results"
    command = ["run", "--model", "esm2", "--architecture", "esm", "--dataset", "cameo", "--quiet"]
    command += ["--weights", str(esm2.weights.folder), "--proteins", "12", "--out", str(out)]
    assert main(command) == 0
    (run,) = read_runs(str(out))
    frame = read_heads(HeadSource(run.model, "", run)).showing("contact").frame
    frame = frame.dropna(subset="percent").sort_values(
        ["percent", "layer", "head"], ascending=[False, True, True]
    )
    return out, ((frame["layer"] - 1) * run.heads + frame["head"] - 1).astype(int).tolist()


@pytest.fixture(scope="module")
def root(
    ranked: tuple[Path, list[int]], tmp_path_factory: pytest.TempPathFactory, chromium: str
) -> Iterator[str]:
    require_library()
    settings = {RESULTS_VARIABLE: str(ranked[0])}
    with served(tmp_path_factory.mktemp("app"), library=True, settings=settings) as address:
        yield f"{address}Live?model=esm2:f4210829&together=yes"


def visit(browser: Browser, address: str, width: int = 1280, theme: str = "light") -> Page:
    scheme = "dark" if theme == "dark" else "light"
    page = browser.new_page(viewport={"width": width, "height": 1200}, color_scheme=scheme)
    page.goto(address)
    page.locator(f"{MAP} .atlas-chart[data-state=drawn]").wait_for()
    return page


def shown(page: Page) -> np.ndarray:
    """The scores that the map holds, above the diagonal."""
    values = page.evaluate(
        """where => {
            const plot = document.querySelector(`${where} .js-plotly-plot`);
            const score = plot._fullData.find(trace => trace.name === "score");
            return Array.from(score.z, row => Array.from(row, one => isNaN(one) ? null : one));
        }""",
        MAP,
    )
    return np.array(values, dtype=float)


def test_the_map_is_the_mean_of_the_best_heads(
    browser: Browser,
    root: str,
    ranked: tuple[Path, list[int]],
    esm2: Checkpoint,  # noqa: F811
) -> None:
    protein = open_source("example:1MVO")
    size = len(protein)
    adapter = esm2.load()
    above = np.triu_indices(size, 6)
    assert protein.chain is not None
    states = protein.chain.contact_states()
    assert states is not None
    for count in (1, 10, 50):
        page = visit(browser, f"{root}&best={count}")
        expected = naive(adapter, protein.sequence, tuple(ranked[1][:count]))[above]
        found = shown(page)[above]
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-6)
        touching = states[above] == 1
        best = np.argsort(-expected, kind="stable")[:size]
        said = f"{100 * touching[best].mean():.1f} % of them are contacts"
        expect(page.get_by_text(said).first).to_be_visible()
        links = page.locator(".st-key-live_together_molecule .molecule[data-state=ready]")
        expect(links).to_have_attribute("data-arcs", str(size))
        page.close()


def test_a_pair_is_marked_and_stands_in_the_address(browser: Browser, root: str) -> None:
    page = visit(browser, root)
    click_chart(page, "live_together_map", 60, 20)
    page.wait_for_url("**pair=*")
    protein = open_source("example:1MVO")
    words = f"{protein.label(20)} – {protein.label(60)}"
    expect(page.get_by_text(words).first).to_be_visible()
    link = page.url
    page.get_by_role("button", name="Unmark the pair").click()
    expect(page.get_by_text("Click a pair in the map")).to_be_visible()
    page.locator(".st-key-live_together_pairs [data-pick]").first.click()
    page.get_by_role("button", name="Unmark the pair").wait_for()
    page.goto(link)
    expect(page.get_by_text(words).first).to_be_visible()
    page.close()


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (390, "dark"), (1280, "dark")])
def test_it_has_room_on_a_telephone(browser: Browser, root: str, width: int, theme: str) -> None:
    page = visit(browser, root, width, theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator(f"{MAP} .js-plotly-plot").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
    page.close()
