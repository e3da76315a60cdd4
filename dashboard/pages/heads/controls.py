"""The controls of the Heads page, kept in step with its address.

Widgets are not bound to query parameters one by one: Streamlit would write their labels
into the address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from dashboard.page.address import Choices
from dashboard.page.names import as_markdown
from dashboard.page.parameters import Value
from dashboard.page.some import some_of
from dashboard.pages.heads import permalink
from dashboard.pages.heads.permalink import Head, HeadsChoice
from dashboard.results.loaded import Loaded
from precompute.features import FEATURES, PAPER_FEATURES

MOST_PILLS = 14
"""How many models can be chosen side by side."""


class HeadsChoices(Choices):
    """The choices of the Heads page in one visit.

    Parameters
    ----------
    loaded
        What there is to choose from.
    """

    def __init__(self, loaded: Loaded) -> None:
        names = [run.name for run in loaded.runs]
        super().__init__("heads", permalink.heads_parameters(loaded.shapes, names))

    def read(self, address: Mapping[str, Sequence[str]]) -> tuple[dict[str, Value], list[str]]:
        """Read the choices of an address, with a note for each thing that is wrong in it."""
        return permalink.read_heads_address(list(self.parameters.values()), address)

    def open_head(self, head: Head | None) -> None:
        """Open a head, or close the open one; to be called from a widget's callback."""
        self.set("head", str(head) if head else "")


def choose_heads(loaded: Loaded) -> tuple[HeadsChoices, HeadsChoice, list[str]]:
    """Draw the controls and give what they say.

    Parameters
    ----------
    loaded
        What there is to choose from.

    Returns
    -------
    tuple
        The page's choices, what they hold, and notes for the visitor.
    """
    choices = HeadsChoices(loaded)
    choice = _draw(choices, loaded)
    choice, said = _limit(choices, choice, loaded)
    return choices, choice, [*choices.notes, *said]


def _draw(choices: HeadsChoices, loaded: Loaded) -> HeadsChoice:
    labels = loaded.labels
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        st.selectbox(
            "Property",
            PAPER_FEATURES,
            format_func=lambda name: f"{FEATURES[name].label} · {FEATURES[name].group.lower()}",
            width=290,
            **choices.widget("feature"),
        )
        _draw_models(choices, labels)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        _draw_one_of(choices, "measure", "Value", permalink.MEASURES)
        _draw_one_of(choices, "scale", "Colour scale", permalink.SCALES)
        if loaded.runs:
            _draw_one_of(choices, "results", "Results", permalink.RESULTS)
            by_name = {run.name: run for run in loaded.runs}
            st.multiselect(
                "Measured runs",
                list(by_name),
                format_func=lambda name: (
                    f"{labels[by_name[name].model]}, {by_name[name].dataset}, "
                    f"n = {by_name[name].proteins:,} ({name})"
                ),
                placeholder="newest of each model",
                width=300,
                **choices.widget("run"),
            )
            st.select_slider(
                "Threshold (measured)",
                permalink.THRESHOLDS,
                width=170,
                **choices.widget("threshold"),
            )
            _draw_one_of(choices, "denominator", "Denominator (measured)", permalink.DENOMINATORS)
    values = {name: choices[name] for name in choices.parameters}
    choice = permalink.to_choice(values, loaded.shapes)
    chosen = tuple(name for name in labels if name in choice.models)
    return replace(choice, models=chosen, results=choice.results if loaded.runs else "both")


def _draw_one_of(choices: HeadsChoices, name: str, label: str, options: dict[str, str]) -> None:
    st.segmented_control(
        label,
        list(options),
        format_func=options.__getitem__,
        required=True,
        **choices.widget(name),
    )


def _draw_models(choices: HeadsChoices, labels: dict[str, str]) -> None:
    """Draw the choice of models: side by side, or as a list where they would fill the page."""
    if len(labels) <= MOST_PILLS:
        st.pills(
            "Models",
            list(labels),
            selection_mode="multi",
            format_func=lambda name: as_markdown(labels[name]),
            wrap=True,
            **choices.widget("models"),
        )
        return
    most = permalink.MOST_MODELS
    choices.correct("models", choices["models"][:most])
    st.multiselect(
        f"Models (at most {most} of {len(labels)})",
        list(labels),
        format_func=labels.__getitem__,
        max_selections=most,
        placeholder="Choose models",
        width=520,
        **choices.widget("models"),
    )


def choose_table(choices: HeadsChoices) -> None:
    """Draw the choice of the table of heads; it is made only where it is asked for."""
    _draw_one_of(choices, "table", "Table of heads", permalink.TABLES)


def _limit(
    choices: HeadsChoices, choice: HeadsChoice, loaded: Loaded
) -> tuple[HeadsChoice, list[str]]:
    """Keep to five models, and close a head whose model is not shown any more."""
    notes = []
    if len(choice.models) > permalink.MOST_MODELS:
        over = [loaded.labels[name] for name in choice.models[permalink.MOST_MODELS :]]
        left_out = some_of(over)
        notes.append(f"At most {permalink.MOST_MODELS} models are shown; left out: {left_out}.")
        choice = replace(choice, models=choice.models[: permalink.MOST_MODELS])
    if choice.head and choice.head.model not in choice.models:
        choice = replace(choice, head=None)
        choices.correct("head", "")
    return choice, notes
