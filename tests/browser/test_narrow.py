"""Every page on a telephone: nothing is cut off, and nothing lies above the first words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from dashboard.page.opening import PAGES

pytestmark = pytest.mark.browser

COVERED = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const words = [...main.querySelectorAll("label p, h1, li a")].find(
    (one) => one.getBoundingClientRect().height > 0);
  const box = words.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + 5, box.y + box.height / 2);
  return [main.scrollWidth - innerWidth, words.contains(top) ? "" : words.textContent];
}"""


def test_a_narrow_page_is_whole(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, color_scheme="dark")
    page = context.new_page()
    page.set_default_timeout(30_000)
    for label, _ in PAGES.values():
        page.goto(f"{server}/{'' if label == 'Home' else label.replace(' ', '_')}")
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        page.wait_for_function(f"() => ({COVERED})().join() === '0,'")
    context.close()
