"""Small figures beside each other as one figure: drawn in half the time that many take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from dashboard.figures.look import template
from dashboard.figures.look.draft import Chart, figure_of, parts_of

_KEPT = ("showlegend", "hovermode", "hoverlabel", "legend")
"""What of the first figure's layout is that of all."""


class _Box(NamedTuple):
    """Where a figure stands, in pixels from the upper left."""

    left: float
    top: float
    width: float
    height: float


def tile(figures: Sequence[Chart], names: Sequence[str], *, most: float, above: float = 0) -> Chart:
    """Lay figures of one size and form out in rows.

    How many stand beside each other is the page's: `dashboard/page/chart_drawing.js` moves them by
    what ``layout.meta.tiles`` says. A file has them as they are laid out here.

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
    first = parts_of(figures[0])[1]
    width, height = first["width"], first["height"]
    across = min(len(figures), 5)
    boxes = [
        _Box(number % across * width, number // across * height, width, height)
        for number in range(len(figures))
    ]
    meta = {"count": len(figures), "across": across, "most": most, "height": height}
    return _put_together(figures, names, boxes, above, {"least": width, "tiles": meta})


def beside(figures: Sequence[Chart]) -> Chart:
    """Put a few figures of any size into one row, for a file; see `tile`."""
    boxes, left = [], 0.0
    for _, layout in map(parts_of, figures):
        boxes.append(_Box(left, 0, layout["width"], layout["height"]))
        left += layout["width"]
    return _put_together(figures, [""] * len(figures), boxes, 0, {"least": left})


def _put_together(
    figures: Sequence[Chart],
    names: Sequence[str],
    boxes: list[_Box],
    above: float,
    meta: dict[str, Any],
) -> Chart:
    wide = max(box.left + box.width for box in boxes)
    tall = max(box.top + box.height for box in boxes)
    first = parts_of(figures[0])[1]
    layout: dict[str, Any] = {name: first[name] for name in _KEPT if name in first}
    layout |= {
        "template": template.template(),
        "width": wide,
        "height": tall + above,
        "margin": {"l": 0, "r": 0, "t": above, "b": 0},
        "meta": meta,
        "shapes": [],
        "annotations": [],
    }
    data: list[dict[str, Any]] = []
    taken = 0
    for number, (figure, name, box) in enumerate(zip(figures, names, boxes, strict=True)):
        traces, own = parts_of(figure)
        own = {"xaxis": {}, "yaxis": {}, **own}
        vertical = sorted(key for key in own if key.startswith("yaxis"))
        axes = {"x": f"x{_nth(number)}"} | {
            f"y{key[5:]}": f"y{_nth(taken + place)}" for place, key in enumerate(vertical)
        }
        taken += len(vertical)
        margin = own["margin"]
        inner = (
            (box.left + margin["l"]) / wide,
            (box.left + box.width - margin["r"]) / wide,
            1 - (box.top + box.height - margin["b"]) / tall,
            1 - (box.top + margin["t"]) / tall,
        )
        for key, axis in own.items():
            if not key.startswith(("xaxis", "yaxis")):
                continue
            low, high = inner[:2] if key[0] == "x" else inner[2:]
            layout[f"{key[0]}axis{axes[key[0] + key[5:]][1:]}"] = axis | {
                "domain": [low + end * (high - low) for end in axis.get("domain", (0, 1))],
                "anchor": axes[axis.get("anchor", "y" if key[0] == "x" else "x")],
                "uirevision": name,
            }
        for trace in traces:
            moved = trace | {"xaxis": axes["x"], "yaxis": axes[trace.get("yaxis", "y")]}
            if "colorbar" in moved:
                moved["colorbar"] = _inside(moved["colorbar"], inner)
            group = moved.get("legendgroup", moved.get("name"))
            data.append(moved if group is None else moved | {"legendgroup": group})
        bottom, top = own[vertical[0]].get("domain", (0, 1))
        for kind in ("shapes", "annotations"):
            layout[kind] += [_moved(item, axes, bottom, top) for item in own.get(kind, ())]
    seen: set[str] = set()
    for trace in data:
        trace["showlegend"] = trace.get("showlegend", True) and trace.get("name") not in seen
        seen.add(str(trace.get("name")))
    return figure_of(data, layout)


def _nth(number: int) -> str:
    """Write the number of an axis as Plotly does: the first has none."""
    return str(number + 1) if number else ""


def _inside(bar: dict[str, Any], inner: tuple[float, float, float, float]) -> dict[str, Any]:
    """Place a lying colour bar, which knows the paper alone, below its own figure's cells."""
    left, right, bottom, top = inner
    return bar | {
        "x": left + bar["x"] * (right - left),
        "len": bar.get("len", 1) * (right - left),
        "y": bottom + bar["y"] * (top - bottom),
    }


def _moved(item: dict[str, Any], axes: dict[str, str], low: float, high: float) -> dict[str, Any]:
    """Let a shape or a title refer to its own figure's axes, also where it did to the paper."""
    moved = dict(item)
    for letter in "xy":
        place, _, domain = moved.get(f"{letter}ref", letter).partition(" ")
        if place != "paper":
            moved[f"{letter}ref"] = f"{axes[place]} {domain}".strip()
            continue
        moved[f"{letter}ref"] = f"{axes[letter]} domain"
        if letter == "y":
            for end in ("y", "y0", "y1"):
                if end in moved:
                    moved[end] = (moved[end] - low) / (high - low)
    return moved
