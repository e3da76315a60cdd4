"""Whole families are scored, or none of them."""

from __future__ import annotations

import numpy as np
import pytest

from precompute.errors import AtlasError
from precompute.families_split import find_families
from precompute.probes.split import split_proteins
from tests.precompute.test_families_split import _changed, _random


def _planted(families: int, most: int, seed: int = 3) -> list[str]:
    generator = np.random.default_rng(seed)
    found = []
    for family in range(families):
        first = _random(generator, 120)
        found += [first, *(_changed(first, generator, 0.4) for _ in range(family % most))]
    return found


def test_a_family_is_scored_whole_or_not_at_all() -> None:
    sequences = _planted(25, 4)
    split = split_proteins(sequences, seed=1)
    labels = find_families(sequences).labels
    assert set(labels[split.test]).isdisjoint(labels[~split.test])
    assert 0.1 < split.test.mean() < 0.45
    assert split.validation.sum() == round(len(sequences) / 5)
    # The paper's does not look at families, so relatives stand on both sides.
    assert set(labels[split.validation]) & set(labels[~split.validation])


def test_a_split_depends_on_sequences_and_seed_alone() -> None:
    sequences = _planted(25, 4)
    split, other = split_proteins(sequences, 1), split_proteins(sequences[::-1], 1)
    np.testing.assert_array_equal(split.test, other.test[::-1])
    np.testing.assert_array_equal(split.validation, other.validation[::-1])
    assert (split_proteins(sequences, 2).test != split.test).any()


def test_one_large_family_is_fitted_on_and_too_few_are_refused() -> None:
    generator = np.random.default_rng(7)
    first = _random(generator, 150)
    large = [first, *(_changed(first, generator, 0.3) for _ in range(30))]
    few = [_random(generator, 150) for _ in range(4)]
    split = split_proteins([*large, *few], seed=1)
    assert not split.test[: len(large)].any()
    assert split.test[len(large) :].all()
    with pytest.raises(AtlasError, match=r"32 proteins are of 2 families .* at least 5"):
        split_proteins([*large, few[0]], seed=1)
    with pytest.raises(AtlasError, match=r"is 1 protein with labels .* give at least 8"):
        split_proteins(few[:1], seed=1)
