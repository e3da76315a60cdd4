"""A figure in the making: plain values, which Plotly is given all at once and believes.

Plotly reads every name and value that is added to a figure, and all others again with them: that
was nine tenths of a chart's time. Tests read the charts of every page with it instead. What a page
sends is written of the plain values, and Plotly's figure is not even built for it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import plotly.graph_objects as go

    Chart: TypeAlias = go.Figure
else:
    Chart = Any
"""Plotly's figure, for annotations: it is loaded where one is asked for, and for no name."""

_PLAIN = (str, int, float, type(None))
_AS_THEY_ARE = frozenset({"range", "template"})
"""What Plotly leaves as it is when it writes arrays."""
_BROWSERS = {"<f4": "f4", "<f8": "f8", "|i1": "i1", "<i2": "i2", "<i4": "i4"}
"""Kinds of arrays that a browser has, by numpy's names of them."""


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

    def finish(self) -> Chart:
        """Give the figure."""
        return figure_of(self._traces, self.layout)


def trace(kind: str, **given: Any) -> dict[str, Any]:
    """Write a trace of a kind, such as ``bar``; what is None is left out."""
    return {"type": kind} | {name: value for name, value in given.items() if value is not None}


def figure_of(traces: list[dict[str, Any]], layout: Mapping[str, Any]) -> Chart:
    """Give Plotly's figure of what is not read now; what is added later is.

    It is built when something of it is first asked for.
    """
    return _late()(traces, {name: value for name, value in layout.items() if value != []})


def parts_of(figure: Chart) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give the traces and the layout of a figure as plain values, which are not to be changed."""
    parts: tuple[list[dict[str, Any]], dict[str, Any]] | None = vars(figure).get("_parts")
    if parts is None:
        return [one.to_plotly_json() for one in figure.data], figure.layout.to_plotly_json()
    return parts


def to_json(figure: Chart) -> str:
    """Write a figure as Plotly does; arrays as they are in memory, so float32 is half as long."""
    import orjson

    traces, layout = parts_of(figure)
    written = {"data": _in_memory(traces), "layout": _in_memory(layout)}
    return orjson.dumps(written, default=_plain).decode()


def _plain(value: Any) -> Any:
    """Give numpy's value, or the values of an array or column of no kind that browsers have."""
    if not hasattr(value, "tolist"):
        raise TypeError(f"A figure cannot hold {type(value).__name__}.")
    return value.tolist()


def _in_memory(value: Any) -> Any:
    """Give values with arrays as Plotly's JSON has them."""
    if isinstance(value, dict):
        return {k: one if k in _AS_THEY_ARE else _in_memory(one) for k, one in value.items()}
    if isinstance(value, (list, tuple)):
        return value if all(isinstance(v, _PLAIN) for v in value) else [*map(_in_memory, value)]
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, np.ndarray) and value.size:
        # What Plotly writes of it, without its asking what kind of array it is.
        own = _narrow(value) if value.dtype == np.int64 else value
        if own.dtype.str in _BROWSERS:
            written = base64.b64encode(own.tobytes()).decode("ascii")
            shape = {"shape": str(own.shape)[1:-1]} if own.ndim > 1 else {}
            return {"dtype": _BROWSERS[own.dtype.str], "bdata": written, **shape}
    from _plotly_utils.utils import is_homogeneous_array, to_typed_array_spec

    return to_typed_array_spec(value) if is_homogeneous_array(value) else value


def _narrow(value: NDArray[np.int64]) -> NDArray[np.signedinteger[Any]]:
    """Give whole numbers in the fewest bytes that hold them; JavaScript has none of eight."""
    low, high = value.min(), value.max()
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return value.astype(kind)
    return value


@cache
def _late() -> type[Chart]:
    import plotly.graph_objects as go

    class Late(go.Figure):  # type: ignore[misc]
        """Becomes Plotly's figure when something of it is first asked for."""

        def __init__(self, traces: list[dict[str, Any]], layout: dict[str, Any]) -> None:
            self.__dict__["_parts"] = (traces, layout)

        def __getattr__(self, name: str) -> Any:
            if name == "_parts":
                raise AttributeError(name)
            parts = self.__dict__.pop("_parts")
            self.__class__ = go.Figure
            go.Figure.__init__(self, *parts, _validate=False)
            self._validate = self.layout._validate = True
            return getattr(self, name)

    return Late
