"""What a table is: a name, a key and columns of declared types, units and meanings."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Column:
    """One column: its name, Arrow type, unit and meaning.

    Attributes
    ----------
    least, most
        The range of its values, or of the length of its texts, both ends included.
    """

    name: str
    type: pa.DataType
    unit: str
    description: str
    nullable: bool = False
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Table:
    """One table: its name, its key (unique, never null) and its columns.

    Attributes
    ----------
    per_run
        Whether each run has a file of its own under a folder of the table's name.
    per_alignment
        Whether each alignment of a run has one, under a folder of the run's name.
    most_rows, most_values
        Rows that a file can have, and values of a column of lists: one that says more is none of
        ours, and is not read.
    parts
        Pairs of columns of which the first counts a part of the second.
    accuracy, source
        For published tables: how exact the values are and where they come from.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    per_run: bool = False
    per_alignment: bool = False
    most_rows: int = 1_000_000
    most_values: int = 20_000_000  # a thousand runs over twenty thousand proteins
    parts: tuple[tuple[str, str], ...] = ()
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
