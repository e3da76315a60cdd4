"""What can be chosen on the Heads page, and so stands in its address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.page.address import Choices, Parameter
from dashboard.page.controls import (
    choose_feature,
    choose_one,
    choose_several,
    choose_threshold,
    row,
)
from dashboard.page.links import DEFAULT
from dashboard.page.names import as_markdown
from dashboard.page.some import some_of
from dashboard.results.head import Asked, Head, parse_head
from dashboard.results.loaded import Loaded, Run
from dashboard.results.shapes import SHAPES
from precompute.features import SHOWN_FEATURES

MEASURES: dict[str, str] = {"percent": "Percent", "enrichment": "Enrichment", "z": "z"}
SCALES: dict[str, str] = {"own": "Own", "shared": "Shared"}
RESULTS: dict[str, str] = {"both": "Both", "published": "Published", "measured": "Measured"}
THRESHOLDS: tuple[str, ...] = tuple(f"{0.10 + 0.05 * step:.2f}" for step in range(17))
"""The thresholds that a run counts at."""
DENOMINATORS: dict[str, str] = {"published": "All arcs (paper)", "corrected": "Eligible arcs"}
TABLES: dict[str, str] = {"off": "Off", "all": "All", "marked": "Marked"}
_AS_CHOSEN = ("feature", "threshold", "denominator", "measure", "scale", "table")
MOST_MODELS = 5
MOST_PILLS = 14
"""How many models can be chosen side by side."""


@dataclass(frozen=True)
class HeadsChoice(Asked):
    """What a visitor of the Heads page has chosen."""

    measure: str = "percent"
    scale: str = "own"
    table: str = "off"
    head: Head | None = None


def heads_parameters(
    shapes: Mapping[str, tuple[int, int]], runs: Sequence[str] = ()
) -> tuple[Parameter, ...]:
    """List what can be chosen.

    Parameters
    ----------
    shapes
        Layers and heads of the models there are.
    runs
        Names of the measured runs there are.
    """
    return (
        Parameter("feature", (*SHOWN_FEATURES, *SHAPES), DEFAULT.feature),
        Parameter("models", shapes, DEFAULT.models, most=MOST_MODELS),
        Parameter("measure", MEASURES, "percent"),
        Parameter("scale", SCALES, "own"),
        Parameter("results", RESULTS, DEFAULT.results),
        Parameter("run", runs, DEFAULT.runs, most=len(runs)),
        Parameter("threshold", THRESHOLDS, DEFAULT.threshold),
        Parameter("denominator", DENOMINATORS, DEFAULT.denominator),
        Parameter("table", TABLES, "off"),
        Parameter(
            "head",
            lambda text: parse_head(text, shapes) is not None,
            "",
            fits=lambda text, others: text.rsplit(".", 2)[0] in others["models"],
        ),
    )


def choose_heads(loaded: Loaded) -> tuple[Choices, HeadsChoice, list[str]]:
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
    labels = loaded.labels
    runs = {run.name: run for run in loaded.runs}
    choices = Choices("heads", heads_parameters(loaded.shapes, tuple(runs)))
    with row():
        choose_feature(choices)
        _choose_models(choices, labels)
    with row():
        if choices["feature"] not in SHAPES:
            choose_one(choices, "measure", "Value")
        choose_one(choices, "scale", "Colour scale")
        if runs:
            choose_one(choices, "results", "Results")
            choose_several(
                choices,
                "run",
                "Measured runs",
                lambda name: _name_run(runs[name], labels),
                placeholder="newest of each model",
                width=300,
            )
            # What a head is like has no arcs; shares of an opened head and of the table do.
            arcs = choices["feature"] not in SHAPES or choices["head"] or choices["table"] != "off"
            if arcs:
                choose_threshold(choices, THRESHOLDS, "Threshold (measured)", 170)
                choose_one(choices, "denominator", "Denominator (measured)")
    models, notes = _limit(choices, labels)
    notes += _pass_by(choices, runs, labels, models)
    choice = HeadsChoice(
        **{name: choices[name] for name in _AS_CHOSEN},
        models=models,
        results=choices["results"] if runs else "both",
        runs=choices["run"],
        head=parse_head(choices["head"], loaded.shapes),
    )
    return choices, choice, [*choices.notes, *notes]


def _pass_by(
    choices: Choices, runs: Mapping[str, Run], labels: Mapping[str, str], models: Sequence[str]
) -> list[str]:
    """Tell what has no say in what is shown: of the address among its notes, runs here."""
    if choices["feature"] in SHAPES:
        label = SHAPES[choices["feature"]].label
        choices.pass_by(f"{label} has a unit of its own", "measure")
        if choices["table"] == "off" and not choices["head"]:
            choices.pass_by(f"{label} is of attention of any weight", "threshold", "denominator")
        elif choices["table"] == "marked":
            choices.pass_by(f"no head is marked by {label.lower()}, and all are listed", "table")
    if choices["results"] == "measured" and not runs:
        choices.pass_by("no measured run is loaded", "results")
    if choices["run"] and choices["results"] == "published":
        return ["The measured runs chosen are not shown: published results alone are."]
    others = [runs[name] for name in choices["run"] if runs[name].model not in models]
    return [
        f"The run {run.name} is not shown: {labels[run.model]} is not among the models chosen."
        for run in others
    ]


def _name_run(run: Run, labels: dict[str, str]) -> str:
    return f"{labels[run.model]}, {run.dataset}, n = {run.proteins:,} ({run.name})"


def _choose_models(choices: Choices, labels: dict[str, str]) -> None:
    """Draw the choice of models: side by side, or as a list where they would fill the page."""
    if len(labels) <= MOST_PILLS:
        st.pills(
            "Models",
            list(labels),
            selection_mode="multi",
            wrap=True,
            **choices.widget("models", lambda name: as_markdown(labels[name])),
        )
        return
    choices.correct("models", choices["models"][:MOST_MODELS])
    choose_several(
        choices,
        "models",
        f"Models (at most {MOST_MODELS} of {len(labels)})",
        labels.__getitem__,
        placeholder="Choose models",
        width=520,
    )


def _limit(choices: Choices, labels: dict[str, str]) -> tuple[tuple[str, ...], list[str]]:
    """Keep to five models, and close a head whose model is not shown any more."""
    models = tuple(name for name in labels if name in choices["models"])
    shown, over = models[:MOST_MODELS], [labels[name] for name in models[MOST_MODELS:]]
    if choices["head"].rsplit(".", 2)[0] not in shown:
        choices.correct("head", "")
    if not over:
        return shown, []
    return shown, [f"At most {MOST_MODELS} models are shown; left out: {some_of(over)}."]
