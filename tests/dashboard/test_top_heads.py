"""The drawing of the highest heads: what stands in it, and where."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from dashboard.figures.top_heads.top_heads_screen import ticks, top_heads_svg
from precompute.heads import WALD

SVG = "{http://www.w3.org/2000/svg}"
TITLE = ("Contact · <b>Model</b> & co", "published, n = 5,000 proteins")


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "layer": [3, 12, 1],
            "head": [4, 1, 2],
            "percent": [40.0, 20.0, 0.1],
            "interval_lower": [35.0, None, None],
            "interval_upper": [45.0, None, None],
            "resolution": [0.01, 2.0, None],
            "background_percent": [10.0, 10.0, 10.0],
        }
    )


def draw(frame: pd.DataFrame, **options: object) -> ElementTree.Element:
    text = top_heads_svg(frame, TITLE, "Bars: an <i>interval</i>.\n\nAll.", **options)  # type: ignore[arg-type]
    assert "\n" not in text  # a blank line would end it in a page's Markdown
    if not options.get("alone"):
        text = text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ElementTree.fromstring(text)


def test_every_mark_is_at_its_value(frame: pd.DataFrame) -> None:
    drawing = draw(frame)
    rows = drawing.findall(f"{SVG}g")
    assert [row.findtext(f"{SVG}text") for row in rows] == ["3-4", "12-1", "1-2"]
    assert [row.findtext(f"{SVG}title") for row in rows] == [
        "head 3-4: 40.00 %, 35.00 to 45.00 %",
        "head 12-1: 20.00 %, 18.00 to 22.00 %",
        "head 1-2: 0.10 %, 0.10 to 0.10 %",
    ]
    dots = [float(row.find(f"{SVG}circle").get("cx")) for row in rows]  # type: ignore[union-attr, arg-type]
    unit = (dots[0] - dots[1]) / 20
    zero = dots[0] - 40 * unit
    assert dots[2] == pytest.approx(zero + 0.1 * unit, abs=0.1)
    for row, (low, high) in zip(rows, [(35, 45), (18, 22), (0.1, 0.1)], strict=True):
        path = row.find(f"{SVG}path")
        assert path is not None
        numbers = re.findall(r"M([\d.]+) [\d.]+H([\d.]+)", path.get("d", ""))[0]
        assert [float(number) for number in numbers] == pytest.approx(
            [zero + low * unit, zero + high * unit], abs=0.2
        )
    lines = drawing.findall(f"{SVG}line")
    dashed = [float(line.get("x1", "")) for line in lines if line.get("stroke-dasharray")]
    assert dashed == pytest.approx([zero + 10 * unit], abs=0.2)


def test_marks_and_the_papers_interval(frame: pd.DataFrame) -> None:
    marked = frame.assign(
        interval=["protein", WALD, ""],
        wald_lower=[38.0, 18.0, None],
        wald_upper=[42.0, 22.0, None],
        bonferroni=[0.01, 0.2, None],
        false_discovery=[0.005, 0.04, None],
    )
    plain, drawn = draw(frame).findall(f"{SVG}g"), draw(marked, marked=True).findall(f"{SVG}g")
    signs = [[text.text for text in row.findall(f"{SVG}text")][1:] for row in drawn]
    assert signs == [["**"], ["*"], []]
    dots = [float(row.find(f"{SVG}circle").get("cx")) for row in drawn]  # type: ignore[union-attr, arg-type]
    unit = (dots[0] - dots[1]) / 20
    extra = [
        len(row.findall(f"{SVG}line")) - len(old.findall(f"{SVG}line"))
        for row, old in zip(drawn, plain, strict=True)
    ]
    assert extra == [1, 0, 0]  # where the bar is the paper's interval, it is not drawn twice
    thin = drawn[0].findall(f"{SVG}line")[-1]
    width = float(thin.get("x2", "")) - float(thin.get("x1", ""))
    assert width == pytest.approx(4 * unit, abs=0.2)


def test_words_are_text_and_escaped(frame: pd.DataFrame) -> None:
    drawing = draw(frame)
    texts = [text.text for text in drawing.iter(f"{SVG}text")]
    assert {*TITLE, "layer-head", "% of the head's arcs"} <= set(texts)
    assert drawing.get("role") == "img"
    assert drawing.findtext(f"{SVG}title") == f"Ten highest heads: {', '.join(TITLE)}"
    assert drawing.findtext(f"{SVG}desc") == "Bars: an <i>interval</i>. All."
    assert {child.tag for child in drawing.iter()}.isdisjoint({f"{SVG}b", f"{SVG}i"})


def test_a_page_gives_its_colour_and_a_file_has_its_own(frame: pd.DataFrame) -> None:
    here, file = draw(frame), draw(frame, alone=True)
    assert here.get("fill") == file.get("fill") == "currentColor"
    assert here.get("color") is None
    assert file.get("color") == "#222"
    assert "background:#fff" in file.get("style", "")


def test_without_background_or_intervals(frame: pd.DataFrame) -> None:
    bare = frame.assign(background_percent=None, interval_lower=None, interval_upper=None)
    drawing = draw(bare.astype(dict.fromkeys(bare.columns[2:], float)))
    assert not [line for line in drawing.iter(f"{SVG}line") if line.get("stroke-dasharray")]
    assert len(drawing.findall(f"{SVG}g")) == 3


@pytest.mark.parametrize("limit", [0.03, 0.7, 1.0, 6.0, 9.9, 47.2, 66.4, 100.0])
def test_ticks_are_round_few_and_within(limit: float) -> None:
    found = ticks(limit)
    assert found[0] == 0
    assert 3 <= len(found) <= 7
    assert found[-1] <= limit
    assert all(len(f"{tick:g}".replace("0.", "").rstrip("0")) <= 2 for tick in found)
