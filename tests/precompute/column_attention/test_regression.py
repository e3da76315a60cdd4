"""The regression on all heads: another optimiser, planted truths, and what cannot be."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
import scipy.special

from precompute.column_attention.regression import SCORES, pairs_of, regress, score

HEADS = 6


def planted(rows: int, noise: float, *, diagonal: bool, seed: int = 0):
    """Draw attention, and distances that follow it through a logistic curve."""
    random = np.random.default_rng(seed)
    first, second = pairs_of(rows, diagonal=diagonal)
    attention = random.normal(0.02, 0.005, (HEADS, len(first)))
    slopes = random.normal(0, 150, HEADS)
    logit = 0.4 + slopes @ (attention - 0.02) + noise * random.normal(size=len(first))
    distances = np.zeros((rows, rows))
    distances[first, second] = distances[second, first] = scipy.special.expit(logit)
    return attention, distances


@pytest.mark.parametrize("diagonal", [False, True])
def test_the_fit_is_that_of_another_optimiser(diagonal: bool) -> None:
    attention, distances = planted(30, 0.5, diagonal=diagonal)
    found = regress(attention, distances, np.random.default_rng(3), diagonal=diagonal)
    inside = np.zeros(30, dtype=bool)
    inside[np.random.default_rng(3).permutation(30)[:21]] = True
    assert (found.fitted, found.judged, found.problem) == (21, 9, "")
    x, y, fit = [], [], []
    pairs = zip(*pairs_of(30, diagonal=diagonal), strict=True)
    for place, (i, j) in enumerate(pairs):
        if inside[i] == inside[j]:
            x.append([1, *(100 * attention[:, place])])
            y.append(distances[i, j])
            fit.append(inside[i])
    x, y, fit = np.array(x), np.array(y), np.array(fit)

    def loss(beta: np.ndarray) -> float:
        """Minus the Bernoulli likelihood of proportions."""
        eta = x[fit] @ beta
        return float(-(y[fit] * eta - np.logaddexp(0, eta)).sum())

    best = scipy.optimize.minimize(
        loss, np.zeros(HEADS + 1), method="BFGS", options={"gtol": 1e-8, "maxiter": 10_000}
    )
    expected = scipy.special.expit(x[~fit] @ best.x)
    np.testing.assert_allclose(found.scores, score(y[~fit], expected), rtol=1e-3)


def test_a_planted_relation_is_found_and_noise_is_not() -> None:
    random = np.random.default_rng(1)
    attention, distances = planted(40, 0.0, diagonal=False)
    scores = dict(
        zip(SCORES, regress(attention, distances, random, diagonal=False).scores, strict=True)
    )
    assert scores["rmse"] < 1e-6
    assert scores["r_squared"] > 1 - 1e-9
    assert scores["pearson"] > 1 - 1e-9
    noise = np.random.default_rng(2).normal(size=attention.shape)
    scores = dict(
        zip(SCORES, regress(noise, distances, random, diagonal=False).scores, strict=True)
    )
    assert scores["r_squared"] < 0.2
    assert abs(scores["pearson"]) < 0.4


def test_scores_are_those_of_plain_formulas() -> None:
    y, expected = np.array([0.1, 0.5, 0.9, 0.4]), np.array([0.2, 0.4, 0.7, 0.6])
    rmse, mae, r_squared, pearson = score(y, expected)
    assert rmse == pytest.approx(np.sqrt((0.01 + 0.01 + 0.04 + 0.04) / 4))
    assert mae == pytest.approx(0.15)
    assert r_squared == pytest.approx(1 - 0.1 / ((y - y.mean()) ** 2).sum())
    assert pearson == pytest.approx(np.corrcoef(y, expected)[0, 1])
    assert np.isnan(score(np.full(4, 0.5), expected)[2:]).all()


@pytest.mark.parametrize(
    ("rows", "said"),
    [(1, "0 pairs"), (2, "pairs of rows cannot give"), (5, "cannot give 7 coefficients")],
)
def test_too_few_rows_are_said(rows: int, said: str) -> None:
    first, _ = pairs_of(rows, diagonal=False)
    found = regress(
        np.ones((HEADS, len(first))),
        np.zeros((rows, rows)),
        np.random.default_rng(0),
        diagonal=False,
    )
    assert said in found.problem
    assert np.isnan(found.scores).all()


def test_equal_distances_are_said() -> None:
    attention, _ = planted(30, 0.1, diagonal=False)
    found = regress(attention, np.full((30, 30), 0.5), np.random.default_rng(0), diagonal=False)
    assert "same distance" in found.problem
