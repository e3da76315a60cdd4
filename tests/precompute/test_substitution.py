"""Amino acids' attention and substitution matrices: published values, scipy, plain loops."""

from __future__ import annotations

import math
import random

import numpy as np
import pandas as pd
import pytest
import scipy.cluster.hierarchy
import scipy.stats
import sklearn.cluster
import statsmodels.api
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.chemistry import BY_CHEMISTRY, GROUPS, LETTERS
from precompute.clustering import cluster
from precompute.errors import AtlasError
from precompute.features import AMINO_ACIDS
from precompute.published import read_published
from precompute.similarity import (
    FIRST,
    SECOND,
    HeadVectors,
    correlation_matrix,
    drawn_pairs,
    head_vectors,
    matrix_pairs,
    pair_matrix,
    resampled_pairs,
    weighted_pairs,
)
from precompute.substitution import (
    PRINTED,
    compare_with_matrix,
    is_log_odds,
    list_matrices,
    mantel,
    mantel_each,
    pair_frame,
    pearson,
    percentile_interval,
    ranks,
    read_matrix,
    spearman,
    standardise,
)
from precompute.tables import PUBLISHED_AMINO_ACID_CORRELATIONS, PUBLISHED_HEADS

PUBLISHED = {
    "tape_bert": 0.73,
    "prot_bert_bfd": 0.74,
    "prot_xlnet": 0.71,
    "prot_bert": 0.68,
    "prot_albert": 0.60,
}
"""Pearson's r to BLOSUM62 (shared/reference/method.md)."""


@pytest.fixture(scope="module")
def vectors() -> dict[str, HeadVectors]:
    heads = read_published(PUBLISHED_HEADS)
    return {str(model): head_vectors(own) for model, own in heads.groupby("model")}


@pytest.fixture(scope="module")
def blosum() -> np.ndarray:
    return matrix_pairs(read_matrix("BLOSUM62"))


def some_shares(heads: int = 40, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).gamma(1.0, 5.0, (heads, 20))


def test_the_groups_hold_each_amino_acid_once() -> None:
    assert sorted(BY_CHEMISTRY) == sorted(AMINO_ACIDS) == list(LETTERS)
    assert len(GROUPS) == 5


# Published values


@pytest.mark.parametrize("model", PUBLISHED)
def test_the_published_correlation_with_blosum62(
    model: str, vectors: dict[str, HeadVectors], blosum: np.ndarray
) -> None:
    """The published number lies in what the drawing allows, to the digit it is printed with."""
    own = vectors[model]
    drawn = pearson(drawn_pairs(own), blosum)
    low, high = percentile_interval(drawn)
    r = float(pearson(matrix_pairs(correlation_matrix(own.percent)), blosum)[0])
    assert low <= r <= high
    assert high - low < 0.005
    assert low - 0.005 <= PUBLISHED[model] <= high + 0.005
    assert round(r, 2) == PUBLISHED[model]
    assert PRINTED.get(model, PUBLISHED[model]) == PUBLISHED[model]


def test_the_published_correlation_tables_come_out(vectors: dict[str, HeadVectors]) -> None:
    """The paper's own 20 × 20 tables agree with those of its heads, as far as both are drawn."""
    tables = read_published(PUBLISHED_AMINO_ACID_CORRELATIONS)
    for model, table in tables.groupby("model"):
        values = {
            (one, other): (r, half)
            for one, other, r, half in zip(
                table["amino_acid_1"],
                table["amino_acid_2"],
                table["correlation"],
                table["resolution"],
                strict=True,
            )
        }
        drawn = drawn_pairs(vectors[str(model)], draws=400, seed=5)
        outside = 0
        for pair, (one, other) in enumerate(zip(FIRST, SECOND, strict=True)):
            r, half = values[LETTERS[one], LETTERS[other]]
            column = drawn[:, pair]
            reach = half + (column.max() - column.min())
            outside += abs(r - column.mean()) > reach
        assert outside <= 2, model


def test_values_that_were_counted_are_not_varied() -> None:
    shares = some_shares()
    exact = HeadVectors(np.arange(1, 41), np.ones(40, int), shares, np.zeros_like(shares))
    assert not exact.is_drawn
    spread = np.ptp(drawn_pairs(exact, draws=60), axis=0)
    assert spread.max() < 1e-12


def test_drawn_pairs_follow_a_plain_loop() -> None:
    """First and second moments of the drawings agree with values drawn one by one."""
    shares = some_shares(15, 4)
    own = HeadVectors(np.arange(1, 16), np.ones(15, int), shares, np.full_like(shares, 0.8))
    fast = drawn_pairs(own, draws=3000, seed=1)
    plain = random.Random(2)
    slow = []
    for _ in range(600):
        x = [[plain.uniform(max(v - 0.8, 0), v + 0.8) for v in row] for row in shares]
        slow.append(np.corrcoef(np.array(x).T)[0, 1])
    pair = 0  # A and C
    assert fast[:, pair].mean() == pytest.approx(np.mean(slow), abs=4 * np.std(slow) / 24)
    assert fast[:, pair].std() == pytest.approx(np.std(slow), rel=0.15)


