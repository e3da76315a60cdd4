"""Figures of two sources on screen: cells, dots, marks and steps where the values say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.figures.look import style, template
from dashboard.pages.compare.differences_screen import (
    difference_map,
    difference_scatter,
    say_heads,
    signed,
)
from dashboard.pages.compare.distributions_screen import LOWEST, distributions
from precompute.differences import DIFFERENCE_COLUMNS, DRAWN, INSIDE, TESTED


def made_up(basis: str = TESTED) -> pd.DataFrame:
    """Make the differences of a model of 2 × 3 heads; head 2-3 is masked."""
    frame = pd.DataFrame(
        {
            "feature": "contact",
            "layer": [1, 1, 1, 2, 2, 2],
            "head": [1, 2, 3, 1, 2, 3],
            "percent_1": [10.0, 20, 30, 40, 50, np.nan],
            "percent_2": [10.0, 25, 20, 40.5, 51, 7],
            "p_value": [1.0, 1e-9, 0.02, 0.8, 0.5, np.nan],
            "q_value": [1.0, 5e-9, 0.04, 0.9, 0.7, np.nan],
            "false_discovery": pd.array([False, True, True, False, False, None], "boolean"),
            "bonferroni": pd.array([False, True, False, False, False, None], "boolean"),
            "agrees": pd.array([True, False, False, True, True, None], "boolean"),
            "basis": basis,
        }
    )
    frame["difference"] = frame["percent_2"] - frame["percent_1"]
    assert set(frame) <= set(DIFFERENCE_COLUMNS)
    return frame


def test_every_cell_is_its_difference_and_the_middle_of_the_scale_is_none() -> None:
    figure = difference_map(made_up(), ("Contact", "<b> − a"))
    cells = figure.data[0]
    np.testing.assert_allclose(cells.z, [[0, 5, -10], [0.5, 1, np.nan]])  # row 0 is layer 1
    assert (list(cells.y), list(cells.x)) == ([1, 2], [1, 2, 3])
    assert figure.layout.yaxis.range == (0.5, 2.5)  # layer 1 at the bottom
    assert (cells.zmin, cells.zmax) == (-10, 10)
    colours = [colour for _, colour in cells.colorscale]
    assert colours == list(style.DIVERGING)
    red, blue = bytes.fromhex(colours[-1][1:]), bytes.fromhex(colours[0][1:])
    assert red[0] > red[2]
    assert blue[2] > blue[0]
    assert list(cells.colorbar.ticktext) == ["−10.0", "−5.0", "0", "+5.0", "+10.0"]
    assert cells.colorbar.title.text == "second − first (percentage points)"
    assert figure.layout.shapes[0].fillcolor == style.MASKED  # shows through the sixth
    assert "&lt;b&gt; − a" in figure.layout.annotations[0].text


def test_dots_are_bonferronis_and_rings_the_false_discovery_rates() -> None:
    dots, rings = difference_map(made_up(), ("Contact", "b − a")).data[1:]
    assert (list(dots.x), list(dots.y), dots.marker.symbol) == ([2], [1], "circle")
    assert (list(rings.x), list(rings.y), rings.marker.symbol) == ([3], [1], "circle-open")
    assert (list(dots.marker.color), list(rings.marker.color)) == (["#000"], ["#fff"])


@pytest.mark.parametrize(("basis", "count"), [(DRAWN, 0), (INSIDE, 2)])
def test_marks_stand_only_where_chance_can_be_told(basis: str, count: int) -> None:
    traces = difference_map(made_up(basis), ("Contact", "b − a")).data[1:]
    assert sum(len(trace.x) for trace in traces) == count
    scatter = difference_scatter(made_up(basis), ("a", "b"), "Spearman")
    assert [trace.name for trace in scatter.data] == ["agree", "differ"][: 1 + bool(count)]


def test_each_head_has_one_name_in_map_and_scatter() -> None:
    frame = made_up()
    cells = difference_map(frame, ("Contact", "b − a")).data[0]
    figure = difference_scatter(frame, ("<a>", "b"), "Spearman")
    dots = {
        name: (x, y)
        for trace in figure.data
        for name, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }
    for row in frame.dropna(subset="difference").itertuples():
        name = f"{row.layer}-{row.head}"
        assert cells.customdata[row.layer - 1][row.head - 1] == name  # type: ignore[operator]
        assert dots.pop(name) == (row.percent_1, row.percent_2)
    assert not dots
    assert all(trace.meta["link"] for trace in (cells, *figure.data))
    assert figure.layout.xaxis.title.text == "&lt;a&gt;, %"
    assert figure.layout.yaxis.title.text == "b, %"
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    (equal,) = figure.layout.shapes
    assert (equal.x0, equal.x1) == (equal.y0, equal.y1)


def test_each_head_is_said() -> None:
    said = say_heads(made_up())
    assert said[1] == (
        "head 1-2<br>20.00 % and 25.00 %<br>difference +5.00<br>p = 1e-09, q = 5e-09"
    )
    assert said[5] == "head 2-3<br>fewer than 100 arcs in one or both"
    assert say_heads(made_up(INSIDE))[2].endswith("does not agree")
    cells = difference_map(made_up(), ("Contact", "b − a")).data[0]
    assert cells.hovertext[1][2] == said[5]


@given(st.floats(-1e4, 1e4))
def test_a_signed_number_reads_back(value: float) -> None:
    text = signed(value)
    assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.0051)
    assert "-" not in text
    assert text in ("0.00",) or text[0] in "+−"


def test_steps_stand_at_the_shares() -> None:
    one = pd.DataFrame({"percent": [1.0, 10.0, np.nan, 0.0], "background_percent": 2.0})
    other = pd.DataFrame({"percent": [100.0], "background_percent": [np.nan]})
    figure = distributions((one, other), ("<one>", "other"))
    first, background, second = figure.data
    assert figure.layout.xaxis.type == "log"
    np.testing.assert_allclose(first.x[1:-1], [LOWEST, 1, 10])
    np.testing.assert_allclose(first.y, [0, 1 / 3, 2 / 3, 1, 1], rtol=1e-6)
    np.testing.assert_allclose(first.customdata[1:4], [0, 1, 10])  # a low one's own value is said
    assert first.line.shape == "hv"
    np.testing.assert_allclose(second.x[1:-1], [100])
    assert list(background.x) == [2, 2]  # the second has none
    assert background.legendgroup == first.legendgroup != second.legendgroup
    assert (first.name, second.name) == ("&lt;one&gt;", "other")
    assert figure.layout.yaxis.title.text == "share of the heads"
    assert all(template.plain("<one>") in trace.hovertemplate for trace in (first, background))


def test_no_kept_head_at_all() -> None:
    grey = pd.DataFrame({"percent": [np.nan], "background_percent": [np.nan]})
    figure = distributions((grey, grey), ("one", "other"))
    assert [trace.name for trace in figure.data] == ["one", "other"]
    assert all(value is None for trace in figure.data for value in trace.x)
