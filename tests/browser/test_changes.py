"""A results folder that changes while a page is open in real Chromium, and nobody touches it."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.visiting import Visitor
from dashboard.page.changes import SECONDS
from precompute.tables import BACKGROUND, HEAD_COUNTS, add_run
from tests import measured
from tests.apart import run_apart
from tests.browser.conftest import settle

pytestmark = pytest.mark.browser


def add(folder: Path, run: str, model: str) -> None:
    """Put one more run into a results folder."""
    counts = measured.count_arcs(measured.own_shares(), 0, arcs_a_protein=10)
    add_run(
        folder,
        measured.run_row(run, model, 3, 4, "2026-11-22T00:00:00Z"),
        {
            HEAD_COUNTS: measured.head_counts(counts, run, model),
            BACKGROUND: measured.background(run),
        },
    )


def test_an_open_page_shows_a_new_run_and_says_so(
    browser: Browser, fresh_server: Callable[..., str], results_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "results"
    shutil.copytree(results_folder, folder)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{fresh_server(str(folder))}/Layers")
    settle(page)
    page.get_by_text("Relative depth").click()
    expect(page.get_by_text("has changed while this page was open")).to_have_count(0)
    add(folder, "later-run", "later_model")
    note = page.get_by_role("status").get_by_text("is loaded anew; new: later-run.")
    expect(note).to_be_visible(timeout=3000 * SECONDS)
    expect(page.get_by_text("Measured: later_model")).to_be_visible()
    assert "axis=depth" in page.url  # what was chosen stays
    page.get_by_text("Shared", exact=True).click()
    expect(note).to_have_count(0)
    # A visitor who chooses before the page has looked sees the whole of it drawn anew as well.
    add(folder, "last-run", "last_model")
    page.get_by_role("radio", name="Layer", exact=True).click()
    expect(page.get_by_role("status").get_by_text("loaded anew; new: last-run.")).to_be_visible()
    expect(page.get_by_text("Measured: last_model")).to_be_visible()
    settle(page)
    assert "axis=depth" not in page.url
    page.close()


@pytest.mark.parametrize("by", ["the page itself", "a part of it"])
def test_a_run_that_nobody_arrives_by_obeys_no_former_address(
    fresh_server: Callable[..., str], results_folder: Path, tmp_path: Path, by: str
) -> None:
    """The browser may not know yet what the visitor's last choice has made of the address."""
    folder = tmp_path / "results"
    shutil.copytree(results_folder, folder)
    address = fresh_server(str(folder))

    async def choose() -> tuple[str, tuple[str, ...], str]:
        visitor = Visitor(address)
        await visitor.open("/Layers?axis=depth&scale=own")
        (axis,) = (one for one in visitor.widgets.values() if one.id.endswith("layers_axis"))
        former = visitor.query
        await visitor.change(axis, next((one,) for one in axis.options if (one,) != axis.value))
        assert "axis" not in visitor.query
        visitor.query = former
        if by == "a part of it":
            await visitor.change(axis, visitor.widgets[axis.id].value)  # as a button's opening
        else:
            add(folder, "later-run", "later_model")
            await visitor.watch(math.inf)
        assert not visitor.errors
        return former, visitor.widgets[axis.id].value, visitor.query

    former, held, query = run_apart(choose())
    assert "axis=depth" in former
    assert held == ("Layer",)
    assert "axis" not in query
