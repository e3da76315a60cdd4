"""A figure in the making: Plotly reads nothing of it, and it is Plotly's figure all the same."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import pytest

from dashboard.figures.look import template
from dashboard.figures.look.draft import trace
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
