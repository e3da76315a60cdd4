"""The Live page in real Chromium: the demo model offline, clicks, the camera, files, pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from dashboard.page.library import MOLECULE_VERSION
from precompute.examples import load_example
from tests.browser.live_app import (
    LIBRARY,
    attended,
    camera,
    drop,
    glycines,
    painted,
    redrawn,
    require_library,
    served,
    turn,
    wait_for,
)
from tests.dashboard.test_molecule import ATTACK

pytestmark = pytest.mark.browser

CDN = f"https://cdn.jsdelivr.net/npm/3dmol@{MOLECULE_VERSION}/build/3Dmol-min.js"


@pytest.fixture(scope="module", autouse=True)
def library() -> None:
    """Skip without 3Dmol.js; fail where a skip is not allowed."""
    require_library()


@pytest.fixture(scope="module")
def here(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("here"), library=True, base="lab/atlas") as root:
        yield root


@pytest.fixture(scope="module")
def elsewhere(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("elsewhere"), library=False) as root:
        yield root


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1200})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def test_the_demo_model_draws_arcs_without_any_other_server(page: Page, here: str) -> None:
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((here, "data:", "blob:"))
            else foreign.append(request.url)
        ),
    )
    page.goto(f"{here}Live")
    attended(page)
    page.get_by_text("served by this dashboard").wait_for()
    assert [url for url in foreign if "3dmol" in url.lower()] == []
    assert painted(page) > 500
    spoken = page.get_by_role("img", name="3D structure of one chain; ")
    drawn = page.locator(".molecule").get_attribute("data-arcs")
    expect(spoken).to_have_accessible_name(
        f"3D structure of one chain; {drawn} arcs of attention drawn on chain A"
    )


def test_another_head_keeps_the_camera(page: Page, here: str) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    attended(page)
    before = camera(page)
    turn(page)
    redrawn(page, page.locator("[data-pick='1-3']").first.click)
    page.wait_for_url("**head=3**")
    turned = camera(page)
    assert turned != before
    redrawn(page, page.locator("[data-pick='1-4']").first.click)
    page.wait_for_url("**head=4**")
    assert camera(page) == turned
    assert page.locator(".molecule canvas").count() == 1


def test_a_click_on_the_map_and_on_an_atom_mark_a_residue(page: Page, here: str) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    attended(page)
    cells = page.locator("[data-cells]")
    count = int(cells.get_attribute("data-cells") or 0)
    box = cells.bounding_box()
    assert box is not None
    row = 40
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + (row + 0.5) / count * box["height"])
    page.wait_for_url("**residue=**")
    numbers = load_example("1MVO").longest.numbers
    assert page.url.endswith(f"residue={numbers[row]}")
    # The mark stands in the map, over the sequence, on the structure, and in words.
    page.locator("path[stroke-dasharray]").nth(1).wait_for(state="attached")
    page.locator("rect[fill='currentColor'][fill-opacity='0.25']").wait_for()
    page.get_by_text(f"(residue {row + 1} of the sequence)").wait_for()
    page.locator(".molecule[data-state=ready][data-labels='1']").wait_for()
    page.get_by_text("Unmark").click()
    page.wait_for_function("() => !location.search.includes('residue=')")
    # Where a C-alpha atom is on the screen there is an atom to hit, it or one before it.
    x, y = page.evaluate(
        "() => { const { viewer, points } = window.atlasMolecule;"
        "const { x, y } = viewer.modelToScreen(points.get(60)); return [x, y] }"
    )
    page.mouse.click(x, y - page.evaluate("scrollY"))
    page.wait_for_url("**residue=**")
    page.get_by_text("of the sequence)").wait_for()


def test_pictures_are_as_large_as_they_say(page: Page, here: str, tmp_path: Path) -> None:
    page.goto(f"{here}Live")
    attended(page)
    before = camera(page)
    sizes, corners = {}, {}
    for times, white in ((1, False), (4, False), (4, True)):
        if white:
            page.locator(".molecule .tools input").check()
        with page.expect_download() as waiting:
            page.locator(f".molecule [data-times='{times}']").click()
        path = tmp_path / f"{times}{white}.png"
        waiting.value.save_as(path)
        with Image.open(path) as picture:
            sizes[times, white] = picture.size
            corners[times, white] = picture.convert("RGBA").getpixel((0, 0))
    assert sizes[4, False] == tuple(4 * side for side in sizes[1, False])
    assert corners[4, False][3] == 0
    assert corners[4, True] == (255, 255, 255, 255)
    redrawn(page, page.locator("[data-pick='1-3']").first.click)
    assert camera(page) == before


def test_the_csv_is_the_arcs_that_are_drawn(page: Page, here: str, tmp_path: Path) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    attended(page)
    page.get_by_text("Arcs and scene for other programs").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Arcs, CSV").click()
    path = tmp_path / "arcs.csv"
    waiting.value.save_as(path)
    frame = pd.read_csv(path, comment="#")
    assert len(frame) == int(page.locator(".molecule").get_attribute("data-arcs") or 0)
    assert frame["weight"].min() >= 0.1


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ("Take the map along", "Attention on 1MVO, chain A"),
        ("Take the arc diagram along", "Arcs on 1MVO, chain A"),
        ("Take it along", "Contact on 1MVO, chain A"),
    ],
)
def test_figures_are_taken_along_for_print(
    page: Page, here: str, tmp_path: Path, button: str, said: str
) -> None:
    page.goto(f"{here}Live?threshold=0.10&layer=1&head=10")
    attended(page)
    arcs = int(page.locator(".molecule").get_attribute("data-arcs") or 0)
    page.get_by_role("button", name=button).click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Figure, PDF", exact=True).click()
    waiting.value.save_as(tmp_path / "figure.pdf")
    document = PdfReader(tmp_path / "figure.pdf")
    text = document.pages[0].extract_text()
    assert said in text
    assert "computed live, n = 1 protein" in text
    assert document.metadata is not None
    assert "Vig" not in str(document.metadata.subject)
    assert "/Live?threshold=0.10&layer=1&head=10" in str(document.metadata)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Table, CSV", exact=True).click()
    waiting.value.save_as(tmp_path / "table.csv")
    rows = len(pd.read_csv(tmp_path / "table.csv"))
    if said.startswith("Attention"):
        assert rows > arcs  # everything that was kept
    else:
        assert rows == (arcs if said.startswith("Arcs") else 16)


def test_a_figure_of_ones_own_protein_has_no_link(page: Page, here: str, tmp_path: Path) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    page.get_by_text("Sequence", exact=True).first.click()
    page.locator("textarea").fill(load_example("1MVO").longest.sequence)
    page.locator("textarea").press("Control+Enter")
    page.locator("[data-cells]").wait_for(timeout=120_000)
    page.get_by_role("button", name="Take the arc diagram along").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Figure, PDF", exact=True).click()
    waiting.value.save_as(tmp_path / "figure.pdf")
    assert "Permalink" not in str(PdfReader(tmp_path / "figure.pdf").metadata)


def test_two_visitors_do_not_see_each_others_protein(browser: Browser, here: str) -> None:
    pages = []
    for name in ("1MVO", "2EVB"):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{here}Live?protein=example:{name}")
        pages.append((name, page))
    for name, page in pages:
        attended(page)
        page.get_by_text(f"{name}, chain A").wait_for()
        other = "2EVB" if name == "1MVO" else "1MVO"
        assert page.get_by_text(f"{other}, chain").count() == 0
        assert int(page.locator(".molecule").get_attribute("data-atoms") or 0) > 100
        page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_is_wider_than_the_page(
    browser: Browser, here: str, theme: str, width: int, request: pytest.FixtureRequest
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 1200},
        color_scheme=theme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.goto(f"{here}Live")
    attended(page)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
    folder = os.environ.get("ATLAS_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/live-{theme}-{width}.png", full_page=True)
    context.close()


TWO_STRUCTURES = """
import streamlit as st
from dashboard.structure.molecule import show_structure
from tests.dashboard.test_molecule import helix

