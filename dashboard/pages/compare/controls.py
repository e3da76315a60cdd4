"""The controls of the Compare page."""

from __future__ import annotations

from collections.abc import Sequence
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
    Loaded,
    every_threshold,
    list_sources,
)
from precompute.features import SHOWN_FEATURES
from precompute.heads import PUBLISHED

VIEWS = {"auto": "Distributions", "heads": "Head by head too"}
DEFAULT_FIRST, DEFAULT_SECOND = f"prot_bert:{PUBLISHED}", f"prot_bert_bfd:{PUBLISHED}"


@dataclass(frozen=True)
class CompareChoice:
    """What a visitor of the page has chosen."""

    first: HeadSource
    second: HeadSource
    feature: str
    threshold: str
    view: str


def choose(loaded: Loaded, further: Sequence[Parameter] = ()) -> tuple[Choices, CompareChoice]:
    """Draw the controls and give what they say; further parameters have theirs elsewhere."""
    sources = list_sources(loaded)
    choices = Choices(
        "compare",
        (
            Parameter("first", sources, DEFAULT_FIRST),
            Parameter("second", sources, DEFAULT_SECOND),
            Parameter("feature", SHOWN_FEATURES, "contact"),
            Parameter("threshold", every_threshold(sources.values()), DEFAULT_THRESHOLD),
            Parameter("view", VIEWS, "auto"),
            *further,
        ),
    )
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
    return choices, CompareChoice(first, second, feature, threshold, view)


def _swap(choices: Choices, first: HeadSource, second: HeadSource) -> None:
    choices.set("first", second.key)
    choices.set("second", first.key)
