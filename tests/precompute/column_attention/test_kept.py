"""Matrices that are kept: what goes in comes out, and a file that is wrong is one sentence."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precompute.alignment import Alignment
from precompute.column_attention.kept import (
    ColumnMatrices,
    is_kept,
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


def test_rows_may_be_nameless_and_names_long(tmp_path: Path) -> None:
    matrices = some_matrices(2)
    for names, kept in (((), ("", "")), (("N" * 3000, "\u202e<b>"), ("N" * 1000, "\u202e<b>"))):
        changed = replace(matrices, alignment=replace(matrices.alignment, names=names))
        write_matrices(tmp_path, "r1", 1, changed)
        assert read_matrices(tmp_path, "r1", 1).alignment.names == kept


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


@pytest.mark.parametrize(
    ("before", "megabytes", "kept"),
    [
        (0, 1, False),  # 144 heads of 64 × 64 and 100 numbers of two bytes are 1.2 MB
        (0, 2, True),
        (64 * 64 + 100, 2, False),
        (64 * 64 + 100, 3, True),
        (0, 0, False),
    ],
)
def test_the_first_alignments_are_kept_within_the_budget(
    before: int, megabytes: int, kept: bool
) -> None:
    assert is_kept(before, Alignment.of(random_alignment(64, 100)), 12, 12, megabytes) is kept


def test_the_same_matrices_are_the_same_bytes(tmp_path: Path) -> None:
    digests = {
        hashlib.sha256(
            Path(write_matrices(tmp_path / name, "r1", 1, some_matrices())).read_bytes()
        ).hexdigest()
        for name in "ab"
    }
    assert len(digests) == 1
