"""Figures of layers on screen: what stands in them is what the frames say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import trace
from dashboard.figures.look.tiles import beside, tile
from dashboard.pages.layers.centres_screen import centres
from dashboard.pages.layers.layer_panels_screen import (
    find_limits,
    layer_panel,
    say_centre,
    say_panel,
)
from dashboard.pages.layers.probes_screen import probe_panel, say_probes
from precompute.layers import centre_row, layer_frame
from precompute.published import read_published
from precompute.tables import PUBLISHED_PROBES
from tests.precompute.test_layers import head_frame

TITLE = ("Contact · <b>Model</b> & co", "published, n = 5,000 proteins")


@pytest.fixture
def heads() -> pd.DataFrame:
    return head_frame(np.array([[2.0, 4.0], [6.0, 10.0], [np.nan, np.nan], [1.0, 1.0]]))


def lines(figure: go.Figure, name: str) -> list[Any]:
    return [shape for shape in figure.layout.shapes if shape.name == name]


def test_every_bar_is_its_layers_value(heads: pd.DataFrame) -> None:
    layers = layer_frame(heads)
    figure = layer_panel(layers, centre_row(heads, layers), TITLE)
    means, maxima, grey = figure.data
    np.testing.assert_array_equal(means.x, [1, 2, 3, 4])
    np.testing.assert_array_equal(means.y, np.float32([3, 8, np.nan, 1]))
    np.testing.assert_array_equal(maxima.y, np.float32([4, 10, np.nan, 1]))
    assert (means.yaxis, maxima.yaxis) == ("y", "y2")
    assert list(means.hovertext[:2]) == [
        "layer 1<br>mean 3.00 %<br>of 2 heads<br>at most 4.00 %, head 2<br>background 1.00 %",
        "layer 2<br>mean 8.00 %<br>of 2 heads<br>at most 10.00 %, head 2<br>background 1.00 %",
    ]
    np.testing.assert_array_equal(grey.x, [3])
    assert "every head is grey" in grey.hovertemplate
    assert figure.layout.xaxis.title.text == "layer"
    assert figure.layout.yaxis.title.text == "mean, %"
    assert figure.layout.yaxis2.title.text == "max., %"


def test_the_line_stands_at_the_centre_and_the_band_about_it(heads: pd.DataFrame) -> None:
    layers = layer_frame(heads)
    row = centre_row(heads, layers)
    assert row["centre"] == pytest.approx((3 + 16 + 4) / 12)
    figure = layer_panel(layers, row, TITLE)
    (upright,), (band,) = lines(figure, "centre"), lines(figure, "interval")
    assert upright.x0 == upright.x1 == row["centre"]
    assert (band.x0, band.x1) == (row["lower"], row["upper"])
    (title,) = figure.layout.annotations
    assert f"centre {row['centre']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})" in title.text
    assert "&lt;b&gt;Model&lt;/b&gt; &amp; co" in title.text
    assert "n = 5,000 proteins" in title.text
    assert "Highest mean 8.00 % in layer 2" in say_panel(layers, row, TITLE)


def test_the_background_is_a_line_in_both_plots_and_said(heads: pd.DataFrame) -> None:
    layers = layer_frame(heads).assign(background_percent=5.25)
    figure = layer_panel(layers, centre_row(heads, layers), TITLE)
    assert {(line.yref, line.y0, line.y1) for line in lines(figure, "background")} == {
        ("y", 5.25, 5.25),
        ("y2", 5.25, 5.25),
    }
    assert figure.data[0].hovertext[0].endswith("background 5.25 %")


def test_depth_is_layers_over_their_number(heads: pd.DataFrame) -> None:
    layers = layer_frame(heads)
    row = centre_row(heads, layers)
    assert say_centre(row, "depth").startswith(f"centre {row['centre'] / 4:.2f} (")
    # a model half as deep fills the same room by depth, and half of it by layer
    depth, layer = (
        layer_panel(layers, row, TITLE, axis=axis, longest=8).layout.xaxis
        for axis in ("depth", "layer")
    )
    assert (depth.range, layer.range) == ((0.5, 4.5), (0.5, 8.5))
    named = dict(zip(depth.ticktext, depth.tickvals, strict=True))
    assert named == {"0.25": 1, "0.5": 2, "0.75": 3, "1": 4}


def test_limits_hold_every_value(heads: pd.DataFrame) -> None:
    layers = layer_frame(heads)
    means, maxima = find_limits([layers, layers.assign(mean_percent=50.0)])
    assert means > 50
    assert 10 < maxima < 11
    high = find_limits([layers.assign(background_percent=40.0)])
    assert min(high) > 40  # the background's line is seen too
    grey = layer_frame(head_frame(np.full((2, 2), np.nan)))
    assert find_limits([grey.assign(background_percent=np.nan)]) == (1.0, 1.0)
    figure = layer_panel(layers, centre_row(heads, layers), TITLE, limits=(60, 70))
    assert (figure.layout.yaxis.range, figure.layout.yaxis2.range) == ((0, 60), (0, 70))


def test_nothing_but_grey_heads() -> None:
    heads = head_frame(np.full((3, 2), np.nan))
    layers = layer_frame(heads)
    row = centre_row(heads, layers)
    figure = layer_panel(layers, row, TITLE)
    assert list(figure.data[2].x) == [1, 2, 3]
    assert not lines(figure, "centre") + lines(figure, "interval")
    assert "no layer has a value above 0" in figure.layout.annotations[0].text
    forest = centres(pd.DataFrame([row]), ["nothing"])
    assert len(forest.data[0].x) == 0
    assert forest.layout.annotations[0].text == "no value"


@pytest.mark.parametrize("axis", ["layer", "depth"])
def test_centres_stand_at_their_values(axis: str, heads: pd.DataFrame) -> None:
    other = head_frame(np.full((8, 3), 5.0))
    rows = pd.DataFrame([centre_row(frame, layer_frame(frame)) for frame in (heads, other)])
    rows[["drawn_lower", "drawn_upper"]] = [[2.0, 2.5], [np.nan, np.nan]]
    figure = centres(rows, ["one", "<two>"], axis=axis)
    unit = rows["layers"] if axis == "depth" else 1
    dots, drawn = figure.data
    np.testing.assert_allclose(dots.x, rows["centre"] / unit, rtol=1e-6)
    np.testing.assert_allclose(dots.x - dots.error_x.arrayminus, rows["lower"] / unit, rtol=1e-6)
    np.testing.assert_allclose(dots.x + dots.error_x.array, rows["upper"] / unit, rtol=1e-6)
    np.testing.assert_allclose(drawn.x[:2], np.array([2, 2.5]) / (4 if axis == "depth" else 1))
    assert list(figure.layout.yaxis.ticktext) == ["one", "&lt;two&gt;"]
    assert figure.layout.xaxis.range == ((0, 1) if axis == "depth" else (1, 8))
    assert dots.hovertext[1].startswith("&lt;two&gt;: ")
    assert (dots.name, drawn.name) == ("centre, 95% interval", "drawing allows")


def test_probe_dots_stand_at_their_values() -> None:
    probes = read_published(PUBLISHED_PROBES)
    own = probes[probes["feature"] == "contact"]
    figure = probe_panel(own, "Contact · TapeBert")
    for curve in figure.data:
        part = own[own["probe"] == curve.name.removesuffix(" probe")].set_index("layer")["value"]
        np.testing.assert_allclose(curve.y, part.loc[list(curve.x)], rtol=1e-6)
        assert "precision at L/5 %{y:.3f}" in curve.hovertemplate
    assert {trace.name: trace.marker.symbol for trace in figure.data} == {
        "embedding probe": "circle",
        "attention probe": "circle-open",
    }
    assert figure.layout.yaxis.title.text == "precision at L/5"
    highest = own.loc[own["value"].idxmax()]
    said = f"{highest['probe']} probe at most {highest['value']:.2f} in layer {highest['layer']}"
    assert said in say_probes(own, "Contact · TapeBert")


def test_tiles_keep_marks_titles_and_lines_in_their_own_axes(heads: pd.DataFrame) -> None:
    layers = layer_frame(heads)
    row = centre_row(heads, layers)
    panels = [layer_panel(layers, row, (f"panel {n}", "n")) for n in range(7)]
    figure = tile(panels, [f"name {n}" for n in range(7)], most=300)
    assert len(figure.data) == sum(len(panel.data) for panel in panels)
    sixth = [trace for trace in figure.data if trace.xaxis == "x6"]
    assert [trace.yaxis for trace in sixth] == ["y11", "y12", "y11"]
    for own, whole in zip(panels[5].data, sixth, strict=True):
        np.testing.assert_array_equal(own.y, whole.y)
    layout = figure.layout
    assert layout.xaxis6.domain == pytest.approx(layout.xaxis.domain)  # five beside each other
    assert layout.yaxis11.domain[1] < layout.yaxis2.domain[0]
    assert (layout.xaxis6.anchor, layout.yaxis11.anchor) == ("y12", "x6")
    upright = [shape for shape in layout.shapes if shape.name == "centre"][5]
    assert (upright.xref, upright.yref, upright.x0) == ("x6", "y11 domain", row["centre"])
    assert [title.xref for title in layout.annotations][5] == "x6 domain"
    assert layout.xaxis6.uirevision == "name 5"


def test_figures_of_any_size_stand_beside_each_other_in_a_file() -> None:
    first = template.new_figure(300, 200, margin={"l": 20, "r": 20, "t": 30, "b": 90})
    bar = template.bar_below("percent", 180, 54)
    template.add_cells(first, [[1, 2]], style.SEQUENTIAL, 0, 2, colorbar=bar)
    second = template.new_figure(200, 300, margin={"l": 60, "r": 0, "t": 20, "b": 30})
    second.add_trace(trace("scatter", x=[1], y=[2]))
    figure = beside([first.finish(), second.finish()])
    assert (figure.layout.width, figure.layout.height) == (500, 300)
    assert figure.layout.xaxis.domain == pytest.approx([0.04, 0.36])
    assert figure.layout.yaxis.domain == pytest.approx([0.3, 0.9])
    assert figure.layout.xaxis2.domain == pytest.approx([0.52, 1])
    assert figure.layout.yaxis2.domain == pytest.approx([1 - 170 / 300, 1 - 20 / 300])
    cells, dots = figure.data
    assert (dots.xaxis, dots.yaxis) == ("x2", "y2")
    bar = cells.colorbar
    assert (bar.x, bar.len) == pytest.approx((0.04, 0.32))
    assert bar.y == pytest.approx(0.3 - 54 / 300)  # as many pixels below the cells as before


def test_a_long_name_is_cut_and_whole_under_the_pointer() -> None:
    figure = template.new_figure(100, 100)
    template.title(figure, "x" * 80, "below", width=180)
    template.title(figure, "short", width=180)
    long, short = figure.finish().layout.annotations
    assert (long.width, long.hovertext) == (180, f"{'x' * 80}<br>below")
    assert short.hovertext is None
    assert template.shorten("<a>", 100) == "&lt;a&gt;"
    cut = template.shorten("x" * 40 + "y" * 40, 110)
    assert cut == f"{'x' * 12}…{'y' * 7}"
