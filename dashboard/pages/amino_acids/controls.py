"""The controls of the pages about amino acids, kept in step with their addresses."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.page.address import Choices, Parameter
from dashboard.page.controls import choose_from, choose_one, choose_source, row, source_parameters
from dashboard.results import loaded as results
from dashboard.results.amino_acids import ORDERS
from dashboard.results.head import parse_place
from dashboard.results.sources import HeadSource, list_sources
from precompute.chemistry import LETTERS
from precompute.features import AMINO_ACIDS

SCALES = {"own": "Own", "shared": "Shared"}


@dataclass(frozen=True)
class AminoAcidsChoice:
    """What a visitor of the page has chosen."""

    source: HeadSource
    threshold: str
    letter: str
    order: str
    scale: str
    head: tuple[int, int] | None


def choose(loaded: results.Loaded) -> tuple[Choices, AminoAcidsChoice, list[str]]:
    """Draw the controls and give what they say.

    Returns
    -------
    tuple
        The page's choices, what they hold, and notes for the visitor.
    """
    sources = list_sources(loaded)
    choices = Choices(
        "amino_acids",
        (
            *source_parameters(sources),
            Parameter("amino_acid", LETTERS, "P"),
            Parameter("order", ORDERS, "chemistry"),
            Parameter("scale", SCALES, "own"),
            Parameter("head", lambda text: parse_place(text) is not None, ""),
        ),
    )
    with row():
        source, threshold, notes = choose_source(choices, sources)
        letter = choose_from(choices, "amino_acid", "Amino acid", name_of, width=180)
        order = choose_one(choices, "order", "Order")
        scale = choose_one(choices, "scale", "Colour scale")
    opened = parse_place(choices["head"])
    return choices, AminoAcidsChoice(source, threshold, letter, order, scale, opened), notes


def name_of(letter: str) -> str:
    """Name an amino acid by its word and letter."""
    return f"{AMINO_ACIDS[letter]} ({letter})"
