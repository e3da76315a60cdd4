"""A checkpoint of one's own in real Chromium: named by the server, drawn on a structure."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from precompute.live.running.named import MODELS_VARIABLE
from tests.browser.live_app import attended, require_library, served
from tests.checkpoints import make_checkpoint

pytestmark = pytest.mark.browser

NAME = "Ours <b>8M</b> *x*"


def test_a_named_model_is_drawn_on_an_example(browser: Browser, tmp_path: Path) -> None:
    require_library()
    folder = make_checkpoint(tmp_path / "ours", "esm2_t6_8m", max_position_embeddings=400)
    (tmp_path / "app").mkdir()
    settings = {MODELS_VARIABLE: f"gone={tmp_path / 'gone'},{NAME}={folder}"}
    page = browser.new_page(viewport={"width": 1280, "height": 1200})
    with served(tmp_path / "app", library=True, settings=settings) as root:
        page.goto(f"{root}Live?layer=2&head=3&threshold=0.10")
        attended(page)
        page.get_by_role("combobox", name="Model").click()
        page.get_by_role("option", name=NAME).click()
        expect(page.get_by_text("2-3: ").first).to_be_visible()
        attended(page)
        said = page.get_by_role("alert").all_inner_texts()
        assert said == ["The model gone is not offered: its folder is not there."]
        assert "model=Ours" in page.url
        assert str(tmp_path) not in page.content()
    page.close()
