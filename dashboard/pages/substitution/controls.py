"""The controls of the Substitution page, kept in step with its address."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.page.address import Choices, Parameter
from dashboard.page.controls import choose_from, choose_one, choose_source, row, source_parameters
from dashboard.results import loaded as results
from dashboard.results.amino_acids import ORDERS
from dashboard.results.sources import HeadSource, list_sources
from precompute.substitution import DEFAULT_MATRIX, list_matrices

SHOWN: dict[str, str] = {
    "heads": "Heads",
    "figure": "Paper’s figure",
    "difference": "Difference",
}
"""What the left matrix shows."""


@dataclass(frozen=True)
class SubstitutionChoice:
    """What a visitor of the page has chosen."""

    source: HeadSource
    threshold: str
    matrix: str
    order: str
    shown: str


def choose(loaded: results.Loaded) -> tuple[Choices, SubstitutionChoice, list[str]]:
    """Draw the controls and give what they say.

    Returns
    -------
    tuple
        The page's choices, what they hold, and notes for the visitor.
    """
    sources = list_sources(loaded)
    choices = Choices(
        "substitution",
        (
            *source_parameters(sources),
            Parameter("matrix", list_matrices(), DEFAULT_MATRIX),
            Parameter("order", ORDERS, "clustering"),
            Parameter("shown", SHOWN, "heads"),
        ),
    )
    with row("small"):
        source, threshold, notes = choose_source(choices, sources)
        matrix = choose_from(choices, "matrix", "Matrix", width=150)
        order = choose_one(choices, "order", "Order")
        published = source.run is None
        shown = choose_one(choices, "shown", "Correlations") if published else "heads"
    if not published:
        choices.pass_by("the paper’s figure is of published values alone", "shown")
    return choices, SubstitutionChoice(source, threshold, matrix, order, shown), notes
