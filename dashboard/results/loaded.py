"""What is loaded, as pages see it: the reader's results, kept until a file changes.

New runs are seen without a restart; a folder behind a URL is looked at anew after a
minute. What is kept is shared by all visitors: do not change it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

import pandas as pd

from dashboard.results import amino_acids, frames, reader
from dashboard.results.folders import RESULTS_VARIABLE as RESULTS_VARIABLE
from dashboard.results.folders import results_folders as results_folders
from dashboard.results.heads import Heads as Heads
from dashboard.results.hidden_paths import hide_paths as hide_paths
from dashboard.results.kept import kept
from dashboard.results.sources import DEFAULT_THRESHOLD as DEFAULT_THRESHOLD
from dashboard.results.sources import HeadSource as HeadSource
from dashboard.results.sources import Loaded as Loaded
from dashboard.results.sources import Run as Run
from dashboard.results.sources import list_sources
from precompute.errors import AtlasError
from precompute.features import FEATURES, SHOWN_FEATURES
from precompute.head_labels import HeadLabel, label_heads
from precompute.heads import PUBLISHED
from precompute.published import THRESHOLD
from precompute.tables import (
    BACKGROUND,
    COLUMN_MATRICES,
    HEAD_COUNTS,
    RUNS,
    SPECIAL_ATTENTION,
    Table,
    open_folder,
    table_path,
)
from precompute.tables.storage import exists

REMOTE_SECONDS = 60
"""A folder behind a URL is looked at anew after this time; a local one at every visit."""


def stamp_file(folder: str, name: str) -> str:
    """Tell one state of a file from the next: what it is on its disk, or the minute if remote.

    A clock may go back, and a copy keep the time of its original: the minute is counted by a clock
    that only goes on, and a file put in another's place is another on the disk.
    """
    if "://" in folder:
        return f"remote {int(time.monotonic() // REMOTE_SECONDS)}"
    try:
        status = Path(folder, name).stat()
    except OSError as error:
        return type(error).__name__
    return f"{status.st_ino} {status.st_ctime_ns} {status.st_mtime_ns} {status.st_size}"


class InFolder(Protocol):
    """A run of any kind: what its files are called, and where they are."""

    @property
    def name(self) -> str:
        """Its identifier."""
        ...

    @property
    def folder(self) -> str:
        """Path or URL of its results folder."""
        ...

    @property
    def started(self) -> str:
        """When it was."""
        ...


Found = TypeVar("Found", bound=InFolder)


def find_newest(
    folders: Iterable[str], read: Callable[[str], Iterable[Found]]
) -> tuple[dict[str, Found], dict[str, str]]:
    """Find the runs of some folders by name, newest first; and by folder why one is not read."""
    found: dict[str, Found] = {}
    problems = {}
    for folder in folders:
        try:
            for run in read(folder):
                found.setdefault(run.name, run)
        except AtlasError as error:
            problems[folder] = hide_paths(str(error))
    newest = sorted(found.values(), key=lambda run: (run.started, run.name), reverse=True)
    return {run.name: run for run in newest}, problems


def stamp_list(folder: str, listing: Table = RUNS) -> str:
    """Tell one state of a folder's list of runs from the next; without one, of the folder."""
    state = stamp_file(folder, f"{listing.name}.parquet")
    return state if " " in state else f"{state} {stamp_file(folder, '.')}"


def stamp_tables(run: InFolder | None, *tables: Table) -> str:
    """Tell one state of some of a run's tables from the next; the paper's never change."""
    if run is None:
        return ""
    return "|".join(stamp_file(run.folder, f"{table.name}/{run.name}.parquet") for table in tables)


def stamp_matrices(run: Run, number: int) -> str:
    """Tell one state of the kept matrices of one of a run's alignments from the next."""
    return stamp_file(run.folder, table_path("", COLUMN_MATRICES, run.name, number).lstrip("/"))


