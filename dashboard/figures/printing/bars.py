"""Bars with their intervals and the background, for print: what several figures are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dashboard.figures.printing import style
from dashboard.figures.printing.types import Axes


def draw_bars(
    axes: Axes,
    values: ArrayLike,
    ends: tuple[ArrayLike, ArrayLike],
    names: Sequence[str],
    *,
    upright: bool = True,
    background: ArrayLike | None = None,
    **whiskers: Any,
) -> None:
    """Draw one bar a name at 0, 1, … of the axis, upright or from the left.

    Parameters
    ----------
    axes
        To draw on.
    values
        Lengths of the bars.
    ends
        Lower and upper ends of their intervals.
    names
        Written along the axis, one a bar.
    upright
        Bars upwards, the first on the left; else to the right.
    background
        A broad mark a bar; NaN where it is not known.
    whiskers
        What differs of the intervals: arguments of ``Axes.errorbar``.
    """
    length, lower, upper = (np.asarray(one, dtype=float) for one in (values, *ends))
    places = np.arange(len(length))
    around = np.maximum([length - lower, upper - length], 0)
    look: dict[str, Any] = {"fmt": "none", "ecolor": "black", "elinewidth": 0.7, **whiskers}
    if upright:
        axes.bar(places, length, width=0.7, color=style.VALUE)
        axes.errorbar(places, length, yerr=around, **look)
        axes.set_xticks(places, labels=list(names))
        axes.set_xlim(-0.6, len(places) - 0.4)
    else:
        axes.barh(places, length, height=0.7, color=style.VALUE)
        axes.errorbar(length, places, xerr=around, **look)
        axes.set_yticks(places, labels=list(names))
    axes.tick_params(axis="x" if upright else "y", length=0)
    if background is not None:
        known = np.asarray(background, dtype=float)
        axes.hlines(known, places - 0.45, places + 0.45, color=style.OTHER, linewidth=1.3)
