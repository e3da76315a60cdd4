"""Small figures in rows, as one figure: drawn in half the time that many take.

How many stand beside each other is the page's: `dashboard/page/chart.js` moves them by what
``layout.meta.tiles`` says. A file has them as they are laid out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go


def tile(
    figures: Sequence[go.Figure], names: Sequence[str], *, most: float, above: float = 0
) -> go.Figure:
    """Lay figures of one size and form out in rows.

    Parameters
    ----------
    figures
        Each with a width and a height in pixels, its margins, one x axis, and the same number
        of y axes. Titles and shapes refer to axes or to the paper.
    names
        What each shows: a part that was zoomed into stays so while its figure has this name.
    most
        Pixels that a figure is stretched to where there is room.
    above
        Pixels above all of them, as for a legend.

    Returns
    -------
    plotly.graph_objects.Figure
        The figure of number k, from 0, has the x axis k + 1, and its y axes are anchored to it.
    """
    import plotly.graph_objects as go

    first = figures[0].layout
    width, height = first.width, first.height
    across = min(len(figures), 5)
    down = -(-len(figures) // across)
    vertical = sorted(key for key in first.to_plotly_json() if key.startswith("yaxis"))
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        name: value
        for name, value in first.to_plotly_json().items()
        if name in ("template", "showlegend", "hovermode", "hoverlabel", "legend")
    }
    layout |= {
        "width": across * width,
        "height": down * height + above,
        "margin": {"l": 0, "r": 0, "t": above, "b": 0},
        "meta": {
            "least": width,
            "tiles": {"count": len(figures), "across": across, "most": most, "height": height},
        },
        "shapes": [],
        "annotations": [],
    }
    for number, (figure, name) in enumerate(zip(figures, names, strict=True)):
        own = figure.layout.to_plotly_json()
        margin = own["margin"]
        row, column = divmod(number, across)
        axes = {"x": f"x{_nth(number)}"} | {
            f"y{key[5:]}": f"y{_nth(number * len(vertical) + place)}"
            for place, key in enumerate(vertical)
        }
        left, right = column * width + margin["l"], (column + 1) * width - margin["r"]
        layout[f"xaxis{axes['x'][1:]}"] = own["xaxis"] | {
            "domain": [left / (across * width), right / (across * width)],
            "anchor": axes[own["xaxis"].get("anchor", "y")],
            "uirevision": name,
        }
        top, bottom = row * height + margin["t"], (row + 1) * height - margin["b"]
        for key in vertical:
            low, high = (
                1 - (bottom - end * (bottom - top)) / (down * height)
                for end in own[key].get("domain", (0, 1))
            )
            layout[f"yaxis{axes[f'y{key[5:]}'][1:]}"] = own[key] | {
                "domain": [low, high],
                "anchor": axes["x"],
                "uirevision": name,
            }
        data += [
            trace.to_plotly_json()
            | {"xaxis": axes["x"], "yaxis": axes[trace.yaxis or "y"], "legendgroup": trace.name}
            for trace in figure.data
        ]
        low, high = own[vertical[0]].get("domain", (0, 1))
        for kind in ("shapes", "annotations"):
            for item in own.get(kind, ()):
                layout[kind].append(_moved(item, axes, low, high))
    seen: set[str] = set()
    for trace in data:
        trace["showlegend"] = trace.get("name") not in seen
        seen.add(str(trace.get("name")))
    return go.Figure(data=data, layout=layout)


def _nth(number: int) -> str:
    """Write the number of an axis as Plotly does: the first has none."""
    return str(number + 1) if number else ""


def _moved(item: dict[str, Any], axes: dict[str, str], low: float, high: float) -> dict[str, Any]:
    """Let a shape or a title refer to its own figure's axes, also where it did to the paper."""
    moved = dict(item)
    for letter in "xy":
        place = moved.get(f"{letter}ref", letter)
        if place != "paper":
            moved[f"{letter}ref"] = axes[place]
            continue
        moved[f"{letter}ref"] = f"{axes[letter]} domain"
        if letter == "y":
            for end in ("y", "y0", "y1"):
                if end in moved:
                    moved[end] = (moved[end] - low) / (high - low)
    return moved
