"""Progress, place, cancel and a full queue, with several visitors in real Chromium."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets import Subprotocol
from websockets.sync.client import connect

from tests.browser.live_app import attended, open_head, require_library, served, turn

pytestmark = pytest.mark.browser

ONE_AT_A_TIME = """
import time
from pathlib import Path

from dashboard.page.opening import open_app
from dashboard.pages.live.waiting import service

shared = service()
real = shared.worker.run


def run(request, job):
    # Reads until the test lets it end, and notes every request.
    with open("requests", "a") as notes:
        print(str(request.given)[:8], file=notes)
    job.stage = "The model reads"
    while not Path("go").exists():
        job.report(3, 10)
        time.sleep(0.02)
    return real(request, job)


if shared.queue.longest != 1:
    shared.queue.longest = 1
    shared.worker.run = run
open_app()
"""


@pytest.fixture
def visitors(browser: Browser) -> Iterator[list[Page]]:
    contexts = [browser.new_context(viewport={"width": 1280, "height": 1200}) for _ in range(4)]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def test_visitors_wait_their_turn(visitors: list[Page], tmp_path: Path) -> None:
    require_library()
    first, same, second, third = visitors
    with served(tmp_path, library=True, entry=ONE_AT_A_TIME) as root:
        first.goto(root)  # a first visit to another page passes the entry by
        first.get_by_text("Loaded:").first.wait_for()
        first.goto(f"{root}Live?protein=example:1MVO")
        first.get_by_text("The model reads: layer 3 of 10").wait_for()
        same.goto(f"{root}Live?protein=example:1MVO")
        same.get_by_text("The model reads: layer 3 of 10").wait_for()
        second.goto(f"{root}Live?protein=example:2O37")
        second.get_by_text("Waiting: one protein is before yours.").wait_for()
        third.goto(f"{root}Live?protein=example:1GN0")
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


def test_a_late_browser_waits_on_and_who_goes_to_another_page_does_not(
    visitors: list[Page], tmp_path: Path
) -> None:
    require_library()
    first, second, third, _ = visitors
    with served(tmp_path, library=True, entry=ONE_AT_A_TIME) as root:
        first.goto(root)  # a first visit to another page passes the entry by
        first.get_by_text("Loaded:").first.wait_for()
        first.goto(f"{root}Live?protein=example:1MVO")
        first.get_by_text("The model reads: layer 3 of 10").wait_for()
        second.goto(f"{root}Live?protein=example:2O37")
        second.get_by_text("Waiting: one protein is before yours.").wait_for()
        # No timer of the page runs meanwhile, as in a tab that is hidden.
        second.evaluate("() => { const end = Date.now() + 14000; while (Date.now() < end); }")
        second.get_by_text("Waiting: one protein is before yours.").wait_for()
        third.goto(f"{root}Live?protein=example:1GN0")
        third.get_by_text("1 protein is waiting already and there is no room for more").wait_for()
        first.get_by_role("link", name="Methods").first.click()
        second.get_by_text("The model reads: layer 3 of 10").wait_for()
        assert second.get_by_text("Cancelled.").count() == 0
        (tmp_path / "go").touch()
        attended(second)


def workers(folder: Path) -> list[int]:
    """The processes that run models for the server in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if b"live.running.worker" in command and (process / "cwd").resolve() == folder:
                found.append(int(process.name))
    return found


def test_whoever_clears_the_caches_starts_no_further_process(
    visitors: list[Page], tmp_path: Path
) -> None:
    require_library()
    (tmp_path / "go").touch()
    with served(tmp_path, library=True, entry=ONE_AT_A_TIME) as root:
        page = visitors[0]
        page.goto(root)  # a first visit to another page passes the entry by
        page.get_by_text("Loaded:").first.wait_for()
        page.goto(f"{root}Live?protein=example:1MVO")
        attended(page)
        before = workers(tmp_path)
        assert len(before) == 1
        address = f"{root.replace('http', 'ws', 1)}_stcore/stream"
        for example in ("2O37", "1GN0", "1OAP"):
            with connect(address, subprotocols=[Subprotocol("streamlit")]) as stranger:
                stranger.send(BackMsg(clear_cache=True).SerializeToString())
                stranger.send(BackMsg(app_heartbeat=True).SerializeToString())
                stranger.recv(timeout=60)  # what came before it was done before it
            # Each load is a visitor of its own to the server; four views at once only take time.
            page.goto(f"{root}Live?protein=example:{example}")
            attended(page)
        assert len((tmp_path / "requests").read_text().split()) == 4  # nothing was kept in between
        assert workers(tmp_path) == before


def seen_from(page: Page) -> list[float]:
    return list(page.evaluate("() => window.atlasMolecule.viewer.getView()"))


def test_the_view_is_turned_while_the_model_reads_and_stays_so(
    visitors: list[Page], tmp_path: Path
) -> None:
    require_library()
    page = visitors[0]
    with served(tmp_path, library=True, entry=ONE_AT_A_TIME) as root:
        # The notes on what the address has wrong go with the next choice.
        page.goto(root)  # a first visit to another page passes the entry by
        page.get_by_text("Loaded:").first.wait_for()
        page.goto(f"{root}Live?protein=example:1MVO&layer=99&colour=none&threshold=0.10")
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
