"""The 190 pairs of amino acids: correlations of attention beside a matrix's scores.

And beside the correlations that the paper draws.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.chemistry import LETTERS
from precompute.published import read_published
from precompute.similarity import matrix_pairs
from precompute.substitution import LEVEL, pair_frame
from precompute.tables import PUBLISHED_AMINO_ACID_CORRELATIONS


class Drawn(NamedTuple):
    """Correlations of 190 pairs read off a drawing, and the half-width of what it allows."""

    correlation: NDArray[np.float64]
    resolution: NDArray[np.float64]


def pair_name(one: str, other: str) -> str:
    """Name a pair of amino acids, whichever comes first."""
    return "".join(sorted((one, other)))


@lru_cache(maxsize=1)
def published_correlations() -> dict[str, Drawn]:
    """Give the paper's own correlations by model; do not change them."""
    place = {letter: number for number, letter in enumerate(LETTERS)}
    found = {}
    for model, table in read_published(PUBLISHED_AMINO_ACID_CORRELATIONS).groupby("model"):
        one = table["amino_acid_1"].map(place).to_numpy()
        other = table["amino_acid_2"].map(place).to_numpy()
        both = []
        for column in ("correlation", "resolution"):
            matrix = np.full((len(LETTERS), len(LETTERS)), np.nan)
            matrix[one, other] = table[column].to_numpy(dtype=float)
            both.append(matrix_pairs(matrix))
        found[str(model)] = Drawn(*both)
    return found


def middle(draws: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give both ends of the middle `LEVEL` of each pair's draws, (draws, 190): shape (2, 190)."""
    # All pairs in one go where none is empty, which is nearly always; else pair by pair.
    quantile = np.nanquantile if np.isnan(draws).any() else np.quantile
    ends: NDArray[np.float64] = quantile(draws, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
    return ends


def pairs_with_intervals(
    pairs: NDArray[np.float64],
    matrix: NDArray[np.float64],
    over_heads: NDArray[np.floating],
    over_drawing: NDArray[np.floating] | None,
    paper: Drawn | None,
) -> pd.DataFrame:
    """Set the 190 pairs beside a matrix's scores.

    Parameters
    ----------
    pairs
        Correlations, shape (190,).
    matrix
        Scores, shape (20, 20).
    over_heads, over_drawing
        The `middle` of the correlations over heads drawn with replacement, and over what the
        drawing allows (None where values were counted), shape (2, 190).
    paper
        The correlations that the paper draws; None where it draws none.

    Returns
    -------
    pandas.DataFrame
        As `pair_frame`, with the middle 95 % over resampled
        heads (``heads_lower``, ``heads_upper``) and over what the drawing allows
        (``drawing_lower``, ``drawing_upper``), and what the paper draws
        (``paper_correlation`` ± ``paper_resolution``, ``paper_difference`` = paper −
        computed); empty where there is none.
    """
    frame = pair_frame(pairs, matrix_pairs(matrix))
    frame["heads_lower"], frame["heads_upper"] = over_heads
    frame["drawing_lower"], frame["drawing_upper"] = (
        (np.nan, np.nan) if over_drawing is None else over_drawing
    )
    frame["paper_correlation"] = np.nan if paper is None else paper.correlation
    frame["paper_resolution"] = np.nan if paper is None else paper.resolution
    frame["paper_difference"] = frame["paper_correlation"] - frame["correlation"]
    return frame


def paper_agreement(frame: pd.DataFrame) -> tuple[int, float, float]:
    """Count the pairs whose two values meet as far as both are drawn.

    Parameters
    ----------
    frame
        Of `pairs_with_intervals`, with the paper's correlations.

    Returns
    -------
    tuple
        How many pairs' values ± what the drawings allow meet; the median and the largest
        absolute difference.
    """
    low = frame["paper_correlation"] - frame["paper_resolution"]
    high = frame["paper_correlation"] + frame["paper_resolution"]
    meet = (low <= frame["drawing_upper"]) & (high >= frame["drawing_lower"])
    size = frame["paper_difference"].abs()
    return int(meet.sum()), float(size.median()), float(size.max())


def deviating(frame: pd.DataFrame, count: int = 10) -> pd.DataFrame:
    """Give the pairs furthest from the regression line, furthest first."""
    order = frame["standardised_residual"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order[:count]].reset_index(drop=True)