_read_runs = kept(64, stamp_list)(reader.read_runs)
_protein_ids = kept(16, lambda run: stamp_list(run.folder))(reader.read_protein_ids)
_every_count = kept(6, lambda run: stamp_tables(run, HEAD_COUNTS))(reader.read_counts)
run_table = kept(256, lambda run, table, **_: stamp_tables(run, table))(reader.read_run_table)
_of_amino_acids = kept(96)(amino_acids.of_amino_acids)
correlate = kept(12)(amino_acids.correlate)


def load() -> Loaded:
    """Find out what is loaded: `reader.find_runs` of the folders that are named."""
    found = reader.find_runs(results_folders(), _read_runs)
    return replace(found, problems=tuple(map(hide_paths, found.problems)))


def read_heads(
    source: HeadSource, threshold: float | str = THRESHOLD, denominator: str = PUBLISHED
) -> Heads:
    """Give a model's heads from one source: `reader.read_heads`, the threshold maybe as text."""
    return _read_heads(source, round(float(threshold), 4), denominator)


@kept(96, lambda source, *_: stamp_tables(source.run, HEAD_COUNTS, BACKGROUND))
def _read_heads(source: HeadSource, threshold: float, denominator: str) -> Heads:
    return reader.read_heads(
        source, threshold, denominator, _read_counts, lambda run: run_table(run, BACKGROUND)
    )


def _read_counts(run: Run, threshold: float) -> reader.Counts:
    """Read what is shown first alone: it takes a fifth of the time and memory of all."""
    return reader.read_counts(run, threshold) if threshold == THRESHOLD else _every_count(run)


def published(
    features: Iterable[str] = SHOWN_FEATURES,
) -> dict[tuple[str, str], pd.DataFrame]:
    """Give the published heads of some properties, by model and property."""
    every = [read_heads(source) for source in list_sources(Loaded()).values()]
    asked = tuple(features)
    return {
        (heads.model, str(frame["feature"].iloc[0])): frame
        for heads in every
        for frame in heads.several(asked)
    }


def read_amino_acids(source: HeadSource, threshold: float | str = THRESHOLD) -> Heads:
    """Give a model's heads from one source by amino acid: `amino_acids.of_amino_acids`."""
    return _of_amino_acids(read_heads(source, threshold))


def proteins_in_common(first: HeadSource, second: HeadSource) -> int | None:
    """Count the proteins that two runs share: `reader.proteins_in_common`."""
    return reader.proteins_in_common(first, second, _protein_ids)


def known_table(run: Run | None, table: Table, **rows: int) -> pd.DataFrame | None:
    """Give a run's table that pages can do without; None where there is none.

    Raises
    ------
    AtlasError
        When it is there and cannot be read: what is said without it would be another thing.
    """
    if run is None:
        return None
    try:
        return run_table(run, table, **rows)
    except AtlasError:
        filesystem, root = open_folder(run.folder)
        if exists(filesystem, table_path(root, table, run.name)):
            raise
        return None


@kept(512)
def highest(heads: Heads, count: int = 10) -> pd.DataFrame:
    """Give the highest kept heads of the property that is shown: `frames.top_heads`."""
    return frames.top_heads(heads.frame, count)


@kept(512, of=Heads.whole)
def profile_of_head(heads: Heads, layer: int, head: int) -> pd.DataFrame:
    """Give a head's rows of all that pages show: `frames.head_profile`."""
    return frames.head_profile(heads.several(), layer, head)


@kept(32, lambda heads: stamp_tables(heads.run, SPECIAL_ATTENTION), of=Heads.whole)
def label_of_heads(heads: Heads) -> dict[tuple[int, int], HeadLabel]:
    """Label every head of a source; its shares must be of all arcs."""
    every = pd.concat(heads.several(FEATURES), ignore_index=True)
    return label_heads(every, known_table(heads.run, SPECIAL_ATTENTION))
