"""One real browser: when a page is ready, and when a change is drawn."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator

from playwright.sync_api import BrowserContext, Page, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HEATMAPS = "document.querySelectorAll('.heatmaplayer image').length"
DRAWN = ".atlas-chart[data-state=drawn]"
"""A chart of Plotly's that is drawn."""
_NO_CHART_WAITS = "document.querySelector('.atlas-chart:not([data-state=drawn])') === null"
"""Charts are drawn in turn; the last one counts, in sight or not."""
MARKS = """(() => {
  const main = document.querySelector('[data-testid="stMain"]');
  if (!main) return 0;
  const roots = [main];
  for (const one of main.querySelectorAll('*')) if (one.shadowRoot) roots.push(one.shadowRoot);
  return roots.reduce((sum, root) => sum + root.querySelectorAll(
    'svg *, canvas, table, [data-testid="stDataFrame"], .katex, .leading a, '
    + '[data-testid="stPageLink-NavLink"]'
  ).length, 0);
})()"""
"""Everything drawn in the main part of the page: cells, lines, dots, tables, links, formulas."""

_FINISHED = """
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app || app.getAttribute('data-test-script-state') !== 'notRunning') return false;
"""
_REST = 2500
"""Milliseconds after which nothing more is drawn on a page that has finished."""


def find_chromium() -> str | None:
    """Find Chromium on the path."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def open_browser(height: int = 800) -> Iterator[BrowserContext]:
    """Open one browser for the block; its pages are as wide as a laptop's screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": height})
        context.set_default_timeout(60_000)
        yield context
        browser.close()


def marks_at_rest(context: BrowserContext, url: str, condition: str) -> int:
    """Open a URL, wait until it holds what it should, and count its marks once at rest."""
    page = context.new_page()
    ready(page, url, condition, 1)
    page.wait_for_timeout(_REST)
    marks = int(page.evaluate(MARKS))
    page.close()
    return marks


def ready(page: Page, url: str, condition: str, marks: int) -> float:
    """Open a URL and give the seconds from the navigation's start until it is ready.

    Parameters
    ----------
    page, url
        The tab and what to open in it.
    condition
        JavaScript: that the page holds what it should, rather than an error.
    marks
        How many marks must be drawn: as many as at rest.
    """
    page.goto(url, wait_until="commit")
    script = (
        f"() => {{ {_FINISHED} return ({condition}) && {_NO_CHART_WAITS} && {MARKS} >= {marks} "
        "? performance.now() : false }"
    )
    return float(page.wait_for_function(script, polling="raf").json_value()) / 1000


def drawn(page: Page, event: str, act: Callable[[], object], condition: str) -> float:
    """Act and give the seconds from the event until the condition holds.

    Parameters
    ----------
    page
        The tab.
    event
        The first event of the act, from which time counts: ``mousedown`` or ``keydown``.
    act
        What the visitor does.
    condition
        JavaScript that holds once the change is in the document.
    """
    page.evaluate(
        "(event) => { window.atlasBegun = null; document.addEventListener(event, "
        "() => { window.atlasBegun ??= performance.now() }, {capture: true, once: true}) }",
        event,
    )
    act()
    script = (
        f"() => window.atlasBegun !== null && ({condition}) && {_NO_CHART_WAITS} "
        "? performance.now() - window.atlasBegun : false"
    )
    return float(page.wait_for_function(script, polling="raf").json_value()) / 1000
