"""The 190 pairs of amino acids: correlation of attention against a matrix's score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, Draft, trace
from precompute.pairs import pair_name

WIDTH, HEIGHT = 322, 400
MARGIN = {"l": 46, "r": 10, "t": 38, "b": 40}
NAMED = 8
"""How many of the pairs furthest from the line are named."""
_NAME, _LINE = 24, 10
"""Pixels a pair's name takes."""


def pairs_chart(
    frame: pd.DataFrame,
    title: tuple[str, str],
    axes: tuple[str, str],
    says: Mapping[str, str],
) -> Chart:
    """Draw one dot a pair, with the least-squares line.

    Parameters
    ----------
    frame
        Of `precompute.substitution.pair_frame`.
    title
        Two lines above the figure.
    axes
        Names of the horizontal and the vertical axis.
    says
        A sentence for the name of each pair.

    Returns
    -------
    plotly.graph_objects.Figure
        Dots linked by the names of their pairs; the ones furthest from the line have their
        letters beside them.
    """
    x, y = (frame[name].to_numpy(dtype=np.float64) for name in ("score", "correlation"))
    ends = [int(np.argmin(x)), int(np.argmax(x))]
    pairs = [
        pair_name(str(one), str(other))
        for one, other in zip(frame["amino_acid_1"], frame["amino_acid_2"], strict=True)
    ]
    size = np.abs(frame["standardised_residual"].to_numpy(dtype=np.float64))
    furthest = np.argsort(-size, kind="stable")[:NAMED].tolist()
    figure = template.new_figure(HEIGHT, WIDTH, 260)
    figure.add_trace(
        template.quiet(
            x[ends],
            frame["expected"].to_numpy(dtype=np.float64)[ends],
            name="least squares",
            mode="lines",
            line={"color": style.OTHER, "width": 1.5},
        )
    )
    figure.add_trace(
        trace(
            "scatter",
            x=x.astype(np.float32),
            y=y.astype(np.float32),
            name="pairs",
            mode="markers",
            marker={
                "color": style.VALUE,
                "size": 6.5,
                "opacity": np.where(np.isin(np.arange(len(x)), furthest), 0.9, 0.45),
            },
            customdata=pairs,
            text=[says[pair].replace(": ", "<br>", 1).replace(", ", "<br>") for pair in pairs],
            hovertemplate="%{text}<extra></extra>",
            meta={"link": True},
        )
    )
    grid = {"showgrid": True, "ticklen": 0, "zeroline": False}
    figure.update_layout(
        margin=MARGIN,
        showlegend=False,
        xaxis={"title": axes[0], "range": _range(x), "nticks": 7, **grid},
        yaxis={"title": axes[1], "range": _range(y), "nticks": 7, **grid},
        meta={**figure.layout["meta"], "says": dict(says)},
    )
    _name_furthest(figure, x, y, [(place, pairs[place]) for place in furthest])
    template.title(figure, *title)
    return figure.finish()


def _name_furthest(
    figure: Draft, x: np.ndarray, y: np.ndarray, named: Sequence[tuple[int, str]]
) -> None:
    """Write names beside their dots, each moved down by so much that it stands on no other."""
    width = WIDTH - MARGIN["l"] - MARGIN["r"]
    height = HEIGHT - MARGIN["t"] - MARGIN["b"]
    across, up = _range(x), _range(y)
    places = {
        pair: (
            (x[at] - across[0]) / (across[1] - across[0]) * width,
            (up[1] - y[at]) / (up[1] - up[0]) * height,
        )
        for at, pair in named
    }
    moved = {name: top for _, top, name in apart([(*at, name) for name, at in places.items()])}
    for at, pair in named:
        near = places[pair][0] > width - _NAME  # a name stands on the side where there is room
        figure.add_annotation(
            x=x[at],
            y=y[at],
            text=pair,
            font={"size": 10},
            showarrow=False,
            xanchor="right" if near else "left",
            xshift=-3 if near else 3,
            yshift=places[pair][1] - moved[pair],
        )


def apart(
    names: Sequence[tuple[float, float, str]], width: float = _NAME, line: float = _LINE
) -> list[tuple[float, float, str]]:
    """Move names down that would stand on others.

    Parameters
    ----------
    names
        Each one's place from the left, from the top, and its text.
    width, line
        The room a name takes, in the places' unit.
    """
    placed: list[tuple[float, float, str]] = []
    for x, y, name in sorted(names, key=lambda entry: (entry[1], entry[0])):
        above = [other[1] + line for other in placed if abs(other[0] - x) < width]
        placed.append((x, max([y, *above]), name))
    return placed


def _range(values: np.ndarray) -> list[float]:
    """Give the ends of an axis: a little beyond the values."""
    low, high = float(values.min()), float(values.max())
    room = 0.04 * (high - low) or 0.5
    return [low - room, high + room]
