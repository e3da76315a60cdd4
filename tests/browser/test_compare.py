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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_deep_link_is_the_first_request(
    scheme: str, browser: Browser, fresh_server: Callable[..., str], results_folder: Path
) -> None:
    url = f"{fresh_server(str(results_folder))}/Compare?{TAPE}"
    page = visit(browser, url, color_scheme=scheme)
    expect(page.get_by_role("heading", name="Head by head")).to_be_visible()
    expect(page.locator('svg[aria-label^="Map of differences"]')).to_be_visible()
    expect(page.get_by_text("Loaded results")).to_be_visible()
    picture(page, f"compare-{scheme}")
    page.context.close()


def test_the_pointer_marks_a_head_in_both_drawings(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Compare?{TAPE}")
    cell = page.locator('rect[data-link="11-6"]')
    cell.hover()
    expect(page.locator(".say")).to_contain_text("head 11-6: 48.78 % and")
    expect(page.locator('circle[data-link="11-6"].on')).to_have_count(1)
    page.context.close()


def test_a_change_is_drawn_and_downloaded(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Compare?view=heads")
    expect(page.get_by_text("the same shape does not mean the same head")).to_be_visible()
    picture(page, "compare-models-light")
    page.locator(".st-key-compare_feature input").click()
    page.keyboard.type("Proline")
    page.keyboard.press("Enter")
    expect(page.locator('svg[aria-label^="Map of differences: Proline"]')).to_be_visible()
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
