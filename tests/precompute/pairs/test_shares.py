"""Intervals over pairs, against draws in which the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from precompute.protein_pairs.shares import difference, mean_score, with_shares


def frame_of(part: np.ndarray, whole: np.ndarray) -> pd.DataFrame:
    """Lay pairs × heads out as rows of `pair_attention`."""
    return pd.DataFrame(
        {
            "pairs": len(part),
            "part": part.sum(0),
            "whole": whole.sum(0),
            "expected": whole.sum(0) / 2,
            "part_squared": (part**2).sum(0),
            "part_whole": (part * whole).sum(0),
            "whole_squared": (whole**2).sum(0),
        }
    )


def draw(pairs: int, heads: int, mean: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    whole = generator.uniform(0.3, 1, (pairs, heads))
    return whole * generator.beta(8 * mean, 8 * (1 - mean), whole.shape), whole


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    heads = 4000
    found = with_shares(frame_of(*draw(40, heads, 0.3, seed=1)))
    covered = ((found["lower"] <= 0.3) & (found["upper"] >= 0.3)).mean()
    assert covered == pytest.approx(0.95, abs=0.015)
    assert (found["background"] == 0.5).all()


def test_differences_cover_the_truth_as_often_as_they_say() -> None:
    heads = 4000
    one, other = frame_of(*draw(40, heads, 0.3, seed=2)), frame_of(*draw(25, heads, 0.5, seed=3))
    found = difference(one, other)
    covered = ((found.lower <= -0.2) & (found.upper >= -0.2)).mean()
    assert covered == pytest.approx(0.95, abs=0.015)


def test_of_equal_wholes_it_is_the_t_interval_of_the_mean() -> None:
    part = np.random.default_rng(4).uniform(0.2, 0.4, (12, 1))
    found = with_shares(frame_of(part, np.ones_like(part))).iloc[0]
    expected = stats.t.interval(0.95, 11, part.mean(), part.std(ddof=1) / np.sqrt(12))
    assert (found["lower"], found["upper"]) == pytest.approx(expected)
    other = np.random.default_rng(5).uniform(0.1, 0.2, (7, 1))
    welch = stats.ttest_ind(part[:, 0], other[:, 0], equal_var=False).confidence_interval(0.95)
    own = difference(frame_of(part, np.ones_like(part)), frame_of(other, np.ones_like(other)))
    assert (own.lower[0], own.upper[0]) == pytest.approx((welch.low, welch.high))
    assert mean_score(part[:, 0]) == pytest.approx((part.mean(), *expected))


def test_one_pair_has_no_interval() -> None:
    part = np.full((1, 3), 0.25)
    found = with_shares(frame_of(part, np.full((1, 3), 0.5)))
    assert (found["share"] == 0.5).all()
    assert found[["lower", "upper"]].isna().all().all()
    value, lower, upper = difference(*[frame_of(part, np.ones((1, 3)))] * 2)
    assert (value == 0).all()
    assert np.isnan(lower).all()
    assert np.isnan(upper).all()
    assert np.isnan(mean_score([0.3])[1:]).all()
    assert np.isnan(mean_score([np.nan])).all()


def test_a_mean_probability_ends_at_one() -> None:
    mean, lower, upper = mean_score([0.02, 0.9, 0.99])
    assert 0 == lower < mean < upper == 1


def test_where_no_pair_differs_an_interval_has_no_width() -> None:
    part = np.full((5, 2), 0.25)
    found = with_shares(frame_of(part, np.full((5, 2), 0.5)))
    np.testing.assert_allclose(found[["lower", "upper"]], 0.5, atol=1e-7)
