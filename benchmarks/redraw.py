"""Live's changes in a real browser: another head and another threshold on the structure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from playwright.sync_api import Page

from benchmarks.browser import drawn, find_chromium, open_browser
from benchmarks.changes import Change, time_change
from benchmarks.options import Options
from benchmarks.server import ATLAS, BARE_CHANGE, serve
from benchmarks.table import Limit, Row, absent

ARCS = (
    "[...document.querySelectorAll('*')].map((one) => one.shadowRoot?.querySelector('.molecule'))"
    ".find((one) => one)"
)
"""The structure, with what is drawn on it in its ``data-`` attributes."""
REDRAW = Limit(0.2, "s")
_CELL = """(head) => {
  const plot = document.querySelector(".st-key-live_heads .js-plotly-plot");
  const { xaxis, yaxis } = plot._fullLayout;
  const box = plot.getBoundingClientRect();
  return [box.x + xaxis._offset + xaxis.c2p(head), box.y + yaxis._offset + yaxis.c2p(1)];
}"""
"""Where the map of all heads has a head of the first layer."""
_PATH = "/Live?threshold=0.10&layer=1&head=1"


def rows(options: Options) -> Iterator[Row]:
    """Measure both with the demo model on an example."""
    if find_chromium() is None:
        yield absent("live", "redraw", "no chromium here")
        return
    with (
        serve(BARE_CHANGE) as bare,
        serve(ATLAS) as atlas,
        open_browser(height=1500) as context,
    ):
        for name, act in (("another head", _click_head), ("another threshold", _press_arrow)):
            change = Change(
                f"redraw: {name}", _PATH, f"Number({ARCS}?.dataset.arcs) > 0", act, "live", REDRAW
            )
            yield time_change(context, change, bare.address, atlas.address, options)


def _redrawn(page: Page, event: str, act: Callable[[], object]) -> float:
    before = page.evaluate(f"() => {ARCS}.dataset.drawn")
    return drawn(page, event, act, f"{ARCS}.dataset.drawn !== '{before}'")


def _click_head(page: Page, number: int) -> float:
    page.locator(".st-key-live_heads .atlas-chart[data-state=drawn]").scroll_into_view_if_needed()
    across, down = page.evaluate(_CELL, 2 + number % 14)
    return _redrawn(page, "mousedown", lambda: page.mouse.click(across, down))


def _press_arrow(page: Page, number: int) -> float:
    page.locator("[data-testid=stSlider]").locator("input, [role=slider]").first.focus()
    key = "ArrowRight" if number % 2 == 0 else "ArrowLeft"
    return _redrawn(page, "keydown", lambda: page.keyboard.press(key))
