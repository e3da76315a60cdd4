"""Column attention against the distance of rows, measured and published, as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.results import loaded as results
from dashboard.results.frames import grid
from dashboard.results.kept import kept
from dashboard.results.sources import Run
from precompute.clustering import Tree, cluster
from precompute.column_attention.kept import read_matrices
from precompute.errors import AtlasError
from precompute.one_line import one_line
from precompute.published import read_published
from precompute.tables import (
    COLUMN_DISTANCE,
    COLUMN_FAMILIES,
    COLUMN_REGRESSION,
    PUBLISHED_COLUMN_DISTANCE,
)
from precompute.tables.column_tables import CONTROLS

PUBLISHED_MODEL = "esm_msa1b"
"""The model that MsaPhylo measured."""


@dataclass(frozen=True)
class Measure:
    """Which correlation is shown.

    Attributes
    ----------
    definition
        Key of `precompute.tables.column_tables.DEFINITIONS`, of measured values.
    control
        Key of `precompute.tables.column_tables.CONTROLS`.
    statistic
        ``spearman`` or ``pearson``, of measured values.
    tree
        ``ml`` or ``nj``, of published values.
    """

    definition: str = "corrected"
    control: str = "none"
    statistic: str = "spearman"
    tree: str = "ml"


@dataclass(frozen=True, eq=False)
class DistanceMap:
    """Every head's correlation, from one source.

    Attributes
    ----------
    run
        The measured run; None for published values.
    measure
        Which correlation.
    family
        Name of the one alignment that it is of; empty for the mean over all.
    frame
        A row a head: ``layer``, ``head``, ``correlation``, and ``lower`` and ``upper``: the ends
        of the interval, or of what single families have (published), empty where there are none;
        ``alignments``, how many define it.
    """

    run: Run | None
    measure: Measure
    family: str
    frame: pd.DataFrame

    @property
    def grid(self) -> NDArray[np.floating[Any]]:
        """The correlations, shape (layers, heads); NaN where none is defined."""
        return grid(self.frame, "correlation")


@dataclass(frozen=True, eq=False)
class HeadMatrices:
    """One head in one alignment.

    Attributes
    ----------
    alignment
        Name of the alignment.
    names
        Of its rows.
    query
        Its first row, with gaps.
    attention
        What two rows give each other, mean over columns: the sum of both directions, as it is
        correlated; shape (rows, rows).
    distances
        Share of columns in which two rows differ, shape (rows, rows).
    selectivity
        How much each column takes part, shape (columns,).
    """

    alignment: str
    names: tuple[str, ...]
    query: str
    attention: NDArray[np.float32]
    distances: NDArray[np.float32]
    selectivity: NDArray[np.float32]


def find_measured(loaded: results.Loaded) -> tuple[list[Run], list[str]]:
    """Find the runs whose column attention was measured, newest first.

    Returns
    -------
    tuple
        The runs, and one sentence for each run over alignments that has none, or whose single
        alignments cannot be read.
    """
    runs, problems = [], []
    for run in loaded.runs:
        if not run.rows:
            continue
        try:
            results.run_table(run, COLUMN_DISTANCE)
        except AtlasError as error:
            problems.append(str(error))
            continue
        runs.append(run)
        try:
            families(run)
        except AtlasError as error:
            problems.append(str(error))
    return runs, problems


@kept(64, lambda run: results.stamp_tables(run, COLUMN_FAMILIES))
def families(run: Run) -> pd.DataFrame:
    """Give a run's alignments: ``number``, ``alignment``, ``rows``, ``columns``, ``kept``."""
    own = results.run_table(
        run, COLUMN_FAMILIES, definition="corrected", control="none", layer=1, head=1
    )
    columns = ["number", "alignment", "rows", "columns", "kept"]
    return own[columns].sort_values("number", ignore_index=True)


@kept(64, lambda run: results.stamp_tables(run, COLUMN_FAMILIES))
def family_names(run: Run) -> dict[str, int]:
    """Give the numbers of a run's alignments by their names; equal names are told apart."""
    numbers: dict[str, int] = {}
    for number, name in families(run)[["number", "alignment"]].itertuples(index=False):
        own = one_line(str(name)) or "unnamed"
        numbers[f"{own} · {number}" if own in numbers else own] = int(number)
    return numbers


def offered_families(run: Run) -> dict[str, int]:
    """Give `family_names` to choose from: none where they cannot be read."""
    try:
        return family_names(run)
    except AtlasError:
        return {}


@kept(64, lambda run: results.stamp_tables(run, COLUMN_DISTANCE))
def controls_of(run: Run) -> frozenset[str]:
    """Name the controls that a run measured; the alignment as it is is among them."""
    return frozenset(results.run_table(run, COLUMN_DISTANCE)["control"].unique())


