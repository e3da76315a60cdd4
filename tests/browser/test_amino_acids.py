"""The Amino acids page in real Chromium."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from precompute.chemistry import BY_CHEMISTRY
from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS
from tests.browser.conftest import ROOT, place_in, settle

pytestmark = pytest.mark.browser

PICTURES = ROOT / "test-output"
LARGE = ".st-key-heatmap_amino_acid .atlas-chart"
MAPS = ".st-key-amino_acids_maps [data-pick]"


def visit(browser: Browser, url: str, **options: object) -> Page:
    """Open a URL in a browser of its own and wait until it is drawn."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    drawn(page)
    return page


def drawn(page: Page) -> None:
    settle(page)
    expect(page.locator(MAPS)).to_have_count(20)
    expect(page.locator(f"{LARGE}[data-state=drawn]")).to_have_count(1)


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def title(page: Page) -> str:
    return page.locator(f"{LARGE} .annotation-text").text_content() or ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_deep_link_is_the_first_request(
    scheme: str, browser: Browser, fresh_server: Callable[..., str]
) -> None:
    query = "source=tape_bert:published&amino_acid=C&order=clustering&scale=shared&head=12.4"
    page = visit(browser, f"{fresh_server()}/Amino_acids?{query}", color_scheme=scheme)
    expect(page.get_by_role("heading", name="Head 12-4")).to_be_visible()
    assert title(page).startswith("Cysteine (C) · TapeBert")
    expect(page.locator('[data-pick="C"]')).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("Loaded results")).to_be_visible()  # the sidebar is there too
    picture(page, f"amino-acids-{scheme}")
    page.context.close()


@pytest.mark.parametrize("model", ["prot_bert_bfd", "tape_bert", "prot_albert"])
@pytest.mark.parametrize("order", ["chemistry", "alphabet"])
def test_twenty_maps_are_in_one_screen(
    model: str, order: str, browser: Browser, server: str
) -> None:
    page = visit(browser, f"{server}/Amino_acids?source={model}:published&order={order}")
    for button in page.locator(MAPS).all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900
    page.context.close()


def test_a_map_becomes_the_large_one_and_a_cell_opens_its_head(
    browser: Browser, server: str
) -> None:
    page = visit(browser, f"{server}/Amino_acids")
    assert title(page).startswith("Proline (P) · ProtBert-BFD")
    page.locator('[data-pick="W"]').click()
    expect(page.locator(f"{LARGE} .annotation-text")).to_contain_text(
        "Tryptophan (W) · ProtBert-BFD"
    )
    page.wait_for_function("() => location.search.includes('amino_acid=W')")
    page.mouse.click(*place_in(page, "heatmap_amino_acid", 9, 30))
    expect(page.get_by_role("heading", name="Head 30-9", exact=True)).to_be_visible()
    page.wait_for_function("() => location.search.includes('head=30.9')")
    other = visit(browser, page.url)  # a browser that has seen nothing yet
    expect(other.get_by_role("heading", name="Head 30-9", exact=True)).to_be_visible()
    assert title(other).startswith("Tryptophan (W) · ProtBert-BFD")
    other.context.close()
    page.go_back()
    expect(page.get_by_role("heading", name="Head 30-9", exact=True)).to_have_count(0)
    page.context.close()


def test_maps_are_reached_by_the_keyboard(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Amino_acids")
    first, second = BY_CHEMISTRY[:2]
    page.locator(f'[data-pick="{first}"]').focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f'[data-pick="{second}"]')).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(f"() => location.search.includes('amino_acid={second}')")
    page.context.close()


def test_the_table_is_what_is_drawn(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Amino_acids?source=prot_xlnet:published")
    page.locator(".st-key-amino_acids_maps_take button").first.click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Table, CSV", exact=True).click()
    csv = pd.read_csv(io.BytesIO(Path(caught.value.path()).read_bytes()))
    table = read_published(PUBLISHED_HEADS).query(
        "model == 'prot_xlnet' and feature.str.startswith('amino_acid')"
    )
    key = ["feature", "layer", "head"]
    both = csv.merge(table, on=key, suffixes=("", "_shipped"), validate="1:1")
    assert len(both) == len(csv) == len(table) == 20 * 480
    pd.testing.assert_series_equal(
        both["percent"], both["percent_shipped"], check_names=False, rtol=0, atol=0
    )
    page.context.close()


@pytest.mark.parametrize("model", ["prot_bert_bfd", "prot_albert"])
def test_nothing_is_cut_off_at_800_pixels(model: str, browser: Browser, server: str) -> None:
    small = {"width": 800, "height": 900}
    query = f"source={model}:published&head=2.3"
    page = visit(browser, f"{server}/Amino_acids?{query}", viewport=small)
    wide = page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollWidth - main.clientWidth }"
    )
    assert wide <= 0
    picture(page, f"amino-acids-800-{model}")
    page.context.close()
