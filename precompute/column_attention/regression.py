"""The distance of two rows from the column attention of all heads together.

The regression of Lupo, Sgarbossa and Bitbol (Nature Communications 13, 2022): the distance, a
proportion, is binomial with logit β₀ + Σ β a, where a is a head's column attention between the
two rows, mean over columns, plus its transpose. 70 % of an alignment's rows give the pairs of the
fit, the others those that it is judged on.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FITTED = 0.7
STEPS = 200
TOLERANCE = 1e-9
SCORES = ("rmse", "mae", "r_squared", "pearson")
_FEWEST_JUDGED = 3


@dataclass(frozen=True, eq=False)
class Regression:
    """One fit and what it is worth.

    Attributes
    ----------
    scores
        Of the rows that were not fitted: those of `SCORES`, NaN where there is none.
    fitted, judged
        Rows.
    problem
        Why there are no scores, or why they mean little; else empty.
    """

    scores: Floats
    fitted: int
    judged: int
    problem: str = ""


def pairs_of(rows: int, *, diagonal: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the pairs of an upper triangle, with each row beside itself or without."""
    first, second = np.triu_indices(rows, 0 if diagonal else 1)
    return first, second


def regress(
    attention: NDArray[np.floating],
    distances: Floats,
    random: np.random.Generator,
    *,
    diagonal: bool,
) -> Regression:
    """Fit distances to attention on some rows of an alignment, and judge on the others.

    Parameters
    ----------
    attention
        Of each head, for the pairs of `pairs_of`; shape (heads, pairs).
    distances
        Shape (rows, rows).
    random
        Which rows are fitted.
    diagonal
        Whether each row beside itself is a pair, as published.
    """
    rows = len(distances)
    fitted = round(FITTED * rows)
    inside = np.zeros(rows, dtype=bool)
    inside[random.permutation(rows)[:fitted]] = True
    first, second = pairs_of(rows, diagonal=diagonal)
    y, x = distances[first, second], attention.T.astype(np.float64)
    fit, judge = inside[first] & inside[second], ~inside[first] & ~inside[second]
    problem = _why_not(y[fit], y[judge], x.shape[1])
    if problem:
        return Regression(np.full(len(SCORES), np.nan), fitted, rows - fitted, problem)
    expected, problem = _predict(x[fit], y[fit], x[judge])
    if expected is None:
        return Regression(np.full(len(SCORES), np.nan), fitted, rows - fitted, problem)
    return Regression(score(y[judge], expected), fitted, rows - fitted, problem)


def _why_not(fitted: Floats, judged: Floats, heads: int) -> str:
    if len(fitted) <= heads + 1:
        return f"{len(fitted)} pairs of rows cannot give {heads + 1} coefficients"
    if len(judged) < _FEWEST_JUDGED:
        return f"{len(judged)} pairs of rows are too few to be judged on"
    return "all rows are at the same distance" if np.ptp(fitted) == 0 else ""


def _predict(x: Floats, y: Floats, others: Floats) -> tuple[Floats | None, str]:
    """Fit a logistic regression of a proportion; give what it expects of other pairs."""
    from statsmodels.api import GLM, add_constant, families

    # Neither shift nor unit changes what is expected; attention is small, and its squares smaller.
    mean, spread = x.mean(0), x.std(0)
    spread[spread == 0] = 1
    x, others = (add_constant((part - mean) / spread, has_constant="add") for part in (x, others))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = GLM(y, x, family=families.Binomial()).fit(maxiter=STEPS, tol=TOLERANCE)
            expected = np.asarray(found.predict(others), dtype=np.float64)
    except (ValueError, np.linalg.LinAlgError) as error:
        return None, f"no fit was found ({str(error).splitlines()[0]})"
    if not np.isfinite(expected).all():
        return None, "no fit was found (its coefficients are no numbers)"
    return expected, "" if found.converged else f"the fit had not settled after {STEPS} steps"


def score(distances: Floats, expected: Floats) -> Floats:
    """Compare distances with what is expected of them, in the order of `SCORES`.

    R² is 1 − Σ (y − ŷ)² / Σ (y − ȳ)²; it and Pearson's r are NaN where there is no variance.
    """
    error = expected - distances
    about = distances - distances.mean()
    around = expected - expected.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        r_squared = 1 - (error**2).sum() / (about**2).sum() if np.ptp(distances) else np.nan
        r = (about * around).sum() / np.sqrt((about**2).sum() * (around**2).sum())
    varies = np.ptp(distances) > 0 and np.ptp(expected) > 0
    return np.array(
        [
            np.sqrt((error**2).mean()),
            np.abs(error).mean(),
            r_squared,
            np.clip(r, -1, 1) if varies else np.nan,
        ]
    )
