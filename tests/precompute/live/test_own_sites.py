"""Heads ranked by the attention to a list of residues, against loops over whole matrices."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, kstest

from precompute.errors import AtlasError
from precompute.live.arcs import heads_by_feature
from precompute.live.own_sites import SETS, count_sets, random_sets, rank_by_sites
from precompute.live.residue_list import with_sites
from tests.precompute.live.test_arcs import (
    HEADS,
    LAYERS,
    RESIDUES,
    make_protein,
    make_stack,
    sparse,
)

SITES = (3, 4, 5, 11, 12, 30)


def gaps(sites: list[int], residues: int) -> list[int]:
    """The steps from each residue to the next, around the ends."""
    following = [*sites[1:], sites[0]]
    return sorted((b - a) % residues or residues for a, b in zip(sites, following, strict=True))


def test_shares_ranks_and_p_are_those_of_a_loop_over_the_matrix() -> None:
    whole = make_stack(4)
    ranked = rank_by_sites(sparse(whole), SITES, 0.1)
    sets = [set(row) for row in random_sets(np.array(SITES), RESIDUES, SETS).tolist()]
    shares, p_values = [], []
    for layer, head in itertools.product(range(LAYERS), range(HEADS)):
        matrix = whole[layer, head].astype(np.float64)

        def share(chosen: set[int], matrix: np.ndarray = matrix) -> float:
            return float(matrix[:, sorted(chosen)].sum() / matrix.sum())

        own = share(set(SITES))
        as_much = sum(share(one) >= own - 1e-6 for one in sets)
        shares.append(100 * own)
        p_values.append((1 + as_much) / 1001)
    frame = ranked.frame
    assert frame["percent"].to_numpy() == pytest.approx(np.array(shares), abs=1e-3)
    assert frame["p_value"].tolist() == pytest.approx(p_values)
    order = sorted(range(len(shares)), key=lambda place: -shares[place])
    assert [order.index(place) + 1 for place in range(len(shares))] == frame["rank"].tolist()
    assert frame["times_even"].to_numpy() == pytest.approx(
        np.array(shares) / 100 * 40 / 6, abs=1e-3
    )
    expected = false_discovery_control(p_values)
    assert frame["false_discovery"].to_numpy() == pytest.approx(expected)


def test_the_share_of_arcs_is_that_of_own_sites_in_a_run() -> None:
    protein, attention = make_protein(), sparse(make_stack(4))
    chain = with_sites(protein, SITES).chain
    assert chain is not None
    expected = heads_by_feature(attention, chain, "own_site", 0.1)
    frame = rank_by_sites(attention, SITES, 0.1).frame
    assert frame["hits"].tolist() == expected["hits"].tolist()
    assert sum(frame["hits"]) > 0
    assert frame["arcs"].tolist() == expected["arcs"].tolist() == expected["eligible"].tolist()
    np.testing.assert_array_equal(frame["arcs_percent"], expected["percent"])


def test_a_planted_head_comes_first_and_no_other_is_found() -> None:
    whole = make_stack(7)
    whole[1, 2][:, list(SITES)] += 0.2
    whole[1, 2] /= whole[1, 2].sum(axis=1, keepdims=True)
    frame = rank_by_sites(sparse(whole), SITES, 0.1).frame.set_index("rank").sort_index()
    assert (frame.loc[1, "layer"], frame.loc[1, "head"]) == (2, 3)
    assert frame.loc[1, "p_value"] == 1 / 1001
    assert frame.loc[1, "false_discovery"] == pytest.approx(LAYERS * HEADS / 1001)
    assert (frame.loc[2:, "false_discovery"] > 0.05).all()


def test_p_is_even_where_a_list_is_itself_one_of_chance() -> None:
    # What neighbours receive is alike, and sites lie together: scattered sets would find too many.
    p_values, scattered = [], []
    for seed in range(300):
        random = np.random.default_rng(seed + 1000)
        received = np.convolve(random.exponential(size=80), np.ones(5), mode="full")[:80]
        places = (random.integers(80) + np.cumsum(random.permuted([1, 1, 1, 1, 1, 20, 1, 54]))) % 80
        whole = np.tile(received / received.sum(), (80, 1)).astype(np.float32)[None, None]
        frame = rank_by_sites(sparse(whole), tuple(sorted(places.tolist())), 0.3).frame
        p_values.append(frame["p_value"].iloc[0])
        own = received[places].sum()
        others = [received[random.choice(80, 8, replace=False)].sum() for _ in range(200)]
        scattered.append((1 + sum(other >= own for other in others)) / 201)
    assert kstest(p_values, "uniform").pvalue > 0.01
    assert kstest(scattered, "uniform").pvalue < 1e-6


@given(
    st.integers(2, 60).flatmap(
        lambda residues: st.tuples(
            st.just(residues), st.sets(st.integers(0, residues - 1), min_size=1)
        )
    )
)
@settings(max_examples=60, deadline=None)
def test_random_sets_have_the_size_and_the_gaps_of_the_list(given: tuple[int, set[int]]) -> None:
    residues, chosen = given
    sites = np.array(sorted(chosen))
    drawn = random_sets(sites, residues, 50)
    for row in drawn.tolist():
        assert len(set(row)) == len(sites)
        assert set(row) <= set(range(residues))
        assert gaps(sorted(row), residues) == gaps(sites.tolist(), residues)
    assert (drawn == random_sets(sites, residues, 50)).all()


@pytest.mark.parametrize("chosen", [(0,), (0, 3), (0, 5), (1, 2, 7), (0, 2, 4, 6, 8), (0, 1, 3, 7)])
def test_every_set_with_these_gaps_is_as_likely_and_they_are_counted(chosen: tuple[int]) -> None:
    sites = np.array(chosen)
    wanted = gaps(list(chosen), 10)
    there = {
        one for one in itertools.combinations(range(10), len(chosen)) if gaps([*one], 10) == wanted
    }
    assert count_sets(sites, 10) == len(there)
    drawn = [tuple(sorted(row)) for row in random_sets(sites, 10, 20_000).tolist()]
    assert set(drawn) == there
    times = np.unique(drawn, axis=0, return_counts=True)[1]
    assert times.max() - times.min() < 6 * np.sqrt(20_000 / len(there))


def test_residues_that_the_model_did_not_read_are_left_out() -> None:
    whole = make_stack(5)
    hidden = [0, 1, 2, 3, 20]
    whole[..., hidden] = 0
    whole[..., hidden, :] = 0
    attention = sparse(whole)
    read = np.ones(RESIDUES, dtype=bool)
    read[hidden] = False
    ranked = rank_by_sites(replace(attention, read=read), SITES, 0.1)
    assert (ranked.sites, ranked.read) == (5, 35)
    short = np.delete(np.delete(whole, hidden, axis=2), hidden, axis=3)
    alone = rank_by_sites(sparse(short), (0, 1, 7, 8, 25), 0.1)
    assert ranked.frame["p_value"].tolist() == alone.frame["p_value"].tolist()
    with pytest.raises(AtlasError, match="read none of these"):
        rank_by_sites(replace(attention, read=read), (0, 20), 0.1)


def test_all_residues_are_refused_and_few_sets_are_known() -> None:
    attention = sparse(make_stack(6))
    with pytest.raises(AtlasError, match="all residues that the model read"):
        rank_by_sites(attention, tuple(range(RESIDUES)), 0.1)
    assert rank_by_sites(attention, (7,), 0.1).possible == RESIDUES
    assert rank_by_sites(attention, tuple(range(0, RESIDUES, 2)), 0.1).possible == 2
    assert rank_by_sites(attention, SITES, 0.1).possible == 800
    assert rank_by_sites(attention, (0, 2, 5, 9, 14, 20), 0.1).possible == SETS


def test_a_head_that_gives_nothing_to_residues_has_no_rank_among_others() -> None:
    whole = make_stack(8)
    whole[0, 1] = 0
    frame = rank_by_sites(sparse(whole), SITES, 0.1).frame
    assert frame.loc[1, ["percent", "p_value", "false_discovery"]].isna().all()
    assert frame.loc[1, "rank"] == LAYERS * HEADS
