"""The amino acids of one model from one source: what two pages read.

Published values, or a run at one of its thresholds. Statistics that take long are made
once for each state of the results; what they are is in `precompute.similarity` and
`precompute.substitution`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from dashboard.results import sources
from dashboard.results.amino_acid_frames import amino_acid_frames
from dashboard.results.sources import HeadSource
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.clustering import Tree, cluster
from precompute.errors import AtlasError
from precompute.features import AMINO_ACIDS
from precompute.similarity import (
    HeadVectors,
    correlation_matrix,
    drawn_pairs,
    head_vectors,
    matrix_pairs,
    resampled_pairs,
)
from precompute.substitution import ranks

ORDERS: dict[str, str] = {
    "chemistry": "Chemistry",
    "clustering": "Clustering",
    "alphabet": "Alphabet",
}
"""How the amino acids can be ordered."""
THRESHOLDS: tuple[str, ...] = tuple(f"{value / 100:.2f}" for value in range(10, 95, 5))
"""The thresholds runs are counted at, as addresses have them."""


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

    source: HeadSource
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

    source: HeadSource
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


def read_heads(source: HeadSource, threshold: str) -> AminoAcidHeads:
    """Read the heads of a source for all 20 amino acids.

    Raises
    ------
    AtlasError
        When the tables cannot be read, or have no such threshold or no amino acids.
    """
    heads = sources.read_heads(source, threshold)
    frames = amino_acid_frames(heads.frames)
    missing = [AMINO_ACIDS[letter].lower() for letter in LETTERS if letter not in frames]
    if missing:
        which = "amino acids" if len(missing) == len(LETTERS) else ", ".join(missing)
        raise AtlasError(f"{source.title}: there are no values for {which}.")
    return AminoAcidHeads(source, float(threshold), frames, heads.identity)


def allowed_thresholds(found: Iterable[HeadSource]) -> tuple[str, ...]:
    """Give the thresholds that addresses may name: the usual ones, and those of the runs."""
    return tuple(sorted({*THRESHOLDS, *sources.every_threshold(found)}))


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
