"""Ranks, beside scipy's."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from precompute.ranks import mean_ranks
from precompute.substitution import ranks

VALUES = st.lists(st.one_of(st.integers(-3, 3), st.floats(allow_infinity=False)), max_size=30)


@given(VALUES)
def test_ranks_are_those_of_scipy(values: list[float]) -> None:
    expected = rankdata(values, nan_policy="omit") if values else np.empty(0)
    np.testing.assert_array_equal(mean_ranks(values), expected)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 99))
def test_rows_are_ranked_one_by_one(rows: int, columns: int, seed: int) -> None:
    table = np.random.default_rng(seed).integers(0, 6, (rows, columns)).astype(float)
    table[table == 5] = np.nan
    table[0] = np.random.default_rng(seed).random(columns)  # none of them equal
    expected = np.array([rankdata(row, nan_policy="omit") for row in table])
    np.testing.assert_array_equal(ranks(table), expected)
