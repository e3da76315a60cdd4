"""A source's pairs of amino acids beside a substitution matrix: without Streamlit.

Everything is made once for each state of the results and each matrix; do not change it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dashboard.results.amino_acids import Correlations
from dashboard.results.kept import kept
from dashboard.results.sources import HeadSource
from precompute.pairs import Drawn, deviating, pairs_with_intervals, published_correlations
from precompute.similarity import matrix_pairs, pair_matrix
from precompute.substitution import (
    DEFAULT_MATRIX,
    PERMUTATIONS,
    PRINTED,
    compare_with_matrix,
    mantel_each,
    pearson,
    ranks,
    read_matrix,
)


@kept(512)
def pairs_beside_matrix(own: Correlations, name: str) -> pd.DataFrame:
    """Set a source's 190 pairs beside a matrix's scores: `pairs_with_intervals`."""
    return pairs_with_intervals(
        *(own.pairs, read_matrix(name), own.over_heads, own.over_drawing),
        paper_correlations(own.source),
    )


@kept(512)
def furthest_pairs(own: Correlations, name: str) -> pd.DataFrame:
    """Give the pairs that deviate most from a matrix: `deviating`."""
    return deviating(pairs_beside_matrix(own, name))


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


@kept(512)
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
        pearson_p, spearman_p = mantel_each([(values, matrix), (ranks(values), scores)])
        frame["mantel_p_pearson"], frame["mantel_p_spearman"] = pearson_p, spearman_p
        frame["permutations"] = PERMUTATIONS
    return frame
