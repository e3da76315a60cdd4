"""Every page on a telephone: nothing is cut off or covered, and numbers keep their names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.page.opening import PAGES
from precompute.features import FEATURES
from precompute.heads import SITE_FEATURES
from tests import measured
from tests.browser.conftest import settle

pytestmark = pytest.mark.browser

SEEN = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const covered = (one) => {
    const box = one.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return one.contains(top) || top?.contains(one) ? "" : one.outerHTML.slice(0, 200);
  };
  const controls = [...main.querySelectorAll('input, button, a, summary, [role="combobox"]')];
  const title = main.querySelector("h1");
  const begins = title.getBoundingClientRect().left - 1;
  // A row of buttons is scrolled to the chosen one: those before it lie to the left of the page.
  const first = controls.find((one) => {
    const box = one.getBoundingClientRect();
    return box.height > 0 && box.left >= begins;
  });
  const cells = [...main.querySelectorAll(".atlas-table td")].filter((cell) => cell.textContent);
  const nameless = cells.filter((cell) => {
    const head = cell.closest("table").tHead.rows[0].cells[0].getBoundingClientRect();
    const said = getComputedStyle(cell, "::before").content;
    return head.height < 5 && said !== JSON.stringify(cell.dataset.label);
  });
  const wide = [...main.querySelectorAll(".atlas-table")].filter((table) =>
    table.getBoundingClientRect().right > innerWidth + 1);
  return {
    sideways: Math.max(main.scrollWidth, document.documentElement.scrollWidth) - innerWidth,
    covered: [title, ...(first ? [first] : [])].map(covered).join(""),
    nameless: nameless.length,
    wide: wide.length,
  };
}"""
GOOD = {"sideways": 0, "covered": "", "nameless": 0, "wide": 0}
MORE = (
    f"Heads?models={measured.OWN_MODEL}&feature=binding_site&table=all&head={measured.OWN_MODEL}.1.1",
    "Heads?models=tape_bert&models=prot_bert&head=tape_bert.11.6",
    "Amino_acids?head=12.4",
    "Layers?feature=contact&feature=binding_site",
    "Compare?first=tape_bert&second=prot_bert",
    "Alignments?head=1.5&control=rows",
    "Contacts?shown=precision&method=regression.0",
)
"""Pages with more on them than they begin with."""


@pytest.fixture
def telephone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, color_scheme="dark"
    )
    yield context.new_page()
    context.close()


def visit(page: Page, address: str) -> None:
    page.goto(address)
    settle(page)


def is_whole(page: Page) -> None:
    try:
        page.wait_for_function(
            f"(good) => JSON.stringify(({SEEN})()) === JSON.stringify(good)", arg=GOOD
        )
    except Exception:
        assert page.evaluate(f"({SEEN})()") == GOOD, page.url
        raise


def test_a_narrow_page_is_whole(telephone: Page, server: str) -> None:
    names = [label.replace(" ", "_").replace("Home", "") for label, _ in PAGES.values()]
    for address in (*names, *MORE):
        visit(telephone, f"{server}/{address}")
        is_whole(telephone)


def test_every_number_of_the_first_page_has_its_name(telephone: Page, server: str) -> None:
    visit(telephone, server)
    expect(telephone.locator(".st-key-home_best a")).to_have_count(15)
    expect(telephone.get_by_text("Loaded:")).to_be_visible()
    said = telephone.evaluate(
        """() => [...document.querySelectorAll(".st-key-home_best :is(th, td)")]
          .map((cell) => [getComputedStyle(cell, "::before").content, cell.innerText,
                          cell.getBoundingClientRect().right])"""
    )
    names = [f'"{FEATURES[feature].label}"' for feature in SITE_FEATURES]
    rows = [said[start : start + 4] for start in range(4, len(said), 4)]
    assert len(rows) == 5
    for (own, model, _), *cells in rows:
        assert own == "none"
        assert "×" in model
        assert [name for name, _, _ in cells] == names
        assert all("%" in number and right <= 390 for _, number, right in cells)


def test_a_place_of_methods_is_not_below_the_top_bar(telephone: Page, server: str) -> None:
    visit(telephone, f"{server}/Methods#z")
    telephone.wait_for_selector(".atlas-formula")
    heading = telephone.get_by_role("heading", name="z against the background")
    expect(heading).to_be_in_viewport()
    telephone.wait_for_function(
        """() => { const one = document.getElementById("z"), box = one.getBoundingClientRect();
          return one.contains(document.elementFromPoint(box.x + 20, box.y + box.height / 2)) }"""
    )
