"""Read the charts that a page was given, as the figures they are."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
from streamlit.testing.v1 import AppTest


def given(element: Any) -> Any:
    """Give what a component was given; of a chart, its figure as the JSON that it is."""
    proto = element.proto
    if proto.WhichOneof("data") == "bytes":
        more, _, figure = proto.bytes.partition(b"\n")
        return {**json.loads(more), "figure": figure.decode()}
    return json.loads(proto.json) if proto.json else {}


def sent(app: AppTest, begins: str = "") -> list[dict[str, Any]]:
    """Give what the component was given for each chart whose key begins so, in the page's order."""
    return [
        given(element)
        for element in app.get("bidi_component")
        if element.proto.component_name.endswith(".chart")
        and element.proto.id.split("-", 2)[2].startswith(begins)
    ]


def charts(app: AppTest, begins: str = "") -> list[go.Figure]:
    """Give the figures of the charts whose keys begin so, in the page's order."""
    return [go.Figure(arrays(json.loads(one["figure"]))) for one in sent(app, begins)]


def titles(figure: go.Figure) -> list[str]:
    """Give the lines of a figure's title as they are read."""
    (text,) = (one.text for one in figure.layout.annotations if one.name == "title")
    for sign, written in (("<b>", ""), ("</b>", ""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(sign, written)
    return text.split("<br>")


def arrays(value: Any) -> Any:
    """Put numbers in the place of Plotly's written arrays."""
    if isinstance(value, dict) and "bdata" in value:
        found = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
        shape = [int(length) for length in str(value.get("shape", "-1")).split(",")]
        return found.reshape(shape)
    if isinstance(value, dict):
        return {name: arrays(one) for name, one in value.items()}
    return [arrays(one) for one in value] if isinstance(value, list) else value
