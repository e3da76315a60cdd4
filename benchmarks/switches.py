"""From one page to another by the menu, until everything there is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playwright.sync_api import BrowserContext, Page

from benchmarks.browser import HEATMAPS, MARKS, drawn, ready
from benchmarks.options import Options
from benchmarks.table import Absolute, Limit, Row, compare

LIMIT = Limit(2.0)
_FINISHED = (
    "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
)
_EMPTY = f"document.body.innerText.includes('nothing here') && {HEATMAPS} === 0"
_PAUSE = 800
"""Milliseconds between switches, so that one does not run into the next."""


def rows(
    context: BrowserContext,
    pages: Mapping[str, tuple[str, int]],
    bare: str,
    atlas: str,
    options: Options,
) -> Iterator[Row]:
    """Time the way to every page and back, in turn with that to a bare page with one heatmap.

    Parameters
    ----------
    context
        The browser.
    pages
        By a page's name in the menu, JavaScript that it holds what it should, and how many
        marks are drawn there at rest.
    bare, atlas
        Addresses of the bare pages, and of the dashboard.
    options
        How many repeats.
    """
    floor_tab, tab = context.new_page(), context.new_page()
    ready(floor_tab, bare, _EMPTY, 0)
    first = next(iter(pages))
    ready(tab, atlas, *pages[first])
    floor: dict[str, list[float]] = {name: [] for name in pages}
    seconds: dict[str, list[float]] = {name: [] for name in pages}
    for repeat in range(options.repeats(5) + 1):
        options.say(f"switches: round {repeat}")
        for name in [*[*pages][1:], first]:
            floor_tab.bring_to_front()
            bare_taken = _switch_bare(floor_tab)
            tab.bring_to_front()
            taken = _switch(tab, name, *pages[name])
            if repeat:  # the first warms both, and has the server read what it keeps
                floor[name].append(bare_taken)
                seconds[name].append(taken)
    for name, own in seconds.items():
        beside = Absolute("bare page to one heatmap", tuple(floor[name]))
        yield compare("pages", f"to {name}", Absolute("switch drawn", tuple(own)), beside, LIMIT)
    floor_tab.close()
    tab.close()


def _switch_bare(tab: Page) -> float:
    """Go to the page with the heatmap, then back, which does not count."""
    empty, heatmap = (
        tab.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)
        for name in ("Empty", "Heatmap")
    )
    tab.wait_for_timeout(_PAUSE)
    taken = drawn(tab, "mousedown", heatmap.click, f"{_FINISHED} && {HEATMAPS} === 1")
    drawn(tab, "mousedown", empty.click, f"{_FINISHED} && {_EMPTY}")
    return taken


def _switch(tab: Page, name: str, held: str, marks: int) -> float:
    tab.wait_for_timeout(_PAUSE)
    link = tab.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)
    there = f"document.title.startsWith('{'Protein' if name == 'Home' else name}')"
    condition = f"{_FINISHED} && {there} && ({held}) && {MARKS} >= {marks}"
    return drawn(tab, "mousedown", link.click, condition)
