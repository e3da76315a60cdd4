"""The one reader of results: folders, runs, heads, other tables; without Streamlit.

What it gives is kept by `dashboard.results.loaded` for pages and read anew by the shell.
Every function refuses with one sentence, an `AtlasError`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard.results.frames import rows_of
from dashboard.results.heads import Frames, Heads
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource, Loaded, Run
from precompute.datasets.thinning import ROWS_READ, brief
from precompute.errors import AtlasError
from precompute.heads import PUBLISHED, check_counts, heads_by_features, published_heads
from precompute.json_text import parse_json
from precompute.models.weights import CHECKPOINT, Remembered
from precompute.one_line import one_line
from precompute.published import THRESHOLD, read_published
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_TOP_HEADS,
    Table,
    list_runs,
    read_table,
)

Counts = dict[float, pd.DataFrame]
"""A run's ``head_counts`` by threshold."""


def read_runs(folder: str) -> tuple[Run, ...]:
    """Read which runs a results folder holds.

    Raises
    ------
    AtlasError
        When it is none, or cannot be read.
    """
    return tuple(
        Run(
            name=row["run"],
            folder=folder,
            model=row["model"],
            dataset=one_line(row["dataset"]),
            proteins=int(row["proteins"]),
            residues=int(row["residues"]),
            layers=int(row["layers"]),
            heads=int(row["heads"]),
            started=row["started"],
            weights_sha256=row["weights_sha256"],
            thresholds=tuple(sorted(round(float(value), 4) for value in row["thresholds"])),
            rows=_rows_read(row["notes"]),
            checkpoint=read_checkpoint(folder, row),
        )
        for row in rows_of(list_runs(folder))
    )


def find_runs(folders: Sequence[str], read: Callable[[str], tuple[Run, ...]] = read_runs) -> Loaded:
    """Find out what some results folders hold.

    Parameters
    ----------
    folders
        Paths or URLs.
    read
        Reads one of them, as `read_runs` does.

    Returns
    -------
    Loaded
        The runs of every folder that can be read, and a sentence for every other one.
    """
    runs: dict[str, Run] = {}
    problems = []
    for folder in folders:
        if _is_empty(folder):
            continue
        try:
            found = read(folder)
        except AtlasError as error:
            problems.append(str(error))
            continue
        for run in found:
            if run.name in runs:
                problems.append(
                    f"The run {run.name} is in {runs[run.name].folder} and in {folder}; "
                    "the first is shown."
                )
            else:
                runs[run.name] = run
    newest_first = sorted(runs.values(), key=lambda run: (run.started, run.name), reverse=True)
    return Loaded(tuple(folders), tuple(newest_first), tuple(problems))


def read_counts(run: Run, threshold: float | None = None) -> Counts:
    """Read what a run counted, at one threshold or at all; as small as it can be kept.

    Raises
    ------
    AtlasError
        When the table cannot be read.
    """
    same = {"run": run.name, "model": run.model, "dataset": run.dataset}
    columns = [name for name in HEAD_COUNTS.column_names if name not in same]
    filters: Any = None
    if threshold is not None:
        filters = [("threshold", ">", threshold - 1e-6), ("threshold", "<", threshold + 1e-6)]
    counts = read_table(
        run.folder, HEAD_COUNTS, run=run.name, columns=columns, filters=filters
    ).assign(**same)
    for name in (*same, "attention", "feature"):
        counts[name] = counts[name].astype("category")
    for name in counts.select_dtypes("int64").columns.astype(str):
        counts[name] = pd.to_numeric(counts[name], downcast="integer")
    groups = counts.groupby(counts["threshold"].round(4))
    return {float(value): rows for value, rows in groups}


