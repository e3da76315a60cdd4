"""Taking a figure along in real Chromium: what is opened, chosen, saved and copied."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.io
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.printing import shell
from dashboard.figures.printing.save import save
from dashboard.figures.printing.words import print_source
from dashboard.page.library import STATIC
from tests.browser.conftest import settle
from tests.browser.test_pages import picture
from tests.charts import arrays

pytestmark = pytest.mark.browser

NAMES = {
    "one": "TapeBert",
    "hostile": '</script><script>hurt=1</script><img src=x onerror="hurt=1"> &amp; <b>@DATA@',
}
SCRIPT = f"""
from dataclasses import replace

import streamlit as st

from dashboard.figures.heads.heads_screen import head_heatmap
from dashboard.figures.look.scale import find_scale
from dashboard.page.chart import show_chart
from dashboard.page.copy_link import copy_link
from dashboard.figures.printing import shell
from dashboard.figures.printing.words import print_source
from dashboard.figures.heads.heads_print import heads_figure
from dashboard.page.takeaway import take_along

NAMES = {NAMES!r}
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
with st.sidebar:
    copy_link()
tables = shell.read_paper("tape_bert")
st.text("run " + str(st.session_state["runs"]))
frame = tables.frames["contact"]
source = print_source([tables], ["contact"])
take_along(heads_figure(frame, source), "one")
take_along(lambda: heads_figure(frame, source), "other")
for key, name in NAMES.items():
    chart = head_heatmap(frame, find_scale([frame], "percent"), (name, "n = 5,000 proteins"))
    show_chart(chart, key=key + "_chart", alt=name, file_name=key)
    named = replace(source, models=name)
    take_along(heads_figure(frame, named), key + "_chart", chart=lambda chart=chart: chart)
"""


DATA = """(plot) => JSON.stringify(
  plot.data, (_, value) => ArrayBuffer.isView(value) ? Array.from(value) : value)"""
"""The data that a chart draws."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., str]) -> str:
    script = tmp_path_factory.mktemp("page") / "page.py"
    script.write_text(SCRIPT)
    if STATIC.is_dir():  # served from beside the script
        shutil.copytree(STATIC, script.parent / "static")
    return serve(script=str(script))


def visit(browser: Browser, url: str, **options: object) -> Page:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    settle(page)
    return page


