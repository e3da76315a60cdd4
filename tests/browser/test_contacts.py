"""The Contacts page in real Chromium: choices, keys, a permalink, a telephone, strange names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.results.contacts import find_contact_runs, opened_names
from precompute.tables import CONTACT_RUN_TABLES, CONTACT_RUNS, add_run, read_table
from tests import hostile
from tests.browser.conftest import settle
from tests.browser.test_pages import picture, visit
from tests.measured_contacts import measured_contacts

pytestmark = pytest.mark.browser

CHARTS = tuple(f"contacts_{name}" for name in ("comparison", "means", "weights", "protein_map"))
COVERED = """(chart) => {
  const boxes = [...chart.querySelectorAll(".annotation-text, .legendtext, .xtitle, .ytitle")]
    .map((one) => [one.textContent, one.getBoundingClientRect()]);
  return boxes.flatMap(([text, a], place) => boxes.slice(place + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1
      && a.top < b.bottom - 1 && b.top < a.bottom - 1)
    .map(([other]) => `${text} | ${other}`)
    .concat(a.right > chart.querySelector(".main-svg").getBoundingClientRect().right + 1
      ? [`${text} is cut`] : []));
}"""
"""Words of a chart that stand on each other, or beyond its edge."""


@pytest.fixture(scope="module")
def address(
    serve: Callable[..., str], contacts_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A server with the run, and with three more of other names."""
    folder = tmp_path_factory.mktemp("runs")
    runs = read_table(contacts_folder, CONTACT_RUNS)
    for number, model in enumerate(("a_model_of_a_rather_long_name_of_its_own", "b", "c")):
        tables = {
            table: read_table(contacts_folder, table, run=runs["run"].item()).assign(
                run=f"run{number}"
            )
            for table in CONTACT_RUN_TABLES
        }
        add_run(folder, runs.assign(run=f"run{number}", model=model), tables, CONTACT_RUNS)
    return serve(f"{contacts_folder},{folder}")


def open_protein(page: Page, name: str) -> None:
    """Choose a protein by keys alone."""
    box = page.locator(".st-key-contacts_protein input")
    box.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.type(name)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_choices_are_drawn_and_the_permalink_restores_them(
    scheme: str, browser: Browser, address: str, contacts_folder: Path
) -> None:
    errors: list[str] = []
    runs, _ = find_contact_runs([str(contacts_folder)])
    name = list(opened_names(next(iter(runs.values()))))[-1]
    page = visit(browser, f"{address}/Contacts", color_scheme=scheme)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for key in CHARTS:
        expect(page.locator(f".st-key-{key} .js-plotly-plot")).to_be_visible()
    page.locator(".st-key-contacts_separation").get_by_text("6 or more", exact=True).click()
    expect(page.get_by_text("P@L (%), 6 or more apart, C-alpha").first).to_be_visible()
    page.locator(".st-key-contacts_shown").get_by_text("Precision alone", exact=True).click()
    expect(page.get_by_text("precision alone, %").first).to_be_visible()
    open_protein(page, name)
    page.wait_for_function(
        "(parts) => parts.every((part) => location.search.includes(part))",
        arg=["separation=all", "shown=precision", f"protein={name}"],
    )
    settle(page)
    heading = page.locator(".st-key-contacts_protein_map .annotation-text").first
    expect(heading).to_contain_text(name)
    expect(page.locator(".st-key-contacts_structure canvas")).to_be_visible()
    expect(page.get_by_text("Most certain wrong pairs")).to_be_visible()
    picture(page, f"contacts-{scheme}")
    other = visit(browser, page.url, fresh=True)
    expect(other.locator(".st-key-contacts_protein_map .annotation-text").first).to_contain_text(
        name
    )
    expect(other.get_by_text("precision alone, %").first).to_be_visible()
    expect(other.get_by_text("P@L (%), 6 or more apart, C-alpha").first).to_be_visible()
    assert errors == []
    other.context.close()
    page.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_words_of_a_chart_stand_on_others(width: int, browser: Browser, address: str) -> None:
    page = visit(
        browser, f"{address}/Contacts?shown=precision", viewport={"width": width, "height": 900}
    )
    for key in CHARTS:
        chart = page.locator(f".st-key-{key} .atlas-chart")
        assert chart.evaluate(COVERED) == [], key
        inside = "(chart) => chart.getBoundingClientRect().right <= innerWidth"
        assert chart.evaluate(inside), key
    # A map of contacts is seen whole, and square.
    box = page.locator(".st-key-contacts_protein_map rect.nsewdrag").bounding_box()
    assert box is not None
    assert abs(box["width"] - box["height"]) < 2
    assert box["x"] + box["width"] <= width
    page.context.close()


def test_names_of_proteins_stay_text(
    browser: Browser, fresh_server: Callable[..., str], tmp_path: Path
) -> None:
    name = " ".join((*hostile.MARKUP, *hostile.LINKS))
    results, _ = measured_contacts(tmp_path, name=name)
    page = browser.new_context().new_page()
    asked: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    server = fresh_server(str(results))
    page.goto(f"{server}/Contacts")
    settle(page)
    expect(page.locator(".st-key-contacts_protein_map .js-plotly-plot")).to_be_visible()
    expect(page.locator("[src*=evil], [href*=evil]")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert dialogs == []
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {server.split("/")[2]}
    page.context.close()
