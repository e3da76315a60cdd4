"""Amino acids' attention beside a substitution matrix: what the Substitution page shows.

Everything is made once for each state of the results and each matrix.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from dashboard import results
from dashboard.amino_acids import (
    DEFAULT_THRESHOLD,
    AminoAcidSource,
    Correlations,
    correlate,
    list_sources,
    read_heads,
)
from precompute.chemistry import LETTERS
from precompute.errors import AtlasError
from precompute.heads import PUBLISHED
from precompute.published import read_published
from precompute.similarity import FIRST, SECOND, matrix_pairs, pair_matrix
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

MOST_SOURCES = 10
"""How many sources are compared with a matrix at once."""


@st.cache_resource(show_spinner=False)
def published_correlations() -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Give the paper's own correlations by model; do not change them.

    Returns
    -------
    dict
        For each model the correlations and the half-width of what their drawing allows,
        190 pairs each.
    """
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
        found[str(model)] = (both[0], both[1])
    return found


def collect(
    loaded: results.Loaded, chosen: AminoAcidSource, threshold: str
) -> tuple[list[Correlations], list[str]]:
    """Correlate amino acids over the heads of every source that is compared.

    Returns
    -------
    tuple
        The published models and each model's newest run, the chosen source among them at
        its threshold; and a note for everything that cannot be shown.
    """
    wanted: dict[tuple[str, bool], AminoAcidSource] = {}
    for source in list_sources(loaded).values():
        wanted.setdefault((source.model, source.run is None), source)
    wanted[chosen.model, chosen.run is None] = chosen
    shown = list(wanted.values())
    notes = []
    if len(shown) > MOST_SOURCES:
        kept = [source for source in shown if source != chosen][: MOST_SOURCES - 1]
        notes.append(f"{len(shown) - MOST_SOURCES} more sources are not compared.")
        shown = [source for source in shown if source == chosen or source in kept]
    found = []
    for source in shown:
        at = threshold if source == chosen else DEFAULT_THRESHOLD
        try:
            found.append(correlate(read_heads(source, at)))
        except AtlasError as error:
            notes.append(str(error))
    return found, notes


def compare_all(sources: Sequence[Correlations], name: str) -> pd.DataFrame:
    """Compare every source with a matrix.

    Parameters
    ----------
    sources
        Of `collect`.
    name
        Name of the matrix.

    Returns
    -------
    pandas.DataFrame
        One row a source: where it comes from, ``heads`` (kept), the statistics of
        `precompute.substitution.compare_with_matrix`, Mantel's p for both correlations,
        ``paper_pearson`` (from the correlations the paper draws) and ``paper_printed``.
        Do not change it.
    """
    return _compare_all(tuple(source.identity for source in sources), name, tuple(sources))


def pairs_beside_matrix(source: Correlations, name: str) -> pd.DataFrame:
    """Set a source's 190 pairs beside a matrix's scores.

    Returns
    -------
    pandas.DataFrame
        As `precompute.substitution.pair_frame`, with the middle 95 % over resampled
        heads (``heads_lower``, ``heads_upper``) and over what the drawing allows
        (``drawing_lower``, ``drawing_upper``), and what the paper draws
        (``paper_correlation`` ± ``paper_resolution``, ``paper_difference`` = paper −
        computed). Do not change it.
    """
    return _pairs_beside_matrix(source.identity, name, source)


def paper_agreement(frame: pd.DataFrame) -> tuple[int, float, float]:
    """Count the pairs whose two values meet as far as both are drawn.

    Parameters
    ----------
    frame
        Of `pairs_beside_matrix`, with the paper's correlations.

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


@st.cache_resource(show_spinner=False, max_entries=64)
def _compare_all(
    identities: tuple[str, ...], name: str, _sources: tuple[Correlations, ...]
) -> pd.DataFrame:
    del identities  # tell one state of the results from the next
    matrix = read_matrix(name)
    scores = matrix_pairs(matrix)
    paper = published_correlations()
    rows = []
    for own in _sources:
        published = own.source.run is None
        figure = paper.get(own.source.model) if published else None
        printed = published and name == DEFAULT_MATRIX
        rows.append(
            {
                "model": own.source.model,
                "label": own.source.label,
                "results": own.source.results,
                "dataset": own.source.run.dataset if own.source.run else "",
                "proteins": own.source.run.proteins if own.source.run else None,
                "threshold": own.threshold,
                "matrix": name,
                "heads": own.vectors.count,
                **compare_with_matrix(
                    own.pairs, matrix, own.resampled, own.resampled_ranks, own.drawn
                ),
                "paper_pearson": float(pearson(figure[0], scores)[0]) if figure else np.nan,
                "paper_printed": PRINTED.get(own.source.model, np.nan) if printed else np.nan,
            }
        )
    frame = pd.DataFrame(rows)
    if rows:
        pairs = np.stack([own.pairs for own in _sources])
        frame["mantel_p_pearson"] = mantel(pairs, matrix)
        frame["mantel_p_spearman"] = mantel(ranks(pairs), pair_matrix(ranks(scores)[0]))
        frame["permutations"] = PERMUTATIONS
    return frame


@st.cache_resource(show_spinner=False, max_entries=64)
def _pairs_beside_matrix(identity: str, name: str, _source: Correlations) -> pd.DataFrame:
    del identity  # tells one state of the results from the next
    frame = pair_frame(_source.pairs, matrix_pairs(read_matrix(name)))
    ends = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    frame["heads_lower"], frame["heads_upper"] = np.nanquantile(_source.resampled, ends, axis=0)
    for column in ("drawing_lower", "drawing_upper"):
        frame[column] = np.nan
    if _source.drawn is not None:
        frame["drawing_lower"], frame["drawing_upper"] = np.quantile(_source.drawn, ends, axis=0)
    paper = published_correlations().get(_source.source.model)
    for column in ("paper_correlation", "paper_resolution", "paper_difference"):
        frame[column] = np.nan
    if paper is not None and _source.source.results == PUBLISHED:
        frame["paper_correlation"], frame["paper_resolution"] = paper
        frame["paper_difference"] = paper[0] - frame["correlation"]
    return frame


def pair_names() -> list[str]:
    """Name the 190 pairs, in the order of `precompute.similarity.FIRST`."""
    return [f"{LETTERS[one]}{LETTERS[other]}" for one, other in zip(FIRST, SECOND, strict=True)]