def download(page: Page, name: str) -> tuple[str, bytes]:
    with page.expect_download() as event:
        page.get_by_role("button", name=name, exact=True).click()
    return event.value.suggested_filename, Path(event.value.path()).read_bytes()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_saved_is_the_figure_and_its_frame(
    scheme: str, browser: Browser, address: str
) -> None:
    page = visit(browser, f"{address}/?feature=contact", color_scheme=scheme)
    expect(page.get_by_role("button", name="Table, CSV")).to_have_count(0)  # nothing drawn before
    page.get_by_role("button", name="Take it along").first.click()
    expect(page.get_by_role("button", name="Table, CSV")).to_have_count(1)
    page.get_by_label("Panel letter").fill("B")
    page.get_by_label("Panel letter").press("Enter")
    page.get_by_text("183 mm").click()
    page.get_by_text("PNG 600").click()
    expect(page.get_by_role("button", name="Figure, PNG 600")).to_be_visible()
    picture(page, f"takeaway-{scheme}")
    # The page was run to open it, and not for what was chosen there.
    expect(page.get_by_text("run 2", exact=True)).to_be_visible()

    name, data = download(page, "Figure, PNG 600")
    assert name == "atlas_heads_tape_bert_contact_published.png"
    image = Image.open(io.BytesIO(data))
    assert image.size[0] / 600 * 25.4 == pytest.approx(183, abs=0.05)
    assert image.text["Permalink"] == f"{address}?feature=contact"  # type: ignore[attr-defined]

    tables = shell.read_paper("tape_bert")
    frame = tables.frames["contact"]
    _, data = download(page, "Table, CSV")
    pd.testing.assert_frame_equal(
        pd.read_csv(io.BytesIO(data)), pd.read_csv(io.StringIO(frame.to_csv(index=False)))
    )
    _, data = download(page, "Table, Parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(data)), frame)
    name, data = download(page, "Citations, .bib")
    assert name.endswith(".bib")
    assert b"@inproceedings{vig2021," in data
    page.context.close()


def test_a_pdf_is_that_of_the_shell(browser: Browser, address: str) -> None:
    page = visit(browser, f"{address}/?a=1")
    page.get_by_role("button", name="Take it along").nth(1).click()  # made when it is opened
    _, data = download(page, "Figure, PDF")
    tables = shell.read_paper("tape_bert")
    source = print_source([tables], ["contact"], f"{address}?a=1")
    assert data == save(heads_figure(tables.frames["contact"], source), "pdf")
    page.context.close()


def test_a_link_is_copied(browser: Browser, address: str) -> None:
    url = f"{address}/?feature=contact&models=tape_bert"
    page = visit(browser, url, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == url
    page.context.close()


def test_without_a_clipboard_the_link_is_shown_and_selected(browser: Browser, address: str) -> None:
    url = f"{address}/?feature=contact"
    context = browser.new_context(viewport={"width": 800, "height": 900})
    context.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.execCommand = () => false;"
    )
    page = context.new_page()
    page.goto(url)
    settle(page)
    if not page.get_by_role("button", name="Copy link").is_visible():
        page.locator('[data-testid="stExpandSidebarButton"]').click()
    page.get_by_role("button", name="Copy link").click()
    field = page.get_by_label("Address of this view")
    expect(field).to_be_visible()
    assert field.input_value() == url
    assert field.evaluate("(field) => field.value.slice(field.selectionStart, field.selectionEnd)")
    expect(page.get_by_text("copy with Ctrl+C")).to_be_visible()
    context.close()


def take_file(page: Page, key: str, kind: str) -> tuple[str, bytes]:
    """Open what there is to take of a chart, and save one of its files."""
    page.locator(f".st-key-{key}_chart_take button").first.click()
    page.get_by_text(kind, exact=True).click()
    saved = download(page, f"Figure, {kind}")
    page.keyboard.press("Escape")
    return saved


@pytest.mark.parametrize("key", list(NAMES))
def test_the_chart_is_taken_along_as_a_page_that_stands_alone(
    key: str, browser: Browser, address: str, tmp_path: Path
) -> None:
    page = visit(browser, address)
    file, made = take_file(page, key, "HTML")
    assert file.endswith(".html")
    here = page.locator(f".st-key-{key}_chart .js-plotly-plot").evaluate(DATA)
    _, text = take_file(page, key, "JSON")
    page.context.close()

    again = plotly.io.from_json(text.decode())
    taken = arrays(json.loads(again.to_json(validate=False))["data"])
    for one, other in zip(taken, arrays(json.loads(here)), strict=True):
        assert one["type"] == other["type"]
        for axis in {"x", "y", "z"} & {*one, *other}:
            np.testing.assert_array_equal(numbers(one[axis]), numbers(other[axis]))
    assert NAMES[key] in again.layout.meta["Model"]

    alone = tmp_path / "alone.html"
    alone.write_bytes(made)
    context = browser.new_context(viewport={"width": 800, "height": 900}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))
    page.goto(alone.as_uri())
    expect(page.locator("#figure .annotation-text").first).to_contain_text(NAMES[key])
    assert json.loads(page.locator("#figure.js-plotly-plot").evaluate(DATA)) == json.loads(here)
    drag = page.locator("#figure .nsewdrag").first.bounding_box()
    assert drag
    page.mouse.move(drag["x"] + 5, drag["y"] + 5)
    expect(page.locator(".hoverlayer .hovertext").first).to_contain_text("layer 12, head 1")
    assert asked == [alone.as_uri()]
    assert said == []
    assert page.evaluate("window.hurt") is None
    assert NAMES[key] in page.locator("p").inner_text()
    expect(page.locator("details")).to_contain_text("@inproceedings{vig2021,")
    context.close()


def numbers(values: object) -> np.ndarray[Any, Any]:
    """Read numbers however they are written; where there is none, not a number."""
    return np.asarray(values, dtype=float)
