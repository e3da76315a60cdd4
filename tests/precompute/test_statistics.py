"""Statistics against statsmodels, a jackknife, simulation and the paper's own numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from precompute.published import read_published
from precompute.statistics import (
    background_log_p_value,
    bonferroni,
    centre_of_gravity,
    effective_arcs,
    protein_interval,
    protein_variance,
    share,
    wald_interval,
)
from precompute.tables import PUBLISHED_LAYER_MEANS, PUBLISHED_TOP_HEADS

counts = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def sums(hits: np.ndarray, arcs: np.ndarray) -> tuple[int, ...]:
    return (
        hits.sum(),
        arcs.sum(),
        np.count_nonzero(arcs),
        (hits**2).sum(),
        (hits * arcs).sum(),
        (arcs**2).sum(),
    )


@given(counts, st.floats(1e-6, 0.5))
def test_wald_interval_is_that_of_statsmodels(hits_arcs: tuple[int, int], alpha: float) -> None:
    hits, arcs = hits_arcs
    expected = proportion_confint(hits, arcs, alpha=alpha, method="normal")
    np.testing.assert_allclose(np.ravel(wald_interval(hits, arcs, alpha)), expected, atol=1e-12)


def test_wald_interval_is_the_papers() -> None:
    top = read_published(PUBLISHED_TOP_HEADS)
    for row in top.itertuples():
        lower, upper = wald_interval(row.hits, row.arcs, bonferroni(0.05, row.heads_scored))
        assert 50 * (upper - lower) == pytest.approx(row.interval_half_width, abs=2e-3)
        assert 100 * share(row.hits, row.arcs) == pytest.approx(row.percent, abs=1e-4)


@given(counts, counts)
def test_test_against_the_background_is_that_of_statsmodels(
    head: tuple[int, int], background: tuple[int, int]
) -> None:
    pooled = (head[0] + background[0]) / (head[1] + background[1])
    if not 0 < pooled < 1:
        return
    _, p = proportions_ztest([head[0], background[0]], [head[1], background[1]])
    if p > 1e-290:
        log_p = background_log_p_value(*head, *background)
        assert log_p == pytest.approx(np.log(p), rel=1e-6, abs=1e-9)


def test_variance_is_about_the_jackknifes() -> None:
    random = np.random.default_rng(1)
    arcs = random.integers(1, 60, 400)
    hits = random.binomial(arcs, random.beta(2, 5, 400))
    without = (hits.sum() - hits) / (arcs.sum() - arcs)
    n = len(arcs)
    jackknife = (n - 1) / n * ((without - without.mean()) ** 2).sum()
    assert protein_variance(*sums(hits, arcs)) == pytest.approx(jackknife, rel=0.02)


@given(st.integers(20, 400), st.floats(0.05, 0.95), st.integers(0, 2**32 - 1))
def test_one_arc_a_protein_is_almost_wilsons_interval(n: int, p: float, seed: int) -> None:
    hits = np.random.default_rng(seed).binomial(1, p, n)
    if not 0 < hits.sum() < n:
        return
    ours = protein_interval(*sums(hits, np.ones(n, dtype=int)), alpha=0.05)
    wilson = proportion_confint(hits.sum(), n, alpha=0.05, method="wilson")
    np.testing.assert_allclose(np.ravel(ours), wilson, atol=1 / n)


def test_coverage_when_the_arcs_of_a_protein_agree() -> None:
    """The reason for the interval: with correlated arcs Wald's covers far too rarely."""
    random = np.random.default_rng(2)
    truth, covered, covered_by_wald, repeats = 0.2, 0, 0, 600
    for _ in range(repeats):
        arcs = random.integers(5, 40, 60)
        hits = random.binomial(arcs, random.beta(0.8, 3.2, 60))
        lower, upper = protein_interval(*sums(hits, arcs), alpha=0.05)
        covered += lower <= truth <= upper
        lower, upper = wald_interval(hits.sum(), arcs.sum(), 0.05)
        covered_by_wald += lower <= truth <= upper
    assert 0.91 < covered / repeats < 0.985
    assert covered_by_wald / repeats < 0.7


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=40))
def test_protein_interval_stays_inside_and_around(pairs: list[tuple[int, int]]) -> None:
    hits = np.array([min(pair) for pair in pairs])
    arcs = np.array([max(pair) for pair in pairs])
    lower, upper = protein_interval(*sums(hits, arcs), alpha=0.05)
    if np.count_nonzero(arcs) < 2:
        assert np.isnan(lower)
        assert np.isnan(upper)
    else:
        p = hits.sum() / arcs.sum()
        assert 0 <= lower <= p <= upper <= 1
        assert upper > lower


@given(st.integers(2, 5000), st.integers(1, 2000), st.data())
def test_proteins_of_one_share_count_as_themselves(n: int, arcs: int, data: st.DataObject) -> None:
    """Their variance is 0, whatever digits rounding leaves of it."""
    hits = data.draw(st.integers(0, arcs))
    times = np.random.default_rng(n).integers(1, 50, n)
    for sizes in (np.ones(n, dtype=int), times):
        assert effective_arcs(*sums(hits * sizes, arcs * sizes)) == min(n, arcs * sizes.sum())


def test_proteins_of_nearly_one_share_do_not() -> None:
    for arcs in (100, 10_000, 1_000_000):
        hits = np.full(6, arcs // 10)
        hits[0] += 1
        assert effective_arcs(*sums(hits, np.full(6, arcs))) == 6 * arcs
    assert effective_arcs(*sums(np.array([5, 15]), np.array([100, 100]))) == pytest.approx(36)


def test_nothing_counted_is_not_zero() -> None:
    assert np.isnan(share(0, 0))
    assert np.isnan(wald_interval(0, 0, 0.05).lower)


def test_centres_of_gravity_are_the_papers() -> None:
    means = read_published(PUBLISHED_LAYER_MEANS)
    for _, rows in means.groupby("feature"):
        drawn = rows["centre_of_gravity"].iloc[0]
        assert centre_of_gravity(rows["layer"], rows["mean_percent"]) == pytest.approx(
            drawn, abs=1e-3
        )
