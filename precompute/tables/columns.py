"""Columns that several tables have, and short ways to declare the usual ones."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from precompute.tables.table import Column


def text_column(name: str, description: str, *, nullable: bool = False) -> Column:
    """Declare a column of text."""
    return Column(name, pa.string(), "", description, nullable)


def count_column(name: str, unit: str, description: str) -> Column:
    """Declare a column of whole numbers."""
    return Column(name, pa.int64(), unit, description)


RUN = text_column("run", "identifier of the run; its row in `runs` says everything else")
MODEL = text_column("model", "identifier of the model in the registry, or the name its user chose")
DATASET = text_column("dataset", "identifier of the dataset")
ATTENTION = text_column("attention", "self; row or column for models that read alignments")
FEATURE = text_column("feature", "identifier of the property, as in precompute.features")
LAYER = Column("layer", pa.int16(), "", "layer, counted from 1")
HEAD = Column("head", pa.int16(), "", "head, counted from 1")


def to_json(value: Any) -> str:
    """Serialise a small mapping for a text column, the same bytes for the same content."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
