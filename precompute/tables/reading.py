"""From a file's bytes to a checked table: nothing of them is believed before it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from precompute.errors import AtlasError
from precompute.tables.checking import check_schema, check_size, find_problems
from precompute.tables.seal import check_seal
from precompute.tables.table import Table

_MOST_TEXT = 1024**3
"""Bytes of a file's texts, written out: one long text may stand in every row."""
_THRIFT = {"thrift_string_size_limit": 64 * 1024**2, "thrift_container_size_limit": 100_000}
_ANEW = "take the file anew from where it was measured, or measure it anew"


def from_parquet(
    data: bytes,
    table: Table,
    path: str,
    *,
    run: str | None,
    columns: Sequence[str] | None,
    filters: Any,
) -> pa.Table:
    """Read a table from the bytes of its file and check them; see `read_table`.

    Raises
    ------
    AtlasError
        Naming the file at `path`, with what is wrong with it.
    """
    check_seal(data, path)
    wanted = list(columns) if columns is not None else list(table.column_names)
    needed = list(dict.fromkeys([*wanted, *table.key]))
    try:
        parquet = pq.ParquetFile(pa.BufferReader(data), **_THRIFT)
        check_schema(parquet.schema_arrow, table, path)
        check_size(data, parquet.metadata, table, path)
        found = pq.read_table(
            pa.BufferReader(data),
            columns=needed,
            filters=filters,
            read_dictionary=[name for name in map(_as_dictionary(table), needed) if name],
            page_checksum_verification=True,
            **_THRIFT,
        )
        text = sum(_text_bytes(found[name]) for name in needed)
        if text > _MOST_TEXT:
            raise AtlasError(
                f"{path} holds {text // 1024**2:,} MB of text, which {table.name} cannot have; "
                f"{_ANEW}."
            )
        for problem in find_problems(found, table):
            raise AtlasError(f"{path}: {problem}; {_ANEW}.")
        if run is not None:
            _check_run(found, run, path)
        fields = [table.schema.field(name) for name in wanted]
        return found.select(wanted).cast(pa.schema([field.remove_metadata() for field in fields]))
    except AtlasError:
        raise
    except pa.ArrowInvalid as error:
        raise AtlasError(
            f"{path} is not a readable Parquet file (truncated or foreign); "
            "write it anew with `python -m precompute run`."
        ) from error
    except Exception as error:  # a damaged file can raise anything
        raise AtlasError(f"{path} is damaged ({type(error).__name__}); {_ANEW}.") from error


def _as_dictionary(table: Table) -> Any:
    """Give the Parquet name of a column of texts, which are read as numbers of a dictionary."""
    types = {column.name: column.type for column in table.columns}

    def name_of(column: str) -> str:
        kind = types[column]
        if pa.types.is_list(kind):
            return f"{column}.list.element" if pa.types.is_string(kind.value_type) else ""
        return column if pa.types.is_string(kind) else ""

    return name_of


def _text_bytes(values: pa.ChunkedArray) -> int:
    """Count the bytes that a column's texts take when each row has its own."""
    if pa.types.is_list(values.type):
        values = pc.list_flatten(values)
    if not pa.types.is_dictionary(values.type):
        return 0
    total = 0
    for chunk in values.chunks:
        lengths = pc.binary_length(chunk.dictionary)
        longest = pc.max(lengths).as_py() or 0
        if longest * len(chunk) <= _MOST_TEXT // 16:
            total += longest * len(chunk)
        else:
            total += pc.sum(lengths.take(chunk.indices)).as_py() or 0
    return total


def _check_run(table: pa.Table, run: str, path: str) -> None:
    """Refuse a file that stands under another run's name."""
    for other in pc.unique(table["run"]).to_pylist():
        if other != run:
            raise AtlasError(
                f"{path} holds the run {other[:80]}, not {run}; put the files back under their own "
                "names."
            )
