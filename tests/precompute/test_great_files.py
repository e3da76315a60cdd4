"""Datasets of a million records, and small files that say they are great."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precompute.datasets import parquet_file
from precompute.datasets.parquet_file import ParquetChains
from precompute.datasets.proteinnet import read_chain
from precompute.datasets.text import unpack
from precompute.demo import families
from precompute.demo.families import read_family
from precompute.errors import AtlasError
from tests.chains import records_of


def test_an_alignment_of_a_million_records_is_read(tmp_path: Path) -> None:
    path = tmp_path / "PF00001.afa.gz"
    path.write_bytes(gzip.compress(b">a\nAC-D\n" * 1_000_000, 1))
    family = read_family(path)
    assert family.rows.shape == (1_000_000, 4)


@pytest.mark.parametrize("text", [b">\n", b"\n", b">a\n\n\n\n\n"])
def test_an_alignment_of_too_many_lines_is_refused_before_it_is_taken_apart(
    text: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(families, "MOST_ROWS", 100_000)
    path = tmp_path / "PF00001.afa.gz"
    path.write_bytes(gzip.compress(b">a\nACD\n" + text * 2_000_000))
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    with pytest.raises(AtlasError, match="sequences or ten times as many lines"):
        read_family(path)
    assert tracemalloc.get_traced_memory()[1] < 6 * len(text) * 2_000_000
    tracemalloc.stop()


def test_gzip_is_unpacked_no_further_than_a_file_may_be(tmp_path: Path) -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 300_000_000, 9), 9)
    assert len(bomb) < 10_000
    tracemalloc.start()
    with pytest.raises(AtlasError, match="unpacks to more than 20 MB"):
        unpack(bomb, "bomb.gz", 20 * 1024**2)
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()


def test_one_text_in_every_row_is_held_once(tmp_path: Path) -> None:
    """Thirty thousand rows of the same hundred kilobytes are three gigabytes."""
    rows = 30_000
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["A" * 100_000])
    path = tmp_path / "train.parquet"
    table = pa.table({"id": pa.array(["x"] * rows), "primary": texts})
    pq.write_table(table, path, store_schema=False)
    assert path.stat().st_size < 1_000_000
    before = pa.total_allocated_bytes()
    chains = ParquetChains(path, lambda record, _: record)  # type: ignore[arg-type, return-value]
    assert chains[17]["primary"] == "A" * 100_000  # type: ignore[index]
    assert pa.total_allocated_bytes() - before < 50_000_000
    chains.close()


@pytest.mark.parametrize(("limit", "most"), [("MOST_UNPACKED", 10_000), ("MOST_VALUES", 100)])
def test_row_groups_that_are_too_great_are_refused_before_they_are_read(
    limit: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = records_of("proteinnet")[0]
    content = {name: [record[name]] for name in ("id", "primary")}
    content["tertiary"] = [record["tertiary"].tolist()]
    content["valid_mask"] = [record["valid_mask"].tolist()]
    path = tmp_path / "train.parquet"
    pq.write_table(pa.table(content), path)
    with_it = ParquetChains(path, read_chain)
    assert len(with_it[0]) == len(record["primary"])
    with_it.close()
    monkeypatch.setattr(parquet_file, limit, most if limit == "MOST_VALUES" else 500)
    with pytest.raises(AtlasError, match=r"train\.parquet says that 1 rows .* smaller row groups"):
        ParquetChains(path, read_chain)
