"""How alike amino acids are to a model: correlations of the attention its heads pay them.

For each amino acid, the vector over a model's kept heads of p(→ that amino acid); for
each two amino acids, Pearson's correlation of their vectors (Vig et al., 2021, section
4.3). Where values were read off a drawing, `drawn_pairs` carries over what the drawing
leaves open; `resampled_pairs` carries over the choice of heads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.chemistry import LETTERS
from precompute.errors import AtlasError
from precompute.features import AMINO_ACIDS

Floats = NDArray[np.float64]

FIRST, SECOND = np.triu_indices(len(LETTERS), 1)
"""The 190 pairs of two different amino acids, by their places in `LETTERS`."""
FEWEST_HEADS = 3
RESAMPLES = 2000
DRAWINGS = 500
SEED = 0
_CHUNK = 50
"""Drawings made at once: 50 of 747 heads take 6 MB."""


@dataclass(frozen=True, eq=False)
class HeadVectors:
    """What the kept heads of one model give to each amino acid.

    Attributes
    ----------
    layers, heads
        The kept heads, counted from 1; shape (heads,).
    percent
        Share of each head's arcs that go to each amino acid of `LETTERS`, %;
        shape (heads, 20).
    resolution
        Half-width of what the drawing allows, percentage points; 0 where the value was
        counted. Same shape.
    """

    layers: NDArray[np.int64]
    heads: NDArray[np.int64]
    percent: Floats
    resolution: Floats

    @property
    def count(self) -> int:
        """How many heads are kept."""
        return len(self.layers)

    @property
    def is_drawn(self) -> bool:
        """Whether the values were read off a drawing."""
        return bool((self.resolution > 0).any())


def head_vectors(frame: pd.DataFrame) -> HeadVectors:
    """Collect the vectors of one model and source.

    Parameters
    ----------
    frame
        Head frame (`precompute.heads.HEAD_COLUMNS`) of one model and source with all
        20 amino acids; other properties are passed over.

    Raises
    ------
    AtlasError
        When an amino acid is missing, fewer than three heads are kept, or an amino acid
        has the same share in every kept head, so that it has no correlation.
    """
    names = [f"amino_acid:{letter}" for letter in LETTERS]
    places = pd.Index(names).get_indexer(pd.Index(frame["feature"]))
    own = frame[places >= 0]
    place = places[places >= 0]
    missing = [letter for number, letter in enumerate(LETTERS) if number not in set(place)]
    if missing:
        raise AtlasError(f"There are no values for the amino acids {', '.join(missing)}.")
    layer, head = (own[name].to_numpy(dtype=np.int64) for name in ("layer", "head"))
    shape = (int(layer.max()), int(head.max()), len(LETTERS))
    percent, resolution = np.full(shape, np.nan), np.zeros(shape)
    where = (layer - 1, head - 1, place)
    percent[where] = own["percent"].to_numpy(dtype=float, na_value=np.nan)
    resolution[where] = own["resolution"].to_numpy(dtype=float, na_value=0.0)
    kept = np.isfinite(percent).all(axis=2)
    if kept.sum() < FEWEST_HEADS:
        said = "head is" if kept.sum() == 1 else "heads are"
        raise AtlasError(
            f"{kept.sum()} {said} not grey; correlations need at least {FEWEST_HEADS}."
        )
    values = percent[kept]
    flat = np.flatnonzero(np.ptp(values, axis=0) == 0)
    if len(flat):
        name = AMINO_ACIDS[LETTERS[flat[0]]].lower()
        raise AtlasError(
            f"Every kept head has the same share for {name}, so it has no correlation with others."
        )
    layers, heads = np.nonzero(kept)
    return HeadVectors(layers + 1, heads + 1, values, resolution[kept])


def correlation_matrix(percent: Floats) -> Floats:
    """Correlate amino acids over heads.

    Parameters
    ----------
    percent
        Shares, shape (heads, 20).

    Returns
    -------
    numpy.ndarray
        Pearson's r, shape (20, 20), in the order of `LETTERS`.
    """
    return np.asarray(np.corrcoef(percent, rowvar=False))


def matrix_pairs(matrix: Floats) -> Floats:
    """Give the 190 values above a symmetric matrix's diagonal; shape (190,)."""
    return np.asarray(matrix, dtype=float)[FIRST, SECOND]


def pair_matrix(pairs: Floats, diagonal: float = np.nan) -> Floats:
    """Lay 190 values out as a symmetric matrix; shape (20, 20)."""
    matrix = np.full((len(LETTERS), len(LETTERS)), diagonal)
    matrix[FIRST, SECOND] = matrix[SECOND, FIRST] = pairs
    return matrix


def weighted_pairs(percent: Floats, weights: NDArray[np.number]) -> Floats:
    """Correlate amino acids over weighted heads, for many weightings at once.

    Parameters
    ----------
    percent
        Shares, shape (heads, 20).
    weights
        How often each head counts, shape (draws, heads).

    Returns
    -------
    numpy.ndarray
        Pearson's r of the 190 pairs, shape (draws, 190); NaN where an amino acid has
        the same share in every head that counts.
    """
    # Neither shift nor unit changes a correlation; both keep the sums small and exact.
    spread = percent.std(axis=0)
    x = (percent - percent.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    w = weights / weights.sum(axis=1, keepdims=True)
    mean = w @ x
    variance = w @ x**2 - mean**2
    variance = np.where(variance > 1e-12, variance, np.nan)
    product = w @ (x[:, FIRST] * x[:, SECOND]) - mean[:, FIRST] * mean[:, SECOND]
    r = product / np.sqrt(variance[:, FIRST] * variance[:, SECOND])
    return np.asarray(np.clip(r, -1.0, 1.0))


def resampled_pairs(percent: Floats, draws: int = RESAMPLES, seed: int = SEED) -> Floats:
    """Correlate amino acids over heads drawn with replacement (Efron's bootstrap).

    Parameters
    ----------
    percent
        Shares, shape (heads, 20).
    draws, seed
        How many samples of as many heads, and the seed they come from.

    Returns
    -------
    numpy.ndarray
        Pearson's r of the 190 pairs, shape (draws, 190).
    """
    heads = len(percent)
    picks = np.random.default_rng(seed).integers(heads, size=(draws, heads))
    picks += heads * np.arange(draws)[:, None]
    weights = np.bincount(picks.ravel(), minlength=draws * heads).reshape(draws, heads)
    return weighted_pairs(percent, weights)


def drawn_pairs(vectors: HeadVectors, draws: int = DRAWINGS, seed: int = SEED) -> Floats:
    """Correlate amino acids over values that the same drawing could have stood for.

    Each value is drawn by itself and uniformly from what the colour allows: value ±
    resolution, not below 0.

    Parameters
    ----------
    vectors
        Values with their resolution.
    draws, seed
        How many sets of values, and the seed they come from.

    Returns
    -------
    numpy.ndarray
        Pearson's r of the 190 pairs, shape (draws, 190).
    """
    random = np.random.default_rng(seed)
    low = np.maximum(vectors.percent - vectors.resolution, 0.0)
    width = vectors.percent + vectors.resolution - low
    parts = []
    for begin in range(0, draws, _CHUNK):
        shape = (min(_CHUNK, draws - begin), *low.shape)
        x = low + width * random.random(shape)
        x -= x.mean(axis=1, keepdims=True)
        products = x.transpose(0, 2, 1) @ x
        spread = np.sqrt(np.diagonal(products, axis1=1, axis2=2))
        parts.append(products[:, FIRST, SECOND] / (spread[:, FIRST] * spread[:, SECOND]))
    return np.concatenate(parts)
