"""Frames and files held against the schema of their table."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from precompute.errors import AtlasError
from precompute.tables.table import SCHEMA_VERSION, Table


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
        When a column is missing, unknown, of the wrong type or null where it may not
        be, or when the key is not unique.
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
    schema = table.schema
    arrays = []
    for column, field in zip(table.columns, schema, strict=True):
        try:
            array = pa.array(frame[column.name], type=column.type, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise AtlasError(
                f"The column {column.name} of {table.name} is not {column.type}: {error}."
            ) from error
        if not field.nullable and array.null_count:
            raise AtlasError(
                f"The column {column.name} of {table.name} has {array.null_count} empty values."
            )
        arrays.append(array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array)
    repeated = int(frame.duplicated(list(table.key)).sum())
    if repeated:
        raise AtlasError(
            f"The key ({', '.join(table.key)}) of {table.name} occurs twice in {repeated} rows."
        )
    return pa.Table.from_arrays(arrays, schema=schema)


def check_schema(schema: pa.Schema, table: Table, path: str) -> None:
    """Refuse a file of another table, another version or other columns.

    Raises
    ------
    AtlasError
        Saying what the file at `path` holds instead.
    """
    metadata = {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}
    named = metadata.get("atlas_table")
    if named != table.name:
        found = f"holds the table {named}" if named else "was not written by this project"
        raise AtlasError(f"{path} {found}, where {table.name} was expected; name another folder.")
    version = metadata.get("atlas_schema_version", "")
    if version != str(SCHEMA_VERSION):
        raise AtlasError(
            f"{path} has schema version {version or 'none'}, and this program reads version "
            f"{SCHEMA_VERSION}; write it anew with `python -m precompute run`."
        )
    for column in table.columns:
        if column.name not in schema.names:
            raise AtlasError(f"{path} lacks the column {column.name}; write the file anew.")
        found_type = schema.field(column.name).type
        if found_type != column.type:
            raise AtlasError(
                f"{path}: the column {column.name} is {found_type} and should be "
                f"{column.type}; write the file anew."
            )


def check_run(parquet: pq.ParquetFile, run: str | None, path: str) -> None:
    """Refuse a file that stands under another run's name; what it holds tells, without reading.

    Raises
    ------
    AtlasError
        When the file at `path` holds another run than `run`; None is any run.
    """
    if run is None:
        return
    place = parquet.schema_arrow.names.index("run")
    for group in range(parquet.num_row_groups):
        known = parquet.metadata.row_group(group).column(place).statistics
        if known is not None and known.has_min_max and {known.min, known.max} != {run}:
            raise AtlasError(
                f"{path} holds the run {known.min}, not {run}; put the files back under their own "
                "names."
            )
