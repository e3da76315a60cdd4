"""Amino acids' attention beside a substitution matrix: what the Substitution page shows.

Everything is made once for each state of the results and each matrix.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.pages.substitution.frames import (
    Drawn,
    pairs_with_intervals,
    published_correlations,
    similarity_frame,
    similarity_row,
)
from dashboard.results import loaded as results
from dashboard.results.amino_acids import Correlations, correlate, read_heads
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource, list_sources
from precompute.errors import AtlasError
from precompute.substitution import read_matrix

MOST_SOURCES = 10
"""How many sources are compared with a matrix at once."""


def collect(
    loaded: results.Loaded, chosen: HeadSource, threshold: str
) -> tuple[list[Correlations], list[str]]:
    """Correlate amino acids over the heads of every source that is compared.

    Returns
    -------
    tuple
        The published models and each model's newest run, the chosen source among them at
        its threshold; and a note for everything that cannot be shown.
    """
    found, notes = [], []
    try:
        found.append(correlate(read_heads(chosen, threshold)))
    except AtlasError as error:
        notes.append(str(error))
    left_out = 0
    seen = {(chosen.model, chosen.run is None)}
    for source in list_sources(loaded).values():
        kind = (source.model, source.run is None)
        if kind in seen:
            continue
        if len(found) >= MOST_SOURCES:
            left_out += 1
            seen.add(kind)
            continue
        try:
            found.append(correlate(read_heads(source, DEFAULT_THRESHOLD)))
        except AtlasError:
            continue  # an older run may do; whoever chooses this one is told
        seen.add(kind)
    if left_out:
        notes.append(f"{left_out} more models are not compared.")
    order = {key: place for place, key in enumerate(list_sources(loaded))}
    found.sort(key=lambda own: order[own.source.key])
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
        Of `dashboard.pages.substitution.frames.pairs_with_intervals`. Do not change it.
    """
    return _pairs_beside_matrix(source.identity, name, source)


def paper_correlations(source: HeadSource) -> Drawn | None:
    """Give the correlations that the paper draws of a source; None where it draws none."""
    return published_correlations().get(source.model) if source.run is None else None


@st.cache_resource(show_spinner=False, max_entries=64)
def _compare_all(
    identities: tuple[str, ...], name: str, _sources: tuple[Correlations, ...]
) -> pd.DataFrame:
    del identities  # tell one state of the results from the next
    rows = [
        similarity_row(
            {
                "model": own.source.model,
                "label": own.source.label,
                "results": own.source.results,
                "dataset": own.source.run.dataset if own.source.run else "",
                "proteins": own.source.run.proteins if own.source.run else None,
                "threshold": own.threshold,
                "matrix": name,
                "heads": own.vectors.count,
            },
            name,
            own.pairs,
            (own.resampled, own.resampled_ranks),
            own.drawn,
        )
        for own in _sources
    ]
    return similarity_frame(rows, name, [own.pairs for own in _sources])


@st.cache_resource(show_spinner=False, max_entries=64)
def _pairs_beside_matrix(identity: str, name: str, _source: Correlations) -> pd.DataFrame:
    del identity  # tells one state of the results from the next
    return pairs_with_intervals(
        _source.pairs,
        read_matrix(name),
        _source.resampled,
        _source.drawn,
        paper_correlations(_source.source),
    )