# Correlations against scipy and loops


def test_correlations_are_scipys() -> None:
    shares = some_shares()
    matrix = correlation_matrix(shares)
    pairs = matrix_pairs(matrix)
    for number, (one, other) in enumerate(zip(FIRST, SECOND, strict=True)):
        expected = scipy.stats.pearsonr(shares[:, one], shares[:, other]).statistic
        assert pairs[number] == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(weighted_pairs(shares, np.ones((1, 40)))[0], pairs, atol=1e-12)
    assert len(pairs) == 190
    laid_out = pair_matrix(pairs, 1.0)
    np.testing.assert_allclose(laid_out, matrix, atol=1e-12)


def test_resampled_pairs_are_correlations_over_the_drawn_heads() -> None:
    shares = some_shares(25, 3)
    fast = resampled_pairs(shares, draws=50, seed=11)
    picks = np.random.default_rng(11).integers(25, size=(50, 25))
    for row, heads in zip(fast, picks, strict=True):
        np.testing.assert_allclose(row, matrix_pairs(np.corrcoef(shares[heads].T)), atol=1e-9)


def test_the_interval_over_heads_is_as_wide_as_scipys(
    vectors: dict[str, HeadVectors], blosum: np.ndarray
) -> None:
    shares = vectors["tape_bert"].percent

    def statistic(heads: np.ndarray) -> float:
        pairs = matrix_pairs(np.corrcoef(shares[heads.astype(int)].T))
        return float(np.corrcoef(pairs, blosum)[0, 1])

    expected = scipy.stats.bootstrap(
        (np.arange(len(shares)),),
        statistic,
        n_resamples=1500,
        method="percentile",
        vectorized=False,
        rng=np.random.default_rng(3),
    ).confidence_interval
    low, high = percentile_interval(pearson(resampled_pairs(shares), blosum))
    assert low == pytest.approx(expected.low, abs=0.012)
    assert high == pytest.approx(expected.high, abs=0.012)


def test_standardised_rows_multiply_to_correlations() -> None:
    rows = np.vstack([some_shares(3, 8).T, np.full(3, 7.0), [1.0, np.nan, 2.0]])
    unit = standardise(rows)
    np.testing.assert_allclose(unit[:20].mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(unit[:20] @ unit[:20].T, np.corrcoef(rows[:20]), atol=1e-9)
    assert np.isnan(unit[20:]).all()  # the same throughout, or not all known


def test_intervals_of_narrow_standardised_draws_are_those_of_the_draws(
    vectors: dict[str, HeadVectors], blosum: np.ndarray
) -> None:
    own = vectors["prot_bert"]
    draws, drawn = resampled_pairs(own.percent, 300), drawn_pairs(own)
    narrow = [standardise(one).astype(np.float32) for one in (draws, ranks(draws), drawn)]
    pairs = matrix_pairs(correlation_matrix(own.percent))
    found = compare_with_matrix(pairs, read_matrix("BLOSUM62"), *narrow)
    for name, rows in (
        ("pearson_heads", pearson(draws, blosum)),
        ("spearman_heads", spearman(draws, blosum)),
        ("drawing", pearson(drawn, blosum)),
    ):
        ends = found[f"{name}_lower"], found[f"{name}_upper"]
        assert ends == pytest.approx(percentile_interval(rows), abs=1e-6)


def test_an_amino_acid_nobody_attends_to_in_a_sample_of_heads() -> None:
    shares = some_shares(12)
    shares[:, 4] = 0.0
    shares[3, 4] = 2.0
    rows = resampled_pairs(shares, draws=400, seed=0)
    with_f = (FIRST == 4) | (SECOND == 4)
    assert np.isnan(rows[:, with_f]).any()
    assert not np.isnan(rows[:, ~with_f]).any()
    assert np.isnan(percentile_interval(rows[:, with_f][:, 0])).all()  # a third of them empty


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-4, 11), min_size=190, max_size=190),
    st.integers(0, 2**31),
)
def test_pearson_and_spearman_are_scipys(scores: list[int], seed: int) -> None:
    y = np.array(scores, dtype=float)
    if np.ptp(y) == 0:
        return
    rows = np.random.default_rng(seed).normal(size=(3, 190)).round(1)
    for row, r, rho in zip(rows, pearson(rows, y), spearman(rows, y), strict=True):
        assert r == pytest.approx(scipy.stats.pearsonr(row, y).statistic, abs=1e-10)
        assert rho == pytest.approx(scipy.stats.spearmanr(row, y).statistic, abs=1e-10)
        np.testing.assert_array_equal(ranks(row)[0], scipy.stats.rankdata(row))


