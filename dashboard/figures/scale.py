"""The colour scale of heatmaps of heads: where it begins and ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_FOLDS = (1.0, 2.0, 4.0, 6.0)
"""Where a scale of enrichment may end: 2-, 4-, 16- or 64-fold."""


@dataclass(frozen=True)
class Scale:
    """A colour scale: what it shows and how far it goes.

    Attributes
    ----------
    measure
        ``percent`` (from 0 to `limit`) or ``enrichment`` (log2, from −`limit` to
        `limit` with the background in the middle).
    limit
        Where the scale ends.
    """

    measure: str
    limit: float


def find_scale(frames: list[pd.DataFrame], measure: str) -> Scale:
    """Choose the scale that holds every value of some head frames.

    Enrichment ends at 64-fold either way, so that a head without a single hit does not
    stretch it.
    """
    column = "percent" if measure == "percent" else "log2_enrichment"
    values = np.concatenate([frame[column].to_numpy(dtype=float) for frame in frames])
    values = np.abs(values[np.isfinite(values)])
    largest = float(values.max()) if len(values) else 0.0
    if measure == "percent":
        return Scale(measure, largest if largest > 0 else 1.0)
    return Scale(measure, next((limit for limit in _FOLDS if limit >= largest), max(_FOLDS)))
