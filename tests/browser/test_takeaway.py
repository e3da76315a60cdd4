"""Taking a figure along in real Chromium: what is opened, chosen, saved and copied."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.printing import shell
from dashboard.figures.printing.save import save
from dashboard.figures.printing.words import print_source
from tests.browser.test_pages import picture, settle

pytestmark = pytest.mark.browser

SCRIPT = """
import streamlit as st

from dashboard.page.copy_link import copy_link
from dashboard.figures.printing import shell
from dashboard.figures.printing.words import print_source
from dashboard.figures.heads.heads_print import heads_figure
from dashboard.page.takeaway import take_along

st.session_state["runs"] = st.session_state.get("runs", 0) + 1
with st.sidebar:
    copy_link()
tables = shell.read_paper("tape_bert")
st.text(f"run {st.session_state['runs']}")
source = print_source([tables], ["contact"])
take_along(heads_figure(tables.frames["contact"], source), "one")
take_along(lambda: heads_figure(tables.frames["contact"], source), "other")
"""


@pytest.fixture
def address(tmp_path: Path, fresh_server: Callable[..., str]) -> str:
    script = tmp_path / "page.py"
    script.write_text(SCRIPT)
    return fresh_server(script=str(script))


def visit(browser: Browser, url: str, **options: object) -> Page:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(30_000)
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
    expect(page.get_by_text("run 1", exact=True)).to_be_visible()  # the page was not run again

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
