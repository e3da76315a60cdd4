"""Two sources head by head: the differences as a map, and one source against the other.

A cell of the map and a dot of the scatter of the same head carry the same ``data-link``
(`dashboard.page.drawing`), so that the pointer marks both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures.look import style
from dashboard.figures.look.letters import shorten, text_width
from dashboard.figures.look.plot import FAINT, Plot, drawing, rule, words
from dashboard.figures.top_heads.top_heads_screen import ticks
from precompute.differences import DRAWN, TESTED

MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 36, 8, 36, 84
SCATTER = 330
_LEGEND = 40
"""Steps of the colour bar."""
_APART = 3
"""Pixels between its numbers."""
_LEVELS = 256
"""Steps of the colour scale from one end to the other."""


def difference_map_svg(differences: pd.DataFrame, title: tuple[str, str]) -> str:
    """Draw the differences of one property as layers × heads.

    Parameters
    ----------
    differences
        Rows of one property (`precompute.differences.difference_frame`).
    title
        The two lines above the figure.

    Returns
    -------
    str
        One SVG element: red where the second source is larger, blue where the first is,
        the middle of the scale is no difference; grey where either is masked. Dots mark
        the heads that do not agree with a run; where they were tested, a ring is a false
        discovery rate of 0.05, a dot Bonferroni's.
    """
    layers, heads = int(differences["layer"].max()), int(differences["head"].max())
    column = 15.0 if heads <= 12 else 11.4 if heads <= 24 else 8.0
    row = 18.0 if layers <= 12 else float(style.LAYER_PIXELS)
    plot = Plot(
        MARGIN_LEFT,
        MARGIN_TOP,
        max(column * heads, 150.0),
        max(row * layers, 60.0),
        (0.5, heads + 0.5),
        (0.5, layers + 0.5),
    )
    limit = scale_end(differences)
    column, row = plot.width / heads, plot.height / layers
    parts = [
        words(0, 11, shorten(title[0], plot.right, bold=True), 'font-weight="bold"'),
        words(0, 25, shorten(title[1], plot.right), 'opacity="0.75"'),
        f'<rect x="{plot.left:g}" y="{plot.top:g}" width="{plot.width:g}" '
        f'height="{plot.height:g}" fill="{style.MASKED}"/>',
    ]
    marks = []
    shown = ["layer", "head", "difference", "agrees", "bonferroni", "basis"]
    for record in differences.loc[differences["difference"].notna(), shown].to_dict("records"):
        x, y = plot.x(record["head"]), plot.y(record["layer"])
        share = record["difference"] / limit
        parts.append(
            f'<rect x="{x - column / 2 + 0.25:.2f}" y="{y - row / 2 + 0.25:.2f}" '
            f'width="{column - 0.5:.2f}" height="{row - 0.5:.2f}" fill="{colour(share)}" '
            f'data-link="{link(record)}"/>'
        )
        marks.append(_mark(record, x, y, "#fff" if abs(share) > 0.55 else "#000"))
    parts += marks
    parts += plot.x_axis([(head, f"{head}") for head in _places(heads, 12)], "head")
    parts += [
        words(plot.left - 6, plot.y(layer) + 4, f"{layer}", 'text-anchor="end"')
        for layer in _places(layers, 16)
    ]
    middle = plot.top + plot.height / 2
    turn = f'text-anchor="middle" transform="rotate(-90 9 {middle:g})"'
    parts.append(words(9, middle, "layer", turn))
    parts += _legend(plot, limit)
    known = differences["difference"].dropna()
    about = f"{len(known)} heads, median difference {known.median():.2f} percentage points"
    return drawing(
        parts,
        plot.right + MARGIN_RIGHT,
        plot.bottom + MARGIN_BOTTOM,
        f"Map of differences: {', '.join(title)}; {about}",
    )


def difference_scatter_svg(differences: pd.DataFrame, axes: tuple[str, str], title: str) -> str:
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
    values = known[["percent_1", "percent_2"]].to_numpy(dtype=float)
    largest = float(values.max(initial=0.0))
    limit = min(largest * 1.03, 100.0) or 1.0
    plot = Plot(46, MARGIN_TOP, SCATTER - 60, SCATTER - 60, (0.0, limit), (0.0, limit))
    marks = [(tick, f"{tick:g}") for tick in ticks(limit)]
    parts = [words(0, 11, title, 'font-weight="bold"')]
    parts += plot.y_axis(marks, shorten(f"{axes[1]}, %", plot.height))
    parts += [rule(plot.x(at), plot.top, plot.x(at), plot.bottom, FAINT) for at, _ in marks]
    parts += plot.x_axis(marks, shorten(f"{axes[0]}, %", plot.width))
    parts.append(rule(plot.left, plot.bottom, plot.right, plot.top))
    agrees = (known["agrees"].fillna(True) | (known["basis"] == DRAWN)).to_numpy(dtype=bool)
    shown = ["layer", "head", "percent_1", "percent_2"]
    for record, same in zip(known[shown].to_dict("records"), agrees, strict=True):
        look = 'fill-opacity="0.4"' if same else 'fill-opacity="0.9"'
        parts.append(
            f'<circle cx="{plot.x(record["percent_1"]):.1f}" '
            f'cy="{plot.y(record["percent_2"]):.1f}" r="2.5" fill="{style.VALUE}" {look} '
            f'data-link="{link(record)}"/>'
        )
    about = f"{len(known)} heads, {axes[1]} against {axes[0]}"
    return drawing(parts, SCATTER, SCATTER + 12, f"{title}: {about}")


def say_heads(differences: pd.DataFrame) -> dict[str, str]:
    """Give the line of text for each head's link."""
    said = {}
    shown = [
        *("layer", "head", "percent_1", "percent_2", "difference"),
        *("p_value", "q_value", "agrees", "basis"),
    ]
    for row in differences.loc[differences["difference"].notna(), shown].to_dict("records"):
        text = (
            f"head {row['layer']}-{row['head']}: {row['percent_1']:.2f} % and "
            f"{row['percent_2']:.2f} %, difference {signed(row['difference'])}"
        )
        if row["basis"] == TESTED:
            if pd.notna(row["p_value"]):
                text += f", p = {row['p_value']:.2g}, q = {row['q_value']:.2g}"
        elif pd.notna(row["agrees"]):
            text += ", agrees" if row["agrees"] else ", does not agree"
        said[link(row)] = text
    return said


