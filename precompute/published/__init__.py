"""The paper's own results, shipped with the project as tables.

`read` gives them; `build` rebuilds them from the maintainers' transcription of the
paper's vector figures.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from precompute.tables import Table, read_table

TABLES_FOLDER = Path(__file__).parent / "tables"
THRESHOLD = 0.3
"""The threshold of every published value."""
MINIMUM_ARCS = 100
"""A head with fewer arcs is not shown."""


def read_published(table: Table) -> pd.DataFrame:
    """Read one of the published tables that ship with the project."""
    return read_table(TABLES_FOLDER, table)
