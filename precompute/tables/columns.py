"""Columns that several tables have, and short ways to declare the usual ones."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from precompute.errors import printable
from precompute.tables.table import Column


def text_column(name: str, description: str, *, nullable: bool = False) -> Column:
    """Declare a column of text, of any length."""
    return Column(name, pa.string(), "", description, nullable)


def name_column(name: str, description: str, *, nullable: bool = False) -> Column:
    """Declare a column of names and identifiers: texts of a line at most."""
    return Column(name, pa.string(), "", description, nullable, most=LONGEST_NAME)


def count_column(name: str, unit: str, description: str) -> Column:
    """Declare a column of whole numbers."""
    return Column(name, pa.int64(), unit, description, least=0)


LONGEST_NAME = 1_000
"""Signs of a name or identifier, at most."""

RUN = name_column("run", "identifier of the run; its row in `runs` says everything else")
MODEL = name_column("model", "identifier of the model in the registry, or the name its user chose")
DATASET = name_column("dataset", "identifier of the dataset")
ATTENTION = name_column("attention", "self; row or column for models that read alignments")
FEATURE = name_column("feature", "identifier of the property, as in precompute.features")
LAYER = Column("layer", pa.int16(), "", "layer, counted from 1", least=1)
HEAD = Column("head", pa.int16(), "", "head, counted from 1", least=1)
THRESHOLD = Column(
    "threshold", pa.float64(), "attention", "an arc has at least this weight", least=0, most=1
)

MOST_HEADS = 8_192
"""Heads of a model, over all its layers, at most."""

CHECKPOINT = (
    MODEL,
    name_column("architecture", "adapter that ran the model"),
    name_column("model_source", "where the weights are published"),
    text_column("model_revision", "revision or file the weights were read from"),
    name_column("weights_sha256", "SHA-256 over the weight files"),
    Column("layers", pa.int16(), "", "number of layers", least=1, most=MOST_HEADS),
)
"""Which weights a run read."""

HEADS_OR_NONE = Column(
    "heads", pa.int16(), "", "heads a layer, 0 without attention", least=0, most=MOST_HEADS
)

DATA_READ = (
    DATASET,
    name_column("dataset_source", "where the dataset is published"),
    name_column("dataset_sha256", "SHA-256 over the data that was read"),
)
"""Which data a run read."""

FORWARD_PASS = (
    name_column("number_type", "number type of the forward pass"),
    text_column("device", "device of the forward pass"),
    text_column("versions", "versions of the packages used, as JSON"),
    text_column("command", "the command line that asked for the run"),
    name_column("started", "start, UTC, ISO 8601"),
    Column("wall_seconds", pa.float64(), "s", "wall time of the last session", least=0),
)
"""How and when a run was made."""


def names_column(name: str, description: str) -> Column:
    """Declare a column of lists of identifiers."""
    return Column(name, pa.list_(pa.string()), "", description, most=LONGEST_NAME)


def sum_column(name: str, unit: str, description: str) -> Column:
    """Declare a column of sums of what is never negative."""
    return Column(name, pa.float64(), unit, description, least=0)


def share_column(name: str, description: str, *, nullable: bool = False) -> Column:
    """Declare a column of shares, from 0 to 1."""
    return Column(name, pa.float64(), "", description, nullable, least=0, most=1)


def to_json(value: Any) -> str:
    """Serialise a small mapping for a text column, the same bytes for the same content."""
    # What no table can hold is written as JSON's own escape, and comes back when it is read.
    return printable(json.dumps(value, sort_keys=True, ensure_ascii=False))
