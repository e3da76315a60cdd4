"""Two proteins in real Chromium: beside each other, as one complex, and on a telephone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live_app import attended, painted, require_library, served
from tests.checkpoints import make_checkpoint
from tests.plus_checkpoints import write_published, write_rnn

pytestmark = pytest.mark.browser
HEADS = ".st-key-live_heads .atlas-chart[data-state=drawn]"
PAIR = "Live?protein=example:1MVO&second=example:1T8K&model=prot_bert&layer=2&head=3&threshold=0.05"
COMPLEX = (
    "Live?protein=example:1JYR&chain=A&second_kind=chain&second_chain=L&model=esm2_t6_8m"
    "&layer=1&head=2&threshold=0.05"
)


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require_library()
    weights = tmp_path_factory.mktemp("weights")
    make_checkpoint(weights / "prot_bert", "prot_bert", max_position_embeddings=400)
    make_checkpoint(weights / "esm2_t6_8m", "esm2_t6_8m", max_position_embeddings=400)
    write_published(weights / "plus_tfm")
    write_rnn(weights / "plus_rnn_base")
    settings = {"ATLAS_WEIGHTS": str(weights)}
    with served(tmp_path_factory.mktemp("app"), library=True, settings=settings) as root:
        yield root


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1300, "height": 1300}, accept_downloads=True)
    page = context.new_page()
    yield page
    assert page.locator("[data-testid=stException]").count() == 0
    context.close()


def test_two_entries_stand_beside_each_other_with_the_alignment_below(page: Page, app: str) -> None:
    page.goto(f"{app}{PAIR}")
    attended(page, HEADS)
    attended(page)
    view = page.locator(".molecule").first
    label = view.locator("[role=img]").get_attribute("aria-label") or ""
    assert "drawn on chains A and B" in label
    assert int(view.get_attribute("data-arcs") or 0) > 0
    assert painted(page) > 2_000
    # The four quadrants stand in the map, with their shares.
    shown = page.locator(".st-key-live_map")
    for way in ("1MVO→1MVO", "1MVO→1T8K", "1T8K→1MVO", "1T8K→1T8K"):
        expect(shown.get_by_text(way)).to_be_visible()
    expect(page.get_by_text("stays in 1MVO and")).to_be_visible()
    expect(page.get_by_text("was not trained on pairs of proteins")).to_be_visible()
    compare = page.get_by_role("button", name="Compare the two proteins")
    drawn = page.locator(".st-key-live_soft_alignment .atlas-chart[data-state=drawn]")
    drawn.or_(compare).first.wait_for()
    if compare.is_visible():
        compare.click()
    drawn.wait_for()
    expect(page.get_by_text("holds the two for one family")).to_be_visible()
    assert "second=example%3A1T8K" in page.url or "second=example:1T8K" in page.url
    page.get_by_role("combobox", name="Second protein").click()
    page.get_by_role("option", name="None").click()
    expect(page.get_by_text("stays in 1MVO and")).to_have_count(0)
    page.wait_for_url(lambda address: "second" not in address)
    attended(page)


def test_a_complex_is_drawn_as_it_lies_and_taken_along(page: Page, app: str) -> None:
    page.goto(f"{app}{COMPLEX}")
    attended(page, HEADS)
    attended(page)
    expect(page.get_by_text("a linker of 25 glycines")).to_be_visible()
    label = page.locator(".molecule [role=img]").first.get_attribute("aria-label") or ""
    assert "drawn on chains A and L" in label
    page.get_by_text("Arcs and scene for other programs").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Arcs, CSV").click()
    text = waiting.value.path().read_text()
    assert text.startswith("i,j,chain_i,residue_i,number_i,chain_j,")
    assert "\n" in text


def test_plus_says_its_score_on_a_telephone_too(browser: Browser, app: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    # Its random weights read 67 tokens: what is longer is cut, and said.
    page.goto(f"{app}{PAIR.replace('prot_bert', 'plus_tfm')}")
    attended(page, HEADS)
    attended(page)
    expect(page.get_by_text("cut from the end of the longer one")).to_be_visible()
    expect(page.get_by_text("PLUS-TFM holds the two for one family")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    assert page.locator("[data-testid=stException]").count() == 0
    context.close()
