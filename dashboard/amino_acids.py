"""The amino acids of one model from one source: what two pages read.

Published values, or a run at one of its thresholds. Statistics that take long are made
once for each state of the results; what they are is in `precompute.similarity` and
`precompute.substitution`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from dashboard import results
from dashboard.paper.figure import Source, sample_size
from dashboard.paper.reading import read_run
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.clustering import Tree, cluster
from precompute.errors import AtlasError
from precompute.features import AMINO_ACIDS
from precompute.heads import PUBLISHED
from precompute.similarity import (
    HeadVectors,
    correlation_matrix,
    drawn_pairs,
    head_vectors,
    matrix_pairs,
    resampled_pairs,
)
from precompute.substitution import ranks
from precompute.tables import HEAD_COUNTS, list_runs

ORDERS: dict[str, str] = {
    "chemistry": "Chemistry",
    "clustering": "Clustering",
    "alphabet": "Alphabet",
}
"""How the amino acids can be ordered."""
THRESHOLDS: tuple[str, ...] = tuple(f"{value / 100:.2f}" for value in range(10, 95, 5))
"""The thresholds runs are counted at, as addresses have them."""
DEFAULT_THRESHOLD = f"{results.THRESHOLD:.2f}"


@dataclass(frozen=True)
class AminoAcidSource:
    """Where amino acids' values can come from.

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
        """Name in addresses: ``model:published`` or ``model:run``."""
        return f"{self.model}:{self.results}"

    @property
    def results(self) -> str:
        """``published`` or the name of the run."""
        return self.run.name if self.run else PUBLISHED

    @property
    def title(self) -> str:
        """Model and source in words."""
        return f"{self.label}, {self.origin}"

    @property
    def origin(self) -> str:
        """The source in words."""
        return f"measured, {self.run.dataset}" if self.run else "published"

    def facts(self, threshold: float, feature: str = "") -> Source:
        """Say where values come from, for a file that is taken along."""
        return Source(
            models=self.label,
            results=self.results,
            dataset=self.run.dataset if self.run else "",
            feature=feature,
            threshold=f"{threshold:g}",
            n=self.sample,
        )

    @property
    def sample(self) -> str:
        """How many proteins the values rest on."""
        return sample_size(self.model, self.run.proteins if self.run else None)


@dataclass(frozen=True, eq=False)
class AminoAcidHeads:
    """The heads of one source for each amino acid.

    Attributes
    ----------
    source
        Where they come from.
    threshold
        Attention from which on a weight is an arc.
    frames
        Head frames by letter, in alphabetical order; do not change them.
    identity
        Tells one state of the results from the next.
    """

    source: AminoAcidSource
    threshold: float
    frames: Mapping[str, pd.DataFrame]
    identity: str

    @property
    def shape(self) -> tuple[int, int]:
        """Layers and heads."""
        frame = next(iter(self.frames.values()))
        return int(frame["layer"].max()), int(frame["head"].max())

    @property
    def table(self) -> pd.DataFrame:
        """Every value, for download."""
        return pd.concat(self.frames.values(), ignore_index=True)


@dataclass(frozen=True, eq=False)
class Correlations:
    """How amino acids correlate over one source's heads.

    Attributes
    ----------
    source, threshold, identity
        As in `AminoAcidHeads`.
    vectors
        What was correlated.
    matrix
        Pearson's r, shape (20, 20), in the order of `precompute.chemistry.LETTERS`.
    resampled, resampled_ranks
        The 190 pairs over heads drawn with replacement, and their ranks;
        shape (draws, 190).
    drawn
        The 190 pairs over what the drawing allows, likewise; None for counted values.
    tree
        The clustering of `matrix`.
    """

    source: AminoAcidSource
    threshold: float
    identity: str
    vectors: HeadVectors
    matrix: NDArray[np.float64]
    resampled: NDArray[np.float32]
    resampled_ranks: NDArray[np.float32]
    drawn: NDArray[np.float32] | None
    tree: Tree

    @property
    def pairs(self) -> NDArray[np.float64]:
        """The 190 pairs of `matrix`."""
        return matrix_pairs(self.matrix)


def list_sources(loaded: results.Loaded) -> dict[str, AminoAcidSource]:
    """Give every source by its key: the published models, then the runs, newest first."""
    labels = loaded.labels
    papers = dict.fromkeys(model for model, _ in results.published())
    sources = [AminoAcidSource(model, labels[model]) for model in papers]
    sources += [AminoAcidSource(run.model, labels[run.model], run) for run in loaded.runs]
    order = {model: place for place, model in enumerate(labels)}
    sources.sort(key=lambda source: (source.run is not None, order[source.model]))
    return {source.key: source for source in sources}


