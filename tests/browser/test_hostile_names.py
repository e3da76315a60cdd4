"""Names that try to leave their place, in real Chromium: nothing of them is drawn or asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from precompute.one_line import one_line
from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run
from tests import hostile, measured

pytestmark = pytest.mark.browser

SCRIPT = """
import streamlit as st
from dashboard.page.names import as_markdown
from tests.hostile import TEXTS

for place, text in enumerate(TEXTS):
    written = as_markdown(text)
    with st.container(key=f"first{place}"):
        st.caption(written)
    with st.container(key=f"after{place}"):
        st.markdown("**Source:** " + written)
    with st.container(key=f"inside{place}"):
        st.markdown(f":small[by the [rule](Methods#x), {written}]")
    with st.container(key=f"pill{place}"):
        st.pills("p", [written], key=f"p{place}")
st.html("<p id='end'>end</p>")
"""
BEFORE = {"first": "", "after": "Source: ", "inside": "by the rule, ", "pill": "p"}


def test_markdown_shows_every_text_letter_by_letter(
    browser: Browser, fresh_server: Callable[..., str], tmp_path: Path
) -> None:
    script = tmp_path / "texts.py"
    script.write_text(SCRIPT)
    page = browser.new_page()
    page.goto(fresh_server(script=str(script)))
    page.locator("#end").wait_for()
    drawn = "[data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]"
    for place, text in enumerate(hostile.TEXTS):
        for kind, before in BEFORE.items():
            box = page.locator(f".st-key-{kind}{place}")
            read = one_line(box.evaluate("box => box.textContent").replace("\u2060", ""))
            assert read == one_line(before + one_line(text)), (kind, text)
            tags = set(re.findall(r"<([a-z0-9]+)", box.locator(drawn).last.inner_html()))
            assert tags <= {"p", "span", "strong", "a", "small", "div"}, (kind, text, tags)
    links = {link.get_attribute("href") for link in page.locator("a").all()}
    assert links <= {"#stMain", "Methods#x"}
    page.close()


def test_no_page_asks_for_what_a_name_says(
    browser: Browser, fresh_server: Callable[..., str], tmp_path: Path
) -> None:
    """Every page with names of all kinds: no link, no request, no script, no formula."""
    counted = measured.count_arcs(measured.own_shares(), 0, arcs_a_protein=10)
    kinds = (hostile.MARKUP, hostile.LINKS, hostile.MARKDOWN)
    for place, texts in enumerate(kinds):
        model, dataset, run = " ".join(texts), " ".join(kinds[place - 1]), f"run{place}"
        row = measured.run_row(run, model, 3, 4, "2026-11-22T00:00:00Z").assign(dataset=dataset)
        counts = measured.head_counts(counted, run, model).assign(dataset=dataset)
        background = measured.background(run).assign(dataset=dataset)
        add_run(tmp_path / "results", row, {HEAD_COUNTS: counts, BACKGROUND: background})
    address = fresh_server(str(tmp_path / "results"))
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    models = [" ".join(texts) for texts in kinds]
    sources = [f"{model}:run{place}" for place, model in enumerate(models)]
    visits = {
        "": [],
        "Heads": [
            ("feature", "binding_site"),
            *(("models", model) for model in models),
            ("head", f"{models[0]}.2.3"),
            ("table", "all"),
        ],
        "Layers": [("feature", "binding_site"), *(("source", source) for source in sources)],
        "Amino_acids": [("source", sources[0]), ("head", "1.1")],
        "Substitution": [("source", sources[1])],
        "Compare": [
            ("feature", "binding_site"),
            ("first", sources[1]),
            ("second", sources[2]),
        ],
        "Methods": [],
    }
    for name, query in visits.items():
        page.goto(f"{address}/{name}?{urlencode(query)}")
        page.get_by_text("Loaded results").wait_for(state="attached")
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        page.wait_for_load_state("networkidle")
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.locator(".katex, [src*=evil]")).to_have_count(0)
        hosts = page.eval_on_selector_all("a[href]", "links => links.map(link => link.host)")
        assert {host for host in hosts if "evil" in host or not host} == set(), name
        assert "broken" not in page.title()
    assert dialogs == []
    assert [url for url in asked if "evil.example" in url.partition("?")[0]] == []
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {address.split("/")[2]}
    context.close()
