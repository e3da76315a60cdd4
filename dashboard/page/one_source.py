"""The controls of pages that show one model from one source: which, and at which threshold."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.page.address import Choices, Parameter
from dashboard.page.controls import choose_from, choose_threshold
from dashboard.results.amino_acids import allowed_thresholds
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource
from precompute.heads import PUBLISHED


def source_parameters(sources: Mapping[str, HeadSource]) -> tuple[Parameter, Parameter]:
    """Give what the address of such a page names first: source and threshold."""
    return (
        Parameter("source", sources, f"prot_bert_bfd:{PUBLISHED}"),
        Parameter("threshold", allowed_thresholds(sources.values()), DEFAULT_THRESHOLD),
    )


def choose_source(
    choices: Choices, sources: Mapping[str, HeadSource]
) -> tuple[HeadSource, str, list[str]]:
    """Draw the choice of a source and, where it has several, of its threshold.

    Returns
    -------
    tuple
        The source, a threshold it has, and a note where the chosen one is not of it.
    """
    key = choose_from(
        choices,
        "source",
        "Model and results",
        lambda key: f"{sources[key].title}{_run_name(sources[key])}",
        width=230,
    )
    source, wanted, notes = sources[key], choices["threshold"], []
    known = source.thresholds
    if known and wanted not in known:
        nearest = min(known, key=lambda text: abs(float(text) - float(wanted)))
        notes.append(
            f"{source.title} has no threshold {wanted}; {nearest} is shown. "
            f"There {'are' if len(known) > 1 else 'is'} {', '.join(known)}."
        )
        wanted = nearest
        choices.correct("threshold", nearest)
    choose_threshold(choices, known)
    return source, wanted, notes


def _run_name(source: HeadSource) -> str:
    if source.run is None:
        return ""
    return f", n = {source.run.proteins:,} ({source.run.name})"
