"""Which results are loaded: the published tables and the runs of the results folders.

The only reader of tables in this package. Everything it gives is one kind of frame,
`dashboard.results.frames.HEAD_COLUMNS`, whether published or measured.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.results import frames
from dashboard.results.folders import RESULTS_VARIABLE as RESULTS_VARIABLE
from dashboard.results.folders import results_folders as results_folders
from dashboard.results.run_heads import RunCounts, RunHeads
from precompute.errors import AtlasError
from precompute.heads import check_counts, published_heads
from precompute.models import MODELS
from precompute.published import read_published
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_TOP_HEADS,
    TABLES,
    Table,
    list_runs,
    read_table,
)

THRESHOLD = 0.3
REMOTE_SECONDS = 60
"""A folder behind a URL is looked at anew after this time; a local one at every visit."""

_IDENTITY = "atlas_frame"
_COUNTER = itertools.count()


@dataclass(frozen=True)
class Run:
    """One finished run: what a page says about it."""

    name: str
    folder: str
    model: str
    dataset: str
    proteins: int
    residues: int
    layers: int
    heads: int
    started: str
    weights_sha256: str


@dataclass(frozen=True)
class Loaded:
    """Everything that can be shown.

    Attributes
    ----------
    folders
        The results folders that were looked into.
    runs
        The runs found, newest first.
    problems
        One sentence for each folder that cannot be used.
    """

    folders: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def labels(self) -> dict[str, str]:
        """Models by name with the label a reader sees: the paper's, then runs' own."""
        names = {name: model.label for name, model in MODELS.items() if model.in_paper}
        for name in sorted({run.model for run in self.runs}):
            label = MODELS[name].label if name in MODELS else name
            # A model of one's own may be called as one of the registry's is.
            names.setdefault(name, f"{label} (own)" if label in names.values() else label)
        return names

    @property
    def shapes(self) -> dict[str, tuple[int, int]]:
        """The largest layer and head that any loaded result of a model has."""
        shapes = {
            name: (model.layers, model.heads) for name, model in MODELS.items() if model.in_paper
        }
        for run in self.runs:
            layers, heads = shapes.get(run.model, (0, 0))
            shapes[run.model] = (max(layers, run.layers), max(heads, run.heads))
        return shapes


def load() -> Loaded:
    """Find out what is loaded; new runs are seen without a restart.

    Returns
    -------
    Loaded
        The runs of every folder that can be read, and a sentence for every other one.
    """
    folders = results_folders()
    runs: dict[str, Run] = {}
    problems = []
    for folder in folders:
        if _is_empty(folder):
            continue
        found, problem = _runs(folder, _stamp(folder, "runs.parquet"))
        if problem:
            problems.append(problem)
        for run in found:
            if run.name in runs:
                problems.append(
                    f"The run {run.name} is in {runs[run.name].folder} and in {folder}; "
                    "the first is shown."
                )
            else:
                runs[run.name] = run
    newest_first = sorted(runs.values(), key=lambda run: (run.started, run.name), reverse=True)
    return Loaded(folders, tuple(newest_first), tuple(problems))


@st.cache_resource(show_spinner=False)
def published() -> dict[tuple[str, str], pd.DataFrame]:
    """Give the published heads by model and feature; do not change the frames."""
    heads = published_heads(
        read_published(PUBLISHED_HEADS),
        read_published(PUBLISHED_TOP_HEADS),
        read_published(PUBLISHED_LAYER_MAXIMA),
    )
    return _split(heads)


def measured(run: Run, threshold: float = THRESHOLD, denominator: str = "published") -> RunHeads:
    """Give a run's heads by model and feature; do not change the frames.

    Parameters
    ----------
    run
        The run.
    threshold
        Attention from which on a weight is an arc.
    denominator
        Key of `precompute.heads.DENOMINATORS`.

    Raises
    ------
    AtlasError
        When the run's tables cannot be read or contradict themselves, or lack the
        threshold.
    """
    stamp = "|".join(
        _stamp(run.folder, name)
        for name in (f"head_counts/{run.name}.parquet", f"background/{run.name}.parquet")
    )
    found = _measured(run, stamp, round(threshold, 4), denominator)
    if isinstance(found, str):
        raise AtlasError(found)
    return found


def run_table(run: Run, table: Table, **filters: int | str) -> pd.DataFrame:
    """Read some rows of one of a run's own tables; do not change the frame.

    Parameters
    ----------
    run, table
        What to read.
    filters
        Columns and the values they must have.

    Raises
    ------
    AtlasError
        When the table cannot be read.
    """
    stamp = _stamp(run.folder, f"{table.name}/{run.name}.parquet")
    found = _run_table(run, table.name, stamp, tuple(sorted(filters.items())))
    if isinstance(found, str):
        raise AtlasError(found)
    return found


def _stamp(folder: str, name: str) -> str:
    """Tell one state of a file from the next: its time and size, or the minute if remote."""
    if "://" in folder:
        return f"remote {int(time.time() // REMOTE_SECONDS)}"
    try:
        status = (Path(folder) / name).stat()
    except OSError as error:
        return type(error).__name__
    return f"{status.st_mtime_ns} {status.st_size}"


def _is_empty(folder: str) -> bool:
    """Tell a folder that waits for its first run, as a fresh volume does, from a foreign one."""
    if "://" in folder:
        return False
    try:
        return all(entry.name.startswith(".") for entry in Path(folder).iterdir())
    except OSError:  # it is not there any more, no folder, or not to be read: its reader says so
        return False


@st.cache_resource(show_spinner=False, max_entries=64)
def _runs(folder: str, stamp: str) -> tuple[tuple[Run, ...], str]:
    del stamp  # only tells one state of the folder from the next
    try:
        table = list_runs(folder)
    except AtlasError as error:
        return (), str(error)
    return tuple(
        Run(
            name=row["run"],
            folder=folder,
            model=row["model"],
            dataset=row["dataset"],
            proteins=int(row["proteins"]),
            residues=int(row["residues"]),
            layers=int(row["layers"]),
            heads=int(row["heads"]),
            started=row["started"],
            weights_sha256=row["weights_sha256"],
        )
        for row in table.to_dict("records")
    ), ""


@st.cache_resource(show_spinner=False, max_entries=96)
def _measured(run: Run, stamp: str, threshold: float, denominator: str) -> RunHeads | str:
    """Prepare a run's heads; a sentence in place of an exception, so that it is kept too."""
    try:
        if threshold == THRESHOLD:
            # What is shown first is read alone: it takes a fifth of the time and memory.
            near = (THRESHOLD - 1e-6, THRESHOLD + 1e-6)
            by_threshold = _read_counts(
                run, [("threshold", ">", near[0]), ("threshold", "<", near[1])]
            )
        else:
            by_threshold = _every_threshold(run, stamp)
        if threshold not in by_threshold:
            known = ", ".join(f"{value:.2f}" for value in by_threshold) or "others"
            has = "" if threshold == THRESHOLD else f"; it has {known}"
            return f"The run {run.name} has no counts at threshold {threshold:.2f}{has}."
        counts = check_counts(by_threshold[threshold], run.name, run.layers, run.heads)
        background = read_table(run.folder, BACKGROUND, run=run.name)
    except AtlasError as error:
        return str(error)
    counted = RunCounts(counts, background, run.name, run.model, run.layers, run.heads)
    return RunHeads(counted, denominator, _split)


