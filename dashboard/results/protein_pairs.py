"""Runs over pairs of proteins: which are there, and their shares head by head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dashboard.results.frames import rows_of
from dashboard.results.kept import kept
from dashboard.results.loaded import Loaded, find_newest, stamp_list, stamp_tables
from dashboard.results.sources import sample_of
from precompute.datasets.chains import RELATIONS
from precompute.models import MODELS, WITHOUT_ATTENTION
from precompute.one_line import one_line
from precompute.protein_pairs.shares import describe_scores, difference, with_shares
from precompute.tables import PAIR_ATTENTION, PAIR_RUNS, PAIR_SCORES, known_runs, read_table

MEASURES: dict[str, str] = {
    "first_to_second": "First to second",
    "second_to_first": "Second to first",
    "within_first": "Within the first",
    "within_second": "Within the second",
    "special": "To special tokens",
    "aligned": "On aligned residues",
    "contact": "On contacts between chains",
}
"""What can be shown, as `precompute.protein_pairs.tally.MEASURES` defines it."""
DEFAULT_MEASURE = "first_to_second"
DIFFERENCE = "difference"
"""Stands for a relation where one relation's shares were subtracted from another's."""


@dataclass(frozen=True)
class PairRun:
    """A run over pairs.

    Attributes
    ----------
    name, folder, model, dataset, pairs, heads, started
        As its row of `pair_runs` says.
    state
        Tells one state of its files from the next.
    """

    name: str
    folder: str
    model: str
    dataset: str
    pairs: int
    heads: int
    started: str
    state: str = ""

    @property
    def label(self) -> str:
        """What a reader calls its model."""
        known = (MODELS | WITHOUT_ATTENTION).get(self.model)
        return known.label if known else one_line(self.model)

    @property
    def sample(self) -> str:
        """How many pairs it is of."""
        return sample_of(self.pairs, self.pairs, "pair")


def find_pair_runs(loaded: Loaded) -> tuple[list[PairRun], list[str]]:
    """List the runs over pairs of the folders that are loaded, newest first, and what is wrong."""
    runs, problems = find_newest(loaded.folders, _read_runs)
    return list(runs.values()), list(problems.values())


@kept(64, lambda folder: stamp_list(folder, PAIR_RUNS))
def _read_runs(folder: str) -> list[PairRun]:
    rows = rows_of(known_runs(folder, PAIR_RUNS))
    found = [
        PairRun(
            row["run"],
            folder,
            row["model"],
            one_line(row["dataset"]),
            int(row["pairs"]),
            int(row["heads"]),
            row["started"],
        )
        for row in rows
    ]
    return [replace(run, state=stamp_tables(run, PAIR_ATTENTION, PAIR_SCORES)) for run in found]


@kept(32)
def read_shares(run: PairRun, measure: str) -> pd.DataFrame:
    """Give one measure's shares in percent, relation by relation, then their difference.

    Returns
    -------
    pandas.DataFrame
        ``relation`` (of the run, or `DIFFERENCE`), ``layer``, ``head``, ``pairs``, ``percent``,
        ``lower``, ``upper`` and ``background``; of the difference, percentage points and no
        background. No row where no pair defines the measure.

    Raises
    ------
    AtlasError
        When the table cannot be read.
    """
    rows = read_table(
        run.folder, PAIR_ATTENTION, run=run.name, filters=[("measure", "==", measure)]
    ).sort_values(
        ["relation", "layer", "head"],
        kind="stable",
        key=lambda own: own.map(RELATIONS.index) if own.name == "relation" else own,
    )
    shares = with_shares(rows).rename(columns={"share": "percent"})
    columns = ["percent", "lower", "upper", "background"]
    shares[columns] = 100 * shares[columns]
    shares = shares[["relation", "layer", "head", "pairs", *columns]]
    one, other = (rows[rows["relation"] == name] for name in compared(rows["relation"]))
    if len(one) == len(other) > 0:
        value, lower, upper = (100 * own for own in difference(one, other))
        ends: dict[str, Any] = {
            "percent": value,
            "lower": lower,
            "upper": upper,
            "background": np.nan,
        }
        pairs = one["pairs"].to_numpy() + other["pairs"].to_numpy()
        own = one[["layer", "head"]].assign(relation=DIFFERENCE, pairs=pairs, **ends)
        shares = pd.concat([shares, own[shares.columns]], ignore_index=True)
    return shares.reset_index(drop=True)


def compared(relations: Sequence[str] | pd.Series) -> tuple[str, str]:
    """Name the two relations whose difference is shown: of one group, of two."""
    families = "same family" in set(relations)
    return (
        ("same family", "different families") if families else ("one structure", "two structures")
    )


@kept(32)
def say_scores(run: PairRun) -> list[str]:
    """Say how probable the model holds one family, relation by relation.

    Raises
    ------
    AtlasError
        When the table cannot be read.
    """
    return describe_scores(read_table(run.folder, PAIR_SCORES, run=run.name))
