"""The figures of the Contacts page: models, numbers of heads, weights of heads, one protein."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace
from dashboard.figures.look.scale import percent_end
from dashboard.figures.look.ticks import place_ticks
from dashboard.results.contacts import OpenedProtein
from dashboard.results.frames import rows_of
from precompute.live.arc_colours import HEAD_COLOURS

ROW, KEY, WIDTH, NARROW = 34, 19, 620, 300
"""Pixels of a row of the comparison, of a line of a legend, the width of two figures, and that
below which neither the comparison nor a protein's map shrinks: names stand above their rows, as on
a telephone there is no room beside them."""
TITLE = 46
"""Letters of a line of the comparison's title."""
MAP = 400
RIGHT, WRONG, TOUCHING = style.VALUE, style.OTHER, "rgba(128,128,128,0.55)"
"""Predicted pairs that touch, those that do not, and contacts."""


def comparison_names(frame: pd.DataFrame) -> list[str]:
    """Name each row: method, model and proteins, and the run where a model has several."""
    runs = frame.groupby(["model", "test_set"])["run"].transform("nunique") > 1
    return [
        f"{row['model']}, {row['method']} · {row['test_set']}"
        + (", published" if row["published"] else "")
        + (f" ({row['run'][-8:]})" if row["run"] and several else "")
        for row, several in zip(rows_of(frame), runs, strict=True)
    ]


def comparison(frame: pd.DataFrame, unit: str, title: tuple[str, str]) -> Chart:
    """Draw a dot a model and method with its interval; a ring where it is published.

    Parameters
    ----------
    frame
        Of `dashboard.results.contacts.comparison_frame`.
    unit
        What is measured.
    title
        The two lines above the figure.
    """
    names = comparison_names(frame)
    height = 44 + ROW * max(len(frame), 1) + 44
    end = percent_end(frame[["percent", "upper"]].to_numpy(dtype=float))
    figure = template.new_figure(
        *(height, WIDTH, NARROW),
        margin={"l": 12, "r": 12, "t": 44, "b": 44},
        xaxis={"range": [0, end], "title": unit, "showgrid": True},
        yaxis={"range": [len(frame) - 0.5, -0.75], "showticklabels": False, "ticks": ""},
    )
    for place, name in enumerate(names):
        figure.add_annotation(
            name="row",
            text=template.shorten(name, NARROW + 20),
            hovertext=template.plain(name),
            showarrow=False,
            **{"xref": "paper", "x": 0, "xanchor": "left", "xshift": -3},
            **{"y": place, "yanchor": "bottom", "yshift": 5},
        )
    for published, colour, symbol in (
        (False, style.VALUE, "circle"),
        (True, style.OTHER, "circle-open"),
    ):
        own = np.flatnonzero(frame["published"].to_numpy(dtype=bool) == published)
        if not len(own):
            continue
        part = frame.iloc[own]
        values = part["percent"].to_numpy(dtype=float)
        lower, upper = part["lower"].to_numpy(dtype=float), part["upper"].to_numpy(dtype=float)
        figure.add_trace(
            trace(
                "scatter",
                name="published" if published else "measured",
                x=values,
                y=own,
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 8, "line": {"width": 1.5}},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    **template.whiskers(values, lower, upper),
                },
                text=[template.plain(names[place]) for place in own],
                hovertemplate="%{text}<br>%{x:.1f} %<extra></extra>",
                showlegend=False,
            )
        )
    chance = frame["chance"].to_numpy(dtype=float)
    rows = np.flatnonzero(np.isfinite(chance))
    if len(rows):
        figure.add_trace(
            template.quiet(
                *(chance[rows], rows),
                mode="markers",
                marker={
                    "symbol": "line-ns",
                    "size": 7,
                    "line": {"color": style.INK, "width": 1.5},
                },
                showlegend=False,
                name="chance",
            )
        )
    # What is longer stands whole below the figure.
    first, below = (one if len(one) <= TITLE else f"{one[: TITLE - 1]}…" for one in title)
    template.title(figure, first, below)
    return figure.finish()


