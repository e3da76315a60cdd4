"""Two sources head by head: the differences as a map, and one source against the other.

A cell of the map and a dot of the scatter of the same head carry the same name, so that a page
frames both (``meta.link``, `dashboard.page.chart`).
"""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace
from dashboard.figures.look.scale import percent_end
from dashboard.figures.look.ticks import place_ticks
from dashboard.results.frames import grid, head_names
from precompute.differences import DRAWN, TESTED
from precompute.published import MINIMUM_ARCS

MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 44, 20, 42, 96
SCATTER = 330
SCATTER_LEFT = 50
HOVER = "%{hovertext}<extra></extra>"


def difference_map(differences: pd.DataFrame, title: tuple[str, str]) -> Chart:
    """Draw the differences of one property as layers × heads.

    Parameters
    ----------
    differences
        Rows of one property (`precompute.differences.difference_frame`).
    title
        The two lines above the figure.

    Returns
    -------
    plotly.graph_objects.Figure
        Red where the second source is larger, blue where the first is, the middle of the
        scale is no difference; grey where either is masked. Dots mark the heads that do not
        agree with a run; where they were tested, a ring is a false discovery rate of 0.05, a
        dot Bonferroni's.
    """
    values = grid(differences, "difference")
    layers, heads = values.shape
    limit = scale_end(differences)
    across = max((15 if heads <= 12 else 11.4 if heads <= 24 else 8) * heads, 150)
    down = max((18 if layers <= 12 else style.LAYER_PIXELS) * layers, 60)
    digits = 1 if limit >= 2 else 2
    roomy = template.text_pixels(signed(limit, digits)) + 8 <= across / 4
    ends = np.linspace(-limit, limit, 5 if roomy else 3).tolist()
    names = np.full((layers, heads), None, dtype=object)
    texts = names.copy()
    for layer, head, name, text in zip(
        differences["layer"],
        differences["head"],
        head_names(differences),
        say_heads(differences),
        strict=True,
    ):
        names[layer - 1, head - 1], texts[layer - 1, head - 1] = name, text
    width = MARGIN_LEFT + round(across) + MARGIN_RIGHT
    figure = template.new_figure(
        *(MARGIN_TOP + round(down) + MARGIN_BOTTOM, width, min(width, 300)),
        margin={"l": MARGIN_LEFT, "r": MARGIN_RIGHT, "t": MARGIN_TOP, "b": MARGIN_BOTTOM},
        showlegend=False,
        xaxis={"range": [0.5, heads + 0.5], "title": "head", **place_ticks(heads)},
        yaxis={"range": [0.5, layers + 0.5], "title": "layer", **place_ticks(layers, 16)},
    )
    template.add_cells(
        *(figure, values, style.DIVERGING, -limit, limit),
        customdata=names,
        hovertext=texts,
        hovertemplate=HOVER,
        meta={"link": True},
        showscale=True,
        colorbar=template.bar_below(
            "second − first (percentage points)",
            down,
            46,
            tickvals=ends,
            ticktext=[signed(end, digits) if end else "0" for end in ends],
            ticklabeloverflow="allow",
        ),
    )
    apart = differences[_apart(differences)]
    sure = (apart["basis"] != TESTED) | apart["bonferroni"].fillna(False)
    for own, symbol in ((apart[sure], "circle"), (apart[~sure], "circle-open")):
        if len(own):
            dark = own["difference"].abs() > 0.55 * limit
            marker = {"symbol": symbol, "size": 4, "color": np.where(dark, "#fff", "#000")}
            places = own["head"].to_numpy(), own["layer"].to_numpy()
            figure.add_trace(template.quiet(*places, mode="markers", marker=marker))
    template.title(figure, *title, xshift=-MARGIN_LEFT, width=width - 2)
    return figure.finish()


def difference_scatter(differences: pd.DataFrame, axes: tuple[str, str], title: str) -> Chart:
    """Draw one source's values against the other's, one dot a head, with the line of equality.

    Parameters
    ----------
    differences
        Rows of one property.
    axes
        Names of the first source (across) and the second (up).
    title
        The line above the figure.
    """
    known = differences[differences["difference"].notna()]
    limit = percent_end(known[["percent_1", "percent_2"]], 1.03)
    side = SCATTER - SCATTER_LEFT - MARGIN_RIGHT
    one, two = (template.shorten(name, side - 20) for name in axes)
    axis: dict[str, Any] = {"range": [0, limit], "nticks": 7, "showgrid": True, "ticks": ""}
    figure = template.new_figure(
        *(MARGIN_TOP + side + 44, SCATTER, SCATTER),
        margin={"l": SCATTER_LEFT, "r": MARGIN_RIGHT, "t": MARGIN_TOP, "b": 44},
        xaxis={"title": f"{one}, %", **axis},
        yaxis={"title": f"{two}, %", **axis},
        shapes=[
            template.line((0, limit), (0, limit), style.INK) | {"name": "equal", "layer": "below"}
        ],
        legend={"x": 1, "xanchor": "right"},
    )
    apart = _apart(known)
    for name, own, opacity in (
        ("agree", known[~apart], 0.5),
        ("differ", known[apart], 0.9),
    ):
        if len(own):
            figure.add_trace(
                trace(
                    "scatter",
                    name=name,
                    x=own["percent_1"].to_numpy(np.float32),
                    y=own["percent_2"].to_numpy(np.float32),
                    mode="markers",
                    marker={"size": 5, "color": style.VALUE, "opacity": opacity},
                    customdata=head_names(own),
                    hovertext=say_heads(own),
                    hovertemplate=HOVER,
                    meta={"link": True},
                    showlegend=bool(apart.any()),
                )
            )
    template.title(figure, title, xshift=-SCATTER_LEFT)
    return figure.finish()


def say_heads(differences: pd.DataFrame) -> list[str]:
    """Say each head's two values, their difference, and what is known of it."""
    said = []
    shown = [
        *("layer", "head", "percent_1", "percent_2", "difference"),
        *("p_value", "q_value", "agrees", "basis"),
    ]
    columns = (differences[name].tolist() for name in shown)
    for layer, head, first, second, difference, p, q, agrees, basis in zip(*columns, strict=True):
        text = f"head {layer}-{head}"
        if isnan(difference):
            said.append(f"{text}<br>fewer than {MINIMUM_ARCS} arcs in one or both")
            continue
        text += f"<br>{first:.2f} % and {second:.2f} %<br>difference {signed(difference)}"
        if basis == TESTED:
            if not isnan(p):
                text += f"<br>p = {p:.2g}, q = {q:.2g}"
        elif pd.notna(agrees):
            text += "<br>agrees" if agrees else "<br>does not agree"
        said.append(text)
    return said


def scale_end(differences: pd.DataFrame) -> float:
    """Give where the colour scale of one property's differences ends, either way."""
    size = differences["difference"].abs()
    largest = float(size.max()) if size.notna().any() else 0.0
    return largest if largest > 0 else 1.0


def signed(value: float, digits: int = 2) -> str:
    """Write a difference with its sign, a true minus; without one where it rounds to 0."""
    if round(value, digits) == 0:
        return f"{0:.{digits}f}"
    return f"{value:+.{digits}f}".replace("-", "−")


def _apart(differences: pd.DataFrame) -> pd.Series:
    """Tell the heads that do not agree, where that can be told from chance."""
    agrees = differences["agrees"].fillna(True).astype(bool)
    return (differences["basis"] != DRAWN) & ~agrees