# Mantel's test


def naive_mantel(pairs: np.ndarray, matrix: np.ndarray, permutations: int, seed: int) -> float:
    orders = random.Random(seed)
    correlations = pair_matrix(pairs, 1.0)
    observed = abs(np.corrcoef(pairs, matrix_pairs(matrix))[0, 1])
    reached = 0
    for _ in range(permutations):
        order = list(range(20))
        orders.shuffle(order)
        first, second = [], []
        for i in range(20):
            for j in range(i + 1, 20):
                first.append(correlations[i, j])
                second.append(matrix[order[i], order[j]])
        reached += abs(np.corrcoef(first, second)[0, 1]) >= observed
    return (1 + reached) / (1 + permutations)


@pytest.mark.parametrize("signal", [0.0, 0.1, -0.15])
def test_mantel_against_a_plain_loop(signal: float) -> None:
    """Two ways of permuting give the same p, to within the error of counting."""
    matrix = read_matrix("BLOSUM62")
    noise = np.random.default_rng(8).normal(size=190)
    pairs = noise + signal * matrix_pairs(matrix)
    expected = naive_mantel(pairs, matrix, 1500, 1)
    p = float(mantel(pairs, matrix, 6000, 2)[0])
    error = math.sqrt(max(p * (1 - p), 1e-3) * (1 / 1500 + 1 / 6000))
    assert p == pytest.approx(expected, abs=4 * error)


def test_mantel_holds_its_level() -> None:
    """Where nothing is to be found, p is uniform: Kolmogorov and Smirnov find no difference."""
    matrix = read_matrix("PAM250")
    rows = np.random.default_rng(0).normal(size=(300, 190))
    p = mantel(rows, matrix, 999, 3)
    assert scipy.stats.kstest(p, "uniform").pvalue > 0.01


def test_mantel_is_two_sided_and_never_zero(blosum: np.ndarray) -> None:
    matrix = read_matrix("BLOSUM62")
    p = mantel(np.stack([blosum, -blosum]), matrix, 999, 0)
    assert p[0] == p[1] == 1 / 1000
    assert mantel(blosum, matrix, 499, 7) == mantel(blosum, matrix, 499, 7)


def test_several_tests_by_the_same_orders_are_each_by_itself() -> None:
    random = np.random.default_rng(5)
    tests = [
        (random.normal(size=(rows, 190)), read_matrix(name))
        for rows, name in ((3, "BLOSUM62"), (1, "PAM250"), (4, "GONNET1992"))
    ]
    together = mantel_each(tests, 999, 3)
    for found, one in zip(together, tests, strict=True):
        assert found.tolist() == mantel(*one, 999, 3).tolist()


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(20)), st.integers(0, 1000))
def test_naming_amino_acids_otherwise_changes_nothing(order: list[int], seed: int) -> None:
    matrix, shares = read_matrix("GONNET1992"), some_shares(30, seed)
    r = correlation_matrix(shares)
    named_otherwise = correlation_matrix(shares[:, order])
    np.testing.assert_allclose(named_otherwise, r[np.ix_(order, order)], atol=1e-12)
    there = matrix_pairs(matrix[np.ix_(order, order)])
    here = matrix_pairs(matrix)
    for statistic in (pearson, spearman):
        assert statistic(matrix_pairs(named_otherwise), there) == pytest.approx(
            statistic(matrix_pairs(r), here), abs=1e-9
        )


# Biopython's matrices


def test_the_matrices() -> None:
    names = list_matrices()
    assert {"BLOSUM62", "BLOSUM45", "PAM250", "GONNET1992", "MCLACHLAN", "DAYHOFF"} <= set(names)
    assert not {"BLASTN", "NUC.4.4", "TRANS"} & set(names)  # of nucleotides
    assert "SCHNEIDER" not in names  # of codons
    for name in names:
        values = read_matrix(name)
        assert values.shape == (20, 20)
        np.testing.assert_array_equal(values, values.T)
        assert np.ptp(matrix_pairs(values)) > 0
    scores = read_matrix("BLOSUM62")
    at = {letter: place for place, letter in enumerate(LETTERS)}
    assert scores[at["W"], at["W"]] == 11
    assert scores[at["I"], at["V"]] == 3
    assert scores[at["D"], at["L"]] == -4
    assert is_log_odds(scores)
    assert not is_log_odds(read_matrix("MCLACHLAN"))


@pytest.mark.parametrize("name", ["BLASTN", "blosum62", "", "../x"])
def test_a_matrix_that_is_none(name: str) -> None:
    with pytest.raises(AtlasError, match="no matrix"):
        read_matrix(name)


