"""Home in real Chromium: its pictures and its protein are drawn, and open what they show."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from precompute.examples import load_arcs
from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser

PICTURES = ROOT / "test-output"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_map_opens_its_best_head_without_a_new_visit(
    scheme: str, browser: Browser, server: str
) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.goto(server)
    maps = page.locator(".st-key-home_maps img")
    expect(maps).to_have_count(5)
    assert all(maps.evaluate_all("(all) => all.map((one) => one.complete && one.alt.length > 60)"))
    molecule = page.locator(".st-key-home_molecule .molecule")
    head = load_arcs().query("head == 10")
    expect(molecule).to_have_attribute("data-arcs", str(len(head)))
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"home-{scheme}.png")
    page.evaluate("window.here = true")
    page.get_by_role("link", name="ProtBert-BFD").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Head 30-9", exact=True)).to_be_visible()
    assert page.url.endswith("/Heads?head=prot_bert_bfd.30.9")
    assert page.evaluate("window.here") is True
    context.close()
