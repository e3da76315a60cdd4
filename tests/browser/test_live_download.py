"""A model that must be downloaded first, from a local server that speaks the hub's protocol."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.live_app import attended, require_library, served
from tests.checkpoints import make_checkpoint
from tests.hub import hub_settings, serve_hub

pytestmark = pytest.mark.browser


def test_a_download_says_its_size_and_how_far_it_is_and_can_be_cancelled(
    browser: Browser, tmp_path: Path
) -> None:
    require_library()
    repository = make_checkpoint(tmp_path / "repository", "prot_bert", layers=2, width=192)
    page = browser.new_page(viewport={"width": 1280, "height": 1200})
    app = tmp_path / "app"
    app.mkdir()
    with serve_hub(repository) as hub:
        settings = hub_settings(hub, tmp_path / "home") | {"HF_HUB_DOWNLOAD_TIMEOUT": "60"}
        with served(app, library=True, settings=settings) as root:
            page.goto(f"{root}Live?model=prot_bert&protein=example:1MVO&threshold=0.10")
            page.get_by_text("after a download of about 1.5 GB").wait_for()
            assert not [path for _, path, _ in hub.requests if "pytorch_model" in path]

            hub.page = b"<!DOCTYPE html><title>Log in to the network</title>" * 40
            page.get_by_role("button", name="Compute the attention").click()
            page.get_by_role("alert").get_by_text(
                "ProtBert could not be downloaded to this server; try again later"
            ).wait_for()
            assert "Traceback" not in page.inner_text("body")

            hub.page = None
            weights = (repository / "pytorch_model.bin").stat().st_size
            hub.hold_after = weights // 2
            page.get_by_role("button", name="Try again").click()
            page.get_by_role("button", name="Compute the attention").click()
            page.get_by_text("Downloading ProtBert: 0.0").wait_for()
            # The hub's client takes blocks of 10 MB; the rest is held back.
            page.wait_for_function(
                "() => [...document.querySelectorAll('[role=progressbar]')].some((bar) =>"
                " bar.ariaValueNow > 20 && bar.ariaValueNow < 80)"
            )
            page.get_by_role("button", name="Cancel").click()
            page.get_by_text("Cancelled.").wait_for()

            # It comes nevertheless; the list says so, and whatever is chosen next, it stays.
            hub.release.set()
            page.get_by_role("button", name="Try again").click()
            attended(page)
            model = page.get_by_role("combobox", name="Model")
            expect(model).to_have_value("ProtBert")
            page.get_by_role("combobox", name="Layer").click()
            page.get_by_role("option", name="2", exact=True).click()
            page.wait_for_url("**layer=2**")
            expect(model).to_have_value("ProtBert")
            assert "model=prot_bert&" in page.url
            page.reload()
            attended(page)  # now it is here
    page.close()
