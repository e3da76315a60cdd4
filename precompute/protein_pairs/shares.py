"""Shares of attention of pairs, with intervals in which the pair is the sampling unit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from precompute.statistics import protein_variance, share

LEVEL = 0.05
"""One minus the coverage of intervals."""

Floats = NDArray[np.float64]


class Difference(NamedTuple):
    """A difference with its interval; NaN where one of the two has fewer than two pairs."""

    value: Floats
    lower: Floats
    upper: Floats


def with_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Add shares and their intervals to rows of `pair_attention`.

    Parameters
    ----------
    frame
        Rows of the table.

    Returns
    -------
    pandas.DataFrame
        The same rows with ``share`` = part / whole, ``background`` = expected / whole, and
        ``lower`` and ``upper``: share ± t √variance within [0, 1], with the linearised variance of
        a ratio (`precompute.statistics.protein_variance`) and Student's t on pairs − 1; NaN with
        fewer than two pairs.
    """
    found = frame.assign(
        share=share(frame["part"], frame["whole"]),
        background=share(frame["expected"], frame["whole"]),
    )
    half = _quantile(frame["pairs"] - 1) * np.sqrt(_variance(frame))
    return found.assign(
        lower=np.clip(found["share"] - half, 0, 1), upper=np.clip(found["share"] + half, 0, 1)
    )


def difference(one: pd.DataFrame, other: pd.DataFrame) -> Difference:
    """Subtract the shares of other pairs, head by head, with Welch's interval.

    Parameters
    ----------
    one, other
        Rows of `pair_attention`, those of a head at the same place.
    """
    (p, v, n), (q, w, m) = (
        (
            share(frame["part"], frame["whole"]),
            _variance(frame),
            frame["pairs"].to_numpy(dtype=float),
        )
        for frame in (one, other)
    )
    return _welch(p - q, v, w, n, m)


def mean_score(scores: ArrayLike) -> tuple[float, float, float]:
    """Give a mean of probabilities over pairs with its interval, Student's t within [0, 1].

    NaN where it is not defined.
    """
    values = np.asarray(scores, dtype=float)
    values = values[~np.isnan(values)]
    if not len(values):
        return np.nan, np.nan, np.nan
    mean = float(values.mean())
    if len(values) < 2:
        return mean, np.nan, np.nan
    half = float(_quantile(len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, max(mean - half, 0.0), min(mean + half, 1.0)


def describe_scores(scores: pd.DataFrame) -> list[str]:
    """Say of each relation how probable the model holds one family, where it tells.

    Parameters
    ----------
    scores
        Rows of `pair_scores`.
    """
    said = []
    for relation, own in scores.groupby("relation", sort=False):
        mean, lower, upper = mean_score(own["same_family"].to_numpy(dtype=float, na_value=np.nan))
        what = f"{relation}: {len(own):,} pair{'' if len(own) == 1 else 's'}"
        if not np.isnan(mean):
            what += f", held for one family with a mean probability of {mean:.3f}"
        if not np.isnan(lower):
            what += f" ({lower:.3f} to {upper:.3f}, 95 %, the pair as the unit)"
        said.append(f"{what}.")
    return said


def _variance(frame: pd.DataFrame) -> Floats:
    names = ("part", "whole", "pairs", "part_squared", "part_whole", "whole_squared")
    return protein_variance(*(frame[name].to_numpy(dtype=float) for name in names))


def _quantile(freedom: ArrayLike) -> Floats:
    from scipy.special import stdtrit

    degrees = np.asarray(freedom, dtype=float)
    return np.where(degrees >= 1, stdtrit(np.maximum(degrees, 1), 1 - LEVEL / 2), np.nan)


def _welch(value: Floats, v: Floats, w: Floats, n: Floats, m: Floats) -> Difference:
    """Welch's interval, with the degrees of freedom of Satterthwaite."""
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = (v + w) ** 2 / (v**2 / (n - 1) + w**2 / (m - 1))
        # Where nothing varies there is no width, whatever the degrees of freedom.
        freedom = np.where(v + w > 0, freedom, np.minimum(n, m) - 1)
        half = _quantile(freedom) * np.sqrt(v + w)
    return Difference(value, value - half, value + half)
