"""What was drawn on a page stands there again on the way back, and answers as before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import place_in, settle
from tests.browser.test_back_and_forth import go

pytestmark = pytest.mark.browser

HEATMAP = "heatmap_prot_bert_bfd_published"
PLOT = f"document.querySelector('.st-key-{HEATMAP} .js-plotly-plot')"
SHADOWED = """(() => {
  const found = [...document.querySelectorAll('*')].map((one) => one.shadowRoot)
    .filter(Boolean).map((root) => root.querySelector('.molecule[data-state=ready]'));
  return found.find(Boolean) ?? document.querySelector('.molecule[data-state=ready]');
})()"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def chart(page: Page) -> None:
    expect(page.locator(f".st-key-{HEATMAP} .atlas-chart[data-state=drawn]")).to_have_count(1)


def test_a_chart_comes_back_as_it_was_left(page: Page, server: str) -> None:
    page.goto(f"{server}/Heads?models=prot_bert_bfd")
    settle(page)
    chart(page)
    page.evaluate(f"{PLOT}.mine = true")
    x, y = place_in(page, HEATMAP, 4, 20)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 60, steps=4)
    page.mouse.up()
    zoomed = page.evaluate(f"{PLOT}._fullLayout.xaxis.range")
    assert zoomed[1] - zoomed[0] < 12

    go(page, "Layers")
    go(page, "Heads")
    chart(page)
    assert page.evaluate(f"{PLOT}.mine") is True
    assert page.evaluate(f"{PLOT}._fullLayout.xaxis.range") == zoomed

    # it still says what a cell is, opens it, frames it, and follows another property
    page.mouse.move(0, 0)
    page.mouse.click(*place_in(page, HEATMAP, 6, 18))
    expect(page.locator(".st-key-opened_head h3")).to_contain_text("18-6")
    expect(page.locator(f".st-key-{HEATMAP} .marks rect")).to_have_count(2)
    before = page.evaluate(f"JSON.stringify({PLOT}.data[0].z[0])")
    box = page.locator(".st-key-heads_feature input")
    box.click()
    box.fill("Binding site")
    box.press("Enter")
    page.wait_for_function(
        f"(before) => JSON.stringify({PLOT}?.data[0].z[0]) !== before", arg=before
    )


def test_a_page_that_became_narrow_meanwhile_is_drawn_anew(page: Page, server: str) -> None:
    page.goto(f"{server}/Heads?models=prot_bert_bfd")
    settle(page)
    chart(page)
    go(page, "Methods")
    page.set_viewport_size({"width": 500, "height": 900})
    page.evaluate("history.back()")
    page.wait_for_function("document.title.startsWith('Heads')")
    chart(page)
    expect(page.locator(f".st-key-{HEATMAP} .atlas-chart")).to_be_visible()
    width = page.evaluate(f"[{PLOT}._fullLayout.width, {PLOT}.parentElement.clientWidth]")
    assert width[0] <= max(width[1], 240)


def test_views_of_3d_are_few_however_often_pages_change(page: Page, server: str) -> None:
    page.goto(server)
    page.wait_for_function(f"{SHADOWED} !== undefined && {SHADOWED} !== null")
    page.evaluate(
        """() => {
          window.opened = 0;
          const create = window.$3Dmol.createViewer;
          window.$3Dmol.createViewer = (...given) => {
            window.opened += 1;
            return create(...given);
          };
        }"""
    )
    page.evaluate(f"{SHADOWED}.querySelector('.view').mine = true")
    arcs = page.evaluate(f"{SHADOWED}.dataset.arcs")
    assert int(arcs) > 0
    for _ in range(3):
        for name in ("Live", "Heads", "Home"):
            go(page, name)
            if name != "Heads":
                page.wait_for_function(f"Boolean({SHADOWED}?.dataset.arcs > 0)")
    assert page.evaluate(f"{SHADOWED}.querySelector('.view').mine") is True
    assert page.evaluate(f"{SHADOWED}.dataset.arcs") == arcs
    assert page.evaluate("window.opened") <= 1


def test_views_of_one_structure_on_two_pages_are_each_as_they_were_left(
    page: Page, server: str
) -> None:
    def arcs() -> str:
        page.wait_for_function(f"Boolean({SHADOWED}?.dataset.arcs > 0)")
        return str(page.evaluate(f"{SHADOWED}.dataset.arcs"))

    page.goto(server)
    there = {"Home": arcs()}
    page.evaluate(f"{SHADOWED}.querySelector('.view').mine = 'Home'")
    go(page, "Live")
    there["Live"] = arcs()
    page.evaluate(f"{SHADOWED}.querySelector('.view').mine = 'Live'")
    for name in ("Home", "Live", "Home"):
        go(page, name)
        assert arcs() == there[name]
        assert page.evaluate(f"{SHADOWED}.querySelector('.view').mine") == name


def test_what_the_browser_has_of_a_page_is_not_sent_again(page: Page, server: str) -> None:
    frames: list[int] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: frames.append(len(frame))),
    )
    page.goto(f"{server}/Layers")
    settle(page)
    first = sum(frames)
    for name in ("Heads", "Methods", "Home", "Contacts"):
        go(page, name)
        settle(page)
    frames.clear()
    go(page, "Layers")
    settle(page)
    assert 0 < sum(frames) < first / 3
