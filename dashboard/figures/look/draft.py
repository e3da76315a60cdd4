"""A figure in the making: plain values, which Plotly is given all at once and believes.

Plotly reads every name and value that is added to a figure, and all others again with them: that
was nine tenths of a chart's time. Tests read the charts of every page with it instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Draft:
    """Collects traces and layout, written out in full: ``line={"width": 0}``.

    Parameters
    ----------
    layout
        What is known of it at once.
    """

    def __init__(self, **layout: Any) -> None:
        self.layout: dict[str, Any] = {"shapes": [], "annotations": []}
        self._traces: list[dict[str, Any]] = []
        self.update_layout(**layout)

    def add_trace(self, trace: dict[str, Any]) -> None:
        """Add a trace, of `trace`."""
        self._traces.append(trace)

    def add_shape(self, **shape: Any) -> None:
        """Add a shape."""
        self.layout["shapes"].append(shape)

    def add_annotation(self, **annotation: Any) -> None:
        """Add a text."""
        self.layout["annotations"].append(annotation)

    def update_layout(self, **layout: Any) -> None:
        """Set more of the layout; of an axis, what is not yet known. Its title may be a text."""
        for name, value in layout.items():
            if name.startswith(("xaxis", "yaxis")):
                value = {**self.layout.get(name, {}), **value}
                if isinstance(value.get("title"), str):
                    value["title"] = {"text": value["title"]}
            self.layout[name] = value

    def finish(self) -> go.Figure:
        """Give the figure."""
        return figure_of(self._traces, self.layout)


def trace(kind: str, **given: Any) -> dict[str, Any]:
    """Write a trace of a kind, such as ``bar``; what is None is left out."""
    return {"type": kind} | {name: value for name, value in given.items() if value is not None}


def figure_of(traces: list[dict[str, Any]], layout: Mapping[str, Any]) -> go.Figure:
    """Give Plotly's figure of what is not read now; what is added later is."""
    import plotly.graph_objects as go

    own = {name: value for name, value in layout.items() if value != []}
    figure = go.Figure(traces, own, _validate=False)
    figure._validate = figure.layout._validate = True
    return figure
