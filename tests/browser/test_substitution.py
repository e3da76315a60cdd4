"""The Substitution page in real Chromium."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from precompute.chemistry import LETTERS
from tests.browser.conftest import ROOT, place_in, settle

pytestmark = pytest.mark.browser

PICTURES = ROOT / "test-output"


def visit(browser: Browser, url: str, **options: object) -> Page:
    """Open a URL in a browser of its own and wait until it is drawn."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    settle(page)
    expect(page.locator(".atlas-chart")).to_have_count(3)
    return page


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
    assert len(marked(page, "pairs")) == 0
    picture(page, f"substitution-{scheme}")
    page.context.close()


def marked(page: Page, name: str) -> list[dict[str, float]]:
    """Give the middles of the frames in a chart, in the units of its axes."""
    return list(
        page.evaluate(
            """name => {
              const chart = document.querySelector(`.st-key-substitution_chart_${name}`);
              const { xaxis, yaxis } = chart.querySelector(".js-plotly-plot")._fullLayout;
              return [...chart.querySelectorAll(".marks .over")].map((frame) => {
                const { x, y, width, height } = frame.getBBox();
                return { x: xaxis.p2c(x + width / 2 - xaxis._offset),
                  y: yaxis.p2c(y + height / 2 - yaxis._offset) };
              });
            }""",
            name,
        )
    )


def point_at(page: Page, name: str, x: float, y: float) -> None:
    """Put the pointer on a place of a chart, given in the units of its axes."""
    place = place_in(page, f"substitution_chart_{name}", x, y)
    page.mouse.move(place[0] - 2, place[1] - 2)
    page.mouse.move(*place)


def test_a_pair_is_marked_in_all_three(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Substitution?order=alphabet")
    line = page.locator(".atlas-sentence")
    expect(line).to_have_text("Point at a pair to see it in all three.")
    places = [float(LETTERS.index(letter)) for letter in "IV"]
    point_at(page, "attention", *places)
    expect(line).to_contain_text("Isoleucine – Valine: r 0.83")
    expect(line).to_contain_text("BLOSUM62 3")
    for name in ("attention", "scores"):  # twice in a matrix
        cells = sorted((round(mark["x"], 1), round(mark["y"], 1)) for mark in marked(page, name))
        assert cells == [tuple(places), tuple(reversed(places))]
    (dot,) = marked(page, "pairs")
    assert dot["x"] == pytest.approx(3, abs=0.05)
    assert dot["y"] == pytest.approx(0.83, abs=0.01)
    point_at(page, "pairs", dot["x"], dot["y"])  # and from the dot to the cells
    expect(line).to_contain_text("Isoleucine – Valine: r 0.83")
    assert len(marked(page, "scores")) == 2
    page.locator("h5").first.hover()
    expect(page.locator(".marks .over")).to_have_count(0)
    expect(line).to_have_text("Point at a pair to see it in all three.")
    page.context.close()


def test_pairs_are_read_with_the_keyboard(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Substitution?order=alphabet")
    chart = page.locator(".st-key-substitution_chart_scores .atlas-chart")
    said, line = chart.get_by_role("status"), page.locator(".atlas-sentence")
    chart.focus()
    for _ in range(2):  # from the diagonal to the first pair
        chart.press("ArrowRight")
    expect(line).to_contain_text("Alanine – Cysteine: r ")
    expect(said).to_contain_text(" over heads), BLOSUM62 0")
    assert [len(marked(page, name)) for name in ("attention", "scores", "pairs")] == [2, 2, 1]
    chart.press("ArrowDown")
    chart.press("ArrowDown")
    expect(line).to_contain_text("Cysteine – Aspartate: r ")
    chart.press("Escape")
    expect(line).to_have_text("Point at a pair to see it in all three.")
    expect(said).to_have_text("")
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
    expect(page.locator(".atlas-chart")).to_have_count(3)
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
    names = [min(a, b) + max(a, b) for a, b in frame[["amino_acid_1", "amino_acid_2"]].to_numpy()]
    dots = page.evaluate(
        """() => {
          const chart = document.querySelector(".st-key-substitution_chart_pairs .js-plotly-plot");
          const { x, y, customdata } = chart._fullData[1];
          return { x: Array.from(x), y: Array.from(y), customdata };
        }"""
    )
    assert dots["customdata"] == names
    np.testing.assert_allclose(dots["x"], frame["score"])
    np.testing.assert_allclose(dots["y"], frame["correlation"], rtol=1e-6)
    page.context.close()


def test_nothing_is_cut_off_at_800_pixels(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Substitution", viewport={"width": 800, "height": 900})
    assert overflow(page) <= 0
    picture(page, "substitution-800")
    page.context.close()
