"""Two sources compared property by property, and their highest heads: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard.results.frames import top_heads
from precompute.differences import difference_frame, distance_of, kept_by_property, summarise

SIDES = ("first", "second")
ALL_GREY = "Every head of both is grey: none has enough arcs."


def compare_properties(
    first: pd.DataFrame, second: pd.DataFrame, by_head: bool
) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """Compare every property that two sources have.

    Parameters
    ----------
    first, second
        Head frames of all their properties (`dashboard.results.heads.Heads.tested`).
    by_head
        Whether heads correspond, so that they are compared one by one.

    Returns
    -------
    tuple
        The differences of all heads (`precompute.differences.difference_frame`), None
        unless `by_head`; and one row a property: ``kept_1`` and ``kept_2`` heads,
        ``median_1`` and ``median_2`` in percent, the largest ``distance`` of the cumulative
        distributions, and with `by_head` the columns of `precompute.differences.summarise`.
    """
    ones, twos = kept_by_property(first), kept_by_property(second)
    kept = {name: (one, twos[name]) for name, one in ones.items() if name in twos}
    properties = pd.DataFrame(
        [
            {
                "feature": name,
                "kept_1": len(one),
                "kept_2": len(two),
                "median_1": float(np.median(one)) if len(one) else np.nan,
                "median_2": float(np.median(two)) if len(two) else np.nan,
                "distance": distance_of(one, two),
            }
            for name, (one, two) in kept.items()
        ]
    )
    if not by_head:
        return None, properties
    differences = difference_frame(first, second)
    return differences, properties.merge(summarise(differences), on="feature", how="left")


def both_tops(frames: Sequence[pd.DataFrame], count: int = 10) -> pd.DataFrame:
    """Give the highest heads of two sources, one after the other; ``side`` tells them apart."""
    return pd.concat(
        [
            top_heads(frame, count).assign(side=side)
            for side, frame in zip(SIDES, frames, strict=True)
        ],
        ignore_index=True,
    )
