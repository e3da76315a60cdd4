"""Heads in clusters: as scipy's own call, planted groups found, in any order of models."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import zscore

from precompute.head_clusters import Clusters, cluster_heads

RANDOM = np.random.default_rng(18)


def planted(each: int = 40, columns: int = 6, groups: int = 4) -> tuple[np.ndarray, np.ndarray]:
    group = np.repeat(np.arange(groups), [each + 5 * place for place in range(groups)])
    centres = 10 * np.eye(groups, columns)
    return centres[group] + RANDOM.normal(size=(len(group), columns)), group


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether two labellings put the same heads together."""
    return bool(((one[:, None] == one) == (other[:, None] == other)).all())


@pytest.mark.parametrize("most", [1, 2, 5, 12])
def test_clusters_are_those_of_a_naive_call(most: int) -> None:
    values = RANDOM.gamma(2.0, size=(150, 7)) * [1, 10, 100, 1, 1, 0.01, 5]
    naive = fcluster(linkage(zscore(values), method="ward"), t=most, criterion="maxclust")
    found = cluster_heads(values, most)
    assert same(found.of, naive)
    assert found.of.max() == most
    for number in range(1, most + 1):
        own = zscore(values)[found.of == number].mean(axis=0)
        np.testing.assert_allclose(found.centres[number - 1], own, atol=1e-12)


def test_planted_groups_are_found_and_the_largest_is_the_first() -> None:
    values, group = planted()
    found = cluster_heads(values, 4)
    assert same(found.of, group)
    sizes = np.bincount(found.of)[1:]
    assert sizes.tolist() == sorted(sizes, reverse=True) == [55, 50, 45, 40]


def test_the_order_of_models_changes_nothing() -> None:
    # Whole numbers have many ties and equal rows: what would depend on the order, would here.
    values = RANDOM.integers(0, 3, size=(120, 4)).astype(float)
    first = cluster_heads(values, 6)
    for _ in range(5):
        order = RANDOM.permutation(len(values))
        again = cluster_heads(values[order], 6)
        np.testing.assert_array_equal(again.of, first.of[order])
        np.testing.assert_array_equal(again.centres, first.centres)


def test_units_do_not_matter() -> None:
    values, _ = planted()
    scaled = values * [1, 1000, 1e-6, 3, 1, 7] + 5
    np.testing.assert_array_equal(cluster_heads(values, 4).of, cluster_heads(scaled, 4).of)


def test_a_property_that_is_the_same_everywhere_tells_nothing() -> None:
    values, _ = planted()
    found = cluster_heads(np.column_stack([values, np.full(len(values), 0.1)]), 4)
    np.testing.assert_array_equal(found.of, cluster_heads(values, 4).of)
    assert found.used.tolist() == [True] * 6 + [False]
    assert (found.centres[:, -1] == 0).all()


def test_heads_that_lack_a_value_are_in_no_cluster() -> None:
    values, _ = planted()
    holed = np.vstack([values, values[:3]])
    holed[-3:, [0, 1, 5]] = np.nan
    found = cluster_heads(holed, 4)
    assert found.of[-3:].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(found.of[:-3], cluster_heads(values, 4).of)


@pytest.mark.parametrize(("heads", "clusters"), [(0, 0), (1, 1), (9, 1)])
def test_heads_that_do_not_differ_are_one_cluster(heads: int, clusters: int) -> None:
    found: Clusters = cluster_heads(np.full((heads, 3), 0.3), 5)
    assert len(found.centres) == clusters
    assert (found.of == 1).all()
    assert not found.used.any()
    assert len(cluster_heads(np.repeat([[1.0, 2.0], [3.0, 4.0]], 4, axis=0), 5).centres) == 2


def test_joins_of_one_height_are_cut_one_by_one() -> None:
    values = np.array([[0.0], [1.0], [10.0], [11.0], [11.0]])
    for most in (1, 2, 3, 4):
        assert len(cluster_heads(values, most).centres) == most
    assert len(cluster_heads(values, 5).centres) == 4


def test_no_number_below_one() -> None:
    with pytest.raises(ValueError, match="below 1"):
        cluster_heads(np.ones((2, 2)), 0)


def test_heads_of_which_nothing_is_known_are_in_no_cluster() -> None:
    found = cluster_heads(np.empty((16, 0)), 8)
    assert found.of.tolist() == [0] * 16
    assert found.centres.shape == (0, 0)
