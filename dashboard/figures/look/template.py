"""The look of every Plotly figure: one template for light and dark pages, and for files.

A figure is dark on white, as it is in a file. On a page its ground is transparent and what has
the colour `INK` takes the page's (`dashboard/page/chart.css` has the two rules of style for it),
so that a change of theme draws nothing anew. Everything else is grey or a colour that is
legible on both.
"""

from __future__ import annotations

import math
from functools import cache
from html import escape
from typing import Any

from dashboard.figures.look import style
from dashboard.figures.look.draft import Draft, trace
from precompute.one_line import one_line

INK = "rgb(1, 2, 3)"
"""The colour of texts; a page shows it as its own."""
GROUND = "rgb(255, 255, 254)"
"""The colour of lines that part cells; a page shows it as its ground."""
LETTER_PIXELS = 5.5
"""Width of a letter at the figures' size, about."""
FAINT = "rgba(128,128,128,0.25)"
"""Grid lines and bands."""
FONT = '"Source Sans", sans-serif'
"""Streamlit's own font where it is served, and what a viewer has elsewhere."""


def new_figure(height: float, width: float | None = None, least: float = 0, **layout: Any) -> Draft:
    """Begin a figure in the common look; its `Draft.finish` gives it.

    Parameters
    ----------
    height
        Pixels.
    width
        Pixels at which it looks best; less where a page has less room. All the room there is
        where it is left out.
    least
        Pixels below which it does not shrink; what holds it scrolls then.
    layout
        More of the layout.
    """
    own: dict[str, Any] = {"template": template(), "height": height, "meta": {"least": least}}
    return Draft(**own | ({} if width is None else {"width": width}) | layout)


@cache
def template() -> dict[str, Any]:
    """Give the template of every figure."""
    import plotly.graph_objects as go

    axis: dict[str, Any] = {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "outside",
        "ticklen": 4,
        "ticklabeloverflow": "allow",
        "tickcolor": style.INK,
        "linecolor": style.INK,
        "gridcolor": FAINT,
        "title": {"standoff": 4, "font": {"size": style.FONT_SIZE}},
    }
    made = go.layout.Template(
        layout={
            "font": {"family": FONT, "size": style.FONT_SIZE, "color": INK},
            "paper_bgcolor": "white",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [style.VALUE, style.OTHER, style.INK],
            "colorscale": {
                "sequential": scale(style.SEQUENTIAL),
                "diverging": scale(style.DIVERGING),
            },
            "margin": {"l": 44, "r": 10, "t": 42, "b": 44, "pad": 0},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {
                "bgcolor": "#333",
                "bordercolor": "white",
                "font": {"color": "white", "size": 12, "family": FONT},
                "align": "left",
            },
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": 1,
                "yanchor": "bottom",
                "title": {"text": ""},
                "bgcolor": "rgba(0,0,0,0)",
            },
            "hovermode": "closest",
            "dragmode": "zoom",
            "bargap": 0.25,
            "modebar": {
                "bgcolor": "rgba(0,0,0,0)",
                "color": "rgba(128,128,128,0.7)",
                "activecolor": style.INK,
            },
        }
    )
    return dict(made.to_plotly_json())


def scale(colours: tuple[str, ...]) -> list[list[Any]]:
    """Spread colours evenly over a Plotly colour scale."""
    last = len(colours) - 1
    return [[place / last, colour] for place, colour in enumerate(colours)]


def plain(text: str) -> str:
    """Write a text so that Plotly, which reads tags and entities, shows it letter by letter."""
    return escape(one_line(text), quote=False)


def text_pixels(text: str) -> float:
    """Give the width of a text at the figures' size, about; only a browser can measure."""
    return LETTER_PIXELS * len(text)


def shorten(text: str, pixels: float) -> str:
    """Leave out what a text has too much for its room, about; write the rest as `plain` does.

    Its end is kept too, as in print: there stands what tells two runs of a model apart.
    """
    letters = max(int(pixels / LETTER_PIXELS), 2)
    if len(text) <= letters:
        return plain(text)
    end = (letters - 1) * 2 // 5
    return plain(f"{text[: letters - 1 - end].rstrip()}…{text[len(text) - end :].lstrip()}")


