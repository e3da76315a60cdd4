"""Precision as twenty lines of numpy give it, and means with the protein as unit."""

from __future__ import annotations

import numpy as np
import pytest

from precompute.chain import Chain
from precompute.contacts.learning import RANKED_BY, make_features
from precompute.contacts.pairs import RANGES, WHOLE, find_pairs
from precompute.contacts.scoring import MEASURES, RESAMPLES, mean_over_proteins, protein_scores


def folded(residues: int, seed: int) -> Chain:
    """A compact walk of which some residues are not resolved, with C-beta atoms beside it."""
    generator = np.random.default_rng(seed)
    places = np.zeros((residues, 3))
    for residue in range(1, residues):
        step = generator.normal(size=3) - 0.15 * places[residue - 1]
        places[residue] = places[residue - 1] + 3.8 * step / np.linalg.norm(step)
    known = generator.random(residues) > 0.1
    betas = places + generator.normal(scale=1.0, size=places.shape)
    betas[generator.random(residues) < 0.1] = np.nan
    sequence = "".join(generator.choice(list("ACDEFGHIKLMNPQRSTVWY"), residues))
    return Chain(
        f"walk{seed}",
        sequence,
        alpha_carbons=np.where(known[:, None], places, 0.0),
        resolved=known,
        beta_carbons=np.where(known[:, None], betas, np.nan),
    )


