"""The exported web page in real Chromium, without a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from precompute.live.getting.inputs import open_source
from precompute.live.programs.arc_frame import Export, arcs_frame
from precompute.live.programs.lines import draw_lines
from precompute.live.programs.stand_alone import write_html

pytestmark = pytest.mark.browser

LIBRARY = Path(__file__).parents[2] / "static" / "3Dmol-min.js"
TITLE = "</script><script>document.title='broken'</script>"


@pytest.mark.skipif(not LIBRARY.is_file(), reason="3Dmol.js is not installed (npm)")
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 800)])
def test_the_page_opens_offline(browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    protein = open_source("example:2FP7")
    frame = arcs_frame(protein, [3, 20, 60, 100], [40, 90, 10, 60], [0.9, 0.6, 0.4, 0.3])
    taken = Export(protein, frame, f"Demo {TITLE}, head 3-2", 0.3)
    (tmp_path / "arcs.html").write_bytes(write_html(taken))
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    problems: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "arcs.html").as_uri())
    page.wait_for_selector("body[data-state=ready]")
    assert problems == []
    assert asked == [(tmp_path / "arcs.html").as_uri()]
    assert TITLE in page.inner_text("h1")
    assert page.title().startswith("Demo")
    rows = page.locator("#arcs tr")
    assert rows.count() == len(draw_lines(taken))
    assert "0.90" in rows.first.inner_text()
    atoms = page.evaluate("Number(document.body.dataset.atoms)")
    assert (
        atoms
        == (protein.structure or "").count("\nATOM")
        + (protein.structure or "").count("\nHETATM")
        + 1
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    drawn = page.evaluate(
        """() => {
          const canvas = document.querySelector("#view canvas");
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
          viewer.render();
          copy.drawImage(canvas, 0, 0);
          const data = copy.getImageData(0, 0, canvas.width, canvas.height).data;
          let blue = 0, grey = 0;
          for (let i = 0; i < data.length; i += 4) {
            if (!data[i + 3]) continue;
            const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
            if (Math.max(r, g, b) - Math.min(r, g, b) < 12) grey++;
            else if (b > r + 40 || r > b + 40) blue++;
          }
          return [blue, grey];
        }"""
    )
    coloured, grey = drawn
    assert coloured > 100
    assert grey > 1000
    context.close()
