"""The Alignments page in real Chromium: clicks, keys, a permalink, a null, a file."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import settle
from tests.browser.test_pages import cell_at, download, middle, picture, visit
from tests.measured_alignments import measured_alignments

pytestmark = pytest.mark.browser
OWN = "alignments_map_measured"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., str]) -> str:
    """A server with a run over alignments and two of the nulls."""
    folder, _ = measured_alignments(tmp_path_factory.mktemp("own"), "--nulls", "columns,rows")
    return serve(str(folder))


def click(page: Page, layer: int, head: int) -> None:
    page.locator(f".st-key-{OWN} .nsewdrag").first.scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    page.mouse.click(*middle(cell_at(page, OWN, layer, head)))


def opened(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=f"Head {name}", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_head_is_opened_and_its_permalink_restores_it(
    scheme: str, browser: Browser, address: str
) -> None:
    page = visit(browser, f"{address}/Alignments", 2, color_scheme=scheme)
    click(page, 2, 3)
    opened(page, "2-3")
    page.locator(".st-key-alignments_control").get_by_text("Within rows", exact=True).click()
    expect(page.get_by_text("shuffled within rows").first).to_be_visible()
    page.locator(".st-key-alignments_family input").click()
    page.keyboard.type("PF00002")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Head 2-3 in PF00002").first).to_be_visible()
    page.wait_for_function(
        "() => ['head=2.3', 'control=rows', 'family=PF00002']"
        ".every((part) => location.search.includes(part))"
    )
    settle(page, 2)
    picture(page, f"alignments-{scheme}")
    other = visit(browser, page.url, 2, fresh=True)
    opened(other, "2-3")
    for one in (page, other):
        expect(one.locator(".st-key-alignments_rows_attention .js-plotly-plot")).to_be_visible()
        expect(one.get_by_text("12 rows × ").first).to_be_visible()
        expect(one.get_by_text("shuffled within rows").first).to_be_visible()
    other.context.close()
    page.close()


def test_the_map_and_the_rows_are_read_with_the_keyboard(browser: Browser, address: str) -> None:
    page = visit(browser, f"{address}/Alignments?family=PF00003", 2)
    chart = page.locator(f".st-key-{OWN} .atlas-chart")
    chart.focus()
    chart.press("ArrowRight")
    chart.press("ArrowRight")
    expect(chart.locator(".said")).to_contain_text("layer 1, head 2")
    expect(chart.locator(".said")).to_contain_text("ρ")
    chart.press("Enter")
    opened(page, "1-2")
    settle(page, 2)
    rows = page.locator(".st-key-alignments_rows_distance .atlas-chart")
    rows.focus()
    rows.press("ArrowRight")
    rows.press("ArrowRight")
    expect(rows.locator(".said")).to_contain_text("row")
    expect(rows.locator(".said")).to_contain_text("distance 0.")
    page.close()


def test_a_chosen_row_opens_its_head_and_shows_its_family(browser: Browser, address: str) -> None:
    page = visit(browser, f"{address}/Alignments?table=on", 2)
    choose_row(page, "alignments_table_rows", 2)
    opened(page, "1-2")
    page.wait_for_function("() => location.search.includes('head=1.2')")
    settle(page, 2)
    choose_row(page, "alignments_families_rows", 3)
    expect(page.get_by_text("Head 1-2 in PF00003").first).to_be_visible()
    page.wait_for_function("() => location.search.includes('family=PF00003')")
    page.goto(f"{address}/Heads?models=tape_bert&table=all")
    choose_row(page, "heads_table_rows", 1)
    opened(page, "12-4")  # the highest
    page.close()


def choose_row(page: Page, key: str, number: int) -> None:
    """Choose a row of a table, from 1, by the box before it."""
    table = page.locator(f".st-key-{key} .dvn-scroller").first
    table.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    table.click(position={"x": 12, "y": 35 + 28 * (number - 0.5)})


def test_a_null_that_was_not_measured_and_the_table(browser: Browser, address: str) -> None:
    page = visit(browser, f"{address}/Alignments?control=covariance", 1)
    expect(page.get_by_text("--nulls covariance measures it")).to_be_visible()
    page.locator(".st-key-alignments_control").get_by_text("None", exact=True).click()
    settle(page, 2)
    page.locator(f".st-key-{OWN}_take button").click()
    table = pd.read_csv(io.BytesIO(download(page, "Table, CSV")))
    assert len(table) == 12
    assert {"layer", "head", "correlation", "lower", "upper", "alignments"} <= set(table)
    page.close()
