"""The Substitution page in real Chromium."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser

PICTURES = ROOT / "test-output"


def visit(browser: Browser, url: str, **options: object) -> Page:
    """Open a URL in a browser of its own and wait until it is drawn."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    settle(page)
    return page


def settle(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(page.locator(".atlas-drawing circle")).to_have_count(190)


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def overflow(page: Page) -> int:
    return int(
        page.evaluate(
            "() => { const main = document.querySelector('[data-testid=stMain]');"
            " return main.scrollWidth - main.clientWidth }"
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_deep_link_is_the_first_request(
    scheme: str, browser: Browser, fresh_server: Callable[..., str]
) -> None:
    query = "source=tape_bert:published&matrix=PAM250&order=chemistry&shown=difference"
    page = visit(browser, f"{fresh_server()}/Substitution?{query}", color_scheme=scheme)
    expect(page.get_by_role("heading", name="Similarity to PAM250, all models")).to_be_visible()
    expect(page.locator(".atlas-table .chosen th").first).to_have_text("TapeBert")
    expect(page.get_by_text("Loaded results")).to_be_visible()
    expect(page.locator(".atlas-drawing rect[data-link]")).to_have_count(760)
    picture(page, f"substitution-{scheme}")
    page.context.close()


def test_a_pair_is_marked_in_all_three(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Substitution")
    say = page.locator(".atlas-drawing .say")
    expect(say).to_have_text("Point at a pair to see it in all three.")
    page.locator('rect[data-link="IV"]').first.hover()
    expect(page.locator(".atlas-drawing .on")).to_have_count(5)  # twice a matrix, and a dot
    expect(say).to_contain_text("Isoleucine – Valine: r 0.83")
    expect(say).to_contain_text("BLOSUM62 3")
    page.locator("h5").first.hover()
    expect(page.locator(".atlas-drawing .on")).to_have_count(0)
    page.context.close()


def test_pairs_are_read_with_the_keyboard(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Substitution")
    drawing = page.get_by_role("group", name="arrow keys read its parts")
    say = page.locator(".atlas-drawing .say")
    drawing.focus()
    drawing.press("ArrowRight")
    first = say.inner_text()
    assert " over heads), BLOSUM62 " in first
    expect(page.locator(".atlas-drawing .on")).to_have_count(5)
    drawing.press("ArrowRight")
    expect(say).not_to_have_text(first)
    drawing.press("ArrowLeft")
    expect(say).to_have_text(first)
    drawing.press("Escape")
    expect(say).to_have_text("Point at a pair to see it in all three.")
    page.context.close()


def test_another_matrix_and_back(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Substitution")
    page.locator(".st-key-substitution_matrix input").click()
    page.keyboard.type("GONNET")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Similarity to GONNET1992")).to_be_visible()
    page.wait_for_function("() => location.search.includes('GONNET1992')")
    page.reload()
    settle(page)
    expect(page.get_by_role("heading", name="Similarity to GONNET1992")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Similarity to BLOSUM62")).to_be_visible()
    page.context.close()


def test_the_table_is_what_is_drawn(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Substitution?source=prot_bert:published")
    page.locator(".st-key-substitution_pairs_take button").first.click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Table, Parquet", exact=True).click()
    frame = pd.read_parquet(io.BytesIO(Path(caught.value.path()).read_bytes()))
    assert len(frame) == 190
    r = float(np.corrcoef(frame["score"], frame["correlation"])[0, 1])
    assert r == pytest.approx(0.68, abs=0.005)  # the published number
    scores, heights = {}, {}
    for dot in page.locator(".atlas-drawing circle").all():
        link = dot.get_attribute("data-link") or ""
        scores[link] = float(dot.get_attribute("cx") or "nan")
        heights[link] = float(dot.get_attribute("cy") or "nan")
    names = frame["amino_acid_1"] + frame["amino_acid_2"]
    drawn = np.corrcoef(names.map(scores), -names.map(heights))[0, 1]
    assert drawn == pytest.approx(r, abs=1e-3)
    page.context.close()


def test_nothing_is_cut_off_at_800_pixels(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Substitution", viewport={"width": 800, "height": 900})
    assert overflow(page) <= 0
    picture(page, "substitution-800")
    page.context.close()
