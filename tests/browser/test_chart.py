"""The one chart component in real Chromium: marks, keys, zoom, links, files, themes, fallback."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.page.library import STATIC
from tests.browser.conftest import settle

pytestmark = pytest.mark.browser

SCRIPT = """
import numpy as np
import plotly.graph_objects as go
import streamlit as st

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import trace
from dashboard.page import library
from dashboard.page.chart import say_line, show_chart
from dashboard.page.takeaway import take_along

WITHOUT_NPM
high = st.slider("high", 1, 9, 5)
chosen = st.session_state.get("chosen")
st.text(f"picked {chosen}")

def pick(value):
    st.session_state["chosen"] = value

cells = template.new_figure(260, 420, 300)
values = np.arange(12, dtype=float).reshape(3, 4)
values[0, 0] = np.nan
template.add_cells(cells, values, style.SEQUENTIAL, 0, high, meta={"pick": True},
    hovertemplate="layer %{y}, head %{x}: %{z}<extra></extra>")
cells.update_layout(xaxis={"title": "head"}, yaxis={"title": "layer"})
template.title(cells, "A <b>name</b> & more", "n = 5")
show_chart(cells.finish(), key="cells", alt="Cells of three layers.", file_name="a/b c",
    chosen=tuple(chosen) if isinstance(chosen, list) else None, on_pick=pick)

points = template.new_figure(240, 400)
for name, colour in (("one", style.VALUE), ("other", style.OTHER)):
    points.add_trace(trace("scatter", x=[1, 2, 3], y=[high, 2, 1], mode="markers", name=name,
        marker={"color": colour}, customdata=["A", "B", "C"] if name == "one" else ["D", "E", "F"],
        meta={"link": True, "pick": True}, hovertemplate="%{customdata}: %{y}<extra></extra>"))
points.update_layout(meta={"says": {"B": "B is the second."}})
say_line("Nothing <b>is</b> framed.")
show_chart(points.finish(), key="points", alt="Points.", file_name=f"points {high}", on_pick=pick)

bars = template.new_figure(200, 400)
bars.add_trace(trace("bar", x=[1, 2], y=[3, 4], customdata=["B", "C"], meta={"link": True}))
show_chart(bars.finish(), key="bars", alt="Bars.", file_name="bars")
"""


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., str], chromium: str
) -> str:
    script = tmp_path_factory.mktemp("chart") / "page.py"
    if (STATIC / "plotly-cartesian.min.js").is_file():  # served from beside the script
        shutil.copytree(STATIC, script.parent / "static")
    script.write_text(SCRIPT.replace("WITHOUT_NPM", ""))
    return serve(script=str(script))


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    page = visit(browser, address)
    yield page
    page.context.close()


def visit(browser: Browser, address: str, width: int = 1000, **options: object) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 1200}, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.errors = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
    page.goto(address)
    settle(page)
    expect(page.locator(".atlas-chart[data-state=drawn]")).to_have_count(3)
    return page


def cell(page: Page, layer: int, head: int) -> tuple[float, float]:
    """Where a cell stands on the page."""
    return tuple(
        page.evaluate(
            """([layer, head]) => {
              const plot = document.querySelector(".st-key-cells .js-plotly-plot");
              const box = plot.getBoundingClientRect();
              const { xaxis, yaxis } = plot._fullLayout;
              return [box.x + xaxis._offset + xaxis.c2p(head),
                box.y + yaxis._offset + yaxis.c2p(layer)];
            }""",
            [layer, head],
        )
    )


def view(page: Page, key: str) -> list[float]:
    """The part of a chart's x axis that is in sight."""
    plot = f"document.querySelector('.st-key-{key} .js-plotly-plot')"
    return list(page.evaluate(f"Array.from({plot}._fullLayout.xaxis.range)"))


def test_a_click_names_the_cell_and_frames_it(page: Page) -> None:
    page.mouse.click(*cell(page, 2, 3))
    expect(page.get_by_text("picked [2, 3]")).to_be_visible()
    frames = page.locator(".st-key-cells .marks rect")
    expect(frames).to_have_count(2)
    left, top = cell(page, 2, 3)
    box = frames.last.bounding_box()
    assert box
    assert box["x"] < left < box["x"] + box["width"]
    assert box["y"] < top < box["y"] + box["height"]
    # A grey cell opens too: it is a head like the others.
    page.mouse.click(*cell(page, 1, 1))
    expect(page.get_by_text("picked [1, 1]")).to_be_visible()


