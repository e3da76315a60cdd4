"""The pages in real Chromium: deep links, clicks, permalinks, downloads, pictures."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from precompute.features import FEATURES, PAPER_FEATURES
from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS, PUBLISHED_TOP_HEADS
from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser

PICTURES = ROOT / "test-output"
ALL = ("tape_bert", "prot_albert", "prot_bert", "prot_bert_bfd", "prot_xlnet")
FIVE = "&".join(f"models={name}" for name in ALL)


def visit(browser: Browser, url: str, heatmaps: int = 0, **options: object) -> Page:
    """Open a URL in a browser of its own and wait until it is drawn."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    settle(page, heatmaps)
    return page


def settle(page: Page, heatmaps: int = 0) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_function(
        """(count) => !document.querySelector('.atlas-chart:not([data-state=drawn])') && count <=
          [...document.querySelectorAll('.atlas-chart .js-plotly-plot')].filter((plot) =>
            plot.data.some((trace) => trace.type === 'heatmap' && trace.meta?.pick)).length""",
        arg=heatmaps,
    )
    # Widgets whose code comes later move what is below them.
    page.wait_for_load_state("networkidle")


def chart(page: Page, model: str, source: str = "published") -> object:
    return page.locator(f".st-key-heatmap_{model}_{source}")


def click_cell(page: Page, model: str, layer: int, head: int, shape: tuple[int, int]) -> None:
    """Click the middle of a cell, where its place in the drawing says it is."""
    area = page.locator(f".st-key-heatmap_{model}_published .atlas-cells").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    # A click waits until the drawing stands still, and goes to nothing that lies above it.
    area.click(
        position={
            "x": (head - 0.5) / shape[1] * box["width"],
            "y": box["height"] - (layer - 0.5) / shape[0] * box["height"],
        }
    )


