"""What all figures share: fonts, colours, sizes, and the tool bar with the SVG button."""

from __future__ import annotations

import html
import re
from typing import Any

FONT_SIZE = 11
MASKED = "rgba(128,128,128,0.45)"
"""Heads that are not shown; grey in light and dark."""
INK = "rgb(128,128,128)"
"""Axes, background lines and marks that must be legible on white and on black."""
VALUE = "#2a78b8"
OTHER = "#d55e00"
SEQUENTIAL = "Viridis"
DIVERGING = "RdBu_r"
LAYER_PIXELS = 13


def escape(text: str) -> str:
    """Make a name safe for Plotly's titles, which read HTML."""
    return html.escape(text, quote=False)


def config(filename: str) -> dict[str, Any]:
    """Configure a chart: one button, which saves the figure as SVG under this name."""
    return {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "svg", "filename": file_name(filename)},
        "scrollZoom": False,
        "doubleClick": False,
    }


def file_name(text: str) -> str:
    """Make a file name of letters, digits, dots, dashes and underscores."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "atlas"


def layout(**own: Any) -> dict[str, Any]:
    """Give the layout every figure starts from."""
    return {
        "font": {"size": FONT_SIZE},
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {"font": {"size": 12}},
        "bargap": 0.25,
        **own,
    }


def title(lines: tuple[str, str]) -> list[dict[str, Any]]:
    """Give a title of two lines, the first bold, as an annotation over the plot's corner."""
    first, second = (escape(line) for line in lines)
    return [
        {
            "text": f"<b>{first}</b><br>{second}",
            "font": {"size": FONT_SIZE},
            "align": "left",
            "showarrow": False,
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": 1,
            "xanchor": "left",
            "yanchor": "bottom",
            "xshift": -2,
            "yshift": 2,
        }
    ]


def margin(left: int, right: int, top: int, bottom: int) -> dict[str, Any]:
    """Give margins that stay as they are, whatever the colour bar would like."""
    return {"l": left, "r": right, "t": top, "b": bottom, "autoexpand": False}


def axis(**own: Any) -> dict[str, Any]:
    """Give the axis every figure starts from: thin outside ticks, no grid, no zoom."""
    return {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "ticks": "outside",
        "ticklen": 3,
        "tickcolor": INK,
        "tickfont": {"size": FONT_SIZE},
        "automargin": False,
        "ticklabeloverflow": "allow",  # measuring every label takes a quarter of the drawing
        **own,
    }


def axis_title(text: str) -> dict[str, Any]:
    """Give an axis title that stays close to its axis."""
    return {"text": text, "standoff": 4, "font": {"size": FONT_SIZE}}