def plainly(matrix: np.ndarray, places: np.ndarray, least: int, most: float) -> list[float]:
    """Precision at L, L/2, L/5 and average precision of one map, as plainly as can be."""
    known = ~np.isnan(places[:, 0])
    L = known.sum()
    pairs = []
    for i in range(len(places)):
        for j in range(i + 1, len(places)):
            if known[i] and known[j] and least <= j - i < most:
                touching = np.linalg.norm(places[i] - places[j]) < 8
                pairs.append((-matrix[i, j], touching))
    touching = np.array([touching for _, touching in sorted(pairs)])  # ties: False before True
    if not touching.any() or len(touching) < L:
        return [np.nan] * 4
    at = [touching[: max(L // part, 1)].mean() for part in (1, 2, 5)]
    found = np.flatnonzero(touching)
    return [*at, np.mean([touching[: place + 1].mean() for place in found])]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("steps", [3, 10**6])
def test_precision_is_that_of_a_plain_computation(seed: int, steps: int) -> None:
    chain = folded(45 + 20 * seed, seed)
    generator = np.random.default_rng(seed)
    matrices = np.floor(generator.random((5, len(chain), len(chain))) * steps) / steps
    pairs = find_pairs(chain)
    found = protein_scores(matrices[:, pairs.first, pairs.second].astype(np.float32), pairs)
    alphas = np.where(chain.resolved[:, None], chain.alpha_carbons, np.nan)
    scored = 0
    for atoms, places in (("alpha", alphas), ("beta", chain.beta_carbons)):
        for place, (least, most) in enumerate(RANGES.values()):
            for row, matrix in enumerate(matrices):
                expected = plainly(matrix.astype(np.float32), places, least, most or np.inf)
                np.testing.assert_allclose(found[atoms][row, place], expected, rtol=1e-12)
                scored += not np.isnan(expected).any()
    assert scored >= 20


@pytest.mark.parametrize("steps", [3, 40, 10**6])
def test_the_precision_heads_are_ranked_by_is_the_scored_one(steps: int) -> None:
    (separation, measure), chain = RANKED_BY, folded(120, 1)
    pairs = find_pairs(chain)
    scores = np.random.default_rng(0).random((7, len(pairs.first)))
    maps = (np.floor(scores * steps) / steps).astype(np.float32)
    maps[:, pairs.first == 3] = -np.inf  # a residue that is not read
    maps[0], maps[1, ::2] = 1, -np.inf
    place = list(RANGES).index(separation), list(MEASURES).index(measure)
    for atoms, scored in protein_scores(maps, pairs).items():
        found = make_features(maps, pairs, atoms, 0).precision
        np.testing.assert_array_equal(found, scored[:-1, *place])
    few = find_pairs(folded(27, 2))
    maps = np.zeros((2, len(few.first)), dtype=np.float32)
    assert np.isnan(make_features(maps, few, "alpha", 0).precision).all()
    assert np.isnan(protein_scores(maps, few)["alpha"][:, *place]).all()


def test_chance_is_the_share_of_contacts_and_equal_scores_are_below_it() -> None:
    chain = folded(60, 9)
    pairs = find_pairs(chain)
    found = protein_scores(np.zeros((1, len(pairs.first)), dtype=np.float32), pairs)["alpha"]
    chosen = pairs.eligible["alpha"]
    assert found[1, 0, 0] == pairs.contact["alpha"][chosen].mean()
    assert found[0, 0, 0] == 0.0  # all pairs tie, and there are more others than L
    assert 0 < found[0, 0, 3] < found[1, 0, 3]


def test_contacts_are_those_of_the_counting() -> None:
    chain = folded(70, 3)
    states = chain.contact_states()
    pairs = find_pairs(chain)
    own = states[pairs.first, pairs.second]
    assert ((own == 1) == pairs.contact["alpha"]).all()
    assert ((own >= 0) == pairs.eligible["alpha"]).all()
    assert pairs.residues["alpha"] == chain.resolved.sum()


def test_the_unit_of_an_interval_is_the_protein() -> None:
    generator = np.random.default_rng(0)
    values = generator.random((12, 2))
    values[3, 1] = np.nan
    mean, lower, upper, count = mean_over_proteins(values)
    assert count.tolist() == [12, 11]
    assert mean == pytest.approx(np.nanmean(values, axis=0))
    drawn = [np.nanmean(values[generator.integers(12, size=12)], axis=0) for _ in range(RESAMPLES)]
    expected = np.quantile(drawn, [0.025, 0.975], axis=0)
    assert lower == pytest.approx(expected[0], abs=0.03)
    assert upper == pytest.approx(expected[1], abs=0.03)
    alone, *ends, number = mean_over_proteins(values[:1])
    assert (alone == values[0]).all()
    assert np.isnan(ends).all()
    assert number.tolist() == [1, 1]


def test_a_range_without_contacts_is_left_out() -> None:
    chain = folded(30, 1)
    straight = Chain(
        "rod",
        chain.sequence,
        alpha_carbons=np.arange(30)[:, None] * np.array([3.8, 0.0, 0.0]),
        resolved=np.ones(30, dtype=bool),
    )
    pairs = find_pairs(straight)
    assert list(pairs.eligible) == ["alpha"]
    scores = np.random.default_rng(0).random((1, len(pairs.first)), dtype=np.float32)
    found = protein_scores(scores, pairs)["alpha"]
    assert found.shape == (2, len(RANGES), len(MEASURES))
    assert np.isnan(found).all()


def test_each_pair_is_of_one_range_beside_the_whole() -> None:
    ranges = find_pairs(folded(60, 1)).ranges
    parts = [ranges[name] for name in RANGES if name != WHOLE]
    np.testing.assert_array_equal(np.sum(parts, axis=0), ranges[WHOLE].astype(int))


@pytest.mark.parametrize("residues", [*range(1, 13), 24, 25, 40])
def test_the_whole_of_a_short_chain_is_all_its_pairs(residues: int) -> None:
    pairs = find_pairs(folded(residues, 1))
    assert pairs.ranges[WHOLE].all()
    assert len(pairs.ranges[WHOLE]) == max(residues - 6, 0) * max(residues - 5, 0) // 2
    own = [inside for name, inside in pairs.ranges.items() if name != WHOLE]
    np.testing.assert_array_equal(np.sum(own, axis=0), np.ones(len(pairs.first)))