def read_head(page: Page) -> dict[str, list[str]]:
    """Read the opened head's table: the cells of each property."""
    rows = page.locator(".atlas-profile tbody tr")
    expect(rows).to_have_count(len(PAPER_FEATURES))
    return {
        row.get_attribute("data-feature") or "": row.locator("td").all_inner_texts()
        for row in rows.all()
    }


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_home_on_a_fresh_server(
    scheme: str, browser: Browser, fresh_server: Callable[..., str]
) -> None:
    page = visit(browser, fresh_server() + "/", color_scheme=scheme)
    expect(page.get_by_role("heading", name="Protein Attention Atlas")).to_be_visible()
    expect(page.get_by_text("no measured runs. ")).to_be_in_viewport()  # all in one screen
    picture(page, f"home-{scheme}")
    page.get_by_role("link", name="63.25 %").click()
    settle(page, 1)
    expect(page.get_by_role("heading", name="Head 30-9")).to_be_visible()
    assert page.url.endswith("/Heads?head=prot_bert_bfd.30.9")
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_deep_link_is_the_first_request(
    scheme: str, browser: Browser, fresh_server: Callable[..., str]
) -> None:
    query = "feature=binding_site&models=tape_bert&measure=enrichment&head=tape_bert.11.6"
    page = visit(browser, f"{fresh_server()}/Heads?{query}", 1, color_scheme=scheme)
    expect(page.get_by_role("heading", name="Head 11-6")).to_be_visible()
    assert page.locator(".st-key-heads_feature input").input_value().startswith("Binding site")
    row = read_head(page)["binding_site"]
    assert row[:3] == ["48.78", "45.80 to 51.77", "1,746 / 3,579"]
    assert row[4:6] == ["122.7 **", "1 of 142"]
    expect(page.get_by_text("fold over background")).to_be_visible()
    expect(page.get_by_text("Loaded results")).to_be_visible()  # the sidebar is there too
    picture(page, f"heads-{scheme}")
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_five_models(scheme: str, browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Heads?{FIVE}&results=published", 5, color_scheme=scheme)
    for model in ALL:
        expect(chart(page, model)).to_be_visible()  # type: ignore[arg-type]
    picture(page, f"heads-five-{scheme}")
    page.context.close()


@pytest.mark.parametrize(
    ("model", "shape", "layer", "head"),
    [
        ("tape_bert", (12, 12), 12, 4),
        ("prot_albert", (12, 64), 11, 3),
        ("prot_albert", (12, 64), 1, 64),
        ("prot_bert_bfd", (30, 16), 30, 9),
        ("prot_bert_bfd", (30, 16), 1, 2),
    ],
)
def test_a_clicked_cell_opens_and_its_permalink_restores_it(
    model: str, shape: tuple[int, int], layer: int, head: int, browser: Browser, server: str
) -> None:
    page = visit(browser, f"{server}/Heads?models={model}&results=published", 1)
    click_cell(page, model, layer, head, shape)
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

    other = visit(browser, page.url, 1)  # a browser that has seen nothing yet
    expect(other.get_by_role("heading", name=f"Head {layer}-{head}", exact=True)).to_be_visible()
    assert read_head(other) == shown
    other.context.close()

    click_cell(page, model, layer, head, shape)  # the same cell again closes it
    expect(page.locator(".st-key-opened_head")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", name=f"Head {layer}-{head}", exact=True)).to_be_visible()
    page.context.close()


def test_a_head_is_read_and_opened_with_the_keyboard(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Heads?models=prot_bert_bfd&results=published", 1)
    cells = page.get_by_role("group", name="arrow keys read a cell")
    cells.focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowRight"):
        cells.press(key)
    tip = page.locator(".atlas-tip")
    expect(tip).to_have_text(re.compile("^layer 2, head 2\n"))
    expect(page.locator(".atlas-aim")).to_have_count(1)
    cells.press("Enter")
    expect(page.get_by_role("heading", name="Head 2-2", exact=True)).to_be_visible()
    cells.press("Escape")
    expect(tip).to_be_hidden()
    expect(page.locator(".atlas-aim")).to_have_count(0)
    page.context.close()


def test_the_pointer_reads_a_cell_and_a_layers_maximum(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Heads?models=prot_bert_bfd&results=published", 1)
    tip = page.locator(".atlas-tip")
    expect(tip).to_be_hidden()
    for part, share, text in (
        (".atlas-cells", 8.5 / 16, "layer 30, head 9\n63.25 % (58.21–68.28), 50×, z 205.5"),
        (".atlas-bars", 0.5, "layer 30: at most 63.25 %\nhead 9"),
    ):
        box = page.locator(part).bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 60)
        expect(tip).to_be_visible()
        assert tip.evaluate("(tip) => tip.textContent") == text
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    name = chart(page, "prot_bert_bfd").get_by_role("img").get_attribute("aria-label")  # type: ignore[attr-defined]
    assert name.startswith("Heatmap: Contact · ProtBert-BFD, published")
    page.context.close()


def test_the_outline_lies_on_the_cell(browser: Browser, server: str) -> None:
    for model, (layers, heads), (layer, head), width in (
        ("prot_albert", (12, 64), (3, 60), 1280),
        ("prot_albert", (12, 64), (12, 64), 800),
        ("prot_bert", (30, 16), (24, 7), 1280),
    ):
        url = f"{server}/Heads?models={model}&results=published&head={model}.{layer}.{head}"
        page = visit(browser, url, 1, viewport={"width": width, "height": 900})
        page.locator(".atlas-chosen rect").last.wait_for(state="attached")
        drawn = page.locator(".atlas-chosen rect").last  # the line inside the cell
        inner = {name: float(drawn.get_attribute(name) or 0) for name in ("width", "height")}
        # Both are read at once: the page may still be moving as a whole.
        place, box = page.evaluate(
            "(cells) => {"
            " const r = document.querySelector('.atlas-chosen').getBoundingClientRect();"
            " const b = document.querySelector(cells).getBoundingClientRect();"
            " return [[r.x + r.width / 2, r.y + r.height / 2],"
            " {x: b.x, y: b.y, width: b.width, height: b.height}] }",
            f".st-key-heatmap_{model}_published .atlas-cells",
        )
        assert place[0] == pytest.approx(box["x"] + (head - 0.5) / heads * box["width"], abs=0.6)
        assert place[1] == pytest.approx(
            box["y"] + (layers - layer + 0.5) / layers * box["height"], abs=0.6
        )
        assert inner["width"] + 2 == pytest.approx(box["width"] / heads, abs=0.1)
        assert inner["height"] + 2 == pytest.approx(box["height"] / layers, abs=0.1)
        page.context.close()


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
    page.get_by_role("button", name="Table and figure").click()
    tops = pd.read_csv(io.BytesIO(download(page, "Ten highest, CSV")))
    shipped = read_published(PUBLISHED_TOP_HEADS).query(
        "model == 'prot_bert' and feature == 'contact'"
    )
    for column in ("rank", "layer", "head", "arcs", "hits"):
        assert tops[column].tolist() == shipped[column].tolist()
    svg = download(page, "Ten highest, SVG").decode()
    drawn = page.locator('svg[aria-label^="Ten highest heads"]')
    for layer, head in zip(shipped["layer"], shipped["head"], strict=True):
        expect(drawn.get_by_text(f"{layer}-{head}", exact=True)).to_be_visible()
        assert f">{layer}-{head}</text>" in svg
    page.context.close()


def test_a_figure_is_saved_as_svg(browser: Browser, server: str) -> None:
    page = visit(browser, f"{server}/Heads?models=prot_bert&results=published", 1)
    chart(page, "prot_bert").hover()  # type: ignore[attr-defined]
    with page.expect_download() as caught:
        page.locator(".st-key-heatmap_prot_bert_published .atlas-save").click()
    assert caught.value.suggested_filename == "atlas_heads_prot_bert_contact_published.svg"
    text = Path(caught.value.path()).read_text()
    assert text.startswith("<svg")
    assert "Contact · ProtBert" in text
    assert "<image" not in text  # every cell is a shape
    kept = read_published(PUBLISHED_HEADS).query(
        "model == 'prot_bert' and feature == 'contact' and not masked"
    )
    assert text.count("<rect") > len(kept)
    page.context.close()


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
    page.context.close()


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
    page.context.close()


def test_wrong_values_are_shown_as_text(browser: Browser, fresh_server: Callable[..., str]) -> None:
    evil = "%3Cimg%20src%3Dx%20onerror%3D%22window.hurt%3D1%22%3E"
    page = visit(browser, f"{fresh_server()}/Heads?feature={evil}&models={evil}&{evil}=1", 1)
    note = page.locator('[role="status"]').filter(has_text="Ignored")
    assert note.count() == 3
    expect(note.first).to_contain_text("<img src=x onerror=")
    assert page.evaluate("() => window.hurt") is None
    page.context.close()


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
    page.context.close()
