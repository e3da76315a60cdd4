"""The controls that several pages have, each kept in step with its page's address.

Widgets are not bound to query parameters one by one: Streamlit would write their labels
into the address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.page.address import Choices
from precompute.features import FEATURES


def row(gap: Literal["small", "medium"] = "medium") -> DeltaGenerator:
    """Begin a row of controls, broken where the page is narrow."""
    return st.container(horizontal=True, gap=gap, vertical_alignment="bottom")


def choose_one(choices: Choices, name: str, label: str) -> str:
    """Draw the choice of one of a few values, all in sight; give what it says."""
    parameter = choices.parameters[name]
    st.segmented_control(
        label,
        _values(choices, name),
        format_func=parameter.label,
        required=True,
        **choices.widget(name),
    )
    return str(choices[name])


def choose_from(
    choices: Choices,
    name: str,
    label: str,
    words: Callable[[str], str] | None = None,
    **more: Any,
) -> str:
    """Draw the choice of one of many values; give what it says.

    Parameters
    ----------
    choices, name
        The page's choices, and which.
    label
        What stands above.
    words
        What a visitor reads for a value.
    more
        Further arguments of `streamlit.selectbox`, such as ``width``.
    """
    st.selectbox(
        label,
        _values(choices, name),
        format_func=words or choices.parameters[name].label,
        **more,
        **choices.widget(name),
    )
    return str(choices[name])


def choose_several(
    choices: Choices,
    name: str,
    label: str,
    words: Callable[[str], str] | None = None,
    **more: Any,
) -> tuple[str, ...]:
    """Draw the choice of several values, at most as many as the page shows; give what it says.

    Parameters
    ----------
    choices, name, label, words, more
        As `choose_from` has them, and ``more`` is of `streamlit.multiselect`.
    """
    parameter = choices.parameters[name]
    st.multiselect(
        label,
        _values(choices, name),
        format_func=words or parameter.label,
        max_selections=parameter.most or None,
        **more,
        **choices.widget(name),
    )
    return tuple(choices[name])


def choose_feature(choices: Choices) -> str:
    """Draw the choice of one of the paper's properties; give what it says."""
    return choose_from(
        choices,
        "feature",
        "Property",
        lambda name: f"{FEATURES[name].label} · {FEATURES[name].group.lower()}",
        width=290,
    )


def choose_threshold(
    choices: Choices, known: Iterable[str], label: str = "Threshold", width: int = 180
) -> str:
    """Draw the choice of a threshold, if there are several; give what it says.

    Parameters
    ----------
    choices
        The page's.
    known
        What the sources shown have; what is chosen is among them in any case.
    label
        What stands above.
    width
        In pixels.
    """
    chosen = str(choices["threshold"])
    steps = sorted({*known, chosen}, key=float)
    if len(steps) > 1:
        st.select_slider(
            label,
            steps,
            width=width,
            help="Attention from which on a weight is an arc. Published values have 0.30 only.",
            **choices.widget("threshold"),
        )
    return str(choices["threshold"])


def _values(choices: Choices, name: str) -> list[str]:
    allowed = choices.parameters[name].allowed
    if callable(allowed):
        raise TypeError(f"{name} has no list of values")
    return list(allowed)
