"""Raw addresses that nobody writes on purpose, on one running server in real Chromium."""

from __future__ import annotations

import random
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from dashboard.page.opening import PAGES
from tests.browser.conftest import settle

pytestmark = pytest.mark.browser

PARAMETERS = {
    "Heads": ("feature", "models", "measure", "run", "threshold", "table", "head"),
    "Live": ("protein", "kind", "chain", "model", "layer", "also", "residue", "by", "selection"),
    "Amino_acids": ("source", "threshold", "amino_acid", "order", "head"),
    "Substitution": ("source", "threshold", "matrix", "shown"),
    "Layers": ("source", "feature", "axis", "threshold"),
    "Compare": ("first", "second", "feature", "view"),
    "Alignments": ("run", "family", "control", "definition", "tree", "head", "table"),
    "Contacts": ("runs", "separation", "measure", "atoms", "run", "shown", "protein", "method"),
}
RAW = (
    *("", "%00", "%ff%fe", "%ZZ", "%", "%E2%82", "+", "1&", "=", "=&=", "#", "?a=b", "%0d%0a"),
    *(
        "%u0041",
        "-1",
        "1e999",
        "NaN",
        "%D9%A3",
        "%F0%9F%A7%AC",
        "%3Cimg%20src%3Dx%3E",
        "x" * 10_000,
    ),
)
REST = (
    "&&",
    "&=",
    "&%00=%00",
    "&unknown",
    "&embed=",
    "&embed=true",
    "&embed_options=x",
    "&x=1;y=2",
)


def queries(page: str) -> list[str]:
    """Write every parameter empty and twice, and all with random raw values."""
    names = PARAMETERS.get(page, ("x",))
    draw = random.Random(page)
    return [
        "&".join(f"{name}=&{name}=" for name in names),
        "&".join(f"{name}={draw.choice(RAW)}" for name in names) + draw.choice(REST),
    ]


def test_every_page_stands_at_any_address(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for label, _ in PAGES.values():
        name = "" if label == "Home" else quote(label.replace(" ", "_"))
        for query in queries(name):
            page.goto(f"{server}/{name}?{query}")
            settle(page)
            page.get_by_text("Loaded results").wait_for(state="attached")
            title = page.title().split(" · ")[0]
            assert title == ("Protein Attention Atlas" if label == "Home" else label), query
            expect(page.get_by_test_id("stException")).to_have_count(0)
            expect(page.get_by_text("Page not found")).to_have_count(0)
    assert dialogs == []
    context.close()
