"""What is loaded, as pages see it: the reader's results, kept until a file changes.

New runs are seen without a restart; a folder behind a URL is looked at anew after a
minute. What is kept is shared by all visitors: do not change it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pandas as pd
import streamlit as st

from dashboard.results import amino_acids, frames, reader
from dashboard.results.amino_acids import Correlations
from dashboard.results.folders import RESULTS_VARIABLE as RESULTS_VARIABLE
from dashboard.results.folders import results_folders as results_folders
from dashboard.results.heads import Heads as Heads
from dashboard.results.heads import identity as identity
from dashboard.results.sources import DEFAULT_THRESHOLD as DEFAULT_THRESHOLD
from dashboard.results.sources import HeadSource as HeadSource
from dashboard.results.sources import Loaded as Loaded
from dashboard.results.sources import Run as Run
from dashboard.results.sources import every_threshold as every_threshold
from dashboard.results.sources import list_sources as list_sources
from precompute.errors import AtlasError
from precompute.features import FEATURES, SHOWN_FEATURES
from precompute.head_labels import HeadLabel, label_heads
from precompute.heads import PUBLISHED
from precompute.published import THRESHOLD
from precompute.tables import BACKGROUND, HEAD_COUNTS, RUNS, SPECIAL_ATTENTION, TABLES, Table

REMOTE_SECONDS = 60
"""A folder behind a URL is looked at anew after this time; a local one at every visit."""

Given = TypeVar("Given")


class _Refusal(NamedTuple):
    """A sentence in place of an exception, so that it is kept too."""

    sentence: str


def _keep(most: int) -> Callable[[Callable[..., Given]], Callable[..., Given]]:
    """Keep what a function gives, or the sentence it refuses with, a state of its files.

    Parameters
    ----------
    most
        How many results are kept.

    Returns
    -------
    callable
        Makes a function take, before its own arguments, what tells one state of the files
        that it reads from the next.
    """

    def decorate(read: Callable[..., Given]) -> Callable[..., Given]:
        # By a function's name and source Streamlit tells its results from another's.
        @st.cache_resource(
            show_spinner=False,
            max_entries=most,
            hash_funcs={Heads: lambda heads: heads.identity, pd.DataFrame: identity},
        )
        @wraps(read)
        def kept(state: str, *given: Any) -> Given | _Refusal:
            del state
            try:
                return read(*given)
            except AtlasError as error:
                return _Refusal(str(error))

        def give(state: str, *given: Any) -> Given:
            found = kept(state, *given)
            if isinstance(found, _Refusal):
                raise AtlasError(found.sentence)
            return found

        return give

    return decorate


def load() -> Loaded:
    """Find out what is loaded; new runs are seen without a restart.

    Returns
    -------
    Loaded
        The runs of every folder that can be read, and a sentence for every other one.
    """
    return reader.find_runs(
        results_folders(), lambda folder: _runs(_stamp(folder, "runs.parquet"), folder)
    )


def read_heads(
    source: HeadSource, threshold: float | str = THRESHOLD, denominator: str = PUBLISHED
) -> Heads:
    """Give a model's heads from one source.

    Parameters
    ----------
    source
        Where they come from.
    threshold
        Attention from which on a weight is an arc, also as addresses have it.
    denominator
        Key of `precompute.heads.DENOMINATORS`.

    Raises
    ------
    AtlasError
        When the tables cannot be read or contradict themselves, or lack the threshold.
    """
    return _heads(
        _state(source.run, HEAD_COUNTS, BACKGROUND), source, round(float(threshold), 4), denominator
    )


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
    """Give a model's heads from one source for all 20 amino acids, by letter.

    Raises
    ------
    AtlasError
        When they cannot be read, or there are no amino acids.
    """
    return amino_acids.of_amino_acids(read_heads(source, threshold))


def correlate(heads: Heads) -> Correlations:
    """Correlate the amino acids of a source, once for each state of the results.

    Raises
    ------
    AtlasError
        When too few heads are kept for a correlation.
    """
    return _correlations(heads.identity, heads)


def run_table(run: Run, table: Table, **filters: int | str) -> pd.DataFrame:
    """Read one of a run's own tables, or the rows of it that have some values.

    Raises
    ------
    AtlasError
        When the table cannot be read.
    """
    return _run_table(_state(run, table), run, table.name, tuple(sorted(filters.items())))


def proteins_in_common(first: HeadSource, second: HeadSource) -> int | None:
    """Count the proteins that two runs over the same dataset share; None where that is not known.

    Raises
    ------
    AtlasError
        When a list of runs cannot be read.
    """
    return reader.proteins_in_common(
        first, second, lambda run: _protein_ids(_stamp(run.folder, f"{RUNS.name}.parquet"), run)
    )


def label_of_heads(heads: Heads) -> Mapping[tuple[int, int], HeadLabel]:
    """Label every head of a source, once; its shares must be of all arcs."""
    return _labels(heads.identity, heads)


def special_attention(run: Run | None) -> pd.DataFrame | None:
    """Give what a run's heads attend to in special tokens; None where that is not known."""
    try:
        return run_table(run, SPECIAL_ATTENTION) if run else None
    except AtlasError:
        return None  # labels then say nothing of special tokens


def profile_of_head(features: tuple[pd.DataFrame, ...], layer: int, head: int) -> pd.DataFrame:
    """Give one head's row of every property, once for each head; do not change the frame.

    Parameters
    ----------
    features
        Head frames of one model and source, one a property, as this module gives them.
    layer, head
        The head, counted from 1.
    """
    return _profile("", features, layer, head)


def _state(run: Run | None, *tables: Table) -> str:
    """Tell one state of some of a run's tables from the next."""
    if run is None:
        return ""
    return "|".join(_stamp(run.folder, f"{table.name}/{run.name}.parquet") for table in tables)


def _stamp(folder: str, name: str) -> str:
    """Tell one state of a file from the next: its time and size, or the minute if remote."""
    if "://" in folder:
        return f"remote {int(time.time() // REMOTE_SECONDS)}"
    try:
        status = (Path(folder) / name).stat()
    except OSError as error:
        return type(error).__name__
    return f"{status.st_mtime_ns} {status.st_size}"


_runs = _keep(64)(reader.read_runs)
_every_count = _keep(6)(reader.read_counts)
_protein_ids = _keep(16)(reader.read_protein_ids)
_correlations = _keep(12)(amino_acids.correlate)
_profile = _keep(512)(frames.head_profile)


@_keep(96)
def _heads(source: HeadSource, threshold: float, denominator: str) -> Heads:
    return reader.read_heads(source, threshold, denominator, _counts)


def _counts(run: Run, threshold: float) -> reader.Counts:
    """Read what is shown first alone: it takes a fifth of the time and memory of all."""
    if threshold == THRESHOLD:
        return reader.read_counts(run, threshold)
    return _every_count(_state(run, HEAD_COUNTS), run)


@_keep(256)
def _run_table(run: Run, name: str, filters: tuple[tuple[str, int | str], ...]) -> pd.DataFrame:
    return reader.read_run_table(run, TABLES[name], **dict(filters))


@_keep(32)
def _labels(heads: Heads) -> dict[tuple[int, int], HeadLabel]:
    every = pd.concat(heads.several(FEATURES), ignore_index=True)
    return label_heads(every, special_attention(heads.run))
