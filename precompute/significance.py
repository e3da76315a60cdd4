"""Whether a head's share differs from the background: z, p-value and corrections for many heads.

Works elementwise on arrays of any one shape; empty values (NaN) stay empty.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_normal_tails = np.vectorize(math.erfc, otypes=[float])


def background_z(
    share: ArrayLike,
    size: ArrayLike,
    background: ArrayLike,
    background_size: ArrayLike = np.inf,
) -> Floats:
    """Standardise the difference between a head's share and the background.

    The two-proportion z statistic with pooled variance, as statsmodels'
    ``proportions_ztest`` and as the paper. With `precompute.statistics.effective_arcs`
    for `size` it takes the protein for the sampling unit (Rao and Scott, Biometrics 48,
    1992: counts over their design effect); with the number of arcs it is the paper's.

    Parameters
    ----------
    share
        The head's share, as a fraction.
    size
        How many independent draws it rests on, in arcs.
    background
        How often the property holds without regard to attention, as a fraction.
    background_size
        Residues or pairs the background rests on; infinite where it is taken as known.

    Returns
    -------
    numpy.ndarray
        Positive above the background; NaN where something is unknown or where both
        shares are 0 or both 1.
    """
    p, n, b, m = (
        np.asarray(value, dtype=float) for value in (share, size, background, background_size)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = 1 / (1 + m / n)
        pooled = weight * p + (1 - weight) * b
        z: Floats = (p - b) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return np.where(np.isfinite(z), z, np.nan)


def two_sided_p(z: ArrayLike, proteins: ArrayLike | None = None) -> Floats:
    """Give the two-sided p-value of a z statistic.

    Parameters
    ----------
    z
        As `background_z` gives it.
    proteins
        How many proteins the variance was estimated from: then the reference is
        Student's t with one degree of freedom fewer, as for the interval; by default
        the normal distribution.

    Returns
    -------
    numpy.ndarray
        NaN where z is, and with fewer than two proteins.
    """
    tail = -np.abs(np.asarray(z, dtype=float))
    if proteins is None:
        # Published values need no more than this, and no import of scipy.
        return np.asarray(_normal_tails(-tail / math.sqrt(2)))
    from scipy.special import stdtr

    freedom = np.asarray(proteins, dtype=float) - 1
    with np.errstate(invalid="ignore"):
        return np.where(freedom > 0, 2 * stdtr(np.maximum(freedom, 1), tail), np.nan)


def false_discovery(p_values: ArrayLike, tests: int | None = None) -> Floats:
    """Adjust p-values for many tests by the false discovery rate.

    Benjamini and Hochberg, J. R. Stat. Soc. B 57, 1995: the k-th smallest of m becomes
    the least of p·m/j over the j-th smallest with j ≥ k. Written here because
    ``scipy.stats`` knows no empty value and takes more memory to import than all
    published tables.

    Parameters
    ----------
    p_values
        One family of tests, shape (tests,); NaN is no test.
    tests
        m, where some p-values of the family are not known: these count as 1, so that
        what is found is found with any values. By default the number of known ones.

    Returns
    -------
    numpy.ndarray
        At most 1; a head is a discovery at rate q where this is at most q.
    """
    p = np.asarray(p_values, dtype=float)
    known = np.flatnonzero(~np.isnan(p))
    adjusted = np.full(p.shape, np.nan)
    if len(known):
        order: NDArray[np.intp] = known[np.argsort(p[known], kind="stable")]
        scaled = p[order] * (tests or len(known)) / np.arange(1, len(known) + 1)
        adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return adjusted


def bonferroni_adjusted(p_values: ArrayLike, tests: int) -> Floats:
    """Adjust p-values for many tests by the chance of a single false one: p · tests, at most 1."""
    adjusted: Floats = np.minimum(np.asarray(p_values, dtype=float) * max(tests, 1), 1)
    return adjusted
