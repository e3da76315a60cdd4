"""The amino acids of one model from one source, and how they correlate; pure.

What the statistics are is in `precompute.similarity` and `precompute.substitution`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.results.frames import interval_ends, row_of
from dashboard.results.heads import Heads
from dashboard.results.sources import HeadSource, every_threshold
from precompute.chemistry import BY_CHEMISTRY, GROUPS, LETTERS
from precompute.clustering import Tree, cluster
from precompute.errors import AtlasError
from precompute.features import AMINO_ACIDS
from precompute.pairs import middle
from precompute.similarity import (
    HeadVectors,
    correlation_matrix,
    drawn_pairs,
    head_vectors,
    matrix_pairs,
    resampled_pairs,
)
from precompute.substitution import ranks, standardise

ORDERS: dict[str, str] = {
    "chemistry": "Chemistry",
    "clustering": "Clustering",
    "alphabet": "Alphabet",
}
"""How the amino acids can be ordered."""
THRESHOLDS: tuple[str, ...] = tuple(f"{value / 100:.2f}" for value in range(10, 95, 5))
"""The thresholds runs are counted at, as addresses have them."""


@dataclass(frozen=True, eq=False)
class Correlations:
    """How amino acids correlate over one source's heads.

    Attributes
    ----------
    heads
        The heads, by letter.
    vectors
        What was correlated.
    matrix
        Pearson's r, shape (20, 20), in the order of `precompute.chemistry.LETTERS`.
    resampled, resampled_ranks
        The 190 pairs over heads drawn with replacement, and their ranks, both
        `precompute.substitution.standardise`d; shape (draws, 190).
    drawn
        The 190 pairs over what the drawing allows, likewise; None for counted values.
    over_heads, over_drawing
        The middle of the pairs over heads and over the drawing (`precompute.pairs.middle`).
    tree
        The clustering of `matrix`.
    """

    heads: Heads
    vectors: HeadVectors
    matrix: NDArray[np.float64]
    resampled: NDArray[np.float32]
    resampled_ranks: NDArray[np.float32]
    drawn: NDArray[np.float32] | None
    over_heads: NDArray[np.float64]
    over_drawing: NDArray[np.float64] | None
    tree: Tree

    @property
    def source(self) -> HeadSource:
        """Where the heads come from."""
        return self.heads.source

    @property
    def threshold(self) -> float:
        """Attention from which on a weight is an arc."""
        return self.heads.threshold

    @property
    def identity(self) -> tuple[str, str]:
        """Tells one state of the results from the next."""
        return self.heads.identity

    @property
    def pairs(self) -> NDArray[np.float64]:
        """The 190 pairs of `matrix`."""
        return matrix_pairs(self.matrix)


def amino_acid_frames(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Pick the head frames of amino acids out of those of all properties, by letter."""
    names = {letter: f"amino_acid:{letter}" for letter in LETTERS}
    return {letter: frames[name] for letter, name in names.items() if name in frames}


def backgrounds(frames: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Give how frequent each amino acid is, %; nothing unless all 20 are known."""
    rates = {
        letter: float(frame["background_percent"].iloc[0])
        for letter, frame in frames.items()
        if frame["background_percent"].notna().any()
    }
    return rates if len(rates) == len(LETTERS) else {}


def head_shares(
    frames: Mapping[str, pd.DataFrame], layer: int, head: int, background: Mapping[str, float]
) -> pd.DataFrame:
    """Give one head's share of each amino acid beside the background.

    Parameters
    ----------
    frames
        Head frames of one model and source by amino acid.
    layer, head
        The head, counted from 1.
    background
        How frequent each amino acid is, %; may be empty.

    Returns
    -------
    pandas.DataFrame
        ``amino_acid``, ``group``, ``percent``, ``lower``, ``upper`` (the interval of a
        run, what the drawing allows of published values), ``background_percent``,
        ``enrichment`` (percent / background) and ``arcs``; in the order of `frames`. What
        is not known is empty.
    """
    groups = {letter: name for name, letters in GROUPS.items() for letter in letters}
    rows = pd.concat(
        [row_of(frame, layer, head).assign(amino_acid=letter) for letter, frame in frames.items()]
    )
    rows = rows.set_index("amino_acid").reindex(list(frames)).reset_index()
    percent = rows["percent"].astype(float)
    rate = rows["amino_acid"].map(background).astype(float)
    shares = pd.DataFrame(
        {
            "amino_acid": rows["amino_acid"],
            "group": rows["amino_acid"].map(groups),
            "percent": percent,
        }
    )
    for name, ends in zip(("lower", "upper"), interval_ends(rows), strict=True):
        shares[name] = pd.Series(ends).where(percent.notna())
    return shares.assign(
        background_percent=rate,
        enrichment=percent / rate.where(rate > 0),
        arcs=rows["arcs"].astype("Int64"),
    )


def of_amino_acids(heads: Heads) -> Heads:
    """Give a source's heads by the letters of the 20 amino acids.

    Raises
    ------
    AtlasError
        When it has no values of one of them.
    """
    heads.several(f"amino_acid:{letter}" for letter in LETTERS)  # in one go
    frames = amino_acid_frames(heads.frames)
    missing = [AMINO_ACIDS[letter].lower() for letter in LETTERS if letter not in frames]
    if missing:
        which = "amino acids" if len(missing) == len(LETTERS) else ", ".join(missing)
        raise AtlasError(f"{heads.source.title}: there are no values for {which}.")
    return replace(heads, frames=frames, state=f"{heads.state}, amino acids")


def allowed_thresholds(found: Iterable[HeadSource]) -> tuple[str, ...]:
    """Give the thresholds that addresses may name: the usual ones, and those of the runs."""
    return tuple(sorted({*THRESHOLDS, *every_threshold(found)}))


def correlate(heads: Heads) -> Correlations:
    """Correlate the amino acids of a source.

    Parameters
    ----------
    heads
        Of `of_amino_acids`.

    Raises
    ------
    AtlasError
        When too few heads are kept for a correlation.
    """
    try:
        vectors = head_vectors(pd.concat(heads.frames.values(), ignore_index=True))
    except AtlasError as error:
        raise AtlasError(f"{heads.source.title}: {error}") from error
    matrix = correlation_matrix(vectors.percent)
    resampled = resampled_pairs(vectors.percent)
    drawn = drawn_pairs(vectors) if vectors.is_drawn else None
    return Correlations(
        heads=heads,
        vectors=vectors,
        matrix=matrix,
        resampled=standardise(resampled).astype(np.float32),
        resampled_ranks=standardise(ranks(resampled)).astype(np.float32),
        drawn=None if drawn is None else standardise(drawn).astype(np.float32),
        over_heads=middle(resampled),
        over_drawing=None if drawn is None else middle(drawn),
        tree=cluster(matrix),
    )


def letters_in_order(
    order: str, heads: Heads, correlate: Callable[[Heads], Correlations] = correlate
) -> tuple[str, ...]:
    """Give the amino acids in one of the `ORDERS`.

    Parameters
    ----------
    order
        Key of `ORDERS`.
    heads
        Of `of_amino_acids`.
    correlate
        Gives their correlations, as `correlate` does.

    Raises
    ------
    AtlasError
        When they cannot be clustered.
    """
    if order == "clustering":
        return tuple(LETTERS[leaf] for leaf in correlate(heads).tree.order)
    return BY_CHEMISTRY if order == "chemistry" else LETTERS
