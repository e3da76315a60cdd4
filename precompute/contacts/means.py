"""The mean of the best heads' corrected maps; nothing here needs a model or torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_HEADS = 50
"""Of a mean: the best, the two best, and so on."""
MEAN_DRAWN = 10
"""Heads of the mean that stands for all means."""


def running_means(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the mean of the first map, of the first two, and so on; shape as `maps`."""
    count = np.arange(1, len(maps) + 1, dtype=np.float32)
    means: NDArray[np.float32] = np.cumsum(maps, axis=0) / count[:, None]
    return means


def kept_means(heads: int) -> list[int]:
    """Give the places of the running means whose maps are kept: the best head, and of ten."""
    return sorted({0, min(MEAN_DRAWN, heads) - 1})
