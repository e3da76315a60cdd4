"""The controls that several pages have, each kept in step with its page's address.

Widgets are not bound to query parameters one by one: Streamlit would write their labels
into the address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.page.address import Choices, Parameter
from dashboard.results.amino_acids import allowed_thresholds
from dashboard.results.shapes import SHAPES
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource
from precompute.features import FEATURES
from precompute.heads import PUBLISHED


def row(gap: Literal["small", "medium"] = "medium") -> DeltaGenerator:
    """Begin a row of controls, broken where the page is narrow."""
    return st.container(horizontal=True, gap=gap, vertical_alignment="bottom")


def choose_one(choices: Choices, name: str, label: str, **more: Any) -> str:
    """Draw the choice of one of a few values, all in sight; give what it says.

    ``more`` is of `streamlit.segmented_control`.
    """
    parameter = choices.parameters[name]
    st.segmented_control(
        label,
        _values(choices, name),
        required=True,
        **more,
        **choices.widget(name, parameter.label),
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
        **more,
        **choices.widget(name, words or choices.parameters[name].label),
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
        max_selections=parameter.most or None,
        **more,
        **choices.widget(name, words or parameter.label),
    )
    return tuple(choices[name])


def choose_feature(choices: Choices) -> str:
    """Draw the choice of a property, or of what a head is like; give what it says."""
    return choose_from(
        choices,
        "feature",
        "Property",
        _name_feature,
        width=290,
    )


def _name_feature(name: str) -> str:
    known = FEATURES.get(name) or SHAPES[name]
    return f"{known.label} · {known.group.lower()}"


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


def _values(choices: Choices, name: str) -> list[str]:
    allowed = choices.parameters[name].allowed
    if callable(allowed):
        raise TypeError(f"{name} has no list of values")
    return list(allowed)
