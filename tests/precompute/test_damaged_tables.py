"""Tables that are damaged, foreign or hostile: refused with a sentence, or read as they were."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precompute.demo import RESULTS_FOLDER
from precompute.errors import AtlasError
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    HEAD_EXAMPLES,
    RUN_TABLES,
    RUNS,
    SPECIAL_ATTENTION,
    Table,
    checking,
    list_runs,
    read_table,
    write_table,
)
from tests.precompute.test_tables import counts_frame, run_frame

FLIPS = 300
RUN = "demo-structures-709e4800"


@pytest.fixture(scope="module")
def frames() -> dict[Table, pd.DataFrame]:
    """A real run's tables, whole: of the demo model over the shipped structures."""
    own = {table: read_table(RESULTS_FOLDER, table, run=RUN) for table in RUN_TABLES}
    return {RUNS: list_runs(RESULTS_FOLDER), **own}


def place(folder: Path, table: Table, run: str = RUN) -> Path:
    return folder / (f"{table.name}/{run}.parquet" if table.per_run else f"{table.name}.parquet")


def write_foreign(folder: Path, table: Table, *parts: pa.Table, store_schema: bool = True) -> Path:
    """Write a file as another program may: with the names of this project, but unchecked."""
    path = place(folder, table)
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(
        path, parts[0].schema, compression="zstd", store_schema=store_schema
    ) as writer:
        for part in parts:
            writer.write_table(part)
        if not store_schema:
            writer.add_key_value_metadata(table.schema.metadata)
    return path