def title(figure: Draft, first: str, *below: str, **place: Any) -> None:
    """Write a figure's lines of title above it; names from strangers may stand in them.

    Parameters
    ----------
    figure
        The figure; its upper margin has room for them.
    first, below
        A line in bold, and those below it.
    place
        What differs from above the left end of the first axes: attributes of an annotation.
        What is longer than its ``width`` is cut, and whole where the pointer is.
    """
    lines = [plain(line) for line in below if line]
    if max(map(text_pixels, (first, *below))) > place.get("width", math.inf):
        place = {"hovertext": "<br>".join([plain(first), *lines]), **place}
    figure.add_annotation(
        **{
            "name": "title",
            "text": "<br>".join([f"<b>{plain(first)}</b>", *lines]),
            "showarrow": False,
            "align": "left",
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": 1,
            "xanchor": "left",
            "yanchor": "bottom",
            "xshift": -3,
            "yshift": 4,
            **place,
        }
    )


def add_cells(
    figure: Draft, values: Any, colours: tuple[str, ...], low: float, high: float, **more: Any
) -> None:
    """Add a heatmap of layer × head: row 0 is layer 1 and stands at the bottom.

    Parameters
    ----------
    figure
        The figure.
    values
        Layers × heads; NaN where a head is grey: grey is put beneath the cells.
    colours
        Of `dashboard.figures.look.style`.
    low, high
        Ends of the colour scale.
    more
        Further attributes of the trace, such as ``customdata`` and ``hovertemplate``.
    """
    import numpy as np

    layers, heads = np.shape(values)
    figure.add_trace(
        trace(
            "heatmap",
            z=np.asarray(values, dtype=np.float32),
            x=np.arange(1, heads + 1),
            y=np.arange(1, layers + 1),
            colorscale=scale(colours),
            zmin=low,
            zmax=high,
            **{"xgap": 0.5, "ygap": 0.5, "showscale": False, **more},
        )
    )
    figure.add_shape(
        type="rect",
        layer="below",
        xref="x",
        yref="y",
        x0=0.5,
        x1=heads + 0.5,
        y0=0.5,
        y1=layers + 0.5,
        line={"width": 0},
        fillcolor=style.MASKED,
    )


def quiet(x: Any, y: Any, **more: Any) -> dict[str, Any]:
    """Make marks or lines that neither the pointer nor the keyboard reads."""
    return trace("scatter", x=x, y=y, hoverinfo="skip", meta={"quiet": True}, **more)


def line(
    x: tuple[Any, Any], y: tuple[Any, Any], colour: str, width: float = 1, **look: Any
) -> dict[str, Any]:
    """Give Plotly's arguments of a straight line from one place to another, a shape."""
    ends = {"x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1]}
    return {"type": "line", **ends, "line": {"color": colour, "width": width, **look}}


def bar_below(words: str, inner: float, below: float = 54, **more: Any) -> dict[str, Any]:
    """Say what colours mean, in a bar below the cells: Plotly's arguments of a colour bar.

    Parameters
    ----------
    words
        What is measured, with its unit.
    inner
        Height of the cells in pixels.
    below
        Pixels between the cells and the bar.
    more
        What differs.
    """
    return {
        "orientation": "h",
        "thickness": 8,
        "outlinewidth": 0,
        "x": 0,
        "xanchor": "left",
        "xpad": 0,
        "y": -below / inner,
        "yanchor": "top",
        "ypad": 0,
        "ticks": "outside",
        "ticklen": 3,
        "tickcolor": style.INK,
        "nticks": 7,
        "title": {"text": words, "side": "bottom", "font": {"size": style.FONT_SIZE}},
        **more,
    }


def dotted(figure: Draft, background: Any, rows: int, axis: str = "", first: int = 0) -> None:
    """Draw the dotted upright line of the background, in percent, where one is known.

    Parameters
    ----------
    figure
        The figure.
    background
        Column of a head frame: the same in every row, or empty.
    rows
        How many rows the line crosses.
    axis
        Number of the axis of percent, such as ``2``.
    first
        Where the first row stands.
    """
    known = background.dropna()
    if len(known):
        at = float(known.iloc[0])
        upright = line((at, at), (first - 0.5, first + rows - 0.5), style.OTHER, dash="2px,2px")
        figure.add_shape(**upright, name="background", xref=f"x{axis}")


def whiskers(values: Any, lower: Any, upper: Any, **more: Any) -> dict[str, Any]:
    """Give Plotly's arguments of the thin lines from bars' or dots' lower to upper ends."""
    return {
        "array": upper - values,
        "arrayminus": values - lower,
        "color": INK,
        "thickness": 1,
        "width": 0,
        **more,
    }
