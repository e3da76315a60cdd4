"""Two models' heads as distributions: which share of the heads has at most so many percent."""

from __future__ import annotations

import math

import pandas as pd

from dashboard.figures.look import style
from dashboard.figures.look.letters import shorten
from dashboard.figures.look.plot import FAINT, Plot, drawing, rule, words
from precompute.differences import cumulative

WIDTH, HEIGHT = 460, 262
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 46, 12, 38, 36
LOWEST = 0.1
"""Where the axis begins, %; heads below stand at its left end."""
MARKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
"""The percentages that the axis names."""
_LOOKS = ((style.VALUE, ""), (style.OTHER, 'stroke-dasharray="5 2"'))


def distributions_svg(
    frames: tuple[pd.DataFrame, pd.DataFrame], names: tuple[str, str], title: str
) -> str:
    """Draw two cumulative distributions as steps.

    Parameters
    ----------
    frames
        Head frames of one property.
    names
        What each is.
    title
        What is shown, for readers who do not see it.

    Returns
    -------
    str
        One SVG element: the first solid, the second dashed; the dotted lines are the
        backgrounds.
    """
    largest = max([LOWEST, *(float(f["percent"].max()) for f in frames if f["percent"].any())])
    plot = Plot(
        MARGIN_LEFT,
        MARGIN_TOP,
        WIDTH - MARGIN_LEFT - MARGIN_RIGHT,
        HEIGHT - MARGIN_TOP - MARGIN_BOTTOM,
        (math.log10(LOWEST), math.log10(max(largest * 1.1, 1.0))),
        (0.0, 1.0),
    )
    parts = plot.y_axis(
        [(share, f"{share:g}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)], "share of the kept heads"
    )
    marks = [(math.log10(tick), f"{tick:g}") for tick in MARKS if tick <= largest * 1.1]
    parts += [rule(plot.x(at), plot.top, plot.x(at), plot.bottom, FAINT) for at, _ in marks]
    parts += plot.x_axis(marks, "% of the head's arcs (log scale)")
    for line, (frame, name, (colour, dashes)) in enumerate(zip(frames, names, _LOOKS, strict=True)):
        y = 8 + 15 * line
        look = f'stroke-width="1.75" {dashes}'
        parts.append(rule(MARGIN_LEFT, y, MARGIN_LEFT + 26, y, colour, look))
        parts.append(words(MARGIN_LEFT + 32, y + 4, shorten(name, WIDTH - MARGIN_LEFT - 10)))
        if frame["percent"].isna().all():
            continue
        parts.append(f'<path d="{_steps(plot, frame)}" stroke="{colour}" fill="none" {look}/>')
        for value in frame["background_percent"].dropna().to_numpy(dtype=float)[:1]:
            at = plot.x(_place(value))
            parts.append(rule(at, plot.top, at, plot.bottom, colour, 'stroke-dasharray="1 3"'))
    return drawing(parts, WIDTH, HEIGHT, title)


def _steps(plot: Plot, frame: pd.DataFrame) -> str:
    """Write a cumulative distribution as one path's data."""
    data = [f"M{plot.left:.1f} {plot.y(0):.1f}"]
    for percent, share in cumulative(frame).itertuples(index=False):
        data.append(f"H{plot.x(_place(percent)):.1f}V{plot.y(share):.1f}")
    return "".join([*data, f"H{plot.right:.1f}"])


def _place(percent: float) -> float:
    """Place a percentage on the logarithmic axis; a small one stands at its left end."""
    return math.log10(max(percent, LOWEST))
