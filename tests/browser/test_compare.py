"""The Compare page in real Chromium: deep link, change, linked marks, download, pictures."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, expect

from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS
from tests import measured
from tests.browser.test_pages import download, picture, visit

pytestmark = pytest.mark.browser

TAPE = f"first=tape_bert:published&second=tape_bert:{measured.TAPE_RUN}&feature=binding_site"

MAP = ".st-key-differences_map .atlas-chart[data-state=drawn]"
SCATTER = ".st-key-differences_scatter .atlas-chart[data-state=drawn]"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_deep_link_is_the_first_request(
    scheme: str, browser: Browser, fresh_server: Callable[..., str], results_folder: Path
) -> None:
    url = f"{fresh_server(str(results_folder))}/Compare?{TAPE}"
    page = visit(browser, url, color_scheme=scheme)
    expect(page.get_by_role("heading", name="Head by head")).to_be_visible()
    expect(page.locator(f'{MAP} [aria-label^="Map of differences"]')).to_be_visible()
    expect(page.get_by_text("Loaded results")).to_be_visible()
    picture(page, f"compare-{scheme}")
    page.context.close()


def test_the_pointer_marks_a_head_in_both_drawings(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Compare?{TAPE}")
    cells = page.locator(f"{MAP} .nsewdrag")
    cells.scroll_into_view_if_needed()
    box = cells.bounding_box()
    assert box
    page.mouse.move(box["x"] + 5.5 / 12 * box["width"], box["y"] + 1.5 / 12 * box["height"])
    expect(page.locator(f"{MAP} .hovertext")).to_contain_text("head 11-6")
    expect(page.locator(f"{MAP} .hovertext")).to_contain_text("48.78 % and")
    framed = page.locator(f"{SCATTER} .marks .over")
    expect(framed).to_have_count(1)
    place = page.locator(SCATTER).evaluate(
        """(chart) => {
          const plot = chart.querySelector(".js-plotly-plot");
          const {xaxis, yaxis} = plot._fullLayout;
          const dot = plot._fullData.flatMap((trace) => [...trace.customdata].map((name, n) =>
            [name, trace.x[n], trace.y[n]])).find(([name]) => name === "11-6");
          return [xaxis._offset + xaxis.d2p(dot[1]), yaxis._offset + yaxis.d2p(dot[2])];
        }"""
    )
    for low, size, middle in (("x", "width", place[0]), ("y", "height", place[1])):
        start, length = (float(framed.get_attribute(name) or "nan") for name in (low, size))
        assert start + length / 2 == pytest.approx(middle, abs=0.5)
    page.context.close()


def test_a_change_is_drawn_and_downloaded(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Compare?view=heads")
    expect(page.get_by_text("the same shape does not mean the same head")).to_be_visible()
    picture(page, "compare-models-light")
    page.locator(".st-key-compare_feature input").click()
    page.keyboard.type("Proline")
    page.keyboard.press("Enter")
    expect(page.locator(f'{MAP} [aria-label^="Map of differences: Proline"]')).to_be_visible()
    page.wait_for_function("() => location.search.includes('amino_acid')")
    page.locator(".st-key-compare_heads_take button").first.click()
    table = pd.read_csv(io.BytesIO(download(page, "Table, CSV")))
    paper = read_published(PUBLISHED_HEADS).query("feature == 'amino_acid:P'")
    wide = paper.pivot(index=["layer", "head"], columns="model", values="percent")
    expected = (wide["prot_bert_bfd"] - wide["prot_bert"]).dropna()
    found = table.dropna(subset="difference").set_index(["layer", "head"])["difference"]
    pd.testing.assert_series_equal(found, expected, check_names=False, check_index_type=False)
    assert len(found) == len(expected)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Swap").click()
    page.wait_for_function("() => location.search.includes('first=prot_bert_bfd')")
    page.context.close()


@pytest.mark.parametrize("query", [TAPE, "first=prot_albert:published&view=heads"])
def test_nothing_is_cut_off_at_800_pixels(query: str, browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Compare?{query}", viewport={"width": 800, "height": 900})
    wide = page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollWidth - main.clientWidth }"
    )
    assert wide <= 0
    if query == TAPE:
        picture(page, "compare-800")
    page.context.close()
