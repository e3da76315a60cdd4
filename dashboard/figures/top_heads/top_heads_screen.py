"""The highest heads of one property with their intervals and the background.

Drawn as SVG in the document: the browser shows it at once, where a Plotly chart is
taken down and built anew at every change. It has the page's font and colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape

import numpy as np
import pandas as pd

from dashboard.figures.look import style
from dashboard.results.frames import marks
from precompute.heads import WALD

MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 66, 14, 42, 42
ROW_PIXELS = 19
_CAP = 3
_END = 'text-anchor="end"'
_FAINT = "rgba(128,128,128,0.25)"


def top_heads_svg(
    frame: pd.DataFrame,
    title: tuple[str, str],
    summary: str = "",
    *,
    width: int = 340,
    alone: bool = False,
    marked: bool = False,
) -> str:
    """Draw the highest heads, highest on top.

    Parameters
    ----------
    frame
        Rows of a head frame, highest first (`dashboard.results.frames.top_heads`).
    title
        The two lines above the figure.
    summary
        What the bars are, for readers who do not see them.
    width
        Width in pixels; where there is less room the drawing shrinks.
    alone
        Draw a file of its own, dark on white, and not a part of a page.
    marked
        Draw the paper's Wald intervals, and asterisks at heads unlike the background.

    Returns
    -------
    str
        One SVG element without line breaks. A dot a head; the bar is its interval where
        one is known, and else what the drawing allows; the dotted line is the background.
        Where marked, the thin line below a bar is the paper's Wald interval.
    """
    percent = frame["percent"].to_numpy(dtype=float)
    lower, upper = _ends(frame)
    background = frame["background_percent"].dropna().to_numpy(dtype=float)[:1]
    limit = min(float(upper.max(initial=0.0)) * 1.05, 100.0) or 1.0
    right, bottom = width - MARGIN_RIGHT, MARGIN_TOP + ROW_PIXELS * len(frame)
    height = bottom + MARGIN_BOTTOM

    def place(value: float) -> float:
        return MARGIN_LEFT + min(value / limit, 1.0) * (right - MARGIN_LEFT)

    parts = [
        _text(MARGIN_LEFT, 16, title[0], 'font-weight="bold"'),
        _text(MARGIN_LEFT, 31, title[1]),
    ]
    for tick in ticks(limit):
        x = place(tick)
        parts += [
            _line(x, MARGIN_TOP, x, bottom, _FAINT),
            _line(x, bottom, x, bottom + 3, style.INK),
            _text(x, bottom + 15, f"{tick:g}", 'text-anchor="middle"'),
        ]
    for value in background:
        parts.append(
            _line(
                place(value),
                MARGIN_TOP,
                place(value),
                bottom,
                style.OTHER,
                'stroke-dasharray="2 2"',
            )
        )
    walds = _wald(frame) if marked else [None] * len(frame)
    signs = marks(frame) if marked else [""] * len(frame)
    for row, (layer, head, value, low, high) in enumerate(
        zip(frame["layer"], frame["head"], percent, lower, upper, strict=True)
    ):
        y = MARGIN_TOP + (row + 0.5) * ROW_PIXELS
        bar = f"M{place(low):.1f} {y:g}H{place(high):.1f}" + "".join(
            f"M{place(end):.1f} {y - _CAP:g}v{2 * _CAP}" for end in (low, high)
        )
        name = _text(MARGIN_LEFT - 5, y + 4, f"{layer}-{head}", 'text-anchor="end"')
        parts.append(
            f"<g><title>head {layer}-{head}: {value:.2f} %, {low:.2f} to {high:.2f} %</title>"
            f'<rect x="0" y="{y - ROW_PIXELS / 2:g}" width="{width}" height="{ROW_PIXELS}" '
            f'fill="none" pointer-events="all"/>'
            f"{_line(MARGIN_LEFT - 3, y, MARGIN_LEFT, y, style.INK)}"
            f"{name}"
            f'<path d="{bar}" stroke="{style.VALUE}" stroke-width="1.5" fill="none"/>'
            f"{_thin(walds[row], place, y + 6)}{_sign(width - 1, y + 5, signs[row])}"
            f'<circle cx="{place(value):.1f}" cy="{y:g}" r="3.5" fill="{style.VALUE}"/></g>'
        )
    middle = (MARGIN_TOP + bottom) / 2
    centre = 'text-anchor="middle"'
    parts += [
        _text((MARGIN_LEFT + right) / 2, height - 8, f"% of the head's {_of(frame)}", centre),
        _text(14, middle, "layer-head", f'{centre} transform="rotate(-90 14 {middle:g})"'),
    ]
    named = escape(f"Ten highest heads: {', '.join(title)}")
    look = (
        'xmlns="http://www.w3.org/2000/svg" color="#222" style="background:#fff" '
        'font-family="sans-serif"'
        if alone
        else 'style="display:block;max-width:100%;height:auto;overflow:visible" '
        'font-family="inherit"'
    )
    return (
        f'<svg {look} role="img" aria-label="{named}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-size="{style.FONT_SIZE}" fill="currentColor">'
        f"<title>{named}</title><desc>{_one_line(summary)}</desc>{''.join(parts)}</svg>"
    )


def ticks(limit: float, most: int = 6) -> list[float]:
    """Give round numbers from 0 to a limit, at most so many, 1, 2 or 5 × 10ⁿ apart."""
    power = 10.0 ** math.floor(math.log10(limit / most))
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if limit / (power * factor) < most)
    return [round(number * step, 9) for number in range(int(limit / step) + 1)]


def _ends(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give both ends of each head's bar."""
    percent = frame["percent"]
    resolution = frame["resolution"].fillna(0)
    return (
        frame["interval_lower"].fillna(percent - resolution).clip(lower=0).to_numpy(dtype=float),
        frame["interval_upper"].fillna(percent + resolution).to_numpy(dtype=float),
    )


def _of(frame: pd.DataFrame) -> str:
    corrected = "denominator" in frame and (frame["denominator"] == "corrected").any()
    return "eligible arcs" if corrected else "arcs"


def _wald(frame: pd.DataFrame) -> list[tuple[float, float] | None]:
    """Give the paper's interval where another one is drawn."""
    other = frame["interval"] != WALD
    return [
        (low, high) if shown and low == low else None
        for shown, low, high in zip(other, frame["wald_lower"], frame["wald_upper"], strict=True)
    ]


def _sign(x: float, y: float, sign: str) -> str:
    return _text(x, y, sign, _END) if sign else ""


def _thin(ends: tuple[float, float] | None, place: Callable[[float], float], y: float) -> str:
    if ends is None:
        return ""
    return _line(place(ends[0]), y, place(ends[1]), y, style.INK)


def _one_line(text: str) -> str:
    return escape(" ".join(text.split()))


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:g}" {more}>{_one_line(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:g}" x2="{x2:.1f}" y2="{y2:g}" stroke="{colour}" {more}/>'
