"""A figure in the making: Plotly reads nothing of it, and it is Plotly's figure all the same."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard.figures.look import template
from dashboard.figures.look.draft import figure_of, trace
from dashboard.page.chart import to_json


def test_a_finished_figure_is_plotlys_and_reads_what_is_added_later() -> None:
    draft = template.new_figure(100, 200, xaxis={"title": "layer", "nticks": 3})
    draft.add_trace(trace("bar", x=[1], y=[2], text=None))
    draft.update_layout(xaxis={"range": [0, 1]})
    figure = draft.finish()
    assert isinstance(figure, go.Figure)
    assert figure.layout.xaxis.title.text == "layer"
    assert (figure.layout.xaxis.nticks, figure.layout.xaxis.range) == (3, (0, 1))
    assert figure.data[0].to_plotly_json() == {"type": "bar", "x": [1], "y": [2]}
    assert json.loads(to_json(go.Figure(figure.to_dict()))) == json.loads(to_json(figure))
    with pytest.raises(ValueError, match="widht"):
        figure.update_layout(widht=3)


def test_what_a_page_sends_is_what_plotly_writes_of_the_built_figure() -> None:
    draft = template.new_figure(100, 200, 50, xaxis={"range": [0, np.float64(2)], "title": "x"})
    template.add_cells(draft, [[1, np.nan], [3, 4]], ("#fff", "#000"), 0, np.float32(4))
    values = np.array([0.5, np.nan])
    whiskers = template.whiskers(values, values - 1, values + 1)
    draft.add_trace(trace("bar", x=values, y=np.arange(2), error_x=whiskers, text=["a", None]))
    draft.add_trace(template.quiet([1, None, np.int64(3)], (), customdata=[["<b>", 1.5], []]))
    template.title(draft, "<one>", "two")
    figure = draft.finish()
    written = to_json(figure)
    assert type(figure) is not go.Figure, "it was not built"
    assert json.loads(written) == json.loads(figure.to_json(validate=False))
    assert type(figure) is go.Figure
    assert json.loads(to_json(figure)) == json.loads(written)


@pytest.mark.parametrize("dtype", ["<f4", "<f8", ">f8", "f2", "int8", "int64", "bool", "O"])
@pytest.mark.parametrize("shape", [(0,), (5,), (3, 4)])
def test_an_array_is_written_as_plotly_writes_it(dtype: str, shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    for own in (values, values.T, values[::2]):
        trace_of = figure_of([trace("heatmap", z=own)], {})
        plotly = go.Figure(go.Heatmap(z=own)).to_json(validate=False, engine="json")
        assert json.loads(to_json(trace_of))["data"] == json.loads(plotly)["data"]


@pytest.mark.parametrize("ends", [(-128, 127), (-129, 0), (0, 128), (-32769, 1), (0, 2**31)])
def test_whole_numbers_take_as_few_bytes_as_plotly_gives_them(ends: tuple[int, int]) -> None:
    values = np.array(ends, dtype=np.int64)
    plotly = go.Figure(go.Bar(y=values)).to_json(validate=False, engine="json")
    written = to_json(figure_of([trace("bar", y=values)], {}))
    assert json.loads(written)["data"] == json.loads(plotly)["data"]


def test_what_no_browser_has_a_kind_of_is_written_one_by_one_or_refused() -> None:
    mixed = np.array(["<b>", 1, None], dtype=object)
    names = pd.Series(["a", "ä"], dtype="str")
    figure = figure_of([trace("bar", x=mixed, text=names, y0=np.float32(0.5))], {})
    assert json.loads(to_json(figure))["data"] == [
        {"type": "bar", "x": ["<b>", 1, None], "text": ["a", "ä"], "y0": 0.5}
    ]
    with pytest.raises(TypeError):
        to_json(figure_of([trace("bar", x=[object()])], {}))
