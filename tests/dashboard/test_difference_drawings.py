"""Drawings of two sources: cells, dots, marks and steps where the values say."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.figures.look import style
from dashboard.pages.compare.differences_screen import (
    colour,
    difference_map_svg,
    difference_scatter_svg,
    say_heads,
    signed,
)
from dashboard.pages.compare.distributions_screen import LOWEST, distributions_svg
from precompute.differences import DIFFERENCE_COLUMNS, DRAWN, INSIDE, TESTED
from tests.dashboard.test_layer_drawings import SVG, parse, texts


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


def test_the_middle_of_the_scale_is_no_difference() -> None:
    assert colour(0) == "#f7f7f7" == style.DIVERGING[5]
    assert colour(-1) == colour(-7) == style.DIVERGING[0]
    assert colour(1) == colour(7) == style.DIVERGING[-1]


@given(st.floats(0.02, 1))
def test_red_is_more_and_blue_is_less(share: float) -> None:
    red, blue = ([int(colour(s)[i : i + 2], 16) for i in (1, 3, 5)] for s in (share, -share))
    assert red[0] > red[2]
    assert blue[2] > blue[0]


def test_every_cell_has_its_colour_and_its_mark() -> None:
    frame = made_up()
    drawn = parse(difference_map_svg(frame, ("Contact", "b − a")))
    cells = {r.get("data-link"): r for r in drawn.iter(f"{SVG}rect") if r.get("data-link")}
    assert set(cells) == {"1-1", "1-2", "1-3", "2-1", "2-2"}  # grey shows through the sixth
    for row in frame.dropna(subset="difference").itertuples():
        assert cells[f"{row.layer}-{row.head}"].get("fill") == colour(row.difference / 10)  # type: ignore[operator]
    assert float(cells["2-1"].get("y", "")) < float(cells["1-1"].get("y", ""))  # layer 1 below
    marks = list(drawn.iter(f"{SVG}circle"))
    assert [mark.get("fill") == "none" for mark in marks] == [False, True]  # Bonferroni, FDR only
    for mark, cell in zip(marks, (cells["1-2"], cells["1-3"]), strict=True):
        middle = float(cell.get("x", "")) + float(cell.get("width", "")) / 2
        assert float(mark.get("cx", "")) == pytest.approx(middle, abs=0.1)
    named = {"−10.0", "0", "+10.0"}
    assert named <= set(texts(drawn))
    assert not {"−5.0", "+5.0"} & set(texts(drawn))  # they would stand on the others
    wide = frame.assign(head=10 * frame["head"])
    assert named | {"−5.0", "+5.0"} <= set(
        texts(parse(difference_map_svg(wide, ("Contact", "b − a"))))
    )


@pytest.mark.parametrize(("basis", "count"), [(DRAWN, 0), (INSIDE, 2)])
def test_marks_stand_only_where_chance_can_be_told(basis: str, count: int) -> None:
    drawn = parse(difference_map_svg(made_up(basis), ("Contact", "b − a")))
    assert len(list(drawn.iter(f"{SVG}circle"))) == count


def test_equal_values_lie_on_the_line() -> None:
    frame = made_up()
    drawn = parse(difference_scatter_svg(frame, ("a", "b"), "Spearman"))
    dots = {c.get("data-link"): c for c in drawn.iter(f"{SVG}circle")}
    assert set(dots) == {"1-1", "1-2", "1-3", "2-1", "2-2"}
    x = {name: float(dot.get("cx", "")) for name, dot in dots.items()}
    y = {name: float(dot.get("cy", "")) for name, dot in dots.items()}
    scale = (x["2-2"] - x["1-1"]) / 40
    assert x["1-3"] == pytest.approx(x["1-1"] + 20 * scale, abs=0.1)
    assert y["1-1"] - y["1-2"] == pytest.approx(15 * scale, abs=0.2)
    assert {"a, %", "b, %"} <= set(texts(drawn))


def test_each_head_is_said() -> None:
    said = say_heads(made_up())
    assert said["1-2"] == ("head 1-2: 20.00 % and 25.00 %, difference +5.00, p = 1e-09, q = 5e-09")
    assert "2-3" not in said
    assert say_heads(made_up(INSIDE))["1-3"].endswith("does not agree")


@given(st.floats(-1e4, 1e4))
def test_a_signed_number_reads_back(value: float) -> None:
    text = signed(value)
    assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.0051)
    assert "-" not in text
    assert text in ("0.00",) or text[0] in "+−"


def test_steps_stand_at_the_shares() -> None:
    one = pd.DataFrame({"percent": [1.0, 10.0, np.nan, 0.0], "background_percent": 2.0})
    other = pd.DataFrame({"percent": [100.0], "background_percent": [np.nan]})
    drawn = parse(distributions_svg((one, other), ("one", "other"), "title"))
    steps = [p.get("d", "") for p in drawn.iter(f"{SVG}path") if "V" in p.get("d", "")]
    assert len(steps) == 2
    places = re.findall(r"H([\d.]+)V([\d.]+)", steps[0])
    (zero, third), (at_one, two_thirds), (at_ten, top) = [(float(a), float(b)) for a, b in places]
    right = float(re.findall(r"H([\d.]+)V", steps[1])[0])  # 100 %
    assert at_ten - at_one == pytest.approx(right - at_ten, abs=0.3)  # a logarithmic axis
    assert at_one - zero == pytest.approx((at_ten - at_one) * -math.log10(LOWEST), abs=0.3)
    assert third - two_thirds == pytest.approx(two_thirds - top, abs=0.2)
    dotted = [p for p in drawn.iter(f"{SVG}path") if p.get("stroke-dasharray") == "1 3"]
    assert len(dotted) == 1  # the second has no background


def test_no_kept_head_at_all() -> None:
    grey = pd.DataFrame({"percent": [np.nan], "background_percent": [np.nan]})
    drawn = parse(distributions_svg((grey, grey), ("one", "other"), "title"))
    assert {"one", "other"} <= set(texts(drawn))
    assert not [p for p in drawn.iter(f"{SVG}path") if "V" in p.get("d", "")]
