"""Shares, their intervals and their tests, vectorised over heads.

Everything here takes the integer sums of `precompute.tables.HEAD_COUNTS` and works
elementwise on arrays of any one shape.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


_ROUNDING = 16 * float(np.finfo(np.float64).eps)
"""What is left of equal sums that are subtracted, of their size."""


class Interval(NamedTuple):
    """Lower and upper bound, as fractions; NaN where nothing was counted."""

    lower: Floats
    upper: Floats


def share(hits: ArrayLike, arcs: ArrayLike) -> Floats:
    """Share of the arcs that have the property.

    Parameters
    ----------
    hits, arcs
        Counts. With all arcs as the denominator this is equation 1 of Vig et al.,
        2021; with the eligible arcs it is the corrected share.

    Returns
    -------
    numpy.ndarray
        Fractions in [0, 1]; NaN where there is no arc.
    """
    h, a = np.asarray(hits, dtype=float), np.asarray(arcs, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(a > 0, h / a, np.nan)


def bonferroni(alpha: float, tests: int) -> float:
    """Significance level of one of several tests: alpha / tests."""
    return alpha / max(tests, 1)


def wald_interval(hits: ArrayLike, arcs: ArrayLike, alpha: ArrayLike) -> Interval:
    """Wald interval of a binomial share, clipped to [0, 1]: the paper's interval.

    It takes arcs for independent, which those of one protein are not, and has no
    width at 0 and 1: see `protein_interval`.

    Parameters
    ----------
    hits, arcs
        Counts.
    alpha
        One minus the coverage; the paper uses 0.05 / m with m the heads kept.

    Returns
    -------
    Interval
        p ± z(1 − α/2) √(p (1 − p) / arcs), as statsmodels' ``proportion_confint``.
    """
    p, a = share(hits, arcs), np.asarray(arcs, dtype=float)
    level = 1 - np.asarray(alpha, dtype=float) / 2
    from scipy.special import ndtri

    with np.errstate(invalid="ignore", divide="ignore"):
        half = ndtri(level) * np.sqrt(p * (1 - p) / a)
    return Interval(np.clip(p - half, 0, 1), np.clip(p + half, 0, 1))


def protein_variance(
    hits: ArrayLike,
    arcs: ArrayLike,
    proteins: ArrayLike,
    hits_squared: ArrayLike,
    hits_arcs: ArrayLike,
    arcs_squared: ArrayLike,
) -> Floats:
    """Variance of a pooled share when proteins, not arcs, are the independent draws.

    The linearised variance of a ratio of two totals (Cochran, Sampling Techniques,
    3rd ed., eq. 6.13): n/(n − 1) · Σ (h − p a)² / (Σ a)², with
    Σ (h − p a)² = Σ h² − 2 p Σ h a + p² Σ a².

    Parameters
    ----------
    hits, arcs, proteins
        Totals, and the number of proteins with at least one arc.
    hits_squared, hits_arcs, arcs_squared
        Sums over proteins.

    Returns
    -------
    numpy.ndarray
        Variance of the share; NaN with fewer than two proteins.
    """
    p, n = share(hits, arcs), np.asarray(proteins, dtype=float)
    a = np.asarray(arcs, dtype=float)
    squares = (
        np.asarray(hits_squared, dtype=float)
        - 2 * p * np.asarray(hits_arcs, dtype=float)
        + p**2 * np.asarray(arcs_squared, dtype=float)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = n / (n - 1) * np.maximum(squares, 0) / a**2
    return np.where((n > 1) & (a > 0), variance, np.nan)


def effective_arcs(
    hits: ArrayLike,
    arcs: ArrayLike,
    proteins: ArrayLike,
    hits_squared: ArrayLike,
    hits_arcs: ArrayLike,
    arcs_squared: ArrayLike,
) -> Floats:
    """How many independent arcs would estimate the share as well as the proteins do.

    p (1 − p) / variance, the arcs over their design effect. At most the number of arcs;
    where all arcs or all proteins agree (share 0 or 1, or the same share of each protein),
    so that the variance says nothing, the number of proteins.

    Parameters
    ----------
    hits, arcs, proteins, hits_squared, hits_arcs, arcs_squared
        As for `protein_variance`.

    Returns
    -------
    numpy.ndarray
        In arcs; NaN with fewer than two proteins.
    """
    p, n = share(hits, arcs), np.asarray(proteins, dtype=float)
    a = np.asarray(arcs, dtype=float)
    variance = protein_variance(hits, arcs, proteins, hits_squared, hits_arcs, arcs_squared)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = p * (1 - p)
        # A variance of 0 is a difference of large sums, and comes out as their last digits.
        rounding = _ROUNDING * np.asarray(hits_squared, dtype=float) / a**2
        effective = np.where((spread > 0) & (variance > rounding), spread / variance, n)
    return np.where(np.isnan(variance), np.nan, np.minimum(effective, a))


def protein_interval(
    hits: ArrayLike,
    arcs: ArrayLike,
    proteins: ArrayLike,
    hits_squared: ArrayLike,
    hits_arcs: ArrayLike,
    arcs_squared: ArrayLike,
    alpha: ArrayLike,
) -> Interval:
    """Interval of a pooled share with the protein as the sampling unit.

    Wilson's interval at the effective sample size (`effective_arcs`; Korn and Graubard,
    Survey Methodology 24, 1998, with Wilson's in place of the exact bounds), with
    Student's t on n − 1 proteins. Unlike Wald's it stays inside [0, 1] and has width at
    the ends.

    Parameters
    ----------
    hits, arcs, proteins, hits_squared, hits_arcs, arcs_squared
        As for `protein_variance`.
    alpha
        One minus the coverage.

    Returns
    -------
    Interval
        NaN with fewer than two proteins.
    """
    p, n = share(hits, arcs), np.asarray(proteins, dtype=float)
    effective = effective_arcs(hits, arcs, proteins, hits_squared, hits_arcs, arcs_squared)
    level = 1 - np.asarray(alpha, dtype=float) / 2
    from scipy.special import stdtrit

    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), level), np.nan)
        centre = (p + t**2 / (2 * effective)) / (1 + t**2 / effective)
        half = (
            t
            / (1 + t**2 / effective)
            * np.sqrt(p * (1 - p) / effective + t**2 / (4 * effective**2))
        )
    # Rounding may put a bound at 0 or 1 beside the share by its last digit.
    return Interval(
        np.minimum(np.clip(centre - half, 0, 1), p), np.maximum(np.clip(centre + half, 0, 1), p)
    )


def background_log_p_value(
    hits: ArrayLike, arcs: ArrayLike, positives: ArrayLike, eligible: ArrayLike
) -> Floats:
    """Two-proportion z-test of a head's share against the background, two-sided.

    As statsmodels' ``proportions_ztest`` with pooled variance, which the paper uses.

    Returns
    -------
    numpy.ndarray
        Natural logarithm of the p-value, exact far below the smallest float.
    """
    h, a = np.asarray(hits, dtype=float), np.asarray(arcs, dtype=float)
    b, n = np.asarray(positives, dtype=float), np.asarray(eligible, dtype=float)
    from scipy.special import log_ndtr

    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = (h + b) / (a + n)
        z = (h / a - b / n) / np.sqrt(pooled * (1 - pooled) * (1 / a + 1 / n))
        result: Floats = np.asarray(log_ndtr(-np.abs(z)) + np.log(2.0))
    return result


def centre_of_gravity(layers: ArrayLike, weights: ArrayLike) -> float:
    """Weighted mean layer, Σ layer · weight / Σ weight."""
    w = np.asarray(weights, dtype=float)
    return float(np.sum(np.asarray(layers, dtype=float) * w) / np.sum(w))
