"""Progress, place, cancel and a full queue, with several visitors in real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.live_app import attended, open_head, require_library, served, turn

pytestmark = pytest.mark.browser

ONE_AT_A_TIME = """
import runpy
import time
from pathlib import Path

from dashboard.pages.live.waiting import service

shared = service()
real = shared.worker.run


def run(request, job):
    # Reads until the test lets it end, and notes every request.
    with open("requests", "a") as notes:
        print(request.sequence[:8], file=notes)
    job.stage = "The model reads"
    while not Path("go").exists():
        job.report(3, 10)
        time.sleep(0.02)
    return real(request, job)


if shared.queue.longest != 1:
    shared.queue.longest, shared.queue.patience = 1, 3.0
    shared.worker.run = run
runpy.run_path("pages/2_Live.py")
"""


@pytest.fixture
def visitors(browser: Browser) -> Iterator[list[Page]]:
    contexts = [browser.new_context(viewport={"width": 1280, "height": 1200}) for _ in range(4)]
    for context in contexts:
        context.set_default_timeout(60_000)
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def test_visitors_wait_their_turn(visitors: list[Page], tmp_path: Path) -> None:
    require_library()
    first, same, second, third = visitors
    with served(tmp_path, library=True, entry=ONE_AT_A_TIME) as root:
        first.goto(f"{root}?protein=example:1MVO")
        first.get_by_text("The model reads: layer 3 of 10").wait_for()
        same.goto(f"{root}?protein=example:1MVO")
        same.get_by_text("The model reads: layer 3 of 10").wait_for()
        second.goto(f"{root}?protein=example:2O37")
        second.get_by_text("Waiting: one protein is before yours.").wait_for()
        third.goto(f"{root}?protein=example:1GN0")
        third.get_by_text("1 protein is waiting already and there is no room for more").wait_for()
        second.get_by_role("button", name="Cancel").click()
        second.get_by_text("Cancelled.").wait_for()
        third.get_by_role("button", name="Try again").click()
        third.get_by_text("Waiting: one protein is before yours.").wait_for()
        first.close()
        same.get_by_text("The model reads: layer 3 of 10").wait_for()
        same.close()  # now nobody waits for the running one: it stops by itself
        third.get_by_text("The model reads: layer 3 of 10").wait_for()
        (tmp_path / "go").touch()
        attended(third)
        assert len((tmp_path / "requests").read_text().split()) == 2
        assert "Traceback" not in (tmp_path / "log").read_text()


def seen_from(page: Page) -> list[float]:
    return list(page.evaluate("() => window.atlasMolecule.viewer.getView()"))


def test_the_view_is_turned_while_the_model_reads_and_stays_so(
    visitors: list[Page], tmp_path: Path
) -> None:
    require_library()
    page = visitors[0]
    with served(tmp_path, library=True, entry=ONE_AT_A_TIME) as root:
        # The notes on what the address has wrong go with the next choice.
        page.goto(f"{root}?protein=example:1MVO&layer=99&colour=none&threshold=0.10")
        page.get_by_text("The model reads: layer 3 of 10").wait_for()
        page.locator(".molecule[data-state=ready][data-arcs='0']").wait_for()
        page.locator(".molecule canvas").evaluate("canvas => { canvas.dataset.mark = 'kept' }")
        before = seen_from(page)
        turn(page)
        turned = seen_from(page)
        assert turned != before
        (tmp_path / "go").touch()
        attended(page)
        page.get_by_text("This model has no layer 99").wait_for()
        open_head(page, 4)
        page.get_by_text("This model has no layer 99").wait_for(state="detached")
        assert seen_from(page) == turned
        assert page.locator(".molecule canvas").count() == 1
        assert page.locator(".molecule canvas[data-mark=kept]").count() == 1
