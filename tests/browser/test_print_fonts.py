"""An SVG for print in a browser that has another font than the one it was laid out in."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from dashboard.figures.printing.save import save
from tests import fonts
from tests.print_figures import LONG, PRINTED

TEXTS = """() => {
  const drawing = document.querySelector("svg").getBoundingClientRect();
  const scale = drawing.width / document.querySelector("svg").viewBox.baseVal.width;
  return [...document.querySelectorAll("svg text")].map(text => {
    const box = text.getBoundingClientRect();
    return {
      words: text.textContent,
      wide: Math.max(box.width, box.height) / scale,
      kept: text.hasAttribute("textLength") ? parseFloat(text.getAttribute("textLength")) : null,
      out: Math.max(drawing.left - box.left, box.right - drawing.right) / scale,
    };
  });
}"""


@pytest.mark.parametrize("name", ["centres", "both"])
@pytest.mark.parametrize("font", [fonts.WIDE, fonts.PLAIN])
def test_texts_keep_their_place(name: str, font: str, browser: Browser, tmp_path: Path) -> None:
    fonts.need(font, tmp_path)
    with fonts.only(font):
        drawing = save(PRINTED[name](LONG), "svg", 89).decode()
    if font == fonts.PLAIN:  # laid out for one that is narrower than what the browser has
        drawing = drawing.replace("'DejaVu Sans', sans-serif", "'DejaVu Sans Mono', monospace")
    page = browser.new_page()
    page.set_content(f"<body style='margin:0'>{drawing[drawing.index('<svg') :]}")
    texts = page.evaluate(TEXTS)
    page.close()
    assert len(texts) > 10
    for text in texts:
        if len(text["words"].strip()) > 4:  # of a short upright text the box is its height
            assert text["wide"] == pytest.approx(text["kept"], rel=0.03, abs=0.6), text
        assert text["out"] < 0.5, text
