"""Whose amino acids the Substitution page sets beside a substitution matrix."""

from __future__ import annotations

from dashboard.page.some import count_of
from dashboard.results import loaded as results
from dashboard.results.amino_acids import Correlations
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource, list_sources
from precompute.errors import AtlasError

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
        notes.append(f"{count_of(left_out, 'more model is', 'more models are')} not compared.")
    order = {key: place for place, key in enumerate(list_sources(loaded))}
    found.sort(key=lambda own: order[own.source.key])
    return found, notes


def _correlations(source: HeadSource, threshold: str) -> Correlations:
    return results.correlate(results.read_amino_acids(source, threshold))
