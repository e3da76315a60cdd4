"""The Live page in real Chromium: the demo model offline, clicks, the camera, files, pictures."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pypdf import PdfReader

from dashboard.page.library import MOLECULE_VERSION
from precompute.examples import load_example
from precompute.live.getting.inputs import open_source
from tests.browser.live_app import (
    LIBRARY,
    attended,
    camera,
    click_chart,
    drop,
    glycines,
    has_map,
    open_head,
    painted,
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


@pytest.fixture(scope="module")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """One visitor for all tests that need no other: what the pages load is kept."""
    context = browser.new_context(viewport={"width": 1280, "height": 1200})
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    page = visitor.new_page()
    yield page
    page.close()


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


def test_another_head_keeps_the_camera_and_the_zoom(page: Page, here: str) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    attended(page)
    before = camera(page)
    turn(page)
    seen = "document.querySelector('.st-key-live_map .js-plotly-plot')._fullLayout.xaxis.range"
    has_map(page)
    whole = page.evaluate(seen)
    box = page.locator(".st-key-live_map .nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 140, steps=4)
    page.mouse.up()
    page.wait_for_function(f"() => String({seen}) !== '{','.join(map(str, whole))}'")
    zoomed = page.evaluate(seen)
    open_head(page, 3)
    turned = camera(page)
    assert turned != before
    open_head(page, 4)
    assert camera(page) == turned
    assert page.locator(".molecule canvas").count() == 1
    page.locator(".st-key-live_map").get_by_text("head 1-4").wait_for()
    assert page.evaluate(seen) == zoomed


def test_what_has_changed_is_smooth_once_it_rests(page: Page, here: str) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    attended(page)
    molecule = page.locator(".molecule")
    page.wait_for_function("window.atlasMolecule.viewer.getRenderer()._antialias")
    at_rest = page.evaluate("window.atlasMolecule.viewer.pngURI()")
    page.get_by_test_id("stSlider").locator("input, [role=slider]").first.focus()
    for key in ("ArrowRight", "ArrowLeft"):
        drawn = molecule.get_attribute("data-drawn")
        page.keyboard.press(key)
        expect(molecule).not_to_have_attribute("data-drawn", str(drawn))
    page.wait_for_function(
        "(before) => window.atlasMolecule.viewer.pngURI() === before", arg=at_rest, polling=200
    )


def test_a_view_whose_driver_starts_anew_is_drawn_again_with_its_arcs(
    page: Page, here: str
) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    attended(page)
    turn(page)
    page.wait_for_function("window.atlasMolecule.viewer.getRenderer()._antialias")
    before = page.evaluate("window.atlasMolecule.viewer.pngURI()")
    for _ in range(2):
        drawn = page.locator(".molecule").get_attribute("data-drawn")
        page.evaluate(
            """() => {
              window.lost = window.atlasMolecule.viewer;
              const context = window.lost.getRenderer().getContext();
              context.getExtension("WEBGL_lose_context").loseContext();
            }"""
        )
        # What 3Dmol.js draws anew by itself, when the size changes, has no arcs.
        page.set_viewport_size({"width": 1260, "height": 1200})
        page.set_viewport_size({"width": 1280, "height": 1200})
        page.locator(f".molecule[data-state=ready]:not([data-drawn='{drawn}'])").wait_for()
        assert page.evaluate("window.lost !== window.atlasMolecule.viewer")
        page.wait_for_function(
            "(before) => window.atlasMolecule.viewer.pngURI() === before", arg=before, polling=200
        )
    assert page.locator(".molecule canvas").count() == 1


def test_a_click_on_the_map_and_on_an_atom_mark_a_residue(page: Page, here: str) -> None:
    page.goto(f"{here}Live?threshold=0.10&layer=1&head=10")
    attended(page)
    has_map(page)
    protein = open_source("example:1MVO")
    plot = "document.querySelector('.st-key-live_map .js-plotly-plot')"
    row, column = 45, 2  # far from any arc
    click_chart(page, "live_map", column, row)
    page.wait_for_url("**residue=**")
    assert page.url.endswith(f"residue={protein.numbers[row]}")
    # The mark stands in the map, over the sequence, on the structure, and in words.
    page.wait_for_function(f"() => {plot}.layout.shapes?.length === 2")
    assert page.evaluate(f"{plot}.layout.shapes.map((one) => one.y0)") == [row, 0]
    page.locator("rect[fill='currentColor'][fill-opacity='0.25']").wait_for()
    page.get_by_text(f"(residue {row + 1} of the sequence)").wait_for()
    page.locator(".molecule[data-state=ready][data-labels='1']").wait_for()
    page.get_by_text("Unmark").click()
    page.wait_for_function("() => !location.search.includes('residue=')")
    # The keyboard reads the strongest arc first.
    page.locator(".st-key-live_map .atlas-chart").focus()
    page.keyboard.press("ArrowRight")
    said = page.locator(".st-key-live_map .said")
    expect(said).to_have_text(re.compile(r"[A-Z]\d+ attends to [A-Z]\d+: 0\.\d\d, "))
    # Where a C-alpha atom is on the screen there is an atom to hit, it or one before it.
    page.locator(".molecule").scroll_into_view_if_needed()
    x, y = page.evaluate(
        "() => { const { viewer, points } = window.atlasMolecule;"
        "const { x, y } = viewer.modelToScreen(points.get(60)); return [x, y] }"
    )
    page.mouse.click(x, y - page.evaluate("scrollY"))
    page.wait_for_url("**residue=**")
    page.get_by_text("of the sequence)").wait_for()


def test_pictures_are_as_large_as_they_say(page: Page, here: str, tmp_path: Path) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    attended(page)
    before = camera(page)
    sizes, corners = {}, {}
    for times, white in ((1, False), (4, False), (4, True)):
        if white:
            page.locator(".molecule .tools input").check()
        path = saved(page, page.locator(f".molecule [data-times='{times}']"), tmp_path)
        with Image.open(path) as picture:
            sizes[times, white] = picture.size
            corners[times, white] = picture.convert("RGBA").getpixel((0, 0))
    assert sizes[4, False] == tuple(4 * side for side in sizes[1, False])
    assert corners[4, False][3] == 0
    assert corners[4, True] == (255, 255, 255, 255)
    open_head(page, 3)
    assert camera(page) == before


def saved(page: Page, button: Locator, folder: Path) -> Path:
    """Click what saves a file, and give the file."""
    with page.expect_download() as waiting:
        button.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def test_arcs_and_figures_are_taken_along(page: Page, here: str, tmp_path: Path) -> None:
    page.goto(f"{here}Live?threshold=0.10&layer=1&head=10")
    attended(page)
    arcs = int(page.locator(".molecule").get_attribute("data-arcs") or 0)
    page.get_by_text("Arcs and scene for other programs").click()
    frame = pd.read_csv(saved(page, button(page, "Arcs, CSV"), tmp_path), comment="#")
    assert len(frame) == arcs
    assert frame["weight"].min() >= 0.1
    page.keyboard.press("Escape")
    for name, said in (
        ("Take the map along", "Attention on 1MVO, chain A"),
        ("Take the arc diagram along", "Arcs on 1MVO, chain A"),
        ("Take it along", "Contact on 1MVO, chain A"),
    ):
        page.get_by_role("button", name=name).click()
        document = PdfReader(saved(page, button(page, "Figure, PDF"), tmp_path))
        text = document.pages[0].extract_text()
        assert said in text
        assert "computed live, n = 1 protein" in text
        assert document.metadata is not None
        assert "Vig" not in str(document.metadata.subject)
        assert "/Live?threshold=0.10&layer=1&head=10" in str(document.metadata)
        rows = len(pd.read_csv(saved(page, button(page, "Table, CSV"), tmp_path)))
        if said.startswith("Attention"):
            assert rows > arcs  # everything that was kept
        else:
            assert rows == (arcs if said.startswith("Arcs") else 16)
        page.keyboard.press("Escape")
        button(page, "Figure, PDF").wait_for(state="detached")


def test_a_figure_of_ones_own_protein_has_no_link(page: Page, here: str, tmp_path: Path) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    page.get_by_text("Sequence", exact=True).first.click()
    page.locator("textarea").fill(load_example("1MVO").longest.sequence)
    page.locator("textarea").press("Control+Enter")
    has_map(page)
    page.get_by_role("button", name="Take the arc diagram along").click()
    figure = saved(page, button(page, "Figure, PDF"), tmp_path)
    assert "Permalink" not in str(PdfReader(figure).metadata)


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
def test_nothing_is_wider_than_the_page(
    page: Page, here: str, theme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=theme)
    page.goto(f"{here}Live")
    attended(page)
    main = page.locator("[data-testid=stMain]")
    for width in (1280, 800):
        page.set_viewport_size({"width": width, "height": 1200})
        page.wait_for_function(f"() => innerWidth === {width}")
        assert main.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
        folder = os.environ.get("ATLAS_SCREENSHOTS")
        if folder:
            page.screenshot(path=f"{folder}/live-{theme}-{width}.png", full_page=True)


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
