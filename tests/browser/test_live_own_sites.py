"""Residues of one's own, a long chain and whole maps on Live in real Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, expect

from precompute.live.running.named import MODELS_VARIABLE
from precompute.live.settings import RESIDUES_VARIABLE
from precompute.windows import count_pairs_apart
from tests.browser.live_app import attended, click_chart, has_map, require_library, served
from tests.checkpoints import make_checkpoint

pytestmark = pytest.mark.browser

LIST = "A:51, A:53-55, A:97"
LONG = "".join(np.random.default_rng(0).choice(list("ACDEFGHIKLMNPQRSTVWY"), 2000))


def test_a_list_a_long_chain_and_whole_maps(browser: Browser, tmp_path: Path) -> None:
    require_library()
    folder = make_checkpoint(
        tmp_path / "ours", "esm2_t6_8m", sharpness=20, max_position_embeddings=1026
    )
    (tmp_path / "app").mkdir()
    settings = {MODELS_VARIABLE: f"ours={folder}", RESIDUES_VARIABLE: "2500"}
    page = browser.new_page(viewport={"width": 1280, "height": 1600}, accept_downloads=True)
    with served(tmp_path / "app", library=True, settings=settings) as root:
        page.goto(f"{root}Live?model=ours&threshold=0.10")
        attended(page)
        field = page.get_by_role("textbox", name="Residues of your own")
        field.fill(LIST)
        field.press("Enter")
        page.locator(".st-key-live_own_sites .atlas-chart[data-state=drawn]").wait_for()
        expect(page.get_by_text("5 of 121 residues read")).to_be_visible()
        expect(page.get_by_text("your list").first).to_be_visible()
        expect(page.locator("svg").get_by_text("your list")).to_be_visible()
        assert "selection=A%3A51%2C+A%3A53-55%2C+A%3A97" in page.url
        page.locator(".st-key-live_own_sites_take button").first.click()
        with page.expect_download() as caught:
            page.get_by_role("button", name="Table, CSV").click()
        heads = pd.read_csv(caught.value.path())
        assert sorted(heads["rank"]) == list(range(1, len(heads) + 1))
        assert heads["p_value"].between(1 / 1001, 1).all()
        page.keyboard.press("Escape")
        click_chart(page, "live_own_sites", 2, 1)
        page.wait_for_url("**head=2**")

        page.get_by_role("button", name="Whole maps, HDF5").click()
        chosen = page.locator(".st-key-live_maps_heads input")
        expect(chosen).to_have_value("Head 1-2: 0.029 MB before compression")
        page.get_by_role("button", name="Make the file").click()
        with page.expect_download() as caught:
            page.get_by_role("button", name=re.compile("^Maps, HDF5")).click()
        with h5py.File(caught.value.path()) as file:
            assert (file["layer"][0], file["head"][0]) == (1, 2)
            assert file["1MVO"]["attention"].shape == (1, 121, 121)
        page.keyboard.press("Escape")

        page.goto(f"{root}Live?kind=sequence&model=ours")
        letters = page.get_by_role("textbox", name="One or several sequences")
        letters.fill(LONG)
        letters.press("Control+Enter")
        apart = count_pairs_apart(2000, 1024)
        said = page.get_by_text(f"{apart:,} of 4,000,000 ordered pairs stand together in none")
        begin = page.get_by_role("button", name="Compute the attention")
        expect(said.or_(begin).first).to_be_visible()
        if begin.is_visible():
            begin.click()
        expect(said).to_be_visible()
        has_map(page)
        expect(page.get_by_role("button", name="Whole maps, HDF5")).to_be_hidden()
    page.close()
