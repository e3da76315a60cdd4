"""Centres of gravity of several properties or models on one axis, with their intervals."""

from __future__ import annotations

import pandas as pd

from dashboard.figures.look import style
from dashboard.figures.look.letters import shorten
from dashboard.figures.look.plot import FAINT, Plot, drawing, one_line, rule, words
from dashboard.pages.layers.layer_panels_screen import layer_ticks

PLOT_WIDTH = 210
ROW = 20
MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 10, 8, 36
MOST_LABEL = 240
"""Room for the names at most, in pixels."""


def centres_svg(centres: pd.DataFrame, names: list[str], *, axis: str = "layer") -> str:
    """Draw one row a centre.

    Parameters
    ----------
    centres
        Rows of `precompute.layers.CENTRE_COLUMNS`.
    names
        What each row is.
    axis
        ``layer`` (from 1), or ``depth``: layer over the number of layers.

    Returns
    -------
    str
        One SVG element: dots are centres, lines their bootstrap intervals, and the thick
        part what the paper's drawing allows.
    """
    unit = centres["layers"] if axis == "depth" else pd.Series(1, index=centres.index)
    rows = centres[["centre", "lower", "upper", "drawn_lower", "drawn_upper"]].div(unit, axis=0)
    longest = int(centres["layers"].max())
    ends = (0.0, 1.0) if axis == "depth" else (1.0, float(max(longest, 2)))
    height = ROW * len(rows)
    left = min(6.2 * max(len(name) for name in names) + 12, MOST_LABEL)
    plot = Plot(left, MARGIN_TOP, PLOT_WIDTH, height, ends, (0.0, 1.0))
    marks = (
        [(share, f"{share:g}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
        if axis == "depth"
        else [(float(layer), f"{layer}") for layer in layer_ticks(longest)]
    )
    parts = [rule(plot.x(at), plot.top, plot.x(at), plot.bottom, FAINT) for at, _ in marks]
    title = "centre of gravity, layer" + (" / number of layers" if axis == "depth" else "")
    parts += plot.x_axis(marks, title)
    for number, (name, row) in enumerate(zip(names, rows.to_dict("records"), strict=True)):
        y = plot.top + (number + 0.5) * ROW
        parts.append(words(left - 8, y + 4, shorten(name, left - 6), 'text-anchor="end"'))
        if pd.isna(row["centre"]):
            parts.append(words(plot.left + 4, y + 4, "no value", 'opacity="0.75"'))
            continue
        said = f"{name}: {row['centre']:.2f}"
        if pd.notna(row["lower"]):
            said += f", {row['lower']:.2f} to {row['upper']:.2f}"
        own = [f"<title>{one_line(said)}</title>"]
        own.append(
            f'<rect x="{plot.left}" y="{y - ROW / 2:g}" width="{plot.width}" height="{ROW}" '
            'fill="none" pointer-events="all"/>'
        )
        for low, high, thick in (("lower", "upper", 1.5), ("drawn_lower", "drawn_upper", 4.5)):
            if pd.notna(row[low]):
                width = f'stroke-width="{thick}"'
                own.append(rule(plot.x(row[low]), y, plot.x(row[high]), y, style.VALUE, width))
        own.append(
            f'<circle cx="{plot.x(row["centre"]):.1f}" cy="{y:g}" r="3.5" fill="{style.VALUE}"/>'
        )
        parts.append(f"<g>{''.join(own)}</g>")
    return drawing(
        parts,
        left + PLOT_WIDTH + MARGIN_RIGHT,
        MARGIN_TOP + height + MARGIN_BOTTOM,
        f"Centres of gravity: {'; '.join(names)}",
    )
