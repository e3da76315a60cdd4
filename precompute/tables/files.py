"""Reading and writing whole tables, and the list of the runs of a results folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from precompute.errors import AtlasError
from precompute.tables.checking import check_frame
from precompute.tables.columns import MOST_HEADS
from precompute.tables.reading import from_parquet
from precompute.tables.run_tables import RUNS
from precompute.tables.seal import to_sealed_parquet
from precompute.tables.storage import (
    check_name,
    exists,
    is_local,
    open_folder,
    patiently,
    read_bytes,
    table_path,
    write_bytes,
)
from precompute.tables.table import Table


def read_table(
    folder: str | Path,
    table: Table,
    *,
    run: str | None = None,
    number: int | None = None,
    columns: Sequence[str] | None = None,
    filters: Any = None,
) -> pd.DataFrame:
    """Read a table's file and check it against the schema.

    Parameters
    ----------
    folder
        Results folder: local path or fsspec URL.
    table, run, number
        What to read; see `precompute.tables.table_path`.
    columns
        Columns to read; all by default.
    filters
        Rows to read, in pyarrow's form, such as ``[("threshold", "==", 0.3)]``.

    Returns
    -------
    pandas.DataFrame
        The rows, in the order they were written.

    Raises
    ------
    AtlasError
        When the file is missing, damaged, foreign, of another schema version or run, lacks a
        column, or holds what the schema rules out.
    """
    filesystem, root = open_folder(folder)
    path = table_path(root, table, run, number)
    data = read_bytes(filesystem, path)
    arrow = from_parquet(data, table, path, run=run, columns=columns, filters=filters)
    frame: pd.DataFrame = arrow.to_pandas()
    return frame


def write_table(
    folder: str | Path,
    table: Table,
    frame: pd.DataFrame,
    *,
    run: str | None = None,
    number: int | None = None,
) -> str:
    """Check a frame and write it as the table's file, whole or not at all.

    The bytes go to a temporary name beside the target, which is then renamed over it:
    a reader sees the old file or the new one, also when the process is killed. On
    object stores, where a single put is atomic, the file is put in one piece.

    Parameters
    ----------
    folder
        Results folder: local path or fsspec URL. Created when it does not exist.
    table, frame
        What to write.
    run, number
        What the file belongs to, for tables with one file a run or an alignment.

    Returns
    -------
    str
        Path of the written file.

    Raises
    ------
    AtlasError
        When the frame does not fit the schema, or the folder cannot be written.
    """
    typed = check_frame(frame, table)
    filesystem, root = open_folder(folder)
    path = table_path(root, table, run, number)
    write_bytes(filesystem, path, to_sealed_parquet(typed))
    return path


def list_runs(folder: str | Path) -> pd.DataFrame:
    """Read `runs`: one row for every finished run of a results folder.

    Raises
    ------
    AtlasError
        When there is no such folder, or nothing in it that this project wrote.
    """
    filesystem, root = open_folder(folder)
    if is_local(filesystem) and not os.path.isdir(root):  # noqa: PTH112 (it never raises)
        what = "is a file, not a folder" if os.path.exists(root) else "does not exist"  # noqa: PTH110
        raise AtlasError(
            f"The results folder {folder} {what}; "
            "make one with `python -m precompute run` or name another."
        )
    if is_local(filesystem) and not os.path.exists(table_path(root, RUNS)):  # noqa: PTH110
        if list(Path(root).glob("*_runs.parquet")):  # runs of another kind stand there
            return pd.DataFrame(columns=list(RUNS.column_names))
        raise AtlasError(
            f"The folder {folder} holds no runs.parquet, so it is no results folder (or its first "
            "run has not finished); name a folder written by `python -m precompute run`."
        )
    runs = read_table(folder, RUNS)
    for run, layers, heads in zip(runs["run"], runs["layers"], runs["heads"], strict=True):
        check_name(run)
        if int(layers) * int(heads) > MOST_HEADS:
            raise AtlasError(
                f"{table_path(root, RUNS)} gives the run {run} {layers} × {heads} heads, and no "
                f"model has more than {MOST_HEADS:,}; take the results anew from where they "
                "were measured."
            )
    return runs


def known_runs(folder: str | Path, listing: Table = RUNS) -> pd.DataFrame:
    """Read a list of runs of a folder that may be new: no row where none has been written yet.

    Parameters
    ----------
    folder
        Results folder: local path or fsspec URL.
    listing
        The table that lists them.

    Raises
    ------
    AtlasError
        When something else than results stands there.
    """
    filesystem, root = open_folder(folder)
    if not exists(filesystem, table_path(root, listing)):
        return pd.DataFrame(columns=list(listing.column_names))
    if listing is RUNS:
        return list_runs(folder)
    runs = read_table(folder, listing)
    for run in runs["run"]:
        check_name(run)
    return runs


def add_run(
    folder: str | Path,
    row: pd.DataFrame,
    tables: dict[Table, pd.DataFrame],
    listing: Table = RUNS,
) -> None:
    """Add one run to a results folder; a run of the same identifier is replaced.

    The run's own files are written first, its row in ``runs.parquet`` last. A remote store that
    does not answer is asked again for some two minutes.

    Parameters
    ----------
    folder
        Results folder: local path or fsspec URL.
    row
        One row of `listing`.
    tables
        The run's frames, by table.
    listing
        The table that lists such runs.
    """
    run = str(row["run"].iloc[0])
    for table, frame in tables.items():
        check_frame(frame, table)
    check_frame(row, listing)
    earlier = patiently(lambda: known_runs(folder, listing))
    if not earlier.empty:
        row = pd.concat([earlier[earlier["run"] != run], row], ignore_index=True)
    for table, frame in tables.items():
        patiently(partial(write_table, folder, table, frame, run=run))
    patiently(partial(write_table, folder, listing, row.sort_values("run", ignore_index=True)))
