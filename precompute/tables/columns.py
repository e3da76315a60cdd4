"""Columns that several tables have, and short ways to declare the usual ones."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

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


def to_json(value: Any) -> str:
    """Serialise a small mapping for a text column, the same bytes for the same content."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
