"""Which proteins are drawn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from precompute.sample import sample_records


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 10**6))
def test_a_sample_is_a_beginning_of_a_permutation(size: int, proteins: int, seed: int) -> None:
    everything = sample_records(size, None, seed)
    assert sorted(everything) == list(range(size))
    assert sample_records(size, proteins, seed) == everything[:proteins]


def test_another_seed_draws_others() -> None:
    assert sample_records(1000, 50, 1) != sample_records(1000, 50, 2)


def test_without_a_seed_the_first_are_taken() -> None:
    assert sample_records(10, 3, None) == [0, 1, 2]


def test_every_record_is_drawn_about_as_often() -> None:
    times = [0] * 20
    for seed in range(2000):
        for record in sample_records(20, 5, seed):
            times[record] += 1
    # Binomial(2000, 1/4): five standard deviations either side of 500.
    assert all(400 < count < 600 for count in times)


def test_the_sample_is_the_same_for_ever() -> None:
    """The order is part of what a run's numbers mean: it may not change between versions."""
    assert sample_records(25_299, 5, 123) == FIRST_OF_PROTEINNET


FIRST_OF_PROTEINNET = [5521, 15156, 18678, 7317, 13097]
