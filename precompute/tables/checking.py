"""Frames and files held against the schema of their table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from precompute.errors import AtlasError
from precompute.tables.pages import count_pages
from precompute.tables.table import SCHEMA_VERSION, Column, Table

MOST_UNPACKED = 1024**3
"""Bytes of a file's pages, unpacked: a hundred kilobytes can unpack to gigabytes."""


def check_frame(frame: pd.DataFrame, table: Table) -> pa.Table:
    """Convert a frame to the table's schema and check it.

    Parameters
    ----------
    frame
        One row a fact; exactly the table's columns, in any order.
    table
        The schema to hold it against.

    Returns
    -------
    pyarrow.Table
        The typed table, columns in the schema's order.

    Raises
    ------
    AtlasError
        When a column is missing, unknown, of the wrong type, null where it may not be or out of
        its range, or when the key is not unique.
    """
    missing = [name for name in table.column_names if name not in frame.columns]
    unknown = [str(name) for name in frame.columns if name not in table.column_names]
    if missing or unknown:
        said = []
        if missing:
            said.append("lacks the column " + ", ".join(missing))
        if unknown:
            said.append("has the unknown column " + ", ".join(unknown))
        raise AtlasError(f"The table {table.name} {' and '.join(said)}.")
    arrays = []
    for column in table.columns:
        try:
            array = pa.array(frame[column.name], type=column.type, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise AtlasError(
                f"The column {column.name} of {table.name} is not {column.type}: {error}."
            ) from error
        arrays.append(array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array)
    typed = pa.Table.from_arrays(arrays, schema=table.schema)
    for problem in find_problems(typed, table):
        raise AtlasError(f"The table {table.name} cannot be written: {problem}.")
    return typed


def check_schema(schema: pa.Schema, table: Table, path: str) -> None:
    """Refuse a file of another table, another version or other columns.

    Raises
    ------
    AtlasError
        Saying what the file at `path` holds instead.
    """
    written = (schema.metadata or {}).items()
    metadata = {
        key.decode("utf-8", "replace"): value.decode("utf-8", "replace") for key, value in written
    }
    named = metadata.get("atlas_table")
    if named != table.name:
        found = f"holds the table {named[:60]}" if named else "was not written by this project"
        raise AtlasError(f"{path} {found}, where {table.name} was expected; name another folder.")
    version = metadata.get("atlas_schema_version", "")
    if version != str(SCHEMA_VERSION):
        raise AtlasError(
            f"{path} has schema version {version[:60] or 'none'}, and this program reads version "
            f"{SCHEMA_VERSION}; write it anew with `python -m precompute run`."
        )
    for column in table.columns:
        found_fields = schema.get_all_field_indices(column.name)
        if not found_fields:
            raise AtlasError(f"{path} lacks the column {column.name}; write the file anew.")
        if len(found_fields) > 1:
            raise AtlasError(f"{path} has two columns {column.name}; write the file anew.")
        found_type = schema.field(column.name).type
        if found_type != column.type:
            raise AtlasError(
                f"{path}: the column {column.name} is {str(found_type)[:60]} and should be "
                f"{column.type}; write the file anew."
            )


def check_size(data: bytes, metadata: pq.FileMetaData, table: Table, path: str) -> None:
    """Refuse a file with more rows or values than the table can have, before it is read.

    A few bytes can say that a value stands in a billion rows, and the footer `metadata` less than
    the pages in `data`.

    Raises
    ------
    AtlasError
        Naming the file at `path`.
    """
    if metadata.num_rows > table.most_rows:
        raise AtlasError(
            f"{path} says that it has {metadata.num_rows:,} rows; {table.name} has at most "
            f"{table.most_rows:,}, so it is damaged or none of ours: take it anew from where it "
            "was measured."
        )
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    chunks = [group.column(place) for group in groups for place in range(group.num_columns)]
    pages = count_pages(data, metadata)
    values = max(*(chunk.num_values for chunk in chunks), pages.values, 0)
    unpacked = max(sum(chunk.total_uncompressed_size for chunk in chunks), pages.unpacked)
    if values > table.most_values or unpacked > MOST_UNPACKED:
        raise AtlasError(
            f"{path} says that a column has {values:,} values and that all unpack to "
            f"{unpacked:,} bytes, which {table.name} cannot have: it is damaged or none of ours; "
            "take it anew from where it was measured."
        )


def find_problems(table: pa.Table, schema: Table) -> Iterator[str]:
    """Find what contradicts a table's schema in its values; a part of the columns will do.

    Parameters
    ----------
    table
        Columns of the schema's types, texts also as dictionaries.
    schema
        What each should hold.

    Yields
    ------
    str
        A clause, such as “the column hits has 3 empty values”.
    """
    there = [column for column in schema.columns if column.name in table.column_names]
    for column in there:
        yield from _problems_of_column(table[column.name], column)
    for part, whole in schema.parts:
        if part in table.column_names and whole in table.column_names:
            wrong = pc.sum(pc.greater(table[part], table[whole])).as_py()
            if wrong:
                yield f"{part} is more than {whole} in {wrong:,} rows"
    if all(name in table.column_names for name in schema.key):
        repeated = _repeated([table[name] for name in schema.key])
        if repeated:
            yield f"the key ({', '.join(schema.key)}) occurs twice in {repeated:,} rows"


def _problems_of_column(values: pa.ChunkedArray, column: Column) -> Iterator[str]:
    name = f"the column {column.name}"
    if not column.nullable and values.null_count:
        yield f"{name} has {values.null_count:,} empty values"
    if pa.types.is_list(values.type):
        values = pc.list_flatten(values)
        if values.null_count:
            yield f"{name} has {values.null_count:,} empty values in its lists"
    if pa.types.is_floating(values.type) and pc.any(pc.invert(pc.is_finite(values))).as_py():
        yield f"{name} has values that are no numbers"
    if pa.types.is_float16(values.type):  # Arrow compares none
        values = values.cast(pa.float32())
    measured = values
    if pa.types.is_dictionary(values.type):
        measured = pa.chunked_array([chunk.dictionary for chunk in values.chunks] or [[""]])
    if pa.types.is_string(measured.type):
        measured = pc.utf8_length(measured)
    elif pa.types.is_boolean(measured.type):
        return
    ends = pc.min_max(measured)
    least, most = ends["min"].as_py(), ends["max"].as_py()
    of = "texts of length" if measured is not values else "values from"
    if least is not None and (
        (column.least is not None and least < column.least)
        or (column.most is not None and most > column.most)
    ):
        low = "any" if column.least is None else f"{column.least:g}"
        high = "any" if column.most is None else f"{column.most:g}"
        yield f"{name} has {of} {least:g} to {most:g}, and should have {low} to {high}"


def _repeated(key: list[pa.ChunkedArray]) -> int:
    """Count the rows whose key an earlier row has, through one number a row."""
    rows = len(key[0])
    code = np.zeros(rows, dtype=np.int64)
    size = 1
    for column in key:
        values = column.combine_chunks()
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)  # a dictionary may have a value twice
        values = values.dictionary_encode("encode")
        count = max(1, len(values.dictionary))
        if size > 2**62 // count:  # far more combinations than rows: number those that occur
            _, code = np.unique(code, return_inverse=True)
            size = rows
        code = code * count + np.asarray(values.indices)
        size *= count
    if size <= 8 * rows + 1024:
        return rows - int(np.count_nonzero(np.bincount(code, minlength=1)))
    return rows - len(np.unique(code))
