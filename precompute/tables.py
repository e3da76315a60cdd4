"""The tables: their columns, types, units and keys, and the only code that reads or writes them.

A results folder holds nothing but Parquet files::

    results/
        runs.parquet                  one row a run; the list of what is here
        head_counts/<run>.parquet     one file a run
        background/<run>.parquet
        head_examples/<run>.parquet
        special_attention/<run>.parquet

so ``pandas.read_parquet("results/head_counts")`` or DuckDB's
``'results/head_counts/*.parquet'`` reads all runs at once, and a reader that cannot
list a folder (plain ``https://``) finds every file through ``runs.parquet``. A run's
own files are written first and its row in ``runs.parquet`` last: a run that is not
listed there does not exist. Every file names its table and schema version in the
Parquet metadata; a table is checked against its schema on writing and on reading.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from precompute.errors import AtlasError

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Column:
    """One column: its name, Arrow type, unit and meaning."""

    name: str
    type: pa.DataType
    unit: str
    description: str
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """One table: its name, its key (unique, never null) and its columns.

    Attributes
    ----------
    per_run
        Whether each run has a file of its own under a folder of the table's name.
    accuracy, source
        For published tables: how exact the values are and where they come from.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    per_run: bool = False
    accuracy: str = ""
    source: str = ""

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, with table name, version and units as metadata."""
        metadata = {
            "atlas_table": self.name,
            "atlas_schema_version": str(SCHEMA_VERSION),
            "description": self.description,
            "key": ", ".join(self.key),
        }
        if self.accuracy:
            metadata["accuracy"] = self.accuracy
        if self.source:
            metadata["source"] = self.source
        fields = [
            pa.field(
                column.name,
                column.type,
                nullable=column.nullable,
                metadata={"unit": column.unit, "description": column.description},
            )
            for column in self.columns
        ]
        return pa.schema(fields, metadata=metadata)


def _text(name: str, description: str, *, nullable: bool = False) -> Column:
    return Column(name, pa.string(), "", description, nullable)


def _count(name: str, unit: str, description: str) -> Column:
    return Column(name, pa.int64(), unit, description)


_RUN = _text("run", "identifier of the run; its row in `runs` says everything else")
_MODEL = _text("model", "identifier of the model in the registry, or the name its user chose")
_DATASET = _text("dataset", "identifier of the dataset")
_ATTENTION = _text("attention", "self; row or column for models that read alignments")
_FEATURE = _text("feature", "identifier of the property, as in precompute.features")
_LAYER = Column("layer", pa.int16(), "", "layer, counted from 1")
_HEAD = Column("head", pa.int16(), "", "head, counted from 1")
_SOURCE = "figures of salesforce/provis (BSD-3-Clause), Vig et al., ICLR 2021, arXiv 2006.15222"

HEAD_COUNTS = Table(
    "head_counts",
    "For every head, property and threshold: how many arcs there are and how many have the "
    "property, with the sums that intervals with the protein as sampling unit need.",
    ("run", "model", "dataset", "attention", "feature", "threshold", "layer", "head"),
    (
        _RUN,
        _MODEL,
        _DATASET,
        _ATTENTION,
        _FEATURE,
        Column("threshold", pa.float64(), "attention", "an arc has at least this weight"),
        _LAYER,
        _HEAD,
        _count("arcs", "arcs", "residue-to-residue arcs at or above the threshold"),
        _count("eligible", "arcs", "those for which the property is defined"),
        _count("hits", "arcs", "those that have the property"),
        _count("proteins", "proteins", "proteins with at least one arc"),
        _count("hits_squared", "arcs²", "sum over proteins of hits²"),
        _count("hits_arcs", "arcs²", "sum over proteins of hits × arcs"),
        _count("arcs_squared", "arcs²", "sum over proteins of arcs²"),
        _count("hits_eligible", "arcs²", "sum over proteins of hits × eligible"),
        _count("eligible_squared", "arcs²", "sum over proteins of eligible²"),
    ),
    per_run=True,
)

HEAD_EXAMPLES = Table(
    "head_examples",
    "For every head and property the five proteins with most hits at threshold 0.3; ties go to "
    "the protein that comes first in the sample.",
    ("run", "model", "dataset", "attention", "feature", "layer", "head", "rank"),
    (
        _RUN,
        _MODEL,
        _DATASET,
        _ATTENTION,
        _FEATURE,
        _LAYER,
        _HEAD,
        Column("rank", pa.int16(), "", "1 is the protein with most hits"),
        _text("protein", "the dataset's own identifier of the protein"),
        _text("chain", "chain identifier where the dataset names one", nullable=True),
        _count("arcs", "arcs", "arcs of this head in this protein"),
        _count("hits", "arcs", "those that have the property"),
    ),
    per_run=True,
)

BACKGROUND = Table(
    "background",
    "How often the property holds without regard to attention. 'published': the paper's "
    "definition, over every chain of the data file. 'corrected': over the residues, or the "
    "eligible ordered pairs, of the very proteins that the heads were measured on.",
    ("run", "dataset", "feature", "definition"),
    (
        _RUN,
        _DATASET,
        _FEATURE,
        _text("definition", "published or corrected"),
        _count("positives", "residues or pairs", "those that have the property"),
        _count("eligible", "residues or pairs", "those for which it is defined"),
        _count("proteins", "proteins", "proteins counted"),
    ),
    per_run=True,
)

SPECIAL_ATTENTION = Table(
    "special_attention",
    "The attention that residues give to special tokens (such as [CLS] and [SEP]), per head.",
    ("run", "model", "dataset", "attention", "layer", "head"),
    (
        _RUN,
        _MODEL,
        _DATASET,
        _ATTENTION,
        _LAYER,
        _HEAD,
        _count("residues", "residues", "attending residues"),
        Column(
            "weight",
            pa.float64(),
            "attention",
            "sum of their attention to special tokens; divide by residues for the mean share",
        ),
    ),
    per_run=True,
)

RUNS = Table(
    "runs",
    "One row a run, with everything needed to repeat it.",
    ("run",),
    (
        _RUN,
        _MODEL,
        _text("architecture", "adapter that ran the model"),
        _text("model_source", "where the weights are published"),
        _text("model_revision", "revision or file the weights were read from"),
        _text("weights_sha256", "SHA-256 over the weight files"),
        Column("layers", pa.int16(), "", "number of layers"),
        Column("heads", pa.int16(), "", "heads a layer"),
        _DATASET,
        _text("dataset_source", "where the dataset is published"),
        _text("dataset_sha256", "SHA-256 over the data that was read"),
        _count("dataset_size", "proteins", "proteins in the data file"),
        _count("proteins", "proteins", "proteins measured"),
        _count("residues", "residues", "residues measured, after truncation"),
        Column("protein_ids", pa.list_(pa.string()), "", "identifiers, in the order of the sample"),
        Column("protein_records", pa.list_(pa.int64()), "", "their record numbers, from 0"),
        Column("seed", pa.int64(), "", "seed of the sample; null when not shuffled", nullable=True),
        Column("thresholds", pa.list_(pa.float64()), "attention", "threshold grid"),
        _count("max_length", "tokens", "longest input, two special tokens included"),
        _text("number_type", "number type of the forward pass"),
        _text("device", "device of the forward pass"),
        _text("versions", "versions of the packages used, as JSON"),
        _text("command", "the command line that asked for the run"),
        _text("started", "start, UTC, ISO 8601"),
        Column("wall_seconds", pa.float64(), "s", "wall time"),
        _text(
            "skipped",
            "what was left out or cut and why, as JSON: reason to count; files: file to sentence",
        ),
        _text("notes", "how labels were made, and which letters the model does not know, as JSON"),
    ),
)

PUBLISHED_HEADS = Table(
    "published_heads",
    "Every layer × head value of the paper's 135 heatmaps.",
    ("model", "feature", "layer", "head"),
    (
        _MODEL,
        _FEATURE,
        _LAYER,
        _HEAD,
        Column(
            "percent", pa.float64(), "%", "share of the head's arcs that have the property", True
        ),
        Column(
            "resolution",
            pa.float64(),
            "percentage points",
            "half-width of what the drawing allows",
            True,
        ),
        Column("masked", pa.bool_(), "", "fewer than 100 arcs: not shown in the paper"),
        _text("source", "read off: colour, max bar or top-heads bar", nullable=True),
    ),
    accuracy="colours: ± resolution (half a step of the colour scale); bars: better than 1e-4 "
    "percentage points; cells of the lowest colour read high by up to the resolution",
    source=_SOURCE,
)

PUBLISHED_LAYER_MAXIMA = Table(
    "published_layer_maxima",
    "The largest value of each layer: the bars beside the paper's heatmaps.",
    ("model", "feature", "layer"),
    (
        _MODEL,
        _FEATURE,
        _LAYER,
        Column("max_percent", pa.float64(), "%", "largest percentage among the layer's heads"),
    ),
    accuracy="exact to 1e-5 percentage points",
    source=_SOURCE,
)

PUBLISHED_TOP_HEADS = Table(
    "published_top_heads",
    "The ten highest heads of each model for contacts, binding sites and modifications.",
    ("model", "feature", "rank"),
    (
        _MODEL,
        _FEATURE,
        Column("rank", pa.int16(), "", "1 is the highest head"),
        _LAYER,
        _HEAD,
        Column("percent", pa.float64(), "%", "share of the head's arcs that have the property"),
        Column(
            "interval_half_width",
            pa.float64(),
            "percentage points",
            "half-width of the paper's Wald interval at 0.05/m",
        ),
        Column("background_percent", pa.float64(), "%", "the paper's background frequency"),
        Column(
            "heads_scored", pa.int16(), "heads", "m: heads with more than 100 arcs in the model"
        ),
        _count("arcs", "arcs", "arcs of the head, solved from percent and interval"),
        _count("hits", "arcs", "arcs that have the property, solved likewise"),
        Column(
            "chance_solutions",
            pa.float64(),
            "",
            "how many other pairs of integers are expected to fit by chance",
        ),
    ),
    accuracy="bars: better than 1e-4 percentage points; arcs and hits are the only integers that "
    "give the drawn bar and interval (see chance_solutions)",
    source=_SOURCE,
)

PUBLISHED_AMINO_ACID_CORRELATIONS = Table(
    "published_amino_acid_correlations",
    "Pearson correlation between two amino acids' attention over a model's heads. The paper has "
    "no such figure of ProtAlbert.",
    ("model", "amino_acid_1", "amino_acid_2"),
    (
        _MODEL,
        _text("amino_acid_1", "one-letter code"),
        _text("amino_acid_2", "one-letter code"),
        Column("correlation", pa.float64(), "", "Pearson r"),
        Column("resolution", pa.float64(), "", "half-width of what the drawing allows"),
    ),
    accuracy="± resolution (half a step of the colour scale)",
    source=_SOURCE,
)

PUBLISHED_PROBES = Table(
    "published_probes",
    "TapeBert's probes: how well a property is read from a layer's vectors or attention.",
    ("model", "feature", "probe", "layer"),
    (
        _MODEL,
        _FEATURE,
        _text("probe", "embedding or attention"),
        _LAYER,
        Column("value", pa.float64(), "", "value of the metric"),
        _text("metric", "F1, precision at L/20 or precision at L/5"),
    ),
    accuracy="read off a vector drawing: better than 1e-4",
    source=_SOURCE,
)

PUBLISHED_LAYER_MEANS = Table(
    "published_layer_means",
    "TapeBert's mean over the kept heads of each layer, with the property's centre of gravity.",
    ("model", "feature", "layer"),
    (
        _MODEL,
        _FEATURE,
        _LAYER,
        Column("mean_percent", pa.float64(), "%", "mean over the layer's kept heads"),
        Column("centre_of_gravity", pa.float64(), "layers", "Σ layer × mean / Σ mean, from 1"),
    ),
    accuracy="read off a vector drawing: better than 1e-4 percentage points",
    source=_SOURCE,
)

PUBLISHED_TABLES: tuple[Table, ...] = (
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_TOP_HEADS,
    PUBLISHED_AMINO_ACID_CORRELATIONS,
    PUBLISHED_PROBES,
    PUBLISHED_LAYER_MEANS,
)
RUN_TABLES: tuple[Table, ...] = (HEAD_COUNTS, BACKGROUND, HEAD_EXAMPLES, SPECIAL_ATTENTION)
TABLES: dict[str, Table] = {table.name: table for table in (RUNS, *RUN_TABLES, *PUBLISHED_TABLES)}


def open_folder(folder: str | Path) -> tuple[Any, str]:
    """Resolve a results folder to a file system and a path on it.

    Parameters
    ----------
    folder
        A local path or any fsspec URL (``s3://``, ``hf://``, ``https://``, …).

    Returns
    -------
    tuple
        The fsspec file system and the folder's path on it.

    Raises
    ------
    AtlasError
        When no file system serves the URL's protocol.
    """
    try:
        filesystem, path = fsspec.core.url_to_fs(str(folder))
    except (ValueError, ImportError) as error:
        raise AtlasError(
            f"The results folder {folder} cannot be opened: {error}; "
            "give a local path or a URL such as s3://bucket/folder."
        ) from error
    return filesystem, str(path).rstrip("/")


def table_path(folder_path: str, table: Table, run: str | None = None) -> str:
    """Path of a table's file inside a results folder."""
    if table.per_run:
        if run is None:
            raise ValueError(f"{table.name} has one file a run: name the run")
        return f"{folder_path}/{table.name}/{run}.parquet"
    return f"{folder_path}/{table.name}.parquet"


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


def write_table(
    folder: str | Path, table: Table, frame: pd.DataFrame, *, run: str | None = None
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
    run
        The run the file belongs to, for tables with one file a run.

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
    path = table_path(root, table, run)
    sink = pa.BufferOutputStream()
    pq.write_table(typed, sink, compression="zstd", compression_level=9, store_schema=True)
    write_bytes(filesystem, path, sink.getvalue().to_pybytes())
    return path


def write_bytes(filesystem: Any, path: str, data: bytes) -> None:
    """Put bytes at a path, atomically; see `write_table`.

    Raises
    ------
    AtlasError
        When the path cannot be written: no permission, no room, no such store.
    """
    folder = path.rsplit("/", 1)[0]
    try:
        if not _is_local(filesystem):
            filesystem.pipe_file(path, data)
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        temporary = Path(folder) / f".{Path(path).name}.{secrets.token_hex(4)}.part"
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    except (OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise AtlasError(
            f"{path} cannot be written ({reason}); choose a folder you may write to "
            "with room for the tables."
        ) from error


def read_table(
    folder: str | Path,
    table: Table,
    *,
    run: str | None = None,
    columns: Sequence[str] | None = None,
    filters: Any = None,
) -> pd.DataFrame:
    """Read a table's file and check it against the schema.

    Parameters
    ----------
    folder
        Results folder: local path or fsspec URL.
    table, run
        What to read.
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
        When the file is missing, truncated, foreign, of another schema version or run, or
        lacks a column.
    """
    filesystem, root = open_folder(folder)
    path = table_path(root, table, run)
    try:
        with filesystem.open(path, "rb") as file:
            parquet = pq.ParquetFile(file)
            _check_schema(parquet.schema_arrow, table, path)
            _check_run(parquet, run, path)
            wanted = list(columns) if columns is not None else list(table.column_names)
            arrow = pq.read_table(
                file, columns=wanted, filters=filters, schema=parquet.schema_arrow
            )
    except FileNotFoundError as error:
        raise AtlasError(
            f"{path} does not exist; name a results folder written by `python -m precompute run`."
        ) from error
    except pa.ArrowInvalid as error:
        raise AtlasError(
            f"{path} is not a readable Parquet file (truncated or foreign); "
            "write it anew with `python -m precompute run`."
        ) from error
    except AtlasError:
        raise
    except Exception as error:  # every store has exceptions of its own; none may reach a page
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise AtlasError(f"{path} cannot be read: {reason.rstrip('.')}.") from error
    for column in table.columns:
        if column.name in wanted and not column.nullable and arrow[column.name].null_count:
            raise AtlasError(
                f"{path}: the column {column.name} has empty values; write the file anew."
            )
    frame: pd.DataFrame = arrow.to_pandas()
    return frame


def _check_schema(schema: pa.Schema, table: Table, path: str) -> None:
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


def _check_run(parquet: pq.ParquetFile, run: str | None, path: str) -> None:
    """Refuse a file that stands under another run's name; what it holds tells, without reading."""
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


def list_runs(folder: str | Path) -> pd.DataFrame:
    """Read `runs`: one row for every finished run of a results folder.

    Raises
    ------
    AtlasError
        When there is no such folder, or nothing in it that this project wrote.
    """
    filesystem, root = open_folder(folder)
    if _is_local(filesystem) and not os.path.isdir(root):  # noqa: PTH112 (it never raises)
        raise AtlasError(
            f"The results folder {folder} does not exist; "
            "make one with `python -m precompute run` or name another."
        )
    if _is_local(filesystem) and not os.path.exists(table_path(root, RUNS)):  # noqa: PTH110
        raise AtlasError(
            f"The folder {folder} holds no runs.parquet, so it is no results folder (or its first "
            "run has not finished); name a folder written by `python -m precompute run`."
        )
    return read_table(folder, RUNS)


def add_run(folder: str | Path, row: pd.DataFrame, tables: dict[Table, pd.DataFrame]) -> None:
    """Add one run to a results folder; a run of the same identifier is replaced.

    The run's own files are written first, its row in ``runs.parquet`` last.

    Parameters
    ----------
    folder
        Results folder: local path or fsspec URL.
    row
        One row of `RUNS`.
    tables
        The run's frames, by table.
    """
    run = str(row["run"].iloc[0])
    for table, frame in tables.items():
        check_frame(frame, table)
    check_frame(row, RUNS)
    filesystem, root = open_folder(folder)
    if filesystem.exists(table_path(root, RUNS)):
        earlier = read_table(folder, RUNS)
        row = pd.concat([earlier[earlier["run"] != run], row], ignore_index=True)
    for table, frame in tables.items():
        write_table(folder, table, frame, run=run)
    write_table(folder, RUNS, row.sort_values("run", ignore_index=True))


def describe(table: Table) -> pd.DataFrame:
    """Describe a table's columns: name, type, unit, whether it is in the key, description."""
    return pd.DataFrame(
        {
            "column": table.column_names,
            "type": [str(column.type) for column in table.columns],
            "unit": [column.unit for column in table.columns],
            "key": [column.name in table.key for column in table.columns],
            "description": [column.description for column in table.columns],
        }
    )


def to_json(value: Any) -> str:
    """Serialise a small mapping for a text column, the same bytes for the same content."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _is_local(filesystem: Any) -> bool:
    protocol = filesystem.protocol
    names = (protocol,) if isinstance(protocol, str) else tuple(protocol)
    return "file" in names or "local" in names