def means_chart(frame: pd.DataFrame, unit: str, title: tuple[str, str]) -> Chart:
    """Draw precision against how many heads are averaged: a line a run with its intervals.

    Parameters
    ----------
    frame
        Of `dashboard.results.contacts.means_frame`.
    """
    end = percent_end(frame[["percent", "upper"]].to_numpy(dtype=float))
    most = int(frame["heads"].max()) if len(frame) else 1
    # A run's name may be long: each has a line of its own, between the title and the axes.
    names = KEY * frame["title"].nunique()
    figure = template.new_figure(
        *(300 + names, WIDTH, 480),
        margin={"l": 48, "r": 12, "t": 48 + names, "b": 44},
        legend={"orientation": "v", "y": 1.0},
        xaxis={
            "range": [0, most + 1],
            "title": "heads in the mean, best first",
            **place_ticks(most),
        },
        yaxis={"range": [0, end], "title": unit, "showgrid": True},
    )
    for number, (name, part) in enumerate(frame.groupby("title", sort=False)):
        colour = HEAD_COLOURS[number % len(HEAD_COLOURS)]
        values = part["percent"].to_numpy(dtype=float)
        ends = part["lower"].to_numpy(dtype=float), part["upper"].to_numpy(dtype=float)
        figure.add_trace(
            trace(
                "scatter",
                name=template.shorten(str(name), 380),
                x=part["heads"].to_numpy(),
                y=values,
                mode="lines+markers",
                line={"color": colour, "width": 1},
                marker={"size": 4},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    **template.whiskers(values, *ends, color=colour, thickness=0.6),
                },
                hovertemplate="%{x} heads: %{y:.1f} %<extra></extra>",
                showlegend=True,
            )
        )
    template.title(figure, *title, yshift=names + 6, width=420)
    return figure.finish()


def weights_map(values: NDArray[np.float64], words: str, title: tuple[str, str]) -> Chart:
    """Draw what is known of each head, layer 1 at the bottom; about 0 where there are signs.

    Parameters
    ----------
    values
        Shape (layers, heads).
    words
        What they are.
    """
    layers, heads = values.shape
    largest = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
    signed = bool((values < 0).any()) or "weight" in words
    cells = min(max(heads * 15, 200), 640)
    inner = max(layers * 16, 140)
    figure = template.new_figure(
        *(44 + inner + 104, 44 + cells + 12, 240),
        margin={"l": 44, "r": 12, "t": 44, "b": 104},
        xaxis={"range": [0.5, heads + 0.5], "title": "head", **place_ticks(heads)},
        yaxis={"range": [0.5, layers + 0.5], "title": "layer", **place_ticks(layers)},
    )
    template.add_cells(
        *(figure, values, style.DIVERGING if signed else style.SEQUENTIAL),
        *(-largest if signed else 0.0, largest),
        hovertemplate="layer %{y}, head %{x}: %{z:.3g}<extra></extra>",
        showscale=True,
        colorbar=template.bar_below(template.plain(words), inner),
    )
    template.title(figure, *title)
    return figure.finish()


def protein_map(opened: OpenedProtein, title: tuple[str, str]) -> Chart:
    """Draw contacts below the diagonal and the L most certain pairs above it.

    Parameters
    ----------
    opened
        Of `dashboard.results.contacts.open_protein`.
    """
    size = len(opened.sequence)
    axis: dict[str, Any] = {"showline": True, "mirror": True, "nticks": 7, "constrain": "domain"}
    figure = template.new_figure(
        *(62 + MAP + 44, 50 + MAP + 8, NARROW),
        margin={"l": 50, "r": 8, "t": 62, "b": 44},
        xaxis={**axis, "range": [0.5, size + 0.5], "title": "residue"},
        yaxis={
            **axis,
            "range": [size + 0.5, 0.5],
            "title": "residue",
            "scaleanchor": "x",
            "constraintoward": "top",
        },
    )
    rows, columns = np.nonzero(np.tril(opened.contacts))
    marks = {"symbol": "square", "size": max(2.0, min(6.0, MAP / size))}
    pairs = opened.pairs
    for name, colour, x, y, text in (
        ("contact", TOUCHING, columns + 1, rows + 1, None),
        *(
            (words, colour, part["j"].to_numpy(), part["i"].to_numpy(), part["distance"].to_numpy())
            for words, colour, part in (
                ("right", RIGHT, pairs[pairs["contact"]]),
                ("wrong", WRONG, pairs[~pairs["contact"]]),
            )
        ),
    ):
        figure.add_trace(
            trace(
                "scatter",
                x=x,
                y=y,
                name=name,
                mode="markers",
                marker={**marks, "color": colour},
                text=None if text is None else [f", {one:.1f} Å" for one in text.tolist()],
                hovertemplate=f"%{{y}} and %{{x}}: predicted, {name}%{{text}}<extra></extra>"
                if text is not None
                else "%{y} and %{x}: contact<extra></extra>",
                showlegend=True,
            )
        )
    template.title(figure, *title, yshift=22)
    return figure.finish()
