"""Which heads are meant: one of them, or all that a page shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PLACE = re.compile(r"(?P<layer>[1-9][0-9]{0,3})\.(?P<head>[1-9][0-9]{0,3})")
_HEAD = re.compile(rf"(?P<model>.+)\.{_PLACE.pattern}", re.S)


@dataclass(frozen=True)
class Head:
    """One head of one model, counted from 1."""

    model: str
    layer: int
    head: int

    def __str__(self) -> str:
        """Write the head as addresses have it: ``model.layer.head``."""
        return f"{self.model}.{self.layer}.{self.head}"

    @property
    def label(self) -> str:
        """Layer-head, as the paper names heads."""
        return f"{self.layer}-{self.head}"


@dataclass(frozen=True)
class Asked:
    """Which heads are asked for.

    Attributes
    ----------
    feature
        A property of `precompute.features`.
    models
        Names of the models.
    results
        ``both``, ``published`` or ``measured``.
    runs
        Names of measured runs; none: the newest of each model.
    threshold
        Attention from which on a weight is an arc, of measured runs.
    denominator
        Key of `precompute.heads.DENOMINATORS`, of measured runs.
    """

    feature: str = "contact"
    models: tuple[str, ...] = ("prot_bert_bfd",)
    results: str = "both"
    runs: tuple[str, ...] = ()
    threshold: str = "0.30"
    denominator: str = "published"


def parse_place(text: str) -> tuple[int, int] | None:
    """Read ``layer.head``, both from 1, as an address of a page about one model has it."""
    match = _PLACE.fullmatch(text)
    return (int(match["layer"]), int(match["head"])) if match else None


def parse_head(text: str, shapes: Mapping[str, tuple[int, int]]) -> Head | None:
    """Read ``model.layer.head``; None unless the model has that head.

    Parameters
    ----------
    text
        As an address has it.
    shapes
        Layers and heads of the models there are.
    """
    match = _HEAD.fullmatch(text)
    if not match or match["model"] not in shapes:
        return None
    layers, heads = shapes[match["model"]]
    head = Head(match["model"], int(match["layer"]), int(match["head"]))
    return head if head.layer <= layers and head.head <= heads else None
