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
from dataclasses import dataclass

from dashboard.page.address_notes import keep_few, say_ignored
from dashboard.page.parameters import Parameter, Value, read_address, write_address
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


def heads_parameters(
    shapes: Mapping[str, tuple[int, int]], runs: Collection[str] = ()
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
        Parameter("feature", PAPER_FEATURES, DEFAULT.feature),
        Parameter("models", shapes, DEFAULT.models, most=MOST_MODELS),
        Parameter("measure", MEASURES, DEFAULT.measure),
        Parameter("scale", SCALES, DEFAULT.scale),
        Parameter("results", RESULTS, DEFAULT.results),
        Parameter("run", runs, DEFAULT.runs, most=len(runs)),
        Parameter("threshold", THRESHOLDS, DEFAULT.threshold),
        Parameter("denominator", DENOMINATORS, DEFAULT.denominator),
        Parameter("table", TABLES, DEFAULT.table),
        Parameter("head", lambda text: not text or parse_head(text, shapes) is not None, ""),
    )


def to_parameters(choice: HeadsChoice) -> dict[str, list[str]]:
    """Write a choice as query parameters, defaults left out."""
    values: dict[str, Value] = {
        "feature": choice.feature,
        "models": choice.models,
        "measure": choice.measure,
        "scale": choice.scale,
        "results": choice.results,
        "run": choice.runs,
        "threshold": choice.threshold,
        "denominator": choice.denominator,
        "table": choice.table,
        "head": str(choice.head) if choice.head else "",
    }
    return write_address(heads_parameters({}), values)


def read_heads_address(
    parameters: Sequence[Parameter], given: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Value], list[str]]:
    """Read choices as `read_address` does; a head needs its model beside it.

    Parameters
    ----------
    parameters
        Of `heads_parameters`.
    given
        Every value of every query parameter.
    """
    values, notes = read_address(parameters, given)
    head = str(values["head"])
    if head and head.rsplit(".", 2)[0] not in values["models"]:
        values["head"] = ""
        notes = keep_few([*notes, say_ignored("head", head)])
    return values, notes


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
    values, notes = read_heads_address(heads_parameters(shapes, runs), parameters)
    return to_choice(values, shapes), notes


def to_choice(values: Mapping[str, Value], shapes: Mapping[str, tuple[int, int]]) -> HeadsChoice:
    """Put the values of an address together."""
    return HeadsChoice(
        feature=str(values["feature"]),
        models=tuple(values["models"]),
        measure=str(values["measure"]),
        scale=str(values["scale"]),
        results=str(values["results"]),
        runs=tuple(values["run"]),
        threshold=str(values["threshold"]),
        denominator=str(values["denominator"]),
        table=str(values["table"]),
        head=parse_head(str(values["head"]), shapes),
    )


def parse_head(text: str, shapes: Mapping[str, tuple[int, int]]) -> Head | None:
    """Read ``model.layer.head``; None unless the model has that head."""
    match = _HEAD.fullmatch(text)
    if not match or match["model"] not in shapes:
        return None
    layers, heads = shapes[match["model"]]
    head = Head(match["model"], int(match["layer"]), int(match["head"]))
    return head if head.layer <= layers and head.head <= heads else None
