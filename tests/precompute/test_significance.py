"""Tests against the background: statsmodels, scipy and simulation are the judges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from precompute.significance import (
    background_z,
    bonferroni_adjusted,
    false_discovery,
    two_sided_p,
)
from precompute.statistics import effective_arcs

counts = st.integers(2, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
some_p = st.lists(st.floats(0, 1), min_size=1, max_size=60)


@given(counts, counts)
def test_z_is_that_of_statsmodels(head: tuple[int, int], background: tuple[int, int]) -> None:
    assume(0 < head[0] + background[0] < head[1] + background[1])
    expected, p = proportions_ztest([head[0], background[0]], [head[1], background[1]])
    z = background_z(head[0] / head[1], head[1], background[0] / background[1], background[1])
    assert z == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert two_sided_p(z) == pytest.approx(p, rel=1e-5, abs=1e-300)


@given(counts, st.floats(0.001, 0.999))
def test_a_known_background_is_the_test_of_one_proportion(
    head: tuple[int, int], background: float
) -> None:
    hits, arcs = head
    expected, _ = proportions_ztest(hits, arcs, value=background, prop_var=background)
    assert background_z(hits / arcs, arcs, background) == pytest.approx(
        expected, rel=1e-6, abs=1e-9
    )


@given(st.floats(-30, 30), st.integers(2, 5000))
def test_p_is_of_students_t(z: float, proteins: int) -> None:
    expected = 2 * stats.t.sf(abs(z), proteins - 1)
    assert two_sided_p(z, proteins) == pytest.approx(expected, rel=1e-6)


@given(some_p)
def test_false_discovery_is_that_of_statsmodels_and_scipy(p_values: list[float]) -> None:
    ours = false_discovery(p_values)
    found, adjusted, _, _ = multipletests(p_values, alpha=0.05, method="fdr_bh")
    # Below the smallest normal number the last digit depends on the order of operations.
    np.testing.assert_allclose(ours, adjusted, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(
        ours, stats.false_discovery_control(p_values), rtol=1e-12, atol=1e-300
    )
    near = np.isclose(ours, 0.05, rtol=1e-9)  # there the last digit decides
    assert np.array_equal((ours <= 0.05)[~near], found[~near])


@given(some_p)
def test_bonferroni_is_that_of_statsmodels(p_values: list[float]) -> None:
    _, adjusted, _, _ = multipletests(p_values, method="bonferroni")
    np.testing.assert_allclose(bonferroni_adjusted(p_values, len(p_values)), adjusted)


@given(some_p, st.integers(0, 40))
def test_an_unknown_p_value_counts_as_one(p_values: list[float], unknown: int) -> None:
    whole = false_discovery([*p_values, *[1.0] * unknown])[: len(p_values)]
    np.testing.assert_allclose(false_discovery(p_values, len(p_values) + unknown), whole)


def test_an_empty_value_is_no_test() -> None:
    adjusted = false_discovery([0.01, np.nan, 0.04, np.nan])
    assert np.isnan(adjusted[[1, 3]]).all()
    np.testing.assert_allclose(adjusted[[0, 2]], false_discovery([0.01, 0.04]))
    assert np.isnan(false_discovery([np.nan])).all()
    assert np.isnan(two_sided_p(2.0, 1))
    assert np.isnan(background_z(np.nan, 10, 0.5))
    assert np.isnan(background_z(0.0, 10, 0.0))


def draw(random: np.random.Generator, heads: int, truth: np.ndarray) -> tuple[np.ndarray, ...]:
    """Draw heads over 60 proteins whose arcs agree with each other: sums over proteins."""
    arcs = random.integers(5, 40, (heads, 60))
    share = random.beta(4 * truth[:, None], 4 * (1 - truth[:, None]), (heads, 60))
    hits = random.binomial(arcs, share)
    return (
        hits.sum(1),
        arcs.sum(1),
        np.count_nonzero(arcs, axis=1),
        (hits**2).sum(1),
        (hits * arcs).sum(1),
        (arcs**2).sum(1),
    )


def test_heads_like_the_background_are_seldom_marked() -> None:
    """The reason for the effective size: with correlated arcs the arc test marks far too many."""
    random = np.random.default_rng(5)
    sums = draw(random, 3000, np.full(3000, 0.2))
    share = sums[0] / sums[1]
    by_protein = two_sided_p(background_z(share, effective_arcs(*sums), 0.2), sums[2])
    by_arc = two_sided_p(background_z(share, sums[1], 0.2))
    assert 0.03 < (by_protein < 0.05).mean() < 0.075
    assert (by_arc < 0.05).mean() > 0.25


def test_the_rate_of_false_discoveries_is_kept() -> None:
    random = np.random.default_rng(6)
    truth = np.where(np.arange(200) < 40, 0.35, 0.2)
    rates = []
    for _ in range(60):
        sums = draw(random, 200, truth)
        z = background_z(sums[0] / sums[1], effective_arcs(*sums), 0.2)
        found = false_discovery(two_sided_p(z, sums[2])) <= 0.05
        rates.append((found & (truth == 0.2)).sum() / max(found.sum(), 1))
        assert found[:40].mean() > 0.8
    assert np.mean(rates) < 0.07
