"""Scores against their definitions, written out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.metrics import f1_score

from precompute.probes.control import pair_groups, shuffle_within
from precompute.probes.scoring import (
    f1,
    mean_score,
    of_protein,
    pooled_f1,
    pooled_precision,
    precision_at,
    share_right,
)


def test_f1_is_scikit_learns_and_none_where_there_is_nothing_to_find() -> None:
    generator = np.random.default_rng(0)
    for _ in range(20):
        predicted, classes = generator.integers(2, size=(2, 15))
        classes[0] = 1
        assert f1(predicted, classes) == pytest.approx(f1_score(classes, predicted))
    assert f1(np.array([1, 1]), np.array([0, 0])) is None
    assert f1(np.array([0, 0]), np.array([1, 0])) == 0
    assert share_right(np.array([0, 1, 1]), np.array([0, 1, 0])) == pytest.approx(2 / 3)


def test_ties_count_as_their_own_share() -> None:
    margins = np.array([3.0, 1.0, 1.0, 1.0, 0.0])
    classes = np.array([0, 1, 0, 0, 1])
    orders = itertools.permutations(range(5))
    ranked = [classes[sorted(order, key=lambda i: -margins[i])][:2].mean() for order in orders]
    assert precision_at(margins, classes, 2) == pytest.approx(np.mean(ranked))
    # A probe that says the same of all is worth the share of the property, not more.
    assert precision_at(np.zeros(10), np.array([1] + [0] * 9), 1) == pytest.approx(0.1)
    assert precision_at(np.zeros(0), np.zeros(0, dtype=int), 1) is None


def _as_published(
    margins: list[np.ndarray], classes: list[np.ndarray], counts: list[int], copies: int
) -> float:
    """The paper's list: (probability, label), sorted downwards, so that ties are favourable."""
    top: list[int] = []
    for own, real, count in zip(margins, classes, counts, strict=True):
        listed = [(m, int(c)) for m, c in zip(own, real, strict=True) for _ in range(copies)]
        top += [label for _, label in sorted(listed, reverse=True)[:count]]
    return sum(top) / len(top)


@pytest.mark.parametrize("copies", [1, 2])
def test_the_papers_precision_is_its_sorted_list(copies: int) -> None:
    generator = np.random.default_rng(3)
    for _ in range(30):
        sizes = generator.integers(1, 30, size=5)
        margins = [generator.integers(4, size=n) / 2 for n in sizes]
        classes = [generator.integers(2, size=n) for n in sizes]
        counts = [int(count) for count in generator.integers(1, 12, size=5)]
        assert pooled_precision(margins, classes, counts, copies) == pytest.approx(
            _as_published(margins, classes, counts, copies)
        )
    assert pooled_precision([np.zeros(3)], [np.zeros(3, dtype=int)], [0]) is None


def test_the_papers_f1_is_of_all_residues_and_none_where_it_is_nan() -> None:
    predicted = [np.array([1, 0]), np.array([1, 1, 0])]
    classes = [np.array([1, 1]), np.array([0, 1, 0])]
    expected = f1_score(np.concatenate(classes), np.concatenate(predicted))
    assert pooled_f1(predicted, classes) == pytest.approx(expected)
    assert pooled_f1([np.zeros(2, dtype=int)], [np.ones(2, dtype=int)]) is None


def test_each_protein_counts_once_and_the_interval_covers_the_mean() -> None:
    score = mean_score([1.0, 0.0, None, 0.5], [10, 1000, 7, 2], seed=1)
    assert (score.value, score.proteins, score.residues) == (0.5, 3, 1012)
    assert score.lower is not None
    assert score.upper is not None
    assert 0 <= score.lower < 0.5 < score.upper <= 1
    assert mean_score([1.0, 0.0, None, 0.5], [10, 1000, 7, 2], seed=1) == score
    assert mean_score([None], [3], seed=1).value is None
    assert mean_score([0.3], [3], seed=1).lower is None


def test_intervals_hold_the_true_mean_as_often_as_they_say() -> None:
    generator = np.random.default_rng(5)
    held = 0
    for draw in range(200):
        score = mean_score(generator.beta(2, 3, size=60).tolist(), [1] * 60, seed=draw)
        assert score.lower is not None
        assert score.upper is not None
        held += score.lower <= 0.4 <= score.upper
    assert 0.89 <= held / 200 <= 0.99


def test_k_comes_from_the_resolved_residues() -> None:
    margins = np.stack([np.zeros(40), np.arange(40.0)], 1)
    classes = np.zeros(40, dtype=int)
    classes[-2:] = 1
    assert of_protein("precision at L/20", margins, classes, 40) == 1.0
    assert of_protein("precision at L/20", margins, classes, 80) == 0.5
    assert of_protein("precision at L/5", margins, np.zeros(40, dtype=int), 40) is None


def test_shuffled_labels_keep_their_numbers_in_each_group() -> None:
    generator = np.random.default_rng(1)
    labels = generator.integers(-1, 3, size=400)
    groups = generator.integers(7, size=400)
    found = shuffle_within(labels, groups, seed=4)
    assert (found != labels).any()
    assert ((found == -1) == (labels == -1)).all()
    for group in range(7):
        own = groups == group
        assert sorted(found[own]) == sorted(labels[own])
    np.testing.assert_array_equal(found, shuffle_within(labels, groups, seed=4))


def test_pairs_of_the_same_two_amino_acids_are_one_group_in_either_order() -> None:
    first, second = np.array([0, 1, 0, 2]), np.array([1, 2, 2, 3])
    groups = pair_groups("AGAG", first, second)
    assert groups[0] == groups[1] == groups[3] != groups[2]
