"""The 190 pairs of amino acids: correlation of attention against a matrix's score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures.look import marks, style
from dashboard.pages.substitution.matrix_screen import link

WIDTH, HEIGHT = 322, 396
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 42, 10, 34, 38
NAMED = 8
"""How many of the pairs furthest from the line are named."""
_NAME, _LINE = 24, 10
"""Pixels a pair's name takes."""
_FAINT = "rgba(128,128,128,0.25)"


def scatter_svg(frame: pd.DataFrame, title: tuple[str, str], axes: tuple[str, str]) -> str:
    """Draw one dot a pair, with the least-squares line.

    Parameters
    ----------
    frame
        Of `precompute.substitution.pair_frame`.
    title
        Two lines above the figure.
    axes
        Names of the horizontal and the vertical axis.

    Returns
    -------
    str
        One SVG element; every dot carries the ``data-link`` of its pair, the ones
        furthest from the line their letters.
    """
    x, y = (frame[name].to_numpy(dtype=float) for name in ("score", "correlation"))
    across, up = _axis(x), _axis(y)
    right, bottom = WIDTH - MARGIN_RIGHT, HEIGHT - MARGIN_BOTTOM

    def at(value: float) -> float:
        return MARGIN_LEFT + (value - across[0]) / (across[1] - across[0]) * (right - MARGIN_LEFT)

    def above(value: float) -> float:
        return bottom - (value - up[0]) / (up[1] - up[0]) * (bottom - MARGIN_TOP)

    parts = [
        marks.text(MARGIN_LEFT, 11, title[0], 'font-weight="bold"'),
        marks.text(MARGIN_LEFT, 25, title[1], 'opacity="0.75"'),
    ]
    for tick in round_numbers(*across):
        parts += [
            marks.line(at(tick), MARGIN_TOP, at(tick), bottom, _FAINT),
            marks.text(at(tick), bottom + 14, _number(tick), 'text-anchor="middle"'),
        ]
    for tick in round_numbers(*up):
        parts += [
            marks.line(MARGIN_LEFT, above(tick), right, above(tick), _FAINT),
            marks.text(MARGIN_LEFT - 5, above(tick) + 4, _number(tick), 'text-anchor="end"'),
        ]
    ends = frame.loc[[int(np.argmin(x)), int(np.argmax(x))]]
    parts.append(
        marks.line(
            at(ends["score"].iloc[0]),
            above(ends["expected"].iloc[0]),
            at(ends["score"].iloc[1]),
            above(ends["expected"].iloc[1]),
            style.OTHER,
            'stroke-width="1.5"',
        )
    )
    furthest = frame["standardised_residual"].abs().nlargest(NAMED).index
    named = set(furthest)
    for number, row in enumerate(frame.to_dict("records")):
        left, top = at(row["score"]), above(row["correlation"])
        parts.append(
            f'<circle cx="{left:.1f}" cy="{top:.1f}" r="3" fill="{style.VALUE}" '
            f'fill-opacity="{0.9 if number in named else 0.45}" data-link="{_link(row)}"/>'
        )
    names = [
        (at(x[number]), above(y[number]), f"{one}{other}")
        for number, one, other in zip(
            furthest,
            frame.loc[furthest, "amino_acid_1"],
            frame.loc[furthest, "amino_acid_2"],
            strict=True,
        )
    ]
    for left, top, name in apart(names):
        # A name stands on the side where there is room.
        near = left > right - _NAME
        parts.append(
            marks.text(
                left + (-5 if near else 5),
                top + 4,
                name,
                f'font-size="10" pointer-events="none" text-anchor="{"end" if near else "start"}"',
            )
        )
    middle = (MARGIN_TOP + bottom) / 2
    parts += [
        marks.text((MARGIN_LEFT + right) / 2, HEIGHT - 8, axes[0], 'text-anchor="middle"'),
        marks.text(
            11, middle, axes[1], f'text-anchor="middle" transform="rotate(-90 11 {middle:g})"'
        ),
    ]
    return marks.drawing(parts, WIDTH, HEIGHT, f"Scatter of 190 pairs: {', '.join(title)}")


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


def round_numbers(low: float, high: float, most: int = 7) -> list[float]:
    """Give round numbers between two ends, at most so many."""
    span = (high - low) or 1.0
    power = 10.0 ** np.floor(np.log10(span / most))
    step = next(
        power * factor for factor in (1, 2, 5, 10, 20) if span / (power * factor) <= most - 1
    )
    first = int(np.ceil(low / step - 1e-9))
    last = int(np.floor(high / step + 1e-9))
    return [round(number * step, 9) for number in range(first, last + 1)]


def _axis(values: np.ndarray) -> tuple[float, float]:
    """Give the ends of an axis: a little beyond the values."""
    low, high = float(values.min()), float(values.max())
    room = 0.04 * (high - low) or 0.5
    return low - room, high + room


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _link(row: Mapping[Any, Any]) -> str:
    return link(str(row["amino_acid_1"]), str(row["amino_acid_2"]))
