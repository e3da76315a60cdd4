"""Formulas as drawings: each that a page has, whole and of finite size."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from dashboard.figures.look.formula import Formulas
from dashboard.page.markdown import markdown_html
from dashboard.pages.methods import sections

FORMULAS = re.findall(r"^\$\$$(.+?)^\$\$$", sections.page(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("tex", FORMULAS)
def test_every_formula_is_drawn_where_it_is_seen(tex: str) -> None:
    formulas = Formulas()
    drawn = ET.fromstring(formulas.draw(tex))
    letters = {one.get("id"): one.get("d") or "" for one in ET.fromstring(formulas.outlines)[0]}
    left, top, width, height = map(float, drawn.get("viewBox", "").split())
    for bar in drawn[0].iter("path"):
        inside(numbers(bar.get("d") or ""), left, top, width, height)
    used = list(drawn[0].iter("use"))
    assert len(used) >= len(letters) > 0
    for one in used:
        x, y, scale = numbers(one.get("transform") or "")
        outline = letters[(one.get("href") or "").removeprefix("#")]
        assert re.fullmatch(r"(M-?[\d -]+([LQC]-?[\d -]+)+Z)+", outline)
        places = np.array(numbers(outline)).reshape(-1, 2) * scale + (x, y)
        inside(places.ravel().tolist(), left, top, width, height)


def numbers(text: str) -> list[float]:
    return [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", text)]


def inside(places: list[float], left: float, top: float, width: float, height: float) -> None:
    """A curve's own points may lie a little outside of the curve."""
    assert left - 9 <= min(places[::2])
    assert max(places[::2]) <= left + width + 9
    assert top - 9 <= -max(places[1::2])
    assert -min(places[1::2]) <= top + height + 9


def test_a_fraction_has_its_bar_and_a_letter_is_written_once() -> None:
    formulas = Formulas()
    drawn = formulas.draw(r"\dfrac{p}{p}")
    assert (drawn.count("<use"), drawn.count("<path")) == (2, 1)
    assert formulas.outlines.count("<path") == 1
    assert 'aria-label="a &lt; b"' in formulas.draw("a\n  < b")


def test_markdown_is_that_of_the_pages() -> None:
    written = markdown_html("A *b* `c`:\n\n$$\nx\n$$\n\n| d |\n|---|\n| e<wbr>f |\n\n> Small.\n")
    for part in ("<em>b</em> <code>c</code>", "<td>e<wbr>f</td>", "<blockquote>"):
        assert part in written
    assert written.count('<div class="atlas-formula"><svg role="img" aria-label="x"') == 1