@st.cache_resource(show_spinner=False, max_entries=6)
def _every_threshold(run: Run, stamp: str) -> dict[float, pd.DataFrame]:
    """Read a run's counts once for all thresholds."""
    del stamp  # only tells one state of the file from the next
    return _read_counts(run, None)


def _read_counts(run: Run, filters: Any) -> dict[float, pd.DataFrame]:
    """Read counts by threshold, as small as they can be kept."""
    same = {"run": run.name, "model": run.model, "dataset": run.dataset}
    columns = [name for name in HEAD_COUNTS.column_names if name not in same]
    counts = read_table(
        run.folder, HEAD_COUNTS, run=run.name, columns=columns, filters=filters
    ).assign(**same)
    for name in (*same, "attention", "feature"):
        counts[name] = counts[name].astype("category")
    for name in counts.select_dtypes("int64").columns.astype(str):
        counts[name] = pd.to_numeric(counts[name], downcast="integer")
    groups = counts.groupby(counts["threshold"].round(4))
    return {float(value): rows for value, rows in groups}


@st.cache_resource(show_spinner=False, max_entries=256)
def _run_table(
    run: Run, name: str, stamp: str, filters: tuple[tuple[str, int | str], ...]
) -> pd.DataFrame | str:
    del stamp  # only tells one state of the file from the next
    try:
        return read_table(
            run.folder,
            TABLES[name],
            run=run.name,
            filters=[(column, "==", value) for column, value in filters] or None,
        )
    except AtlasError as error:
        return str(error)


def identity(frame: pd.DataFrame) -> str:
    """Tell a frame that was read from every other, so that figures of it can be kept."""
    return str(frame.attrs[_IDENTITY])


@st.cache_resource(show_spinner=False, max_entries=512, hash_funcs={pd.DataFrame: identity})
def profile_of_head(features: tuple[pd.DataFrame, ...], layer: int, head: int) -> pd.DataFrame:
    """Give one head's row of every property, once for each head; do not change the frame.

    Parameters
    ----------
    features
        Head frames of one model and source, one a property, as this module gives them.
    layer, head
        The head, counted from 1.
    """
    return frames.head_profile(features, layer, head)


def _split(heads: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    tables = frames.by_feature(heads)
    for frame in tables.values():
        frame.attrs[_IDENTITY] = str(next(_COUNTER))
    return tables
