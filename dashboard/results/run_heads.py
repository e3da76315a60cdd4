"""A run's heads at one threshold, made property by property as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from precompute.features import FEATURES
from precompute.heads import measured_heads

Frames = dict[tuple[str, str], pd.DataFrame]


@dataclass(frozen=True, eq=False)
class RunCounts:
    """What was counted, at one threshold.

    Attributes
    ----------
    counts, background
        Rows of ``head_counts`` and ``background`` of one run.
    run, model
        Names of the run and its model.
    layers, heads
        Shape of the model.
    """

    counts: pd.DataFrame
    background: pd.DataFrame
    run: str
    model: str
    layers: int
    heads: int


class RunHeads(Mapping[tuple[str, str], pd.DataFrame]):
    """Head frames of a run by model and property; do not change them.

    One property takes a tenth of the time of all: a changed threshold is drawn at once.

    Parameters
    ----------
    counted
        What was counted.
    denominator
        Key of `precompute.heads.DENOMINATORS`.
    split
        Splits a head frame by model and property.
    """

    def __init__(
        self, counted: RunCounts, denominator: str, split: Callable[[pd.DataFrame], Frames]
    ) -> None:
        self._counted = counted
        self._denominator = denominator
        self._split = split
        there = set(counted.counts["feature"].unique())
        self._features = tuple(name for name in FEATURES if name in there)
        self._made: Frames = {}

    def __getitem__(self, key: tuple[str, str]) -> pd.DataFrame:
        """Give one property's head frame."""
        model, feature = key
        if model != self._counted.model or feature not in self._features:
            raise KeyError(key)
        return self.several([feature])[0]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Go through models and properties, in the order of `FEATURES`."""
        return iter([(self._counted.model, name) for name in self._features])

    def __len__(self) -> int:
        """Count the properties."""
        return len(self._features)

    def several(self, features: Iterable[str]) -> tuple[pd.DataFrame, ...]:
        """Give the head frames of several properties, made in one go; what is not there is not."""
        wanted = [name for name in self._features if name in set(features)]
        model = self._counted.model
        missing = [name for name in wanted if (model, name) not in self._made]
        if missing:
            counts = self._counted.counts
            made = measured_heads(
                counts[counts["feature"].isin(missing)],
                self._counted.background,
                self._counted.run,
                self._counted.layers,
                self._counted.heads,
                denominator=self._denominator,
                features=missing,
            )
            for key, frame in self._split(made).items():
                self._made.setdefault(key, frame)  # a frame keeps its identity
        return tuple(self._made[model, name] for name in wanted)