def test_the_keyboard_reads_and_opens(page: Page) -> None:
    chart = page.locator(".st-key-cells .atlas-chart")
    said = chart.get_by_role("status")
    chart.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    expect(said).to_have_text("layer 2, head 2: 5")
    expect(chart.locator(".marks .aim")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_text("picked [2, 2]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(said).to_have_text("")
    other = page.locator(".st-key-points .atlas-chart")
    other.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(other.get_by_role("status")).to_have_text("D: 5")  # from one trace to the next
    page.keyboard.press("Enter")
    expect(page.get_by_text("picked D")).to_be_visible()


def test_what_has_one_name_is_framed_everywhere(page: Page) -> None:
    page.locator(".st-key-points .atlas-chart").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    for key in ("points", "bars"):
        expect(page.locator(f".st-key-{key} .marks .over")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-bars .marks .over")).to_have_count(0)


def test_the_line_says_what_is_framed(page: Page) -> None:
    line = page.locator(".atlas-sentence")
    expect(line).to_have_text("Nothing <b>is</b> framed.")
    chart = page.locator(".st-key-bars .atlas-chart")
    chart.focus()
    page.keyboard.press("ArrowRight")  # the sentence is another chart's
    expect(line).to_have_text("B is the second.")
    expect(chart.get_by_role("status")).to_have_text("B is the second.")
    page.keyboard.press("ArrowRight")  # of C nothing is said
    expect(line).to_have_text("Nothing <b>is</b> framed.")


def test_zoom_and_legend_outlive_a_rerun(page: Page) -> None:
    before = view(page, "points")
    box = page.locator(".st-key-points .nsewdrag").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    page.wait_for_function(
        "before => document.querySelector('.st-key-points .js-plotly-plot')"
        "._fullLayout.xaxis.range[0] !== before",
        arg=before[0],
    )
    zoomed = view(page, "points")
    page.locator(".st-key-points .legendtoggle").last.click()
    hidden = "document.querySelector('.st-key-points .js-plotly-plot')._fullData[1].visible"
    page.wait_for_function(f"{hidden} === 'legendonly'")
    page.get_by_role("slider").press("ArrowRight")
    page.wait_for_function(
        "document.querySelector('.st-key-points .js-plotly-plot').data[0].y[0] === 6"
    )
    assert view(page, "points") == zoomed
    assert page.evaluate(hidden) == "legendonly"


def test_no_button_sends_a_chart_away(page: Page) -> None:
    page.locator(".st-key-cells .atlas-chart").hover()
    buttons = page.locator(".st-key-cells .modebar-btn")
    names = [button.get_attribute("data-title") for button in buttons.all()]
    assert "Download plot" in names
    assert not [name for name in names if "share" in str(name).lower()]


def test_the_mode_bar_saves_svg_dark_on_white(browser: Browser, address: str) -> None:
    page = visit(browser, address, color_scheme="dark")
    page.locator(".st-key-cells .js-plotly-plot").hover()
    with page.expect_download() as event:
        page.locator(".st-key-cells [data-title^='Download']").click()
    assert event.value.suggested_filename == "a-b-c.svg"
    text = Path(event.value.path()).read_text()
    assert "<svg" in text
    assert "rgb(1, 2, 3)" in text
    assert re.search(r'<rect [^>]*style="fill: rgb\(255, 255, 255\)', text)
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_ink_is_the_pages(scheme: str, browser: Browser, address: str) -> None:
    page = visit(browser, address, color_scheme=scheme)
    ink, wanted, ground = page.evaluate(
        """() => {
          const text = document.querySelector(".st-key-cells .xtitle");
          const app = document.querySelector("[data-testid=stText] *");
          return [getComputedStyle(text).fill, getComputedStyle(app).color,
            getComputedStyle(document.querySelector(".st-key-cells .main-svg")).backgroundColor];
        }"""
    )
    assert ink == wanted
    assert ground == "rgba(0, 0, 0, 0)"
    page.context.close()


def test_names_are_letters_and_texts_can_be_selected(page: Page) -> None:
    title = page.locator(".st-key-cells .annotation-text")
    expect(title).to_contain_text("A <b>name</b> & more")
    assert title.evaluate("node => getComputedStyle(node).userSelect") == "text"
    expect(page.get_by_role("img", name="Cells of three layers.")).to_be_visible()


def test_where_there_is_little_room_it_shrinks_and_then_scrolls(
    browser: Browser, address: str
) -> None:
    page = visit(browser, address, width=330)
    chart = page.locator(".st-key-cells .atlas-chart")
    inner, outer = chart.evaluate("node => [node.scrollWidth, node.clientWidth]")
    assert outer < 300 == inner
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 330
    page.set_viewport_size({"width": 900, "height": 900})
    page.wait_for_function(
        "document.querySelector('.st-key-cells .js-plotly-plot')._fullLayout.width === 420"
    )
    page.context.close()


def test_without_npm_the_package_s_own_file_is_served(
    browser: Browser, tmp_path: Path, fresh_server: Callable[..., str]
) -> None:
    script = tmp_path / "page.py"
    script.write_text(
        SCRIPT.replace(
            "WITHOUT_NPM", "import pathlib; library.STATIC = pathlib.Path('nothing-is-here')"
        )
    )
    address = fresh_server(script=str(script))
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    expect(page.locator(".atlas-chart[data-state=drawn]")).to_have_count(3)
    assert [url for url in asked if url.endswith("plotly.min.js")]
    assert all(url.startswith((address, "data:", "blob:", "ws")) for url in asked), asked
    context.close()


def test_where_plotly_cannot_be_had_one_sentence_says_so(browser: Browser, address: str) -> None:
    context = browser.new_context()
    context.route("**/plotly*", lambda route: route.abort())
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_text("The drawing library could not be loaded").first).to_be_visible()
    context.close()


def test_no_errors(page: Page) -> None:
    page.mouse.move(*cell(page, 3, 3))
    page.mouse.move(5, 5)
    assert json.dumps(page.errors) == "[]"  # type: ignore[attr-defined]
