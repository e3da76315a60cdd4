"""The controls of the Compare page: which of its parts is shown, and those of two sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.page.address import Choices, Parameter
from dashboard.page.controls import (
    choose_feature,
    choose_from,
    choose_one,
    choose_threshold,
    row,
)
from dashboard.results.sources import (
    DEFAULT_THRESHOLD,
    HeadSource,
    every_threshold,
)
from precompute.features import SHOWN_FEATURES
from precompute.heads import PUBLISHED

VIEWS = {"auto": "Distributions", "heads": "Head by head too"}
PARTS = {
    "two": "Two models or runs",
    "clusters": "Heads in clusters",
    "pairs": "Pairs of proteins",
}
"""What the page compares, one at a time."""
DEFAULT_FIRST, DEFAULT_SECOND = f"prot_bert:{PUBLISHED}", f"prot_bert_bfd:{PUBLISHED}"


@dataclass(frozen=True)
class CompareChoice:
    """What a visitor of the page has chosen."""

    first: HeadSource
    second: HeadSource
    feature: str
    threshold: str
    view: str


def compare_choices(
    sources: Mapping[str, HeadSource],
    clusters: Sequence[Parameter],
    pairs: Sequence[Parameter],
    *,
    has_pairs: bool,
) -> Choices:
    """Give the page's choices.

    Parameters
    ----------
    sources
        Whose heads can be compared.
    clusters, pairs
        What the address names of clusters and of pairs of proteins.
    has_pairs
        Whether there is a run over pairs.
    """
    two = (
        Parameter("first", sources, DEFAULT_FIRST),
        Parameter("second", sources, DEFAULT_SECOND),
        Parameter("feature", SHOWN_FEATURES, "contact"),
        Parameter("threshold", every_threshold(sources.values()), DEFAULT_THRESHOLD),
        Parameter("view", VIEWS, "auto"),
    )
    there = {name: label for name, label in PARTS.items() if name != "pairs" or has_pairs}
    own = {"two": two, "clusters": clusters, "pairs": pairs}
    implied = {one.name: name for name, each in own.items() for one in each}
    part = Parameter("part", there, "two", implied=implied)
    return Choices("compare", (part, *two, *pairs, *clusters))


def choose_part(choices: Choices) -> str:
    """Draw the choice of what is compared; give what it says."""
    if not choices.parameters["part"].allows("pairs"):
        # Those of a part that is there are kept until that is shown.
        choices.pass_by("no run over pairs is loaded", "attention")
    return choose_one(choices, "part", "What is compared", label_visibility="collapsed")


def choose_two(choices: Choices, sources: Mapping[str, HeadSource]) -> CompareChoice:
    """Draw the controls of two sources and give what they say."""
    with row():
        first, second = (
            sources[
                choose_from(choices, name, label, lambda key: sources[key].long_title, width=330)
            ]
            for name, label in (("first", "First"), ("second", "Second"))
        )
        st.button("Swap", on_click=_swap, args=(choices, first, second), key="compare_swap")
    threshold, view = choices["threshold"], choices["view"]
    with row():
        feature = choose_feature(choices)
        if first.run and second.run:
            threshold = choose_threshold(choices, every_threshold((first, second)))
        if first.model != second.model:
            view = choose_one(choices, "view", "View")
    return CompareChoice(first, second, feature, threshold, view)


def _swap(choices: Choices, first: HeadSource, second: HeadSource) -> None:
    choices.set("first", second.key)
    choices.set("second", first.key)
