"""The 190 pairs of amino acids beside a substitution matrix: pure functions, no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.results.amino_acids import Correlations
from dashboard.results.sources import HeadSource
from precompute.chemistry import LETTERS
from precompute.published import read_published
from precompute.similarity import matrix_pairs, pair_matrix
from precompute.substitution import (
    DEFAULT_MATRIX,
    LEVEL,
    PERMUTATIONS,
    PRINTED,
    compare_with_matrix,
    mantel,
    pair_frame,
    pearson,
    ranks,
    read_matrix,
)
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


def pairs_with_intervals(
    pairs: NDArray[np.float64],
    matrix: NDArray[np.float64],
    resampled: NDArray[np.floating],
    drawn: NDArray[np.floating] | None,
    paper: Drawn | None,
) -> pd.DataFrame:
    """Set the 190 pairs beside a matrix's scores.

    Parameters
    ----------
    pairs
        Correlations, shape (190,).
    matrix
        Scores, shape (20, 20).
    resampled, drawn
        The correlations over heads drawn with replacement, and over what the drawing
        allows (None where values were counted), shape (draws, 190).
    paper
        The correlations that the paper draws; None where it draws none.

    Returns
    -------
    pandas.DataFrame
        As `precompute.substitution.pair_frame`, with the middle 95 % over resampled
        heads (``heads_lower``, ``heads_upper``) and over what the drawing allows
        (``drawing_lower``, ``drawing_upper``), and what the paper draws
        (``paper_correlation`` ± ``paper_resolution``, ``paper_difference`` = paper −
        computed); empty where there is none.
    """
    frame = pair_frame(pairs, matrix_pairs(matrix))
    ends = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    frame["heads_lower"], frame["heads_upper"] = np.nanquantile(resampled, ends, axis=0)
    frame["drawing_lower"], frame["drawing_upper"] = (
        (np.nan, np.nan) if drawn is None else np.quantile(drawn, ends, axis=0)
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


def pairs_beside_matrix(own: Correlations, name: str) -> pd.DataFrame:
    """Set a source's 190 pairs beside a matrix's scores: `pairs_with_intervals`."""
    return pairs_with_intervals(
        own.pairs, read_matrix(name), own.resampled, own.drawn, paper_correlations(own.source)
    )


def paper_correlations(source: HeadSource) -> Drawn | None:
    """Give the correlations that the paper draws of a source; None where it draws none."""
    return published_correlations().get(source.model) if source.run is None else None


def similarity_row(own: Correlations, name: str) -> dict[str, Any]:
    """Compare one source's correlations with a matrix.

    Returns
    -------
    dict
        Where they come from, ``heads`` (kept), the statistics of
        `precompute.substitution.compare_with_matrix`, ``paper_pearson`` (from the
        correlations the paper draws) and ``paper_printed``.
    """
    matrix, source = read_matrix(name), own.source
    figure = paper_correlations(source)
    printed = source.run is None and name == DEFAULT_MATRIX
    return {
        "model": source.model,
        "label": source.label,
        "results": source.results,
        "dataset": source.dataset,
        "proteins": source.run.proteins if source.run else None,
        "threshold": own.threshold,
        "matrix": name,
        "heads": own.vectors.count,
        **compare_with_matrix(own.pairs, matrix, own.resampled, own.resampled_ranks, own.drawn),
        "paper_pearson": float(pearson(figure[0], matrix_pairs(matrix))[0]) if figure else np.nan,
        "paper_printed": PRINTED.get(source.model, np.nan) if printed else np.nan,
    }


def similarity_frame(sources: Sequence[Correlations], name: str) -> pd.DataFrame:
    """Compare several sources with a matrix, with Mantel's p of both correlations.

    Returns
    -------
    pandas.DataFrame
        Of `similarity_row`, one row a source, with ``mantel_p_pearson``,
        ``mantel_p_spearman`` and ``permutations``.
    """
    frame = pd.DataFrame([similarity_row(own, name) for own in sources])
    if len(sources):
        matrix, values = read_matrix(name), np.stack([own.pairs for own in sources])
        scores = pair_matrix(ranks(matrix_pairs(matrix))[0])
        frame["mantel_p_pearson"] = mantel(values, matrix)
        frame["mantel_p_spearman"] = mantel(ranks(values), scores)
        frame["permutations"] = PERMUTATIONS
    return frame
