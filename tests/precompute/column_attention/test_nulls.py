"""Shuffled alignments: each keeps what it should, and is the same whenever it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from precompute.alignment import Alignment
from precompute.column_attention.choice import NULLS
from precompute.column_attention.hamming import hamming_distances
from precompute.column_attention.nulls import shuffle
from precompute.tables.column_tables import CONTROLS
from tests.msa_checkpoints import random_alignment

ALIGNMENT = Alignment.of(random_alignment(30, 80, seed=2))


def composition(letters: np.ndarray, axis: int) -> np.ndarray:
    return np.sort(letters, axis=axis)


def test_columns_keep_distances_and_what_each_column_holds() -> None:
    shuffled = shuffle(ALIGNMENT, "columns", 1)
    np.testing.assert_array_equal(
        hamming_distances(shuffled.rows), hamming_distances(ALIGNMENT.rows)
    )
    own, other = ({bytes(column) for column in a.rows.T} for a in (ALIGNMENT, shuffled))
    assert own == other
    assert (shuffled.rows != ALIGNMENT.rows).any()


def test_covariance_keeps_each_columns_letters_and_no_row() -> None:
    shuffled = shuffle(ALIGNMENT, "covariance", 1)
    np.testing.assert_array_equal(composition(shuffled.rows, 0), composition(ALIGNMENT.rows, 0))
    apart = np.triu_indices(30, 1)
    before, after = (hamming_distances(a.rows)[apart] for a in (ALIGNMENT, shuffled))
    assert abs(np.corrcoef(before, after)[0, 1]) < 0.2


def test_rows_keep_each_rows_letters_and_no_column() -> None:
    shuffled = shuffle(ALIGNMENT, "rows", 1)
    np.testing.assert_array_equal(composition(shuffled.rows, 1), composition(ALIGNMENT.rows, 1))
    assert (composition(shuffled.rows, 0) != composition(ALIGNMENT.rows, 0)).any()


@pytest.mark.parametrize("null", NULLS)
def test_a_seed_says_it_all(null: str) -> None:
    rows = ALIGNMENT.rows.copy()
    first = shuffle(ALIGNMENT, null, 1).rows
    np.testing.assert_array_equal(first, shuffle(Alignment((), rows), null, 1).rows)
    np.testing.assert_array_equal(rows, ALIGNMENT.rows, "the alignment stays as it is")
    assert (first != shuffle(ALIGNMENT, null, 2).rows).any()
    assert {"none", *NULLS} == set(CONTROLS)