def read_heads(
    source: HeadSource,
    threshold: float = THRESHOLD,
    denominator: str = PUBLISHED,
    read: Callable[[Run, float], Counts] = read_counts,
    read_rates: Callable[[Run], pd.DataFrame] = lambda run: read_run_table(run, BACKGROUND),
) -> Heads:
    """Read a model's heads from one source.

    Parameters
    ----------
    source
        Where they come from.
    threshold
        Attention from which on a weight is an arc.
    denominator
        Key of `precompute.heads.DENOMINATORS`.
    read
        Reads the counts of a run at a threshold, as `read_counts` does, and maybe at others.
    read_rates
        Reads its table of backgrounds.

    Raises
    ------
    AtlasError
        When the tables cannot be read or contradict themselves, or lack the threshold.
    """
    run, written = source.run, f"{threshold:.2f}"
    if not abs(float(written) - threshold) <= 1e-6:
        written = f"{threshold:g}"
    if run is None:
        if not abs(threshold - THRESHOLD) <= 1e-6:  # so that what is no number is not it either
            raise AtlasError(
                f"{source.title}: the paper has the threshold {DEFAULT_THRESHOLD} only, not "
                f"{written}."
            )
        return Heads(source, THRESHOLD, PUBLISHED, _published_frames(source.model))
    if not any(abs(value - threshold) < 1e-6 for value in run.thresholds):
        raise AtlasError(
            f"The run {run.name} has no counts at threshold {written}; it has "
            f"{', '.join(source.thresholds) or 'none'}."
        )
    counts = read(run, threshold).get(round(threshold, 4))
    if counts is None:
        raise AtlasError(f"The run {run.name} has no counts at threshold {written}.")
    counts = check_counts(counts, run.name, run.layers, run.heads)
    make = heads_by_features(
        counts, read_rates(run), run.name, run.layers, run.heads, denominator=denominator
    )
    return Heads(source, threshold, denominator, Frames(counts["feature"].unique(), make), counts)


def read_run_table(run: Run, table: Table, **filters: int | str) -> pd.DataFrame:
    """Read one of a run's own tables, or the rows of it that have some values.

    Raises
    ------
    AtlasError
        When the table cannot be read.
    """
    rows = [(column, "==", value) for column, value in sorted(filters.items())]
    return read_table(run.folder, table, run=run.name, filters=rows or None)


def read_protein_ids(run: Run) -> frozenset[str]:
    """Read which proteins a run measured.

    Raises
    ------
    AtlasError
        When the list of runs cannot be read, or the run is not in it any more.
    """
    table = list_runs(run.folder)
    own = table.loc[table["run"] == run.name, "protein_ids"]
    if own.empty:
        raise AtlasError(f"The run {run.name} is not in {run.folder} any more.")
    return frozenset(own.iloc[0])


def proteins_in_common(
    first: HeadSource,
    second: HeadSource,
    read: Callable[[Run], frozenset[str]] = read_protein_ids,
) -> int | None:
    """Count the proteins that two runs over the same dataset share; None where that is not known.

    Raises
    ------
    AtlasError
        When a list of runs cannot be read.
    """
    if first.run is None or second.run is None or first.dataset != second.dataset:
        return None
    return len(read(first.run) & read(second.run))


def _published_frames(model: str) -> Frames:
    tables = [table[table["model"] == model] for table in _published_tables()]

    def make(features: Sequence[str]) -> pd.DataFrame:
        rows = (table[table["feature"].isin(features)] for table in tables)
        return published_heads(*(part.reset_index(drop=True) for part in rows))

    return Frames(tables[0]["feature"].unique(), make)


@lru_cache(maxsize=1)
def _published_tables() -> tuple[pd.DataFrame, ...]:
    """Read the tables that ship with the project: they never change."""
    names = (PUBLISHED_HEADS, PUBLISHED_TOP_HEADS, PUBLISHED_LAYER_MAXIMA)
    return tuple(read_published(table) for table in names)


def _rows_read(notes: str) -> str:
    """Say which rows of alignments a run read; empty where its model reads none."""
    try:
        said = parse_json(notes)
    except ValueError:  # others' notes: Methods shows them as they are
        return ""
    return brief(str(said.get(ROWS_READ, ""))) if isinstance(said, dict) else ""


def read_checkpoint(folder: str, row: Mapping[Any, Any]) -> Remembered | None:
    """Say where a run's weights lay, as a folder of this machine alone may name places on it."""
    try:
        said = parse_json(row["notes"])[CHECKPOINT]
        place, files = said["folder"], said["files"]
    except (ValueError, KeyError, TypeError):
        return None
    if "://" in folder or not (isinstance(place, str) and isinstance(files, str)):
        return None
    own = (row["model"], row["architecture"], row["weights_sha256"])
    return Remembered(*own, place, files) if Path(place).is_absolute() else None


def _is_empty(folder: str) -> bool:
    """Tell a folder that waits for its first run, as a fresh volume does, from a foreign one."""
    if "://" in folder:
        return False
    try:
        with os.scandir(folder) as entries:
            return all(entry.name.startswith(".") for entry in entries)
    except OSError:  # it is not there any more, no folder, or not to be read: its reader says so
        return False