residues = 50 if st.checkbox("The longer one") else 40
show_structure(helix(residues, "A"), key="molecule")
"""


def test_one_viewer_lives_as_long_as_the_page(page: Page, tmp_path: Path) -> None:
    with served(tmp_path, library=True, entry=TWO_STRUCTURES) as root:
        page.goto(root)
        wait_for(page, "ready", 40)
        page.locator(".molecule canvas").evaluate("canvas => { canvas.dataset.mark = 'kept' }")
        page.get_by_text("The longer one").click()
        wait_for(page, "ready", 50)
        assert page.locator(".molecule canvas[data-mark=kept]").count() == 1
        assert page.locator(".molecule canvas").count() == 1


def test_a_file_runs_nothing(page: Page, here: str) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{here}Live?model=<img src=x onerror=alert(1)>&layer=1&head=1")
    page.get_by_text("Ignored model").wait_for()
    drop(page, glycines(40, "<"), "<img src=x onerror=alert(2)>.pdb")
    wait_for(page, "ready", 40)
    drop(page, f"ATOM  {ATTACK}", "<img src=x onerror=alert(3)>.pdb")
    page.locator("[role=alert]").get_by_text("onerror=alert(3)").first.wait_for()
    assert page.title() != "broken"
    assert page.locator("img[src=x]").count() == 0
    assert dialogs == []


def test_without_the_library_the_pinned_file_of_a_cdn_is_taken(page: Page, elsewhere: str) -> None:
    allow = {"access-control-allow-origin": "*"}
    page.route(CDN, lambda route: route.fulfill(path=LIBRARY, headers=allow))
    page.goto(f"{elsewhere}Live")
    drop(page, glycines(40))
    wait_for(page, "ready", 40)
    page.get_by_text("loaded from cdn.jsdelivr.net").wait_for()


@pytest.mark.parametrize("answer", ["another file", "no network"])
def test_any_other_file_of_a_cdn_is_refused(page: Page, elsewhere: str, answer: str) -> None:
    allow = {"access-control-allow-origin": "*"}
    changed = LIBRARY.read_text() + ";document.title='broken'"
    page.route(
        CDN,
        lambda route: (
            route.abort()
            if answer == "no network"
            else route.fulfill(body=changed, headers=allow, content_type="text/javascript")
        ),
    )
    page.goto(f"{elsewhere}Live")
    drop(page, glycines(40))
    wait_for(page, "failed")
    page.get_by_text("3Dmol.js could not be loaded from cdn.jsdelivr.net.").wait_for()
    assert page.title() != "broken"
