"""Where a model's heads can come from, named in addresses as ``model:published`` or ``model:run``.

What the pages Layers and Compare read: every property of one source at one threshold,
with what the tests between two runs need.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.figures.printing.figure import Source, sample_size
from dashboard.page.address import Choices
from dashboard.results import loaded as results
from dashboard.results.frames import by_feature
from precompute.differences import with_effective_arcs
from precompute.errors import AtlasError
from precompute.features import FEATURES, PAPER_FEATURES
from precompute.heads import PUBLISHED, measured_heads
from precompute.tables import BACKGROUND, HEAD_COUNTS, RUNS, list_runs, read_table

DEFAULT_THRESHOLD = f"{results.THRESHOLD:.2f}"


@dataclass(frozen=True)
class HeadSource:
    """A model's heads from one source.

    Attributes
    ----------
    model, label
        Identifier and name of the model.
    run
        The measured run; None for published values.
    """

    model: str
    label: str
    run: results.Run | None = None

    @property
    def key(self) -> str:
        """Name in addresses."""
        return f"{self.model}:{self.results}"

    @property
    def results(self) -> str:
        """``published`` or the name of the run."""
        return self.run.name if self.run else PUBLISHED

    @property
    def origin(self) -> str:
        """The source in words."""
        return f"measured, {self.run.dataset}" if self.run else "published"

    @property
    def title(self) -> str:
        """Model and source in words."""
        return f"{self.label}, {self.origin}"

    @property
    def sample(self) -> str:
        """How many proteins the values rest on."""
        return sample_size(self.model, self.run.proteins if self.run else None)

    @property
    def name(self) -> str:
        """The source by its name: no two of a model have the same."""
        return f"run {self.run.name}" if self.run else PUBLISHED

    @property
    def long_title(self) -> str:
        """Model, source and n; what tells two sources apart comes first."""
        dataset = f", {self.run.dataset}" if self.run else ""
        return f"{self.label}, {self.name}{dataset}, {self.sample}"


@dataclass(frozen=True, eq=False)
class SourceHeads:
    """The heads of one source.

    Attributes
    ----------
    source
        Where they come from.
    threshold
        Attention from which on a weight is an arc, as addresses have it.
    frames
        Head frames by property, in the order of `precompute.features.FEATURES`; those of
        runs have ``effective_arcs`` too. Do not change them.
    identity
        Tells one state of the results from the next.
    """

    source: HeadSource
    threshold: str
    frames: Mapping[str, pd.DataFrame]
    identity: str

    @property
    def shape(self) -> tuple[int, int]:
        """Layers and heads."""
        frame = next(iter(self.frames.values()))
        return int(frame["layer"].max()), int(frame["head"].max())


def list_sources(loaded: results.Loaded) -> dict[str, HeadSource]:
    """Give every source by its key: the published models, then the runs, newest first."""
    labels = loaded.labels
    papers = dict.fromkeys(model for model, _ in results.published())
    order = {model: place for place, model in enumerate(labels)}
    published = [
        HeadSource(model, labels[model]) for model in sorted(papers, key=order.__getitem__)
    ]
    runs = [HeadSource(run.model, labels[run.model], run) for run in loaded.runs]
    return {source.key: source for source in [*published, *runs]}


def thresholds(source: HeadSource) -> tuple[str, ...]:
    """Give the thresholds a source has, as addresses have them, ascending.

    Raises
    ------
    AtlasError
        When the list of runs cannot be read.
    """
    if source.run is None:
        return (DEFAULT_THRESHOLD,)
    return _grids(source.run.folder, _state(source.run, RUNS.name)).get(source.run.name, ())


def every_threshold(sources: Iterable[HeadSource]) -> tuple[str, ...]:
    """Give the thresholds that any of some sources has; a list that cannot be read is passed by."""
    found = {DEFAULT_THRESHOLD}
    for source in sources:
        try:
            found.update(thresholds(source))
        except AtlasError:
            continue  # its problem is said where the run is shown
    return tuple(sorted(found))


def choose_threshold(choices: Choices, sources: Iterable[HeadSource]) -> str:
    """Draw the choice of a threshold, if a chosen run has several; give what it says."""
    chosen = str(choices["threshold"])
    known = tuple(sorted({*every_threshold(sources), chosen}))
    if len(known) > 1:
        st.select_slider(
            "Threshold",
            known,
            width=180,
            help="Attention from which on a weight is an arc. Published values have 0.30 only.",
            **choices.widget("threshold"),
        )
    return chosen


def read_heads(source: HeadSource, threshold: str) -> SourceHeads:
    """Read the heads of a source at a threshold.

    Raises
    ------
    AtlasError
        When the tables cannot be read, or have no such threshold.
    """
    if source.run is None:
        if threshold != DEFAULT_THRESHOLD:
            raise AtlasError(
                f"{source.title}: the paper has the threshold {DEFAULT_THRESHOLD} only, not "
                f"{threshold}."
            )
        return _published(source)
    known = thresholds(source)
    if threshold not in known:
        raise AtlasError(
            f"The run {source.run.name} has no counts at threshold {threshold}; it has "
            f"{', '.join(known) or 'none'}."
        )
    state = "|".join(
        _state(source.run, f"{table.name}/{source.run.name}") for table in (HEAD_COUNTS, BACKGROUND)
    )
    found = _measured(source, threshold, state)
    if isinstance(found, str):
        raise AtlasError(found)
    return found


def print_source(sources: Iterable[HeadSource], feature: str, threshold: str) -> Source:
    """Say where a figure's values come from; what differs is separated by commas."""
    there = list(sources)

    def join(values: Iterable[str]) -> str:
        return ", ".join(dict.fromkeys(value for value in values if value))

    return Source(
        models=join(source.label for source in there),
        results=join(source.results for source in there),
        dataset=join(source.run.dataset for source in there if source.run),
        feature=feature,
        threshold=f"{float(threshold):g}",
        n=join(source.sample for source in there),
    )