def test_residuals_are_statsmodels() -> None:
    x = matrix_pairs(read_matrix("BLOSUM62"))
    y = np.random.default_rng(2).normal(size=190) + 0.2 * x
    frame = pair_frame(y, x)
    fit = statsmodels.api.OLS(y, statsmodels.api.add_constant(x)).fit()
    np.testing.assert_allclose(frame["expected"], fit.fittedvalues, atol=1e-12)
    np.testing.assert_allclose(
        frame["standardised_residual"],
        fit.get_influence().resid_studentized_internal,
        atol=1e-10,
    )
    assert (frame["amino_acid_1"] + frame["amino_acid_2"]).nunique() == 190
    assert (frame["amino_acid_1"] < frame["amino_acid_2"]).all()


# Clustering


def partitions(branches_of: np.ndarray, count: int) -> set[frozenset[int]]:
    labels = scipy.cluster.hierarchy.fcluster(branches_of, count, "maxclust")
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels)}


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(20)), st.integers(0, 10_000))
def test_the_order_of_the_amino_acids_does_not_change_the_tree(order: list[int], seed: int) -> None:
    r = correlation_matrix(some_shares(30, seed))
    one = cluster(r)
    other = cluster(r[np.ix_(order, order)])
    leaves = [order[leaf] for leaf in other.order]
    assert leaves in (list(one.order), list(one.order)[::-1])
    np.testing.assert_allclose(
        np.sort(one.branches[:, 1].max(axis=1)), np.sort(other.branches[:, 1].max(axis=1))
    )


def test_the_tree_is_scikit_learns() -> None:
    """Leaves that scikit-learn puts in one cluster stand side by side, at every cut."""
    r = correlation_matrix(some_shares(30, 5))
    tree = cluster(r)
    place = {leaf: position for position, leaf in enumerate(tree.order)}
    for count in range(2, 20):
        labels = sklearn.cluster.AgglomerativeClustering(
            count, metric="precomputed", linkage="average"
        ).fit_predict(1 - r)
        for label in range(count):
            spots = sorted(place[leaf] for leaf in np.flatnonzero(labels == label))
            assert spots == list(range(spots[0], spots[0] + len(spots)))


def test_a_tree_is_drawn_from_its_leaves_up() -> None:
    tree = cluster(correlation_matrix(some_shares(30, 6)))
    assert sorted(tree.order) == list(range(20))
    assert tree.branches.shape == (19, 2, 4)
    feet = sorted(
        x
        for places, heights in tree.branches
        for x, height in zip(places, heights, strict=True)
        if height == 0
    )
    assert feet == list(range(20))
    assert (tree.branches[:, 1, 1] == tree.branches[:, 1, 2]).all()
    assert tree.order[0] < tree.order[-1]


# Bad input


def frame_of(shares: np.ndarray) -> pd.DataFrame:
    heads = len(shares)
    return pd.DataFrame(
        {
            "feature": np.repeat([f"amino_acid:{letter}" for letter in LETTERS], heads),
            "layer": 1,
            "head": np.tile(np.arange(1, heads + 1), 20),
            "percent": shares.T.ravel(),
            "resolution": np.nan,
        }
    )


def test_vectors_leave_out_heads_that_are_grey() -> None:
    shares = some_shares(6)
    shares[2] = np.nan
    own = head_vectors(frame_of(shares).sample(frac=1, random_state=1))
    assert own.heads.tolist() == [1, 2, 4, 5, 6]
    np.testing.assert_array_equal(own.percent, shares[[0, 1, 3, 4, 5]])


def test_what_has_no_correlation_is_said() -> None:
    frame = frame_of(some_shares(5))
    with pytest.raises(AtlasError, match=r"no values for the amino acids C, W"):
        head_vectors(frame[~frame["feature"].isin(["amino_acid:C", "amino_acid:W"])])
    with pytest.raises(AtlasError, match=r"2 heads are not grey"):
        head_vectors(frame_of(some_shares(2)))
    with pytest.raises(AtlasError, match=r"1 head is not grey"):
        head_vectors(frame_of(some_shares(1)))
    nobody = some_shares(5)
    nobody[:, LETTERS.index("W")] = 0.0
    with pytest.raises(AtlasError, match=r"same share for tryptophan"):
        head_vectors(frame_of(nobody))


def test_a_tree_as_deep_as_it_has_leaves_is_drawn() -> None:
    """Rows of an alignment can be so far apart that each joins alone; scipy's drawing recurses."""
    size = 1024
    distance = np.maximum.outer(np.arange(size), np.arange(size)) / size
    np.fill_diagonal(distance, 0)
    tree = cluster(1 - distance)
    assert sorted(tree.order) == list(range(size))
    assert tree.branches[:, 1].max() == pytest.approx(distance.max())
    assert tree.branches[:, 0].min() == 0
    assert tree.branches[:, 0].max() < size
