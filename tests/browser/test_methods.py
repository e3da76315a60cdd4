"""The Methods page in real Chromium: an address leads to its definition, entries are saved."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.figures.look.citation import entries
from dashboard.pages.methods import sections
from tests.browser.conftest import ROOT, settle

pytestmark = pytest.mark.browser

PICTURES = ROOT / "test-output"


def visit(browser: Browser, url: str, **options: object) -> Page:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    settle(page)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_an_address_leads_to_its_definition(
    scheme: str, width: int, browser: Browser, server: str
) -> None:
    viewport = {"width": width, "height": 900}
    page = visit(browser, f"{server}/Methods#z", color_scheme=scheme, viewport=viewport)
    page.wait_for_selector(".atlas-formula")
    expect(page.get_by_role("heading", name="z against the background")).to_be_in_viewport()
    blocks = sections.page().count("\n$$\n") // 2
    expect(page.locator(".atlas-formula svg")).to_have_count(blocks)
    anchors = re.findall(r"\{#([a-z-]+)\}", sections.page())
    assert anchors == page.locator(".atlas-markdown :is(h3, h5)").evaluate_all(
        "(all) => all.map((one) => one.id)"
    )
    wide = page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollWidth - main.clientWidth }"
    )
    assert wide <= 0
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"methods-{width}-{scheme}.png")
    page.context.close()


def test_the_contents_lead_there_too(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Methods")
    expect(
        page.get_by_role("heading", name="Where the paper is inconsistent")
    ).not_to_be_in_viewport()
    page.get_by_role("link", name="Where the paper is inconsistent", exact=True).click()
    expect(page.get_by_role("heading", name="Where the paper is inconsistent")).to_be_in_viewport()
    assert page.url.endswith("#inconsistencies")
    page.context.close()


def test_a_runs_provenance_opens_and_the_entries_are_saved(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Methods#provenance")
    sha = page.get_by_text("0" * 64).first
    expect(sha).not_to_be_visible()
    page.locator("details summary").filter(has_text="TapeBert").first.click()
    expect(page.locator("details[open]").get_by_text("0" * 64)).to_be_visible()
    with page.expect_download() as caught:
        page.get_by_role("button", name="All entries, BibTeX").click()
    saved = Path(caught.value.path()).read_text()
    for key in ("atlas", "vig2021", "rao2019"):
        assert entries()[key] in saved
    page.context.close()
