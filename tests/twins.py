"""What a figure of the page and its twin for print say, read off both as data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import matplotlib.collections as mcollections
import matplotlib.container as mcontainer
import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure

from dashboard.figures.printing.figure import Canvas, PaperFigure
from dashboard.figures.printing.style import ONE_COLUMN, printing

Numbers = list[float]


def drawn(figure: PaperFigure, width: float = ONE_COLUMN) -> Figure:
    """Draw a figure for print, to be read and not to be saved."""
    with printing():
        made = figure.put_on(Canvas(width))
        made.draw_without_rendering()
    return made


def numbers(values: Iterable[Any]) -> Numbers:
    """Bring finite values into one order, as exact as float32 is."""
    flat = np.asarray(list(values), dtype=float).ravel()
    return sorted(float(f"{value:.5g}") for value in flat[np.isfinite(flat)])


def plain(text: str) -> str:
    """Give the words of a text, units and signs written in one way."""
    text = re.sub(r"\s*[(,]\s*%\)?", " %", text.replace("\n", " "))
    return " ".join(text.replace("’", "'").split())


def untagged(text: str) -> str:
    """Give the words of a text of Plotly's, which reads tags and entities."""
    return plain(unescape(re.sub(r"<[^>]*>", " ", text)))


class Screen:
    """A figure of the page."""

    def __init__(self, figure: go.Figure) -> None:
        self.figure = figure

    def traces(self, kind: str) -> list[Any]:
        """Give the traces of a kind."""
        return [trace for trace in self.figure.data if trace.type == kind]

    @property
    def cells(self) -> list[Numbers]:
        """The values of every heatmap."""
        return [numbers(np.ravel(trace.z)) for trace in self.traces("heatmap")]

    @property
    def grey(self) -> list[int]:
        """How many cells of every heatmap have no value."""
        return [
            int((~np.isfinite(np.asarray(trace.z, dtype=float))).sum())
            for trace in self.traces("heatmap")
        ]

    @property
    def bars(self) -> Numbers:
        """The lengths of all bars."""
        return numbers(
            value
            for trace in self.traces("bar")
            for value in (trace.x if trace.orientation == "h" else trace.y)
        )

    def points(self, name: str | None = None) -> list[tuple[float, float]]:
        """Give the marks, of all scatters or of that of one name."""
        found = [
            (float(f"{x:.5g}"), float(f"{y:.5g}"))
            for trace in self.traces("scatter")
            if "markers" in (trace.mode or "") and name in (None, trace.name)
            for x, y in zip(trace.x, trace.y, strict=True)
            if np.isfinite([x, y]).all()
        ]
        return sorted(found)

    @property
    def units(self) -> set[str]:
        """What axes and colour bars are called."""
        layout = self.figure.layout
        titles = [layout[name].title.text for name in layout if re.fullmatch(r"[xy]axis\d*", name)]
        bars = [getattr(trace, "colorbar", None) for trace in self.figure.data]
        titles += [bar.title.text for bar in bars if bar is not None]
        return {untagged(title) for title in titles if title}

    @property
    def texts(self) -> list[str]:
        """Every text above and in the figure."""
        return [untagged(note.text) for note in self.figure.layout.annotations if note.text]

    @property
    def names(self) -> list[str]:
        """What ticks are called where they are named one by one."""
        layout = self.figure.layout
        found: list[str] = []
        for name in layout:
            if re.fullmatch(r"[xy]axis\d*", name) and layout[name].ticktext is not None:
                found += [untagged(str(text)) for text in layout[name].ticktext]
        return found


class Print:
    """Its twin for print."""

    def __init__(self, figure: PaperFigure, width: float = ONE_COLUMN) -> None:
        self.figure = drawn(figure, width)
        self.paper = figure

    @property
    def axes(self) -> list[Any]:
        """Give what is drawn on, colour bars left out."""
        return [axes for axes in self.figure.axes if not hasattr(axes, "_colorbar")]

    @property
    def meshes(self) -> list[Any]:
        """Give every heatmap."""
        return [
            one
            for axes in self.axes
            for one in axes.collections
            if isinstance(one, mcollections.QuadMesh)
        ]

    @property
    def cells(self) -> list[Numbers]:
        """The values of every heatmap."""
        return [numbers(np.ma.compressed(mesh.get_array())) for mesh in self.meshes]

    @property
    def grey(self) -> list[int]:
        """How many cells of every heatmap have no value."""
        return [int(np.ma.getmaskarray(mesh.get_array()).sum()) for mesh in self.meshes]

    @property
    def bars(self) -> Numbers:
        """The lengths of all bars."""
        return numbers(
            patch.get_width() if container.orientation == "horizontal" else patch.get_height()
            for axes in self.axes
            for container in axes.containers
            if isinstance(container, mcontainer.BarContainer)
            for patch in container
        )

    @property
    def points(self) -> list[tuple[float, float]]:
        """The marks of all scatters."""
        found = [
            (float(f"{x:.5g}"), float(f"{y:.5g}"))
            for axes in self.axes
            for one in axes.collections
            if isinstance(one, mcollections.PathCollection)
            for x, y in np.ma.filled(np.ma.asarray(one.get_offsets(), dtype=float), np.nan)
            if np.isfinite([x, y]).all()
        ]
        return sorted(found)

    @property
    def lines(self) -> list[tuple[float, float]]:
        """The corners of all lines."""
        found = [
            (float(f"{x:.5g}"), float(f"{y:.5g}"))
            for axes in self.axes
            for line in axes.lines
            for x, y in np.asarray(line.get_xydata(), dtype=float)
            if np.isfinite([x, y]).all()
        ]
        return sorted(found)

    @property
    def units(self) -> set[str]:
        """What axes and colour bars are called."""
        labels = [
            axis.get_label_text() for axes in self.figure.axes for axis in (axes.xaxis, axes.yaxis)
        ]
        return {plain(label) for label in labels if label}

    @property
    def texts(self) -> list[str]:
        """What stands above the figure, and its panels' titles."""
        above = " ".join(text.get_text() for text in self.figure.texts)
        return [plain(above), *(plain(axes.get_title(loc="left")) for axes in self.axes)]

    @property
    def names(self) -> list[str]:
        """What ticks are called."""
        return [
            plain(label.get_text())
            for axes in self.axes
            for label in (*axes.get_xticklabels(), *axes.get_yticklabels())
            if label.get_text()
        ]


def sample_of(texts: Iterable[str]) -> set[str]:
    """Give every n that texts say."""
    return {match for text in texts for match in re.findall(r"n [=≤] [\d,]+", text)}
