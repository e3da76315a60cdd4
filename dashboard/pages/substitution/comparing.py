"""Amino acids' attention beside a substitution matrix: what the Substitution page shows.

Everything is made once for each state of the results and each matrix.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.pages.substitution import frames
from dashboard.results import loaded as results
from dashboard.results.amino_acids import Correlations
from dashboard.results.kept import kept
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource, list_sources
from precompute.errors import AtlasError
from precompute.pairs import deviating

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
        found.append(_correlations(chosen, threshold))
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
            found.append(_correlations(source, DEFAULT_THRESHOLD))
        except AtlasError:
            continue  # an older run may do; whoever chooses this one is told
        seen.add(kind)
    if left_out:
        notes.append(f"{left_out} more models are not compared.")
    order = {key: place for place, key in enumerate(list_sources(loaded))}
    found.sort(key=lambda own: order[own.source.key])
    return found, notes


@kept(64)
def compare_all(sources: Sequence[Correlations], name: str) -> pd.DataFrame:
    """Compare every source with a matrix: `similarity_frame`, made once; do not change it."""
    return frames.similarity_frame(sources, name)


@kept(64)
def pairs_beside_matrix(source: Correlations, name: str) -> pd.DataFrame:
    """Set a source's 190 pairs beside a matrix's scores, once; do not change the frame."""
    return frames.pairs_beside_matrix(source, name)


@kept(64)
def furthest_pairs(source: Correlations, name: str) -> pd.DataFrame:
    """Give the pairs that deviate most from a matrix, once; do not change the frame."""
    return deviating(pairs_beside_matrix(source, name))


def _correlations(source: HeadSource, threshold: str) -> Correlations:
    return results.correlate(results.read_amino_acids(source, threshold))
