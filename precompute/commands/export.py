"""``export``: results as plain tables."""

from __future__ import annotations

import argparse
from pathlib import Path

from precompute.errors import AtlasError
from precompute.spreadsheet import as_cells
from precompute.tables import (
    COLUMN_TABLES,
    CONTACT_RUNS,
    CONTACT_TABLES,
    LATER_TABLES,
    PAIR_RUNS,
    PAIR_TABLES,
    PROBE_RUNS,
    PROBE_TABLES,
    RUN_TABLES,
    RUNS,
    Table,
    known_runs,
    list_runs,
    open_folder,
    read_table,
    table_path,
    tables_of_run,
)
from precompute.tables.storage import exists, part_of


def export(options: argparse.Namespace) -> None:
    """Write every table of a results folder as one CSV file, all runs in it.

    Probes and contacts are among them; matrices of column attention are left out. Columns that
    hold lists are written with spaces between the values; no text is a formula.
    """
    runs = list_runs(options.results)
    folder = Path(options.csv)
    if folder.exists() and not folder.is_dir():
        raise AtlasError(f"{folder} is a file; name a folder for the CSV files.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        filesystem, root = open_folder(options.results)
        for table in (RUNS, *RUN_TABLES, *LATER_TABLES, *COLUMN_TABLES) if len(runs) else ():
            own = [
                str(run)
                for run, notes in zip(runs["run"], runs["notes"], strict=True)
                if table in tables_of_run(notes)
                or (table in LATER_TABLES and exists(filesystem, table_path(root, table, run)))
            ]
            if own or table in (RUNS, *RUN_TABLES):
                print(_write_csv(folder, options.results, table, own))
        for listing, tables in (
            (PROBE_RUNS, PROBE_TABLES),
            (PAIR_RUNS, (PAIR_RUNS, *PAIR_TABLES)),
            (CONTACT_RUNS, CONTACT_TABLES),
        ):
            others = list(known_runs(options.results, listing)["run"])
            for table in tables if others else ():
                print(_write_csv(folder, options.results, table, others))
    except OSError as error:
        raise AtlasError(f"{folder} cannot be written ({error.strerror}).") from error


def _write_csv(folder: Path, results: str, table: Table, runs: list[str]) -> Path:
    path = folder / f"{table.name}.csv"
    partial = part_of(path)
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            for number, run in enumerate(runs if table.per_run else [None]):
                frame = read_table(results, table, run=run)
                for column in table.columns:
                    if str(column.type).startswith("list"):
                        frame[column.name] = [" ".join(map(str, row)) for row in frame[column.name]]
                cells = as_cells(frame)
                cells.to_csv(file, index=False, header=number == 0, lineterminator="\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path
