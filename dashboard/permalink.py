"""Every choice of the Heads page as a URL, and back.

Parameters of ``/Heads``; one that is left out has its default, so links stay short:

===============  ==============================================  =================
parameter        value                                           default
===============  ==============================================  =================
``feature``      a property of `precompute.features`             ``contact``
``models``       a model; repeated for several, at most five     ``prot_bert_bfd``
``measure``      ``percent``, ``enrichment`` or ``z``            ``percent``
``scale``        ``own`` or ``shared``                           ``own``
``results``      ``both``, ``published`` or ``measured``         ``both``
``run``          a measured run; repeated for several            newest per model
``threshold``    0.10 to 0.90 by 0.05; of measured runs          ``0.30``
``denominator``  ``published`` or ``corrected``; likewise        ``published``
``table``        ``off``, ``all`` or ``marked`` heads            ``off``
``head``         the opened head, ``model.layer.head`` from 1    none
===============  ==============================================  =================

Names stay as they are: links are kept in papers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.address_notes import keep_few, say_ignored, say_left_out, shorten
from dashboard.address_values import find_value
from precompute.features import PAPER_FEATURES

MEASURES: dict[str, str] = {"percent": "Percent", "enrichment": "Enrichment", "z": "z"}
SCALES: dict[str, str] = {"own": "Own", "shared": "Shared"}
RESULTS: dict[str, str] = {"both": "Both", "published": "Published", "measured": "Measured"}
THRESHOLDS: tuple[str, ...] = tuple(f"{0.10 + 0.05 * step:.2f}" for step in range(17))
"""The thresholds that a run counts at."""
DENOMINATORS: dict[str, str] = {"published": "All arcs (paper)", "corrected": "Eligible arcs"}
TABLES: dict[str, str] = {"off": "Off", "all": "All", "marked": "Marked"}
MOST_MODELS = 5

_HEAD = re.compile(r"(?P<model>.+)\.(?P<layer>[1-9][0-9]{0,3})\.(?P<head>[1-9][0-9]{0,3})")


@dataclass(frozen=True)
class Head:
    """One head of one model, counted from 1."""

    model: str
    layer: int
    head: int

    def __str__(self) -> str:
        """Write the head as the URL has it."""
        return f"{self.model}.{self.layer}.{self.head}"

    @property
    def label(self) -> str:
        """Layer-head, as the paper names heads."""
        return f"{self.layer}-{self.head}"


@dataclass(frozen=True)
class HeadsChoice:
    """What a visitor of the Heads page has chosen."""

    feature: str = "contact"
    models: tuple[str, ...] = ("prot_bert_bfd",)
    measure: str = "percent"
    scale: str = "own"
    results: str = "both"
    runs: tuple[str, ...] = ()
    threshold: str = "0.30"
    denominator: str = "published"
    table: str = "off"
    head: Head | None = None


DEFAULT = HeadsChoice()


def to_parameters(choice: HeadsChoice) -> dict[str, list[str]]:
    """Write a choice as query parameters, defaults left out."""
    written = {
        "feature": [choice.feature],
        "models": list(choice.models),
        "measure": [choice.measure],
        "scale": [choice.scale],
        "results": [choice.results],
        "run": list(choice.runs),
        "threshold": [choice.threshold],
        "denominator": [choice.denominator],
        "table": [choice.table],
        "head": [str(choice.head)] if choice.head else [],
    }
    default = {
        "feature": [DEFAULT.feature],
        "models": list(DEFAULT.models),
        "measure": [DEFAULT.measure],
        "scale": [DEFAULT.scale],
        "results": [DEFAULT.results],
        "run": [],
        "threshold": [DEFAULT.threshold],
        "denominator": [DEFAULT.denominator],
        "table": [DEFAULT.table],
        "head": [],
    }
    # An empty list cannot be told from a parameter left out: no model is written as one
    # empty value.
    return {name: values or [""] for name, values in written.items() if values != default[name]}


def from_parameters(
    parameters: Mapping[str, Sequence[str]],
    shapes: Mapping[str, tuple[int, int]],
    runs: Collection[str] = (),
) -> tuple[HeadsChoice, list[str]]:
    """Read a choice from query parameters; what is wrong is left out and said.

    Parameters
    ----------
    parameters
        Every value of every parameter.
    shapes
        Layers and heads of the models there are.
    runs
        Names of the measured runs there are.

    Returns
    -------
    tuple
        The choice, and one note for each ignored value. A note holds the visitor's
        text: show it as plain text only.
    """
    choice, notes = DEFAULT, []

    def one_of(name: str, allowed: Collection[str]) -> None:
        nonlocal choice
        values = parameters.get(name)
        if not values:
            return
        value = find_value(values[-1], allowed)
        if value is not None:
            choice = replace(choice, **_field(name, value))
        else:
            notes.append(say_ignored(name, values[-1]))

    def several_of(name: str, field: str, allowed: Collection[str], most: int) -> None:
        nonlocal choice
        values = parameters.get(name)
        if not values:
            return
        given = list(dict.fromkeys(values))
        good = [value for value in given if value in allowed]
        notes.extend(say_ignored(name, value) for value in given if value and value not in allowed)
        notes.extend(say_left_out(name, good, most))
        if good or given == [""]:
            choice = replace(choice, **_field(field, tuple(good[:most])))

    one_of("feature", PAPER_FEATURES)
    several_of("models", "models", shapes, MOST_MODELS)
    one_of("measure", MEASURES)
    one_of("scale", SCALES)
    one_of("results", RESULTS)
    several_of("run", "runs", runs, len(runs))
    one_of("threshold", THRESHOLDS)
    one_of("denominator", DENOMINATORS)
    one_of("table", TABLES)
    for text in list(parameters.get("head", ()))[-1:]:
        head = parse_head(text, shapes)
        if head is not None and head.model in choice.models:
            choice = replace(choice, head=head)
        elif text:
            notes.append(say_ignored("head", text))
    known = (
        *("feature", "models", "measure", "scale", "results", "run"),
        *("threshold", "denominator", "table", "head"),
    )
    notes.extend(
        f"Ignored the unknown parameter {shorten(name)}."
        for name in parameters
        if name not in known
    )
    return choice, keep_few(notes)


def parse_head(text: str, shapes: Mapping[str, tuple[int, int]]) -> Head | None:
    """Read ``model.layer.head``; None unless the model has that head."""
    match = _HEAD.fullmatch(text)
    if not match or match["model"] not in shapes:
        return None
    layers, heads = shapes[match["model"]]
    head = Head(match["model"], int(match["layer"]), int(match["head"]))
    return head if head.layer <= layers and head.head <= heads else None


def _field(name: str, value: Any) -> dict[str, Any]:
    return {name: value}