def link(row: Mapping[Any, Any]) -> str:
    """Name a head's marks."""
    return f"{row['layer']}-{row['head']}"


def scale_end(differences: pd.DataFrame) -> float:
    """Give where the colour scale of one property's differences ends, either way."""
    size = differences["difference"].abs()
    largest = float(size.max()) if size.notna().any() else 0.0
    return largest if largest > 0 else 1.0


def colour(share: float) -> str:
    """Give the diverging scale's colour of a value from −1 to 1; 0 is its middle."""
    return _scale()[round((min(max(share, -1.0), 1.0) + 1) / 2 * _LEVELS)]


@cache
def _scale() -> tuple[str, ...]:
    """Give the diverging scale in equal steps, an odd number, so that 0 has its own."""
    stops = np.array([list(bytes.fromhex(stop[1:])) for stop in style.DIVERGING], dtype=float)
    places = np.linspace(0, len(stops) - 1, _LEVELS + 1)
    mixed = [np.interp(places, range(len(stops)), channel) for channel in stops.T]
    return tuple(
        "#" + bytes(row).hex() for row in np.rint(np.stack(mixed, axis=1)).astype(np.uint8)
    )


def signed(value: float, digits: int = 2) -> str:
    """Write a difference with its sign, a true minus; without one where it rounds to 0."""
    if round(value, digits) == 0:
        return f"{0:.{digits}f}"
    return f"{value:+.{digits}f}".replace("-", "−")


def _mark(row: Mapping[Any, Any], x: float, y: float, ink: str) -> str:
    """Draw the mark of a head that does not agree, where that can be told from chance."""
    if pd.isna(row["agrees"]) or row["agrees"] or row["basis"] == DRAWN:
        return ""
    sure = row["basis"] != TESTED or bool(row["bonferroni"])
    look = f'r="1.9" fill="{ink}"' if sure else f'r="1.7" fill="none" stroke="{ink}"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" {look} pointer-events="none"/>'


def _legend(plot: Plot, limit: float) -> list[str]:
    top, step = plot.bottom + 42, plot.width / _LEGEND
    parts = [
        f'<rect x="{plot.left + n * step:.2f}" y="{top:g}" width="{step + 0.4:.2f}" height="8" '
        f'fill="{colour(2 * (n + 0.5) / _LEGEND - 1)}"/>'
        for n in range(_LEGEND)
    ]
    digits = 1 if limit >= 2 else 2
    # the outer number stands inside the bar, the next one with its middle at a quarter
    roomy = 1.5 * text_width(signed(limit, digits)) + _APART <= plot.width / 4
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0) if roomy else (-1.0, 0.0, 1.0):
        at = plot.left + (share + 1) / 2 * plot.width
        text = "0" if share == 0 else signed(share * limit, digits)
        anchor = {-1.0: "start", 1.0: "end"}.get(share, "middle")
        parts.append(words(at, top + 21, text, f'text-anchor="{anchor}"'))
    middle = plot.left + plot.width / 2
    parts.append(
        words(middle, top + 36, "second − first, percentage points", 'text-anchor="middle"')
    )
    return parts


def _places(count: int, most: int) -> list[int]:
    """Choose the layers or heads an axis names."""
    step = next(step for step in (1, 2, 3, 5, 10, 20, 50, 100) if count / step <= most)
    return [1, *(n for n in range(step, count + 1, step) if n - 1 >= max(step / 2, 1))]