def thresholds(source: AminoAcidSource) -> tuple[str, ...]:
    """Give the thresholds a source has, as addresses have them.

    Raises
    ------
    AtlasError
        When the list of runs cannot be read.
    """
    if source.run is None:
        return (DEFAULT_THRESHOLD,)
    found = _thresholds(source.run.folder, _state(source.run, "runs.parquet"))
    return found.get(source.run.name, (DEFAULT_THRESHOLD,))


def read_heads(source: AminoAcidSource, threshold: str) -> AminoAcidHeads:
    """Read the heads of a source for all 20 amino acids.

    Raises
    ------
    AtlasError
        When the tables cannot be read, or have no such threshold or no amino acids.
    """
    if source.run is None:
        found = _published(source)
    else:
        path = f"{HEAD_COUNTS.name}/{source.run.name}.parquet"
        found = _measured(source, threshold, _state(source.run, path))
    if isinstance(found, str):
        raise AtlasError(found)
    return found


def correlate(heads: AminoAcidHeads) -> Correlations:
    """Correlate the amino acids of a source, once for each state of the results.

    Raises
    ------
    AtlasError
        When too few heads are kept for a correlation.
    """
    found = _correlations(heads.identity, heads)
    if isinstance(found, str):
        raise AtlasError(found)
    return found


def letters_in_order(order: str, heads: AminoAcidHeads) -> tuple[str, ...]:
    """Give the amino acids in one of the `ORDERS`.

    Raises
    ------
    AtlasError
        When they cannot be clustered.
    """
    if order == "clustering":
        return tuple(LETTERS[leaf] for leaf in correlate(heads).tree.order)
    return BY_CHEMISTRY if order == "chemistry" else LETTERS


def _state(run: results.Run, name: str) -> str:
    """Tell one state of a run's file from the next."""
    return results._stamp(run.folder, name)


@st.cache_resource(show_spinner=False, max_entries=16)
def _thresholds(folder: str, state: str) -> dict[str, tuple[str, ...]]:
    del state  # only tells one state of the folder from the next
    return {
        str(run): tuple(f"{value:.2f}" for value in sorted(grid))
        for run, grid in list_runs(folder)[["run", "thresholds"]].itertuples(index=False)
    }


@st.cache_resource(show_spinner=False)
def _published(source: AminoAcidSource) -> AminoAcidHeads | str:
    tables = {
        feature: frame
        for (model, feature), frame in results.published().items()
        if model == source.model
    }
    return _collect(source, results.THRESHOLD, tables, source.key)


@st.cache_resource(show_spinner=False, max_entries=32)
def _measured(source: AminoAcidSource, threshold: str, state: str) -> AminoAcidHeads | str:
    """Read a run at a threshold; a sentence in place of an exception, so that it is kept too."""
    run = source.run
    if run is None:
        raise ValueError("published values are not measured")
    try:
        tables = read_run(run.folder, run.name, run.model, float(threshold)).frames
    except AtlasError as error:
        return str(error)
    return _collect(source, float(threshold), tables, f"{source.key} {threshold} {state}")


def _collect(
    source: AminoAcidSource, threshold: float, tables: Mapping[str, pd.DataFrame], identity: str
) -> AminoAcidHeads | str:
    missing = [
        AMINO_ACIDS[letter].lower() for letter in LETTERS if f"amino_acid:{letter}" not in tables
    ]
    if missing:
        which = "amino acids" if len(missing) == len(LETTERS) else ", ".join(missing)
        return f"{source.title}: there are no values for {which}."
    frames = {letter: tables[f"amino_acid:{letter}"] for letter in LETTERS}
    return AminoAcidHeads(source, threshold, frames, identity)


@st.cache_resource(show_spinner=False, max_entries=12)
def _correlations(identity: str, _heads: AminoAcidHeads) -> Correlations | str:
    try:
        vectors = head_vectors(_heads.table)
    except AtlasError as error:
        return f"{_heads.source.title}: {error}"
    matrix = correlation_matrix(vectors.percent)
    resampled = resampled_pairs(vectors.percent)
    return Correlations(
        source=_heads.source,
        threshold=_heads.threshold,
        identity=identity,
        vectors=vectors,
        matrix=matrix,
        resampled=resampled.astype(np.float32),
        resampled_ranks=ranks(resampled).astype(np.float32),
        drawn=drawn_pairs(vectors).astype(np.float32) if vectors.is_drawn else None,
        tree=cluster(matrix),
    )
