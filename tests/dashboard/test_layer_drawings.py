"""Drawings of layers: what stands in them, and where."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from dashboard.figures.look.letters import shorten, text_width
from dashboard.figures.look.plot import Plot, drawing, side_by_side
from dashboard.pages.layers import layer_panels_screen as layer_panels
from dashboard.pages.layers.centres_screen import centres_svg
from dashboard.pages.layers.layer_panels_screen import (
    find_limits,
    layer_panel_svg,
    layer_ticks,
    say_centre,
)
from dashboard.pages.layers.probes_screen import probe_svg
from precompute.layers import centre_row, layer_frame
from precompute.published import read_published
from precompute.tables import PUBLISHED_PROBES
from tests.precompute.test_layers import head_frame

SVG = "{http://www.w3.org/2000/svg}"
TITLE = ("Contact · <b>Model</b> & co", "published, n = 5,000 proteins")


def parse(text: str) -> ElementTree.Element:
    assert "\n" not in text  # a blank line would end it in a page's Markdown
    return ElementTree.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))


def texts(drawn: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in drawn.iter(f"{SVG}text")]


@pytest.fixture
def heads() -> pd.DataFrame:
    return head_frame(np.array([[2.0, 4.0], [6.0, 10.0], [np.nan, np.nan], [1.0, 1.0]]))


def bars(drawn: ElementTree.Element) -> list[list[tuple[float, float, float, float]]]:
    """Give left, top, right and bottom of every bar of both plots."""
    paths = [p.get("d", "") for p in drawn.iter(f"{SVG}path") if p.get("stroke") is None]
    shape = r"M([\d.]+) ([\d.]+)V([\d.]+)H([\d.]+)V"
    return [
        [(float(x), float(top), float(right), float(low)) for x, low, top, right in found]
        for found in (re.findall(shape, path) for path in paths)
    ]


def test_every_bar_is_as_high_as_its_value(heads: pd.DataFrame) -> None:
    layers = layer_frame(heads)
    drawn = parse(layer_panel_svg(layers, centre_row(heads, layers), TITLE))
    means, maxima = bars(drawn)
    for found, expected in ((means, [3, 8, 1]), (maxima, [4, 10, 1])):
        heights = [bottom - top for _, top, _, bottom in found]
        assert heights == pytest.approx([heights[1] * v / expected[1] for v in expected], abs=0.2)
        middles = [(left + right) / 2 for left, _, right, _ in found]
        assert middles[2] - middles[1] == pytest.approx(2 * (middles[1] - middles[0]), abs=0.3)
    said = [title.text for title in drawn.iter(f"{SVG}title")]
    assert said == [
        "layer 1: mean 3.00 % of 2 heads; at most 4.00 %, head 2",
        "layer 2: mean 8.00 % of 2 heads; at most 10.00 %, head 2",
        "layer 3: every head is grey",
        "layer 4: mean 1.00 % of 2 heads; at most 1.00 %, head 1",
    ]


def test_the_line_stands_at_the_centre(heads: pd.DataFrame) -> None:
    layers = layer_frame(heads)
    row = centre_row(heads, layers)
    assert row["centre"] == pytest.approx((3 + 16 + 4) / 12)
    drawn = parse(layer_panel_svg(layers, row, TITLE))
    middles = [(left + right) / 2 for left, _, right, _ in bars(drawn)[0]]
    upright = next(p for p in drawn.iter(f"{SVG}path") if p.get("stroke") == "currentColor")
    x = float(re.findall(r"M([\d.]+)", upright.get("d", ""))[0])
    assert x == pytest.approx(middles[0] + (row["centre"] - 1) * (middles[1] - middles[0]), abs=0.2)
    assert f"centre {row['centre']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})" in texts(drawn)
    assert "Contact · <b>Model</b> & co" in texts(drawn)
    assert drawn.get("role") == "img"
    assert "Highest mean 8.00 % in layer 2" in drawn.get("aria-label", "")


def test_depth_is_layers_over_their_number(heads: pd.DataFrame) -> None:
    layers = layer_frame(heads)
    row = centre_row(heads, layers)
    assert say_centre(row, "depth").startswith(f"centre {row['centre'] / 4:.2f} (")
    # a model half as deep fills the same room by depth, and half of it by layer
    for axis, share in (("depth", 1.0), ("layer", 0.5)):
        found = bars(parse(layer_panel_svg(layers, row, TITLE, axis=axis, longest=8)))[0]
        inner = layer_panels.WIDTH - layer_panels.MARGIN_LEFT - layer_panels.MARGIN_RIGHT
        assert (found[-1][0] - found[0][0]) / inner == pytest.approx(share * 3 / 4, abs=0.01)


def test_limits_hold_every_value(heads: pd.DataFrame) -> None:
    layers = layer_frame(heads)
    means, maxima = find_limits([layers, layers.assign(mean_percent=50.0)])
    assert means > 50
    assert 10 < maxima < 11
    grey = layer_frame(head_frame(np.full((2, 2), np.nan)))
    assert find_limits([grey]) == (1.0, 1.0)


def test_nothing_but_grey_heads() -> None:
    heads = head_frame(np.full((3, 2), np.nan))
    layers = layer_frame(heads)
    row = centre_row(heads, layers)
    drawn = parse(layer_panel_svg(layers, row, TITLE))
    assert bars(drawn) == [[], []]
    assert "no layer has a value above 0" in texts(drawn)
    forest = parse(centres_svg(pd.DataFrame([row]), ["nothing"]))
    assert "no value" in texts(forest)


@pytest.mark.parametrize("axis", ["layer", "depth"])
def test_centres_stand_at_their_values(axis: str, heads: pd.DataFrame) -> None:
    other = head_frame(np.full((8, 3), 5.0))
    rows = pd.DataFrame([centre_row(frame, layer_frame(frame)) for frame in (heads, other)])
    drawn = parse(centres_svg(rows, ["one", "<two>"], axis=axis))
    assert {"one", "<two>"} <= set(texts(drawn))
    dots = [float(c.get("cx", "")) for c in drawn.iter(f"{SVG}circle")]
    labels = {text.text: float(text.get("x", "")) for text in drawn.iter(f"{SVG}text")}
    names = ("0.25", "0.5") if axis == "depth" else ("2", "4")
    scale = (labels[names[1]] - labels[names[0]]) / (float(names[1]) - float(names[0]))
    unit = rows["layers"] if axis == "depth" else 1
    expected = labels[names[0]] + (rows["centre"] / unit - float(names[0])) * scale
    assert dots == pytest.approx(expected.tolist(), abs=0.3)


def test_probe_dots_stand_at_their_values() -> None:
    probes = read_published(PUBLISHED_PROBES)
    own = probes[probes["feature"] == "contact"]
    drawn = parse(probe_svg(own, "Contact · TapeBert"))
    groups = list(drawn.iter(f"{SVG}g"))
    assert len(groups) == len(own) == 24
    lowest, highest = own["value"].idxmin(), own["value"].idxmax()
    heights = {}
    for group in groups:
        said = group.findtext(f"{SVG}title") or ""
        circle = group.find(f"{SVG}circle")
        assert circle is not None
        heights[said] = float(circle.get("cy", ""))
    for row in own.itertuples():
        said = f"layer {row.layer}, {row.probe} probe: precision at L/5 {row.value:.3f}"
        assert said in heights
    order = sorted(heights, key=heights.__getitem__)
    assert f"{own.loc[highest, 'value']:.3f}" in order[0]
    assert f"{own.loc[lowest, 'value']:.3f}" in order[-1]
    rings = [c for c in drawn.iter(f"{SVG}circle") if c.get("fill") == "none"]
    assert len(rings) == 13  # twelve layers and the key


@pytest.mark.parametrize("count", [1, 2, 4, 12, 30, 33, 48, 96])
def test_ticks_are_layers(count: int) -> None:
    found = layer_ticks(count)
    assert found[0] == 1
    assert found == sorted(set(found))
    assert 1 <= len(found) <= 8
    assert found[-1] <= count


def test_places_stay_in_the_plot() -> None:
    plot = Plot(10, 20, 100, 50, (0, 4), (0, 1))
    assert (plot.x(1), plot.y(0.5)) == (35, 45)
    assert (plot.x(-1), plot.x(9)) == (10, 110)
    assert (plot.y(-1), plot.y(9)) == (70, 20)


def test_words_are_escaped_and_cut() -> None:
    assert shorten("short", 580) == "short"
    for letter in "aWi_é漢":
        cut = shorten(letter * 80, 58)
        assert cut.endswith("…")
        assert text_width(cut) <= 58 < text_width(f"{cut}{letter}")
    assert text_width("W" * 9) > 2 * text_width("i" * 9)
    assert text_width("W", bold=True) > text_width("W")
    assert "<img" not in drawing([], 1, 1, '"><img src=x>')
    assert side_by_side(["<svg/>", "<svg/>"]).count("<svg/>") == 2