def proteins_in_common(first: HeadSource, second: HeadSource) -> int | None:
    """Count the proteins that two runs over the same dataset share; None where that is not known.

    Raises
    ------
    AtlasError
        When a list of runs cannot be read.
    """
    if first.run is None or second.run is None or first.run.dataset != second.run.dataset:
        return None
    ids = [
        _proteins(run.folder, run.name, _state(run, RUNS.name)) for run in (first.run, second.run)
    ]
    return len(ids[0] & ids[1])


def _state(run: results.Run, name: str) -> str:
    """Tell one state of a table's file from the next."""
    return results._stamp(run.folder, f"{name}.parquet")


@st.cache_resource(show_spinner=False, max_entries=16)
def _grids(folder: str, state: str) -> dict[str, tuple[str, ...]]:
    del state  # only tells one state of the folder from the next
    return {
        str(run): tuple(f"{value:.2f}" for value in sorted(grid))
        for run, grid in list_runs(folder)[["run", "thresholds"]].itertuples(index=False)
    }


@st.cache_resource(show_spinner=False, max_entries=16)
def _proteins(folder: str, run: str, state: str) -> frozenset[str]:
    del state  # only tells one state of the folder from the next
    table = list_runs(folder)
    return frozenset(table.loc[table["run"] == run, "protein_ids"].iloc[0])


@st.cache_resource(show_spinner=False)
def _published(source: HeadSource) -> SourceHeads:
    tables = results.published()
    frames = {
        name: tables[source.model, name] for name in FEATURES if (source.model, name) in tables
    }
    return SourceHeads(source, DEFAULT_THRESHOLD, frames, source.key)


@st.cache_resource(show_spinner=False, max_entries=32)
def _measured(source: HeadSource, threshold: str, state: str) -> SourceHeads | str:
    """Read a run; a sentence in place of an exception, so that it is kept too."""
    run = source.run
    if run is None:
        raise ValueError("published values are not measured")
    value = float(threshold)
    try:
        counts = read_table(
            run.folder,
            HEAD_COUNTS,
            run=run.name,
            filters=[
                ("threshold", ">", value - 1e-6),
                ("threshold", "<", value + 1e-6),
                ("feature", "in", list(PAPER_FEATURES)),
            ],
        )
        background = read_table(run.folder, BACKGROUND, run=run.name)
        kinds = sorted(set(counts["attention"]), key=lambda kind: (kind != "self", kind))
        counts = counts[counts["attention"].isin(kinds[:1])]
        heads = measured_heads(counts, background, run.name, run.layers, run.heads)
        tables = by_feature(with_effective_arcs(heads, counts))
    except AtlasError as error:
        return str(error)
    frames = {
        name: tables[source.model, name] for name in FEATURES if (source.model, name) in tables
    }
    if not frames:
        return f"The run {run.name} has no values of any property at threshold {threshold}."
    return SourceHeads(source, threshold, frames, f"{source.key} {threshold} {state}")