def test_a_flipped_bit_is_refused_or_changes_nothing(
    tmp_path: Path, frames: dict[Table, pd.DataFrame]
) -> None:
    """Bits anywhere: in pages, their headers, the footer, names, statistics, the digest."""
    drawn = random.Random(14)
    sentences: list[str] = []
    for table, frame in frames.items():
        write_table(tmp_path, table, frame, run=RUN)
        whole = place(tmp_path, table).read_bytes()
        for _ in range(FLIPS // len(frames)):
            bit = drawn.randrange(8 * len(whole))
            damaged = bytearray(whole)
            damaged[bit // 8] ^= 1 << bit % 8
            place(tmp_path, table).write_bytes(damaged)
            try:
                back = read_table(tmp_path, table, run=RUN if table.per_run else None)
            except AtlasError as error:
                sentences.append(str(error))
            else:
                pd.testing.assert_frame_equal(back, frame, check_exact=True)
    # What is read as it was has the flip in the key of the digest: then there is none.
    assert len(sentences) > 0.98 * FLIPS
    assert all(re.fullmatch(rf"{tmp_path}/[^\n]+\.", sentence) for sentence in sentences)


@pytest.mark.parametrize("cut", [1, 8, 9, 64, 5000])
def test_a_table_that_grew_or_was_cut_is_refused(
    cut: int, tmp_path: Path, frames: dict[Table, pd.DataFrame]
) -> None:
    write_table(tmp_path, HEAD_COUNTS, frames[HEAD_COUNTS], run=RUN)
    whole = place(tmp_path, HEAD_COUNTS).read_bytes()
    for changed in (whole[:-cut], whole + whole[-cut:], whole[cut:], b"PAR1" + whole):
        place(tmp_path, HEAD_COUNTS).write_bytes(changed)
        with pytest.raises(AtlasError, match=r"head_counts.*(damaged|not a readable)"):
            read_table(tmp_path, HEAD_COUNTS, run=RUN)


def test_results_from_before_digests_open(
    tmp_path: Path, frames: dict[Table, pd.DataFrame]
) -> None:
    for table, frame in frames.items():
        old = pa.Table.from_pandas(frame, schema=table.schema, preserve_index=False)
        write_foreign(tmp_path, table, old)
        back = read_table(tmp_path, table, run=RUN if table.per_run else None)
        pd.testing.assert_frame_equal(back, frame, check_exact=True)


def test_pages_have_checksums_for_every_reader(tmp_path: Path) -> None:
    """Of pages alone, as any reader of Parquet can ask for; without our digest of all."""
    path = Path(write_table(tmp_path, HEAD_COUNTS, counts_frame(), run="r1"))
    data = bytearray(path.read_bytes())
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(10)
    data[chunk.data_page_offset + chunk.total_compressed_size // 2] ^= 1
    with pytest.raises(OSError, match=r"(?i)crc|checksum"):
        pq.read_table(pa.BufferReader(bytes(data)), page_checksum_verification=True)


def changed(frame: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """Change the first row."""
    frame = frame.copy()
    for name, value in values.items():
        if isinstance(value, float):
            frame[name] = frame[name].astype(float)
        frame.at[0, name] = value
    return frame


@pytest.mark.parametrize(
    "doubled", [HEAD_COUNTS, BACKGROUND, HEAD_EXAMPLES, SPECIAL_ATTENTION, RUNS]
)
def test_a_key_that_comes_twice_is_refused(
    doubled: Table, tmp_path: Path, frames: dict[Table, pd.DataFrame]
) -> None:
    frame = pd.concat([frames[doubled], frames[doubled].iloc[[-1]]], ignore_index=True)
    content = pa.Table.from_pandas(frame, schema=doubled.schema, preserve_index=False)
    path = write_foreign(tmp_path, doubled, content)
    run = RUN if doubled.per_run else None
    with pytest.raises(AtlasError, match=r"the key \(.*\) occurs twice in 1 rows; take") as error:
        read_table(tmp_path, doubled, run=run, columns=[doubled.column_names[-1]])
    assert str(path) in str(error.value)


def test_one_text_under_two_numbers_is_one_key(
    tmp_path: Path, frames: dict[Table, pd.DataFrame]
) -> None:
    """A column's dictionary may be made to hold a text twice."""
    frame = frames[BACKGROUND].iloc[[0, 0]]
    content = pa.Table.from_pandas(frame, schema=BACKGROUND.schema, preserve_index=False)
    same = pa.DictionaryArray.from_arrays([0, 1], [frame["feature"].iloc[0]] * 2)
    feature = content.schema.get_field_index("feature")
    content = content.set_column(feature, pa.field("feature", same.type, nullable=False), same)
    write_foreign(tmp_path, BACKGROUND, content, store_schema=False)
    with pytest.raises(AtlasError, match="occurs twice"):
        read_table(tmp_path, BACKGROUND, run=RUN)


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        (HEAD_COUNTS, {"arcs": -1}, "arcs"),
        (HEAD_COUNTS, {"hits": 10**9}, "hits is more than eligible"),
        (HEAD_COUNTS, {"eligible": 10**9}, "eligible is more than arcs"),
        (HEAD_COUNTS, {"layer": 0}, "layer has values from 0"),
        (HEAD_COUNTS, {"head": -3}, "head has values from -3"),
        (HEAD_COUNTS, {"threshold": 1.5}, "threshold has values from"),
        (HEAD_COUNTS, {"threshold": float("inf")}, "threshold has values that are no numbers"),
        (HEAD_COUNTS, {"feature": "f" * 5000}, "feature has texts of length"),
        (HEAD_COUNTS, {"hits_squared": -1}, "hits_squared has values from -1"),
        (BACKGROUND, {"positives": 10**15}, "positives is more than eligible"),
        (BACKGROUND, {"proteins": -1}, "proteins"),
        (HEAD_EXAMPLES, {"rank": 0}, "rank"),
        (HEAD_EXAMPLES, {"hits": 10**9}, "hits is more than arcs"),
        (SPECIAL_ATTENTION, {"weight": -0.5}, "weight"),
        (SPECIAL_ATTENTION, {"weight": float("-inf")}, "weight"),
        (RUNS, {"layers": 30_000}, "layers"),
        (RUNS, {"heads": 0}, "heads"),
        (RUNS, {"proteins": -1}, "proteins"),
        (RUNS, {"thresholds": [0.3, 7.0]}, "thresholds"),
        (RUNS, {"protein_ids": ["p" * 5000]}, "protein_ids"),
        (RUNS, {"wall_seconds": float("-inf")}, "wall_seconds"),
    ],
)
def test_values_out_of_their_range_are_refused(
    table: Table,
    values: dict[str, Any],
    said: str,
    tmp_path: Path,
    frames: dict[Table, pd.DataFrame],
) -> None:
    frame = changed(frames[table], **values)
    content = pa.Table.from_pandas(frame, schema=table.schema, preserve_index=False, safe=False)
    write_foreign(tmp_path, table, content)
    with pytest.raises(AtlasError, match=re.escape(said)):
        read_table(tmp_path, table, run=RUN if table.per_run else None)
    with pytest.raises(AtlasError, match=re.escape(said)):
        write_table(tmp_path / "new", table, frame, run=RUN)


def test_more_heads_than_any_model_has_are_refused(
    tmp_path: Path, frames: dict[Table, pd.DataFrame]
) -> None:
    """A page lays out a row for each head: sixty million of them would stop everyone."""
    write_table(tmp_path, RUNS, changed(frames[RUNS], layers=8000, heads=8000))
    with pytest.raises(AtlasError, match="8000 × 8000 heads"):
        list_runs(tmp_path)


def nulls() -> list[pa.Table]:
    """Twenty million rows of nothing."""
    fields = [field.with_nullable(True) for field in BACKGROUND.schema]
    schema = pa.schema(fields, BACKGROUND.schema.metadata)
    million = [pa.nulls(1_000_000, field.type) for field in fields]
    return [pa.table(million, schema=schema)] * 20


def one_text() -> list[pa.Table]:
    """As many rows as the table may have, each with the same megabyte of text."""
    rows = pa.array([0] * BACKGROUND.most_rows, pa.int32())
    values = {
        field.name: "A" * 10**6 if field.name == "feature" else 1 for field in BACKGROUND.schema
    }
    columns = [
        pa.DictionaryArray.from_arrays(rows, pa.array([values[field.name]]).cast(field.type))
        for field in BACKGROUND.schema
    ]
    names = list(BACKGROUND.column_names)
    return [pa.table(columns, names).replace_schema_metadata(BACKGROUND.schema.metadata)]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (nulls, "says that it has 20,000,000 rows; background has at most"),
        (one_text, "MB of text"),
    ],
)
def test_a_few_bytes_that_are_a_great_table_are_not_read(
    make: Callable[[], list[pa.Table]], said: str, tmp_path: Path
) -> None:
    path = write_foreign(tmp_path, BACKGROUND, *make(), store_schema=False)
    assert path.stat().st_size < 2**20
    with pytest.raises(AtlasError, match=said):
        read_table(tmp_path, BACKGROUND, run=RUN)


