"""Matrices that are kept: what goes in comes out, and a file that is wrong is one sentence."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precompute.alignment import Alignment
from precompute.column_attention.kept import (
    ColumnMatrices,
    choose_kept,
    matrix_bytes,
    read_matrices,
    write_matrices,
)
from precompute.errors import AtlasError
from precompute.tables import COLUMN_MATRICES, read_table, write_table
from tests.msa_checkpoints import random_alignment


def some_matrices(rows: int = 7, columns: int = 20) -> ColumnMatrices:
    random = np.random.default_rng(0)
    attention = random.dirichlet(np.ones(rows), (2, 3, rows))
    names = [f"row {number} = <i>" for number in range(rows)]
    return ColumnMatrices(
        "PF00001",
        Alignment.of(random_alignment(rows, columns), names),
        attention.astype(np.float16),
        random.random((2, 3, columns)).astype(np.float16),
    )


def test_matrices_come_back_to_the_last_bit(tmp_path: Path) -> None:
    matrices = some_matrices()
    write_matrices(tmp_path, "r1", 3, matrices)
    back = read_matrices(tmp_path, "r1", 3)
    assert back.name == matrices.name
    assert back.alignment.names == matrices.alignment.names
    assert back.alignment.texts() == matrices.alignment.texts()
    np.testing.assert_array_equal(back.attention, matrices.attention)
    np.testing.assert_array_equal(back.selectivity, matrices.selectivity)
    rows = matrices.alignment.texts()
    for i, one in enumerate(rows):
        for j, other in enumerate(rows):
            differ = sum(a != b for a, b in zip(one, other, strict=True)) / len(one)
            assert back.distances[i, j] == pytest.approx(differ, abs=1e-12)
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {".parquet"}


def test_every_flipped_byte_is_seen(tmp_path: Path) -> None:
    path = Path(write_matrices(tmp_path, "r1", 1, some_matrices()))
    whole = path.read_bytes()
    random = np.random.default_rng(1)
    for place in random.integers(len(whole), size=100):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(AtlasError):
            read_matrices(tmp_path, "r1", 1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"layers": 3}, "contradicts itself"),
        ({"heads": 30_000}, "contradicts itself"),
        ({"texts": ["AC", "A"]}, "contradicts itself"),
        ({"texts": ["Ä" * 20] * 7}, "contradicts itself"),
        ({"texts": []}, "texts of length 0"),
        ({"names": ["a"]}, "contradicts itself"),
        ({"attention": np.ones(3, np.float16)}, "contradicts itself"),
        ({"selectivity": np.ones(3, np.float16)}, "contradicts itself"),
        ({"number": 2}, "another alignment"),
    ],
)
def test_a_lawful_file_of_something_else_is_one_sentence(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    write_matrices(tmp_path, "r1", 1, some_matrices())
    frame = read_table(tmp_path, COLUMN_MATRICES, run="r1", number=1)
    row = frame.iloc[0].to_dict() | changed
    write_table(tmp_path, COLUMN_MATRICES, pd.DataFrame([row]), run="r1", number=1)
    with pytest.raises(AtlasError, match=said):
        read_matrices(tmp_path, "r1", 1)


@pytest.mark.parametrize("value", [2, -1, np.nan, np.inf])
def test_what_is_no_attention_is_not_written(tmp_path: Path, value: float) -> None:
    matrices = some_matrices()
    matrices.attention[0, 0, 0, 0] = value
    with pytest.raises(AtlasError, match="column attention has"):
        write_matrices(tmp_path, "r1", 1, matrices)


def test_what_is_not_there_or_under_another_name_is_said(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match="does not exist"):
        read_matrices(tmp_path, "r1", 1)
    with pytest.raises(AtlasError, match="run"):
        read_matrices(tmp_path, "../r1", 1)
    path = Path(write_matrices(tmp_path, "r1", 1, some_matrices()))
    other = tmp_path / "column_matrices" / "r2" / "000001.parquet"
    other.parent.mkdir()
    other.write_bytes(path.read_bytes())
    with pytest.raises(AtlasError, match="holds the run r1"):
        read_matrices(tmp_path, "r2", 1)


def test_the_first_alignments_are_kept_within_the_budget() -> None:
    shapes = [(128, 100), (4, 30), (1024, 1023)]
    sizes = [matrix_bytes(12, 12, *shape) for shape in shapes]
    assert sizes[0] == 2 * 144 * (128 * 128 + 100)
    for budget, kept in ((0, 0), (sizes[0] - 1, 0), (sizes[0], 1), (sum(sizes) - 1, 2)):
        assert choose_kept(shapes, 12, 12, budget) == kept
    assert choose_kept(shapes, 12, 12, sum(sizes)) == 3


def test_the_same_matrices_are_the_same_bytes(tmp_path: Path) -> None:
    digests = {
        hashlib.sha256(
            Path(write_matrices(tmp_path / name, "r1", 1, some_matrices())).read_bytes()
        ).hexdigest()
        for name in "ab"
    }
    assert len(digests) == 1
