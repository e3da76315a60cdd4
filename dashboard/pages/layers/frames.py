"""What the Layers page shows: each chosen property of each chosen source over the layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.pages.layers.controls import LayersChoice
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import read_heads
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource
from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.layers import centre_row, layer_frame
from precompute.published import read_published
from precompute.tables import PUBLISHED_LAYER_MEANS, PUBLISHED_PROBES


@dataclass(frozen=True, eq=False)
class Series:
    """One property of one source over the layers.

    Attributes
    ----------
    heads, feature
        What it is.
    layers
        Its layer frame.
    centre
        Its centre row.
    """

    heads: Heads
    feature: str
    layers: pd.DataFrame
    centre: dict[str, Any]

    @property
    def source(self) -> HeadSource:
        """Where it comes from."""
        return self.heads.source

    @property
    def label(self) -> str:
        """The property as a reader knows it."""
        return FEATURES[self.feature].label

    @property
    def name(self) -> str:
        """Property and model."""
        return f"{self.label} · {self.source.label}"

    def origin(self, series: list[Series]) -> str:
        """Say where it comes from; by the run's name where a model has several runs."""
        alike = {
            other.source.key
            for other in series
            if other.source.model == self.source.model and other.source.origin == self.source.origin
        }
        return self.source.name if len(alike) > 1 else self.source.origin


def collect(choice: LayersChoice) -> tuple[list[Series], list[str]]:
    """Summarise every chosen property of every chosen source.

    Returns
    -------
    tuple
        The series: properties by their mean relative centre of gravity as in the paper,
        each with its sources in the order chosen; and a sentence for what cannot be
        shown.
    """
    problems = []
    if choice.threshold != DEFAULT_THRESHOLD and not any(one.run for one in choice.sources):
        problems.append(
            f"The paper has the threshold {DEFAULT_THRESHOLD} only; it is shown, not "
            f"{choice.threshold}."
        )
    found: dict[str, list[Series]] = {name: [] for name in choice.features}
    for source in choice.sources:
        # the paper has one threshold; the page says so beside a run's
        threshold = choice.threshold if source.run else DEFAULT_THRESHOLD
        try:
            heads = read_heads(source, threshold)
        except AtlasError as error:
            problems.append(str(error))
            continue
        missing = [name for name in choice.features if name not in heads.frames]
        if missing:
            labels = ", ".join(FEATURES[name].label for name in missing)
            problems.append(f"{source.long_title}: there are no values for {labels}.")
        for name in choice.features:
            if name in heads.frames:
                found[name].append(_series(heads, name))
    ordered = sorted(
        (own for own in found.values() if own),
        key=lambda own: pd.Series([one.centre["relative"] for one in own]).mean(),
    )
    return [one for own in ordered for one in own], problems


@kept(1)
def probes() -> pd.DataFrame:
    """Give the paper's probes; do not change the frame."""
    return read_published(PUBLISHED_PROBES)


@kept(1)
def _exact() -> pd.DataFrame:
    return read_published(PUBLISHED_LAYER_MEANS)


@kept(512)
def _series(heads: Heads, feature: str) -> Series:
    frame = heads.frames[feature]
    exact = _exact() if heads.source.run is None else None
    layers = layer_frame(frame, exact)
    return Series(heads, feature, layers, centre_row(frame, layers))
