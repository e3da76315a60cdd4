"""Several heads at once, and small pictures of many, in real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from precompute.live.arc_colours import HEAD_COLOURS
from precompute.live.getting.inputs import open_source
from tests.browser.live_app import attended, has_map, redrawn, require_library, served, turn

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def here(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require_library()
    with served(tmp_path_factory.mktemp("here"), library=True) as root:
        yield root


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1500})
    yield context.new_page()
    context.close()


def has_colour(path: Path, colour: str) -> bool:
    """Whether some pixels have a colour's hue; the viewer's light makes them darker."""
    wanted = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)])
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGBA"), dtype=float).reshape(-1, 4)
    pixels = pixels[(pixels[:, 3] == 255) & (pixels[:, :3].max(axis=1) > 60), :3]
    scaled = pixels * (wanted.max() / pixels.max(axis=1, keepdims=True))
    return bool((np.abs(scaled - wanted) < 14).all(axis=1).any())


def saved(page: Page, button: str, path: Path) -> Path:
    with page.expect_download() as waiting:
        page.locator(button).click()
    waiting.value.save_as(path)
    return path


def test_four_heads_have_their_colours_a_legend_and_an_address(
    page: Page, here: str, tmp_path: Path
) -> None:
    page.goto(f"{here}Live?layer=1&head=3&also=1-5&also=1-7&also=1-12&threshold=0.10")
    attended(page)
    picture = saved(page, ".molecule [data-times='1']", tmp_path / "four.png")
    assert [has_colour(picture, colour) for colour in HEAD_COLOURS] == [True] * 4
    for head in ("1-3", "1-5", "1-7", "1-12"):
        page.get_by_text(f"head {head}", exact=True).first.wait_for()
    expect(page.locator(".st-key-live_heads .marks .over")).to_have_count(4)
    redrawn(
        page,
        page.get_by_role("button", name="Remove 1-5")
        .or_(page.locator("[aria-label='Remove 1-5'], [aria-label='1-5, close by backspace']"))
        .first.click,
    )
    page.wait_for_function("() => !location.search.includes('1-5')")
    assert "also=1-7&also=1-12" in page.url
    page.reload()
    attended(page)
    picture = saved(page, ".molecule [data-times='1']", tmp_path / "three.png")
    assert [has_colour(picture, colour) for colour in HEAD_COLOURS] == [True] * 3 + [False]


def opened_grid(page: Page) -> None:
    page.get_by_text("Small pictures of many heads").click()
    page.locator(".stills[data-state=ready][data-pictures='16']").wait_for()


def stills(page: Page) -> list[str]:
    """Every picture, as its pixels."""
    script = "all => all.map((one) => one.toDataURL())"
    return list(page.locator(".stills .grid canvas").evaluate_all(script))


def test_small_pictures_differ_by_head_and_follow_the_camera(
    page: Page, here: str, tmp_path: Path
) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    attended(page)
    opened_grid(page)
    first = stills(page)
    assert len(set(first)) == len(first) == 16
    turn(page)
    page.locator(".stills [data-do=turn]").click()
    # Saving while they are drawn loses neither.
    sheet = saved(page, ".stills [data-do=save]", tmp_path / "sheet.png")
    with Image.open(sheet) as picture:
        assert picture.size[0] == 4 * 480
    page.locator(".stills[data-state=ready][data-pictures='16']").wait_for()
    assert all(one != other for one, other in zip(first, stills(page), strict=True))
    assert page.locator(".stills .stage canvas").count() == 1
    redrawn(page, page.locator(".stills [data-pick='1-5']").click)
    page.wait_for_url("**head=5**")
    page.locator(".stills .chosen[data-pick='1-5']").wait_for()


def test_small_pictures_over_chosen_heads_are_saved_as_one(
    page: Page, here: str, tmp_path: Path
) -> None:
    page.goto(f"{here}Live?threshold=0.10")
    attended(page)
    opened_grid(page)
    whole = saved(page, ".stills [data-do=save]", tmp_path / "whole.png")
    field = page.get_by_role("combobox", name="Heads", exact=True)
    for pictures, head in enumerate(("10", "13"), 1):
        # Typed: a click on a list that is just closing is lost.
        field.fill(head)
        page.get_by_role("option", name=head, exact=True).wait_for()
        field.press("Enter")
        page.locator(f".stills[data-state=ready][data-pictures='{pictures}']").wait_for()
    page.locator(".stills input").check()
    two = saved(page, ".stills [data-do=save]", tmp_path / "two.png")
    with Image.open(whole) as large, Image.open(two) as small:
        assert large.size[0] == 4 * 480
        assert small.size[0] == 2 * 480
        assert large.convert("RGBA").getpixel((0, 0))[3] == 0
        assert small.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)
    page.get_by_text("Attention map", exact=True).click()
    page.locator("[data-pick='1-10'] svg").first.wait_for()


def test_a_bare_sequence_has_small_maps_alone(page: Page, here: str) -> None:
    page.goto(f"{here}Live")
    page.get_by_text("Sequence", exact=True).first.click()
    page.locator("textarea").fill(open_source("example:1MVO").sequence)
    page.locator("textarea").press("Control+Enter")
    has_map(page)
    page.get_by_text("Small pictures of many heads").click()
    page.locator("[data-pick='1-16'] svg").first.wait_for()
    assert page.locator(".stills").count() == 0
