"""The controls of the Heads page, kept in step with its address.

The address is the truth when the visitor arrives by it (a pasted link, Back, a link
on Home), the widgets are when one of them was just used. Widgets are not bound to
query parameters one by one: Streamlit would write their labels into the address.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import permalink
from dashboard.permalink import Head, HeadsChoice
from dashboard.results import Loaded
from dashboard.some import some_of
from precompute.features import FEATURES, PAPER_FEATURES

MOST_PILLS = 14
"""How many models can be chosen side by side."""
_WRITTEN = "heads_address"
_TOUCHED = "heads_touched"
_NOTES = "heads_notes"
_HEAD = "heads_head"


def choose_heads(loaded: Loaded) -> tuple[HeadsChoice, list[str]]:
    """Draw the controls and give what they say.

    Parameters
    ----------
    loaded
        What there is to choose from.

    Returns
    -------
    tuple
        The choice, and notes about values of the address that were ignored.
    """
    _arrive(loaded)
    choice = _draw(loaded)
    choice, said = _limit(choice, loaded)
    notes = [*st.session_state.get(_NOTES, []), *said]
    if st.session_state.pop(_TOUCHED, False):
        _write(permalink.to_parameters(choice))
    return choice, notes


def open_head(head: Head | None) -> None:
    """Open a head, or close the open one; to be called from a widget's callback."""
    st.session_state[_HEAD] = head
    touch()


def touch() -> None:
    """Note that a widget was used, so that it and not the address is obeyed."""
    st.session_state[_TOUCHED] = True
    st.session_state[_NOTES] = []


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _arrive(loaded: Loaded) -> None:
    """Set the widgets by the address, if the visitor has come by it."""
    address = _address()
    state = st.session_state
    run_names = [run.name for run in loaded.runs]
    if "heads_feature" in state and (state.get(_TOUCHED) or state.get(_WRITTEN) == address):
        for key, there in (("heads_models", loaded.labels), ("heads_runs", run_names)):
            if any(name not in there for name in state.get(key) or ()):
                state[key] = [name for name in state[key] if name in there]
        return
    choice, notes = permalink.from_parameters(address, loaded.shapes, run_names)
    state["heads_feature"] = choice.feature
    state["heads_models"] = list(choice.models)
    state["heads_measure"] = choice.measure
    state["heads_scale"] = choice.scale
    state["heads_results"] = choice.results
    state["heads_runs"] = list(choice.runs)
    state["heads_threshold"] = choice.threshold
    state["heads_denominator"] = choice.denominator
    state["heads_table"] = choice.table
    state[_HEAD] = choice.head
    state[_NOTES] = notes
    state[_WRITTEN] = address


def _write(address: dict[str, list[str]]) -> None:
    if _address() != address:
        st.query_params.from_dict(address)
    st.session_state[_WRITTEN] = address


def _draw(loaded: Loaded) -> HeadsChoice:
    labels = loaded.labels
    state = st.session_state
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        feature = st.selectbox(
            "Property",
            PAPER_FEATURES,
            format_func=lambda name: f"{FEATURES[name].label} · {FEATURES[name].group.lower()}",
            key="heads_feature",
            on_change=touch,
            width=290,
        )
        models = _draw_models(labels)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        measure = st.segmented_control(
            "Value",
            list(permalink.MEASURES),
            format_func=lambda name: permalink.MEASURES[name],
            key="heads_measure",
            on_change=touch,
            required=True,
        )
        scale = st.segmented_control(
            "Colour scale",
            list(permalink.SCALES),
            format_func=lambda name: permalink.SCALES[name],
            key="heads_scale",
            on_change=touch,
            required=True,
        )
        results: str | None = "both"
        runs: tuple[str, ...] = ()
        if loaded.runs:
            results = st.segmented_control(
                "Results",
                list(permalink.RESULTS),
                format_func=lambda name: permalink.RESULTS[name],
                key="heads_results",
                on_change=touch,
                required=True,
            )
            by_name = {run.name: run for run in loaded.runs}
            runs = tuple(
                st.multiselect(
                    "Measured runs",
                    list(by_name),
                    format_func=lambda name: (
                        f"{labels[by_name[name].model]}, {by_name[name].dataset}, "
                        f"n = {by_name[name].proteins:,} ({name})"
                    ),
                    key="heads_runs",
                    on_change=touch,
                    placeholder="newest of each model",
                    width=300,
                )
            )
            _draw_counting()
    return HeadsChoice(
        feature=feature,
        models=tuple(name for name in labels if name in (models or ())),
        measure=measure or "percent",
        scale=scale or "own",
        results=results or "both",
        runs=runs,
        # A widget that is not drawn keeps what the address asked for.
        threshold=state.get("heads_threshold") or permalink.DEFAULT.threshold,
        denominator=state.get("heads_denominator") or permalink.DEFAULT.denominator,
        table=state.get("heads_table") or permalink.DEFAULT.table,
        head=state.get(_HEAD),
    )


def _draw_models(labels: dict[str, str]) -> list[str]:
    """Draw the choice of models: side by side, or as a list where they would fill the page."""
    if len(labels) <= MOST_PILLS:
        return st.pills(
            "Models",
            list(labels),
            selection_mode="multi",
            format_func=labels.__getitem__,
            key="heads_models",
            on_change=touch,
            wrap=True,
        )
    most = permalink.MOST_MODELS
    st.session_state["heads_models"] = list(st.session_state["heads_models"] or ())[:most]
    return st.multiselect(
        f"Models (at most {most} of {len(labels)})",
        list(labels),
        format_func=labels.__getitem__,
        key="heads_models",
        on_change=touch,
        max_selections=most,
        placeholder="Choose models",
        width=520,
    )


def choose_table() -> None:
    """Draw the choice of the table of heads; it is made only where it is asked for."""
    st.session_state.setdefault("heads_table", permalink.DEFAULT.table)
    st.segmented_control(
        "Table of heads",
        list(permalink.TABLES),
        format_func=lambda name: permalink.TABLES[name],
        key="heads_table",
        on_change=touch,
        required=True,
    )


def _draw_counting() -> None:
    """Draw what can be chosen of measured runs only."""
    st.select_slider(
        "Threshold (measured)",
        permalink.THRESHOLDS,
        key="heads_threshold",
        on_change=touch,
        width=170,
    )
    st.segmented_control(
        "Denominator (measured)",
        list(permalink.DENOMINATORS),
        format_func=lambda name: permalink.DENOMINATORS[name],
        key="heads_denominator",
        on_change=touch,
        required=True,
    )


def _limit(choice: HeadsChoice, loaded: Loaded) -> tuple[HeadsChoice, list[str]]:
    """Keep to five models, and close a head whose model is not shown any more."""
    notes = []
    if len(choice.models) > permalink.MOST_MODELS:
        over = [loaded.labels[name] for name in choice.models[permalink.MOST_MODELS :]]
        left_out = some_of(over)
        notes.append(f"At most {permalink.MOST_MODELS} models are shown; left out: {left_out}.")
        choice = replace(choice, models=choice.models[: permalink.MOST_MODELS])
    if choice.head and choice.head.model not in choice.models:
        choice = replace(choice, head=None)
        st.session_state[_HEAD] = None
    return choice, notes
