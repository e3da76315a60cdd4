"""Bars of heads with their intervals and the background, for print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.figures.printing import style
from dashboard.figures.top_heads.top_heads_print import interval_ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_head_bars(axes: Axes, frame: pd.DataFrame) -> None:
    """Draw one bar a head at 0, 1, … of the axis.

    Parameters
    ----------
    axes
        To draw on.
    frame
        Rows of a head frame, highest first (`dashboard.results.frames.top_heads`).
    """
    percent = frame["percent"].to_numpy(dtype=float)
    lower, upper = interval_ends(frame)
    places = np.arange(len(frame))
    axes.barh(places, percent, height=0.7, color=style.VALUE)
    axes.errorbar(
        percent,
        places,
        xerr=np.maximum([percent - lower, upper - percent], 0),
        fmt="none",
        ecolor="black",
        elinewidth=0.7,
    )
    background = frame["background_percent"].dropna()
    if len(background):
        axes.axvline(float(background.iloc[0]), color=style.OTHER, linewidth=0.9, linestyle=":")
    names = [f"{layer}-{head}" for layer, head in zip(frame["layer"], frame["head"], strict=True)]
    axes.set_yticks(places, labels=names)
    axes.tick_params(axis="y", length=0)