@kept(128, lambda run, *_: results.stamp_tables(run, COLUMN_DISTANCE, COLUMN_FAMILIES))
def read_map(run: Run, measure: Measure, number: int = 0) -> DistanceMap:
    """Give every head's correlation: the mean over a run's alignments, or that of one.

    Parameters
    ----------
    run, measure
        Of which run, and which correlation.
    number
        Of the alignment, from 1; 0 for the mean over all.

    Raises
    ------
    AtlasError
        When the tables cannot be read, or lack it.
    """
    which = {"definition": measure.definition, "control": measure.control}
    family = ""
    if number:
        own = results.run_table(run, COLUMN_FAMILIES, number=number, **which)
        family = one_line(str(own["alignment"].iloc[0])) if len(own) else ""
        there = own[measure.statistic].notna().astype(int)
        frame = _columns(own, own[measure.statistic], np.nan, np.nan, there)
    else:
        table = results.run_table(run, COLUMN_DISTANCE)
        own = table[
            (table["definition"] == measure.definition) & (table["control"] == measure.control)
        ]
        lower, upper = (own[f"{measure.statistic}_{end}"] for end in ("lower", "upper"))
        frame = _columns(own, own[measure.statistic], lower, upper, own["alignments"])
    if frame.empty:
        asked = f"; measure it with --nulls {measure.control}" if measure.control != "none" else ""
        raise AtlasError(f"The run {run.name} has no correlations of this kind{asked}.")
    return DistanceMap(run, measure, family, frame)


@kept(64)
def published_map(measure: Measure) -> DistanceMap:
    """Give every head's published correlation; trees by neighbour joining have no controls.

    Raises
    ------
    AtlasError
        When the table that ships cannot be read.
    """
    tree = measure.tree if measure.control == "none" else "ml"
    measure = Measure("published", measure.control, "spearman", tree)
    table = _published()
    own = table[(table["tree"] == tree) & (table["control"] == measure.control)]
    frame = _columns(own, own["spearman"], own["lowest"], own["highest"], own["alignments"])
    return DistanceMap(None, measure, "", frame)


@kept(256, lambda run, *_: results.stamp_tables(run, COLUMN_DISTANCE))
def head_values(run: Run, layer: int, head: int) -> pd.DataFrame:
    """Give a head's rows of ``column_distance``: every definition and control."""
    table = results.run_table(run, COLUMN_DISTANCE)
    return table[(table["layer"] == layer) & (table["head"] == head)].reset_index(drop=True)


@kept(64)
def published_values(layer: int, head: int) -> pd.DataFrame:
    """Give a head's rows of ``published_column_distance``: every tree and control."""
    table = _published()
    return table[(table["layer"] == layer) & (table["head"] == head)].reset_index(drop=True)


@kept(64, lambda run, *_: results.stamp_tables(run, COLUMN_FAMILIES, COLUMN_REGRESSION))
def head_families(run: Run, measure: Measure, layer: int, head: int) -> pd.DataFrame:
    """Give a head's correlation in each alignment with every control.

    Returns
    -------
    pandas.DataFrame
        A row an alignment: ``number``, ``alignment``, ``rows``, ``columns``, ``kept``, and
        ``read_`` and the name of each control; and ``r_squared``, how well all heads together
        give the distance of two rows, where that was asked for.
    """
    own = results.run_table(
        run, COLUMN_FAMILIES, definition=measure.definition, layer=layer, head=head
    )
    wide = own.pivot(index="number", columns="control", values=measure.statistic)
    wide = wide.reindex(columns=list(CONTROLS)).add_prefix("read_")
    found = families(run).merge(wide, left_on="number", right_index=True, how="left")
    fits = results.run_table(run, COLUMN_REGRESSION)
    fits = fits.loc[fits["definition"] == "corrected", ["number", "r_squared"]]
    return found.merge(fits, on="number", how="left")


@kept(32, lambda run, number, *_: results.stamp_matrices(run, number))
def head_matrices(run: Run, number: int, layer: int, head: int) -> HeadMatrices:
    """Read one head's matrices in one alignment, which the run has to have kept.

    Raises
    ------
    AtlasError
        When they cannot be read, or are not those of the run's model.
    """
    found = read_matrices(run.folder, run.name, number)
    if found.attention.shape[:2] != (run.layers, run.heads):
        raise AtlasError(f"The kept matrices of the run {run.name} are another model’s.")
    own = found.attention[layer - 1, head - 1].astype(np.float32)
    return HeadMatrices(
        one_line(found.name) or "unnamed",
        tuple(map(one_line, found.alignment.names)),
        found.alignment.texts()[0],
        own + own.T,
        found.distances.astype(np.float32),
        found.selectivity[layer - 1, head - 1].astype(np.float32),
    )


@kept(32, lambda run, number: results.stamp_matrices(run, number))
def tree_of(run: Run, number: int) -> Tree:
    """Cluster an alignment's rows by average linkage of their Hamming distances.

    Raises
    ------
    AtlasError
        When it has one row, or cannot be read.
    """
    distances = head_matrices(run, number, 1, 1).distances.astype(float)
    if len(distances) < 2:
        raise AtlasError("The alignment was read with one row, which is beside no other.")
    return cluster(1.0 - distances)


@lru_cache(maxsize=1)
def _published() -> pd.DataFrame:
    """Read the table that ships with the project: it never changes."""
    return read_published(PUBLISHED_COLUMN_DISTANCE)


def _columns(
    own: pd.DataFrame,
    correlation: pd.Series,
    lower: pd.Series | float,
    upper: pd.Series | float,
    alignments: pd.Series,
) -> pd.DataFrame:
    frame = own[["layer", "head"]].assign(
        correlation=correlation, lower=lower, upper=upper, alignments=alignments
    )
    return frame.sort_values(["layer", "head"], ignore_index=True)