def test_pages_that_unpack_to_gigabytes_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frames: dict[Table, pd.DataFrame]
) -> None:
    monkeypatch.setattr(checking, "MOST_UNPACKED", 2**24)  # a gigabyte takes its time to write
    texts = [f"{number}" + "A" * 2**20 for number in range(len(frames[BACKGROUND]))]
    frame = frames[BACKGROUND].assign(feature=texts)
    content = pa.Table.from_pandas(frame, schema=BACKGROUND.schema, preserve_index=False)
    path = write_foreign(tmp_path, BACKGROUND, content)
    assert path.stat().st_size < 2**20
    with pytest.raises(AtlasError, match="cannot have"):
        read_table(tmp_path, BACKGROUND, run=RUN)


@pytest.mark.parametrize("table", RUN_TABLES, ids=lambda table: table.name)
def test_a_table_without_a_row_is_read(
    table: Table, frames: dict[Table, pd.DataFrame], tmp_path: Path
) -> None:
    """A run may keep no example of a property; its columns have no page of values then."""
    write_table(tmp_path, table, frames[table].iloc[:0], run=RUN)
    found = read_table(tmp_path, table, run=RUN)
    assert found.empty
    assert list(found.columns) == list(frames[table].columns)


def varint(value: int) -> bytes:
    """Write a number as Thrift's compact protocol does."""
    value, parts = value << 1, []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def test_pages_are_asked_for_their_sizes_not_the_footer_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frames: dict[Table, pd.DataFrame]
) -> None:
    texts = [f"{number}" + "A" * 2**20 for number in range(len(frames[BACKGROUND]))]
    frame = frames[BACKGROUND].assign(feature=texts)
    content = pa.Table.from_pandas(frame, schema=BACKGROUND.schema, preserve_index=False)
    path = write_foreign(tmp_path, BACKGROUND, content)
    data, footer = path.read_bytes(), pq.ParquetFile(path).metadata
    chunk = footer.row_group(0).column(2)
    start = len(data) - 8 - footer.serialized_size
    for size in (chunk.total_uncompressed_size, footer.row_group(0).total_byte_size):
        said = varint(size)
        small = b"\x80" * (len(said) - 1) + b"\0"  # zero, at the same length
        data = data[:start] + data[start:].replace(said, small)
    path.write_bytes(data)
    assert pq.ParquetFile(path).metadata.row_group(0).column(2).total_uncompressed_size == 0
    monkeypatch.setattr(checking, "MOST_UNPACKED", 2**24)
    with pytest.raises(AtlasError, match="cannot have"):
        read_table(tmp_path, BACKGROUND, run=RUN)


