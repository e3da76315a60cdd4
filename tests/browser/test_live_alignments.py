"""Live on an alignment in real Chromium: an example, a file, a text, depth, 3D, a column."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from precompute.examples import load_example
from precompute.examples.aligned import ALIGNED
from precompute.models.msa_network import Shape
from tests.browser.live_app import attended, click_chart, painted, require_library, served
from tests.msa_checkpoints import random_alignment, write_published

pytestmark = pytest.mark.browser
SHAPE = Shape(layers=3, heads=4, width=32, inner=48, positions=256)
ROWS = ".st-key-live_rows .atlas-chart[data-state=drawn]"
EXAMPLE = "Live?protein=alignment:PF00076&model=esm_msa1b&layer=2&head=3&threshold=0.05"


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require_library()
    weights = write_published(tmp_path_factory.mktemp("weights") / "esm_msa1b", SHAPE).parent
    settings = {"ATLAS_WEIGHTS": str(weights)}
    with served(tmp_path_factory.mktemp("app"), library=True, settings=settings) as root:
        yield root


@pytest.fixture
def page(browser: Browser, app: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    page = context.new_page()
    yield page
    assert page.locator("[data-testid=stException]").count() == 0
    context.close()


def fasta(rows: list[str], names: list[str] | None = None) -> str:
    called = names or [f"row{number}" for number in range(len(rows))]
    return "".join(f">{name}\n{row}\n" for name, row in zip(called, rows, strict=True))


def read(page: Page, rows: str) -> None:
    """Wait until the figures are of some rows."""
    attended(page, ROWS)
    expect(page.get_by_text(rows).first).to_be_visible()


def column_is_read(page: Page, column: int) -> None:
    """Click a column of the map of sequences, and wait for what the query reads there."""
    click_chart(page, "live_rows", column, 0)
    expect(page.get_by_text("the query reads: rows with its own letter")).to_be_visible()
    expect(page.get_by_role("columnheader", name="attention %")).to_be_visible()


def test_an_example_its_depth_its_structure_and_a_column(page: Page, app: str) -> None:
    page.goto(app + EXAMPLE)
    attended(page, ROWS)
    attended(page)
    assert painted(page) > 1000
    arcs = page.locator(".molecule").get_attribute("data-arcs")
    expect(page.get_by_text("68 rows").first).to_be_visible()
    slider = page.locator(".st-key-live_depth").get_by_role("slider")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowLeft")
    page.wait_for_url("**depth=8**")
    read(page, "8 of 68 rows, diverse")
    assert page.locator(".molecule").get_attribute("data-arcs") != arcs
    column_is_read(page, 12)
    page.wait_for_url("**residue=**")
    marked = page.url
    rules = page.locator(".st-key-live_thin").get_by_role("combobox")
    first = page.get_by_role("option", name="the first", exact=True)
    while not first.is_visible():  # a page that is drawn anew closes its lists
        rules.click()
        page.wait_for_timeout(500)
    first.click()
    read(page, "8 of 68 rows, first")
    # the address restores depth, head and column
    page.goto(marked)
    read(page, "8 of 68 rows, diverse")
    attended(page)
    expect(page.get_by_text("the query reads: rows with its own letter")).to_be_visible()


def test_a_file_with_its_querys_structure(page: Page, app: str) -> None:
    page.goto(f"{app}Live?protein=alignment:own&model=esm_msa1b&threshold=0.05")
    example = ALIGNED["PF00076"].read()
    content = fasta(list(example.texts()), list(example.names)).encode()
    files = page.locator("input[type=file]")
    files.nth(0).set_input_files(
        {"name": "mine.fasta", "mimeType": "text/plain", "buffer": content}
    )
    attended(page, ROWS)
    assert page.locator(".molecule canvas").count() == 0
    structure = load_example("2X1B").structure_text.encode()
    files.nth(1).set_input_files(
        {"name": "2x1b.pdb", "mimeType": "text/plain", "buffer": structure}
    )
    attended(page, ROWS)
    attended(page)
    assert painted(page) > 1000
    column_is_read(page, 20)
    assert "residue" not in page.url
    assert example.query[:8] not in page.url


def test_a_text_is_read_and_a_bad_one_is_a_sentence(page: Page, app: str) -> None:
    page.goto(f"{app}Live?protein=alignment:own&model=esm_msa1b&threshold=0.05")
    text = page.get_by_label("Or the alignment, pasted; the first row is the query")
    text.fill(fasta(["ACDEFGH", "ACDEFG"]))
    text.press("Control+Enter")
    expect(page.get_by_text("rows have 6 to 7 columns")).to_be_visible()
    text.fill(fasta(random_alignment(12, 40)))
    text.press("Control+Enter")
    attended(page, ROWS)
    expect(page.get_by_text("rows have 6 to 7 columns")).to_have_count(0)
    column_is_read(page, 3)
    expect(page.get_by_text("row0 (the query)")).to_be_visible()
