"""Every head's correlation of column attention with the distance of rows, as a map."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard.figures.heads.heads_screen import LayerBars, layer_map
from dashboard.figures.look.draft import Chart
from dashboard.results.alignments import DistanceMap

UNDEFINED = "not defined"
SIGNS = {"spearman": "ρ", "pearson": "r"}


def find_limit(maps: Sequence[DistanceMap]) -> float:
    """Give where the colours of some maps end, either way: a tenth that holds every value."""
    largest = max((np.nanmax(np.abs(one.grid), initial=0.0) for one in maps), default=0.0)
    return max(math.ceil(float(largest) * 10 - 1e-9), 1) / 10


def legend(shown: DistanceMap) -> str:
    """Say what the colours are, over which entries, and what was shuffled; there is no unit."""
    measure = shown.measure
    kind = {"spearman": "Spearman", "pearson": "Pearson"}[measure.statistic]
    over = {
        "corrected": "pairs of rows",
        "published": "with the diagonal",
        "published_cls": "with the diagonal and <cls>",
    }[measure.definition]
    shuffled = {
        "none": "",
        "columns": "; columns shuffled",
        "covariance": "; shuffled within columns",
        "rows": "; shuffled within rows",
    }[measure.control]
    return f"{kind} correlation, {over}{shuffled}"


def layer_means(shown: DistanceMap) -> tuple[pd.Series, str]:
    """Give the mean of |correlation| of each layer, the first first, and what it is called."""
    size = shown.frame.assign(size=shown.frame["correlation"].abs())
    return size.groupby("layer")["size"].mean(), f"mean |{SIGNS[shown.measure.statistic]}|"


def distance_map(
    shown: DistanceMap, limit: float, title: tuple[str, str], width: int | None = None
) -> Chart:
    """Draw the map: red where a head attends to distant rows, blue where to related ones.

    Parameters
    ----------
    shown
        What is drawn.
    limit
        Where the colours end, either way, of `find_limit`.
    title
        The two lines above the figure.
    width
        Pixels at which it looks best.
    """
    means, name = layer_means(shown)
    said = [f"{name} {signed(value)}" for value in means]
    values = shown.grid.astype(np.float32)
    bars = LayerBars(means.to_numpy(np.float32), said, name, 1.05 * limit)
    ends = (-limit, limit)
    return layer_map(values, _texts(shown), ends, legend(shown), bars, title, width).finish()


def signed(value: float, digits: int = 2) -> str:
    """Write a correlation with a true minus sign; a word where it is not defined."""
    if pd.isna(value):
        return UNDEFINED
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")  # −0.0 + 0.0 is 0.0


def _texts(shown: DistanceMap) -> list[list[str]]:
    """Say each cell's value and its ends."""
    layers, heads = shown.grid.shape
    texts = [[UNDEFINED] * heads for _ in range(layers)]
    sign = SIGNS[shown.measure.statistic]
    ends = "95 % interval" if shown.run else "families"
    for layer, head, value, lower, upper in shown.frame[
        ["layer", "head", "correlation", "lower", "upper"]
    ].itertuples(index=False):
        text = f"{sign} {signed(value)}"
        if pd.notna(lower):
            text += f"<br>{ends}: {signed(lower)} to {signed(upper)}"
        texts[layer - 1][head - 1] = text
    return texts