def test_a_dictionary_has_no_more_values_than_bytes(tmp_path: Path) -> None:
    """The reader makes room for as many as its page says."""
    frame = counts_frame()
    many = pd.concat([frame.assign(head=head) for head in range(1, 400)], ignore_index=True)
    frame = many.drop_duplicates(list(HEAD_COUNTS.key)).assign(run=RUN)
    frame["arcs"] = np.arange(2**59, 2**59 + len(frame))
    content = pa.Table.from_pandas(frame, schema=HEAD_COUNTS.schema, preserve_index=False)
    path = write_foreign(tmp_path, HEAD_COUNTS, content)
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(8)
    data, said = bytearray(path.read_bytes()), varint(len(frame))
    place = data.index(said, chunk.dictionary_page_offset)
    assert place < chunk.dictionary_page_offset + 30
    data[place : place + len(said)] = b"\xfe" + b"\xff" * (len(said) - 2) + b"\x7f"
    path.write_bytes(data)
    with pytest.raises(AtlasError, match=r"is damaged \(ValueError\)"):
        read_table(tmp_path, HEAD_COUNTS, run=RUN)


NAMES = [
    *("", ".", "..", "../r1", "a/b", "/etc/passwd", "a\\b", "..\\r1", "~", "~root", ".hidden"),
    *("a\0b", "a\nb", "\x1b[2J", "C:r1", "s3://bucket/r1", "file:r1", "r1::zip", "r1?versionId=2"),
    *(
        "r1#x",
        "%2e%2e%2fr1",
        "r*",
        "r[1]",
        " r1",
        "r1 ",
        "r1\u202etxt",
        "\ud800",
        "r" * 300,
        "é" * 150,
    ),
]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_elsewhere_are_refused(name: str, tmp_path: Path) -> None:
    inside = tmp_path / "results"
    with pytest.raises(AtlasError, match="cannot name a run") as error:
        write_table(inside, HEAD_COUNTS, counts_frame(), run=name)
    assert len(str(error.value)) < 400
    assert not list(tmp_path.rglob("*.parquet"))
    for folder in (inside, f"memory://names/{len(name)}", "http://127.0.0.1:9/results"):
        with pytest.raises(AtlasError, match="cannot name a run"):
            read_table(folder, HEAD_COUNTS, run=name)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "\ud800"])
def test_a_list_of_runs_with_such_a_name_is_refused(name: str, tmp_path: Path) -> None:
    write_table(tmp_path, RUNS, run_frame(name))
    with pytest.raises(AtlasError, match="cannot name a run"):
        list_runs(tmp_path)
