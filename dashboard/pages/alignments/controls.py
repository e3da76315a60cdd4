"""The controls of the Alignments page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.page.address import Choices, Parameter
from dashboard.page.controls import choose_from, choose_one, row
from dashboard.page.parameters import shorten
from dashboard.results.alignments import PUBLISHED_MODEL, Measure, offered_families
from dashboard.results.amino_acids import allowed_thresholds
from dashboard.results.head import parse_place
from dashboard.results.loaded import DEFAULT_THRESHOLD, HeadSource, Loaded, Run
from precompute.features import CONSERVATION_FEATURES, FEATURES
from precompute.models import MODELS

CONTROLS: dict[str, str] = {
    "none": "None",
    "columns": "Columns shuffled",
    "covariance": "Within columns",
    "rows": "Within rows",
}
"""What was shuffled before the model read."""
READ: dict[str, str] = {**CONTROLS, "none": "As it is"}
"""The same, as a table names what the model read."""
DEFINITIONS: dict[str, str] = {
    "corrected": "Pairs of rows",
    "published": "With diagonal",
    "published_cls": "And with <cls>",
}
"""Over which entries measured values are."""
STATISTICS: dict[str, str] = {"spearman": "Spearman ρ", "pearson": "Pearson r"}
TREES: dict[str, str] = {"ml": "Maximum likelihood", "nj": "Neighbour joining"}
"""How the trees of the published values were made."""
TABLES: dict[str, str] = {"off": "Off", "on": "On"}
QUARTERS: dict[str, str] = {
    name.partition(":")[2]: FEATURES[name].label for name in CONSERVATION_FEATURES
}
"""Columns by conservation, for row attention."""


@dataclass(frozen=True)
class AlignmentsChoice:
    """What a visitor of the page has chosen.

    Attributes
    ----------
    run
        The measured run; None where there is none.
    label
        Name of its model, or of that of the published values.
    measure
        Which correlation.
    number
        Of the alignment that is shown, from 1; 0 for the mean over all.
    head
        The opened head, layer and head from 1.
    table
        Whether the table of heads is shown.
    quarter, threshold
        Of row attention: on which columns arcs end, key of `QUARTERS`, and from which attention on.
    """

    run: Run | None
    label: str
    measure: Measure
    number: int
    head: tuple[int, int] | None
    table: bool
    quarter: str
    threshold: str


def choose(loaded: Loaded, runs: Sequence[Run]) -> tuple[Choices, AlignmentsChoice, list[str]]:
    """Draw the controls and give what they say.

    Parameters
    ----------
    loaded
        What is loaded.
    runs
        Those with column attention, newest first.

    Returns
    -------
    tuple
        The page's choices, what they hold, and notes for the visitor.
    """
    by_name = {run.name: run for run in runs}
    published = MODELS[PUBLISHED_MODEL]
    sources = [HeadSource(run.model, loaded.labels[run.model], run) for run in runs]
    shapes = [(published.layers, published.heads), *((run.layers, run.heads) for run in runs)]

    def is_head(text: str) -> bool:
        layer, head = parse_place(text) or (0, 0)
        return layer > 0 and any(layer <= layers and head <= heads for layers, heads in shapes)

    def is_family(text: str) -> bool:
        return any(text in offered_families(run) for run in runs)

    choices = Choices(
        "alignments",
        (
            Parameter("run", by_name, runs[0].name if runs else ""),
            Parameter("family", is_family, ""),
            Parameter("control", CONTROLS, "none"),
            Parameter("definition", DEFINITIONS, "corrected"),
            Parameter("statistic", STATISTICS, "spearman"),
            Parameter("tree", TREES, "ml"),
            Parameter("head", is_head, ""),
            Parameter("table", TABLES, "off"),
            Parameter("quarter", QUARTERS, "1"),
            Parameter("threshold", allowed_thresholds(sources), DEFAULT_THRESHOLD),
        ),
    )
    run, number = None, 0
    notes: list[str] = []
    with row():
        choose_one(choices, "control", "Shuffled")
        if runs:
            choose_one(choices, "definition", "Entries (measured)")
            choose_one(choices, "statistic", "Correlation (measured)")
        else:
            why = "no measured run over alignments is loaded"
            choices.pass_by(why, "definition", "statistic", "quarter", "threshold")
            choose_one(choices, "tree", "Trees (published)")
    if runs:
        with row():
            name = choose_from(
                choices,
                "run",
                "Measured run",
                lambda name: (
                    f"{loaded.labels[by_name[name].model]}, {by_name[name].sample} ({name})"
                ),
                width=430,
            )
            run = by_name[name]
            number, notes = _choose_family(choices, run)
            choose_one(choices, "tree", "Trees (published)")
    if choices["tree"] == "nj" and choices["control"] != "none":
        notes.append("Controls are published of maximum-likelihood trees only, which are shown.")
    return (
        choices,
        AlignmentsChoice(
            run,
            loaded.labels[run.model] if run else published.label,
            Measure(**{name: choices[name] for name in Measure.__dataclass_fields__}),
            number,
            parse_place(choices["head"]),
            choices["table"] == "on",
            choices["quarter"],
            choices["threshold"],
        ),
        notes,
    )


def _choose_family(choices: Choices, run: Run) -> tuple[int, list[str]]:
    """Draw the choice of one alignment of a run or of all; give its number, 0 for all."""
    numbers, notes = offered_families(run), []
    if choices["family"] not in ("", *numbers):
        notes.append(f"The run has no alignment {shorten(choices['family'])}; all are shown.")
        choices.correct("family", "")
    st.selectbox(
        "Family",
        ["", *numbers],
        width=230,
        **choices.widget("family", lambda name: name or f"All {len(numbers):,}, mean"),
    )
    return numbers.get(choices["family"], 0), notes
