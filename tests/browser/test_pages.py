"""The pages in real Chromium: deep links, clicks, permalinks, downloads, pictures."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from precompute.features import FEATURES, PAPER_FEATURES
from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS, PUBLISHED_TOP_HEADS
from tests.browser.conftest import ROOT, settle

pytestmark = pytest.mark.browser

PICTURES = ROOT / "test-output"
ALL = ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
FIVE = "&".join(f"models={name}" for name in ALL)


_contexts: dict[str, BrowserContext] = {}


def visit(
    browser: Browser, url: str, heatmaps: int = 0, *, fresh: bool = False, **options: object
) -> Page:
    """Open a URL and wait until it is drawn.

    Pages of the same options share a context, so that only the first reads the libraries anew;
    a fresh one has seen nothing yet.
    """
    kind = json.dumps(options, sort_keys=True)
    context = None if fresh else _contexts.get(kind)
    if context is None:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, **options}  # type: ignore[arg-type]
        )
        if not fresh:
            _contexts[kind] = context
            context.on("close", lambda _: _contexts.pop(kind, None))
    page = context.new_page()
    page.goto(url)
    settle(page, heatmaps)
    return page


def chart(page: Page, model: str, source: str = "published") -> Locator:
    return page.locator(f".st-key-heatmap_{model}_{source}")


def cell_at(page: Page, key: str, layer: int, head: int) -> dict[str, float]:
    """Where a cell of a heatmap stands on the screen: left, top, width, height."""
    box: dict[str, float] = page.evaluate(
        """([key, layer, head]) => {
          const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`);
          const { x, y } = plot.getBoundingClientRect();
          const { xaxis, yaxis } = plot._fullLayout;
          const [left, right] = [xaxis.c2p(head - 0.5), xaxis.c2p(head + 0.5)];
          const [top, bottom] = [yaxis.c2p(layer + 0.5), yaxis.c2p(layer - 0.5)];
          return { x: x + xaxis._offset + left, y: y + yaxis._offset + top,
            width: right - left, height: bottom - top };
        }""",
        [key, layer, head],
    )
    return box


def middle(box: dict[str, float]) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def click_cell(page: Page, model: str, layer: int, head: int) -> None:
    """Click the middle of a cell, where its place in the drawing says it is."""
    key = f"heatmap_{model}_published"
    page.locator(f".st-key-{key} .nsewdrag").first.scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    page.mouse.click(*middle(cell_at(page, key, layer, head)))


def read_head(page: Page) -> dict[str, list[str]]:
    """Read the opened head's table: the cells of each property."""
    rows = page.locator(".st-key-opened_head .atlas-table tbody tr")
    expect(rows).to_have_count(len(PAPER_FEATURES))
    return {
        row.get_attribute("data-row") or "": row.locator("td").all_inner_texts()
        for row in rows.all()
    }


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def test_home_on_a_fresh_server(browser: Browser, fresh_server: Callable[..., str]) -> None:
    address = fresh_server() + "/"
    for scheme in ("light", "dark"):
        page = visit(browser, address, fresh=True, color_scheme=scheme)
        expect(page.get_by_role("heading", name="Protein Attention Atlas")).to_be_visible()
        for name in ("home_maps", "home_molecule"):  # shown before it is told, in one screen
            expect(page.locator(f".st-key-{name}")).to_be_in_viewport()
        expect(page.get_by_text("no measured runs. ")).to_be_visible()
        page.locator(".st-key-home_best").get_by_role("link", name="63.25 %").click()
        settle(page, 1)
        expect(page.get_by_role("heading", name="Head 30-9")).to_be_visible()
        assert page.url.endswith("/Heads?head=prot_bert_bfd.30.9")
        page.context.close()


def test_a_deep_link_is_the_first_request(
    browser: Browser, fresh_server: Callable[..., str]
) -> None:
    query = "feature=binding_site&models=tape_bert&measure=enrichment&head=tape_bert.11.6"
    address = fresh_server()
    for scheme in ("light", "dark"):
        page = visit(browser, f"{address}/Heads?{query}", 1, fresh=True, color_scheme=scheme)
        expect(page.get_by_role("heading", name="Head 11-6")).to_be_visible()
        assert page.locator(".st-key-heads_feature input").input_value().startswith("Binding site")
        row = read_head(page)["binding_site"]
        assert row[:3] == ["48.78", "45.80 to 51.77", "1,746 / 3,579"]
        assert row[4:6] == ["122.7 **", "1 of 142"]
        expect(page.get_by_text("fold over background")).to_be_visible()
        expect(page.get_by_text("Loaded results")).to_be_visible()  # the sidebar is there too
        picture(page, f"heads-{scheme}")
        page.context.close()


def test_the_menu_stays_while_pages_change(
    browser: Browser, fresh_server: Callable[..., str]
) -> None:
    address = f"{fresh_server()}/Contacts"
    for _ in range(2):  # the server's very first visit is drawn otherwise, and looks alike
        page = visit(browser, address, fresh=True)
        menu = page.get_by_test_id("stSidebar")
        expect(menu.get_by_role("link")).to_have_count(10)
        expect(page).to_have_title("Contacts · Protein Attention Atlas")
    page.evaluate(
        """() => {
          window.taken = 0;
          new MutationObserver((changes) => {
            for (const change of changes) window.taken += change.removedNodes.length;
          }).observe(document.querySelector("[data-testid=stSidebar]"),
            {childList: true, subtree: true});
        }"""
    )
    for name in ("Methods", "Home", "Layers"):
        menu.get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_title(re.compile(f"^{'Protein' if name == 'Home' else name}"))
        settle(page)
        weights = menu.locator("a p").evaluate_all(
            "(labels) => labels.map((one) => [one.innerText, getComputedStyle(one).fontWeight])"
        )
        assert [label for label, weight in weights if weight != "400"] == [name]
    assert page.evaluate("window.taken") == 0
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_five_models(scheme: str, browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Heads?{FIVE}&results=published", 5, color_scheme=scheme)
    for model in ALL:
        expect(chart(page, model)).to_be_visible()
    picture(page, f"heads-five-{scheme}")
    page.close()


@pytest.mark.parametrize(
    ("model", "layer", "head"),
    [
        ("tape_bert", 12, 4),
        ("prot_albert", 11, 3),
        ("prot_albert", 1, 64),
        ("prot_bert_bfd", 30, 9),
        ("prot_bert_bfd", 1, 2),
    ],
)
def test_a_clicked_cell_opens_and_its_permalink_restores_it(
    model: str, layer: int, head: int, browser: Browser, server: str
) -> None:
    page = visit(browser, f"{server}/Heads?models={model}&results=published", 1)
    click_cell(page, model, layer, head)
    expect(page.get_by_role("heading", name=f"Head {layer}-{head}", exact=True)).to_be_visible()
    page.wait_for_function("(end) => location.href.includes(end)", arg=f"{model}.{layer}.{head}")
    shown = read_head(page)
    table = read_published(PUBLISHED_HEADS).query(
        "model == @model and layer == @layer and head == @head"
    )
    assert set(shown) == set(PAPER_FEATURES)
    for row in table.itertuples():
        expected = "grey" if row.masked else f"{row.percent:.2f}"
        assert shown[row.feature][0] == expected

    other = visit(browser, page.url, 1, fresh=True)  # a browser that has seen nothing yet
    expect(other.get_by_role("heading", name=f"Head {layer}-{head}", exact=True)).to_be_visible()
    assert read_head(other) == shown
    other.context.close()

    click_cell(page, model, layer, head)  # the same cell again closes it
    expect(page.locator(".st-key-opened_head")).to_have_count(0)
    page.wait_for_function("() => !location.search.includes('head=')")  # the page, then its address
    page.go_back()
    expect(page.get_by_role("heading", name=f"Head {layer}-{head}", exact=True)).to_be_visible()
    page.close()


def test_a_head_is_read_and_opened_with_the_keyboard(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Heads?models=prot_bert_bfd&results=published", 1)
    cells = chart(page, "prot_bert_bfd").get_by_role("group")
    cells.focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowRight"):
        cells.press(key)
    said = chart(page, "prot_bert_bfd").get_by_role("status")
    expect(said).to_have_text(re.compile("^layer 2, head 2, "))
    expect(page.locator(".atlas-chart .aim")).to_have_count(1)
    cells.press("Enter")
    expect(page.get_by_role("heading", name="Head 2-2", exact=True)).to_be_visible()
    cells.press("Escape")
    expect(said).to_have_text("")
    expect(page.locator(".atlas-chart .aim")).to_have_count(0)
    page.close()


def test_the_pointer_reads_a_cell_a_layers_maximum_and_a_high_head(
    browser: Browser, server: str
) -> None:
    page = visit(browser, f"{server}/Heads?models=prot_bert_bfd&results=published", 1)
    left, top = middle(cell_at(page, "heatmap_prot_bert_bfd_published", 30, 9))
    tip = page.locator(".hoverlayer .hovertext")
    expect(tip).to_have_count(0)
    page.mouse.move(left, top)
    expect(tip).to_have_text("layer 30, head 963.25 % (58.21–68.28), 50×, z 205.5")
    bars = page.locator(".st-key-heatmap_prot_bert_bfd_published .barlayer .point path").last
    box = bars.bounding_box()
    assert box is not None
    page.mouse.move(*middle(box))  # type: ignore[arg-type]
    expect(tip).to_have_text("layer 30: at most 63.25 %head 9")
    dots = page.locator(".st-key-top_heatmap_prot_bert_bfd_published .scatterlayer .point")
    box = dots.first.bounding_box()
    assert box is not None
    page.mouse.move(*middle(box))  # type: ignore[arg-type]
    expect(tip).to_have_text("head 30-9: 63.25 %, 58.21 to 68.28 %")
    page.mouse.move(5, 5)
    expect(tip).to_have_count(0)
    name = chart(page, "prot_bert_bfd").get_by_role("img").first.get_attribute("aria-label")
    assert name is not None
    assert name.startswith("Heatmap: Contact · ProtBert-BFD, published")
    page.close()


def test_a_high_heads_dot_opens_it(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Heads?models=prot_bert_bfd&results=published", 1)
    dots = page.locator(".st-key-top_heatmap_prot_bert_bfd_published .scatterlayer .point")
    box = dots.nth(1).bounding_box()
    assert box is not None
    page.mouse.click(*middle(box))  # type: ignore[arg-type]
    expect(page.get_by_role("heading", name="Head 30-8", exact=True)).to_be_visible()
    expect(page.locator(".marks .over")).to_have_count(2)  # the cell and the dot
    page.close()


def test_the_outline_lies_on_the_cell(browser: Browser, server: str) -> None:
    for model, (layer, head), width in (
        ("prot_albert", (3, 60), 1280),
        ("prot_albert", (12, 64), 800),
        ("prot_bert", (24, 7), 1280),
    ):
        url = f"{server}/Heads?models={model}&results=published&head={model}.{layer}.{head}"
        page = visit(browser, url, 1, viewport={"width": width, "height": 900})
        drawn = chart(page, model).locator(".marks .over")  # the line inside the cell
        drawn.wait_for(state="attached")
        cell = cell_at(page, f"heatmap_{model}_published", layer, head)
        sides = drawn.evaluate(
            "(one) => { const { x, y, width, height } = one.getBBox();"
            " const { left, top } = one.ownerSVGElement.getBoundingClientRect();"
            " return { x: left + x, y: top + y, width, height } }"
        )
        assert middle(sides) == pytest.approx(middle(cell), abs=0.6)
        assert sides["width"] + 2 == pytest.approx(cell["width"], abs=0.1)
        assert sides["height"] + 2 == pytest.approx(cell["height"], abs=0.1)
        page.close()


def download(page: Page, button: str) -> bytes:
    with page.expect_download() as caught:
        page.get_by_role("button", name=button, exact=True).click()
    return Path(caught.value.path()).read_bytes()


def test_downloads_are_the_shipped_tables(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Heads?models=prot_bert&results=published", 1)
    page.get_by_role("button", name="Definition and table").click()
    expect(page.get_by_text(FEATURES["contact"].definition)).to_be_visible()
    csv = pd.read_csv(io.BytesIO(download(page, "Heads, CSV")))
    parquet = pd.read_parquet(io.BytesIO(download(page, "Heads, Parquet")))
    table = read_published(PUBLISHED_HEADS).query("model == 'prot_bert' and feature == 'contact'")
    key = ["layer", "head"]
    for frame in (csv, parquet):
        both = frame.merge(table, on=key, suffixes=("", "_shipped"), validate="1:1")
        assert len(both) == len(table) == 480
        for column in ("percent", "resolution", "masked"):
            pd.testing.assert_series_equal(
                both[column], both[f"{column}_shipped"], check_names=False, rtol=0, atol=0
            )
    page.keyboard.press("Escape")
    page.locator(".st-key-top_heatmap_prot_bert_published_take button").click()
    tops = pd.read_csv(io.BytesIO(download(page, "Table, CSV")))
    shipped = read_published(PUBLISHED_TOP_HEADS).query(
        "model == 'prot_bert' and feature == 'contact'"
    )
    for column in ("rank", "layer", "head", "arcs", "hits"):
        assert tops[column].tolist() == shipped[column].tolist()
    drawn = page.locator(".st-key-top_heatmap_prot_bert_published .js-plotly-plot")
    for layer, head in zip(shipped["layer"], shipped["head"], strict=True):
        expect(drawn.get_by_text(f"{layer}-{head}", exact=True)).to_be_visible()
    page.close()


def test_a_figure_is_saved_as_svg(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Heads?models=prot_bert&results=published", 1)
    heatmap = chart(page, "prot_bert")
    heatmap.hover()
    with page.expect_download() as caught:
        heatmap.locator(".modebar-btn").first.click()
    assert caught.value.suggested_filename == "atlas_heads_prot_bert_contact_published.svg"
    text = Path(caught.value.path()).read_text()
    assert text.startswith("<svg")
    assert "Contact · ProtBert" in text
    page.close()


def test_published_beside_measured(browser: Browser, server: str) -> None:
    query = "feature=binding_site&models=tape_bert&head=tape_bert.11.6"
    page = visit(browser, f"{server}/Heads?{query}", 2)
    expect(page.get_by_text("heads with both values")).to_be_visible()
    shown = read_head(page)["binding_site"]
    difference = float(shown[-3].replace("−", "-"))
    assert difference == pytest.approx(float(shown[6]) - float(shown[0]), abs=0.011)
    assert shown[-2] in ("yes", "no")
    assert shown[-1] in ("yes", "no")
    picture(page, "heads-measured-light")
    page.close()


def test_changed_controls_change_the_page_and_its_address(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Heads?results=published", 1)
    page.get_by_role("button", name="TapeBert").click()
    settle(page, 2)
    page.locator(".st-key-heads_feature input").click()
    page.keyboard.type("Helix")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Helix · TapeBert").first).to_be_visible()
    page.wait_for_function("() => location.search.includes('helix')")
    page.reload()
    settle(page, 2)
    expect(page.get_by_text("Helix · TapeBert").first).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Contact · TapeBert").first).to_be_visible()
    page.close()


def test_wrong_values_are_shown_as_text(browser: Browser, server: str) -> None:
    evil = "%3Cimg%20src%3Dx%20onerror%3D%22window.hurt%3D1%22%3E"
    page = visit(browser, f"{server}/Heads?feature={evil}&models={evil}&{evil}=1", 1)
    note = page.locator('[role="status"]').filter(has_text="Ignored")
    assert note.count() == 3
    expect(note.first).to_contain_text("<img src=x onerror=")
    assert page.evaluate("() => window.hurt") is None
    page.close()


@pytest.mark.parametrize("path", ["/", f"/Heads?{FIVE}&head=prot_bert.24.7"])
def test_nothing_is_cut_off_at_800_pixels(path: str, browser: Browser, server: str) -> None:
    small = {"width": 800, "height": 900}
    query = "" if path == "/" else "&results=published"
    page = visit(browser, f"{server}{path}{query}", 0 if path == "/" else 5, viewport=small)
    wide = page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollWidth - main.clientWidth }"
    )
    assert wide <= 0
    picture(page, "home-800" if path == "/" else "heads-800")
    page.close()
