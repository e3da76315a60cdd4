"""Fit y = a·xᵇ by least squares of the logarithms, with an interval of b."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 1000
SEED = 0


@dataclass(frozen=True)
class PowerLaw:
    """A fitted exponent.

    Attributes
    ----------
    exponents
        The exponent of each repeat by itself.
    exponent
        That of all repeats together.
    low, high
        Its 95 % interval: repeats drawn anew, with replacement, for each x.
    """

    exponents: tuple[float, ...]
    exponent: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.exponent:.2f}, 95 % {self.low:.2f} to {self.high:.2f}"


def fit_power_law(x: Sequence[float], y: Sequence[Sequence[float]]) -> PowerLaw:
    """Fit the exponent of y against x.

    Parameters
    ----------
    x
        At least two different positive values.
    y
        For each x its positive values, one a repeat, in the order of the repeats.
    """
    logarithms = np.log(np.asarray(y, dtype=float))
    points, repeats = logarithms.shape
    own = tuple(slope(x, logarithms[:, repeat]) for repeat in range(repeats))
    random = np.random.default_rng(SEED)
    drawn = [
        slope(x, logarithms[np.arange(points)[:, None], chosen].mean(1))
        for chosen in random.integers(0, repeats, (DRAWS, points, repeats))
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return PowerLaw(own, slope(x, logarithms.mean(1)), float(low), float(high))


def slope(x: Sequence[float], log_y: np.ndarray) -> float:
    """Slope of log y against log x by least squares."""
    return float(np.polyfit(np.log(np.asarray(x, dtype=float)), log_y, 1)[0])
