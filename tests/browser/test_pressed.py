"""A click is obeyed though the page draws itself anew between press and release."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.page.library import STATIC
from tests.browser.conftest import place_in, settle

pytestmark = pytest.mark.browser

SCRIPT = """
import numpy as np
import streamlit as st

from dashboard.figures.look import style, template
from dashboard.page.chart import show_chart
from dashboard.page.leading import show_leading
from dashboard.page.markup import show_markup
from dashboard.page.tables import html_table

state = st.session_state

def pick(value):
    state["chosen"] = value

@st.fragment(run_every=0.3)
def draw():
    turn = state["turn"] = state.get("turn", 0) + 1
    table = html_table(["name", "turn"], [[name, str(turn)] for name in "abc"],
        names=["a", "b", "c"], picks=True)
    show_markup(table + LONG * "<!-- -->", key="table", picked=pick)
    cells = template.new_figure(260, 420, 300)
    template.add_cells(cells, np.arange(12.0).reshape(3, 4) + turn, style.SEQUENTIAL, 0, 99,
        meta={"pick": True})
    template.title(cells, f"Turn {turn}", "n = 5")
    show_chart(cells.finish(), key="cells", alt="Cells.", file_name="cells", on_pick=pick)
    show_leading(f'<a href="?led=1">a place, {turn}</a>', key="links")
    st.text(f"turn {turn}, picked {state.get('chosen')}")

draw()
"""


@pytest.fixture(scope="module", params=[0, 2_000], ids=["small", "large"])
def address(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[..., str],
    chromium: str,
) -> str:
    script = tmp_path_factory.mktemp("pressed") / "page.py"
    if (STATIC / "plotly-cartesian.min.js").is_file():  # served from beside the script
        shutil.copytree(STATIC, script.parent / "static")
    script.write_text(SCRIPT.replace("LONG", str(request.param)))
    return serve(script=str(script))


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.goto(address)
    settle(page)
    page.locator(".atlas-chart[data-state=drawn]").wait_for()
    page.get_by_text("turn").last.wait_for()
    yield page
    page.close()


def press_long(page: Page, x: float, y: float) -> None:
    """Click, and let go only after the page was drawn anew at least twice."""
    turn = "() => Number(document.body.innerText.match(/turn (\\d+), picked/)[1])"
    page.mouse.move(x, y)
    page.mouse.down()
    before = page.evaluate(turn)
    page.wait_for_function(f"(before) => ({turn})() > before + 2", arg=before)
    page.mouse.up()


def centre(page: Page, what: str) -> tuple[float, float]:
    """Where the middle of an element is; one that was just replaced is nowhere."""
    while True:
        box = page.locator(what).bounding_box()
        if box and box["width"]:
            return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_row_of_a_table(page: Page) -> None:
    press_long(page, *centre(page, "[data-pick=b]"))
    expect(page.get_by_text("picked b")).to_be_visible()
    # What the page has drawn meanwhile is shown, once the button is let go.
    shown = page.locator(".st-key-table").locator("[data-pick=b] td").inner_text
    before = shown()
    page.wait_for_timeout(1000)
    assert int(shown()) > int(before)


def test_a_cell_of_a_chart(page: Page) -> None:
    press_long(page, *place_in(page, "cells", 3, 2))
    expect(page.get_by_text("picked [2, 3]")).to_be_visible()


def test_a_link(page: Page) -> None:
    press_long(page, *centre(page, ".st-key-links a"))
    page.wait_for_url("**led=1")


def test_the_keyboard_stays_where_it_is(page: Page) -> None:
    page.locator("[data-pick=b]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("picked b")).to_be_visible()
    page.wait_for_timeout(1000)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("picked c")).to_be_visible()


def test_a_part_that_is_dragged_over(page: Page) -> None:
    left, right = place_in(page, "cells", 1.8, 2), place_in(page, "cells", 3.2, 2)
    page.mouse.move(*left)
    page.mouse.down()
    page.mouse.move(left[0] + 20, left[1])
    page.wait_for_timeout(1000)
    page.mouse.move(*right, steps=4)
    page.mouse.up()
    page.wait_for_function(
        """() => {
          const plot = document.querySelector(".st-key-cells .js-plotly-plot");
          const [low, high] = plot._fullLayout.xaxis.range;
          return low > 1.7 && high < 3.3;
        }"""
    )


def test_a_button_that_is_never_let_go_stops_nothing(page: Page) -> None:
    turn = page.locator(".st-key-table [data-pick=b] td")
    page.mouse.move(*centre(page, "[data-pick=b]"))
    page.mouse.down()
    before = int(turn.inner_text())
    page.wait_for_timeout(1000)
    assert int(turn.inner_text()) <= before + 1
    page.wait_for_timeout(10_000)
    assert int(turn.inner_text()) > before + 1
