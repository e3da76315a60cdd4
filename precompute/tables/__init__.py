"""The tables: their columns, types, units and keys, and the only code that reads or writes them.

A results folder holds nothing but Parquet files::

    results/
        runs.parquet                  one row a run; the list of what is here
        head_counts/<run>.parquet     one file a run
        background/<run>.parquet
        head_examples/<run>.parquet
        special_attention/<run>.parquet
        head_shape/<run>.parquet      not of runs from before it
        pair_runs.parquet             one row a run over pairs
        pair_attention/<run>.parquet
        pair_scores/<run>.parquet
        contact_runs.parquet           one row a run of `precompute contacts`
        contact_precision/<run>.parquet, contact_heads, contact_proteins, contact_maps
        probe_runs.parquet            one row a probing
        probe_scores/<run>.parquet

and of a run over alignments also::

        column_distance/<run>.parquet
        column_families/<run>.parquet
        column_regression/<run>.parquet
        conservation_counts/<run>.parquet
        column_matrices/<run>/<number>.parquet   one file an alignment

so ``pandas.read_parquet("results/head_counts")`` or DuckDB's
``'results/head_counts/*.parquet'`` reads all runs at once, and a reader that cannot
list a folder (plain ``https://``) finds every file through ``runs.parquet``. A run's
own files are written first and its row in ``runs.parquet`` last: a run that is not
listed there does not exist. Every file names its table and schema version in the
Parquet metadata; a table is checked against its schema on writing and on reading.
"""

from __future__ import annotations

from precompute.tables.checking import check_frame
from precompute.tables.column_tables import (
    COLUMN_DISTANCE,
    COLUMN_FAMILIES,
    COLUMN_MATRICES,
    COLUMN_REGRESSION,
    COLUMN_TABLES,
    CONSERVATION_COUNTS,
    tables_of_run,
)
from precompute.tables.columns import to_json
from precompute.tables.contact_tables import (
    CONTACT_HEADS,
    CONTACT_MAPS,
    CONTACT_PRECISION,
    CONTACT_PROTEINS,
    CONTACT_RUN_TABLES,
    CONTACT_RUNS,
    CONTACT_TABLES,
)
from precompute.tables.files import add_run, known_runs, list_runs, read_table, write_table
from precompute.tables.pair_tables import PAIR_ATTENTION, PAIR_RUNS, PAIR_SCORES, PAIR_TABLES
from precompute.tables.probe_tables import PROBE_RUNS, PROBE_SCORES, PROBE_TABLES
from precompute.tables.published_tables import (
    PUBLISHED_AMINO_ACID_CORRELATIONS,
    PUBLISHED_COLUMN_DISTANCE,
    PUBLISHED_CONTACTS,
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_LAYER_MEANS,
    PUBLISHED_PROBES,
    PUBLISHED_TABLES,
    PUBLISHED_TOP_HEADS,
)
from precompute.tables.run_tables import (
    BACKGROUND,
    HEAD_COUNTS,
    HEAD_EXAMPLES,
    HEAD_SHAPE,
    LATER_TABLES,
    RUN_TABLES,
    RUNS,
    SPECIAL_ATTENTION,
)
from precompute.tables.storage import open_folder, table_path, write_bytes
from precompute.tables.table import SCHEMA_VERSION, Column, Table, describe

__all__ = [
    "BACKGROUND",
    "COLUMN_DISTANCE",
    "COLUMN_FAMILIES",
    "COLUMN_MATRICES",
    "COLUMN_REGRESSION",
    "COLUMN_TABLES",
    "CONSERVATION_COUNTS",
    "CONTACT_HEADS",
    "CONTACT_MAPS",
    "CONTACT_PRECISION",
    "CONTACT_PROTEINS",
    "CONTACT_RUNS",
    "CONTACT_RUN_TABLES",
    "CONTACT_TABLES",
    "HEAD_COUNTS",
    "HEAD_EXAMPLES",
    "HEAD_SHAPE",
    "LATER_TABLES",
    "PAIR_ATTENTION",
    "PAIR_RUNS",
    "PAIR_SCORES",
    "PAIR_TABLES",
    "PROBE_RUNS",
    "PROBE_SCORES",
    "PROBE_TABLES",
    "PUBLISHED_AMINO_ACID_CORRELATIONS",
    "PUBLISHED_COLUMN_DISTANCE",
    "PUBLISHED_CONTACTS",
    "PUBLISHED_HEADS",
    "PUBLISHED_LAYER_MAXIMA",
    "PUBLISHED_LAYER_MEANS",
    "PUBLISHED_PROBES",
    "PUBLISHED_TABLES",
    "PUBLISHED_TOP_HEADS",
    "RUNS",
    "RUN_TABLES",
    "SCHEMA_VERSION",
    "SPECIAL_ATTENTION",
    "TABLES",
    "Column",
    "Table",
    "add_run",
    "check_frame",
    "describe",
    "known_runs",
    "list_runs",
    "open_folder",
    "read_table",
    "table_path",
    "tables_of_run",
    "to_json",
    "write_bytes",
    "write_table",
]

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *(RUNS, *RUN_TABLES, *LATER_TABLES, *COLUMN_TABLES, COLUMN_MATRICES),
        *(PAIR_RUNS, *PAIR_TABLES, *PROBE_TABLES, *CONTACT_TABLES, *PUBLISHED_TABLES),
    )
}
