"""A run to be measured in several ways, and its tables compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from precompute.tables import LATER_TABLES, RUN_TABLES, list_runs, read_table

# What a run says of its circumstances; all else is the same however it was measured.
CIRCUMSTANCES = ["started", "wall_seconds", "command", "device"]


@dataclass(frozen=True)
class Request:
    """A run over some twenty shards, and its tables as one process measures them."""

    command: list[str]
    expected: Path

    @property
    def arguments(self) -> list[str]:
        """What `precompute.command_line.main` is given."""
        return self.command[3:]


def assert_same_tables(found: Path, expected: Path, *, threads_differ: bool = False) -> None:
    """Compare two runs; torch's sums of weights differ by a rounding where its threads do."""
    row, other = (list_runs(folder) for folder in (found, expected))
    pd.testing.assert_frame_equal(
        row.drop(columns=CIRCUMSTANCES), other.drop(columns=CIRCUMSTANCES)
    )
    for table in (*RUN_TABLES, *LATER_TABLES):
        one, two = (read_table(f, table, run=row["run"].item()) for f in (found, expected))
        if threads_differ:
            weights = one.select_dtypes("float").columns
            pd.testing.assert_frame_equal(
                one[weights], two[weights], check_exact=False, rtol=1e-6, atol=0
            )
            one, two = one.drop(columns=weights), two.drop(columns=weights)
        pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert not (found / ".unfinished").exists()
