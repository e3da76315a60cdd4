"""A model's heads, from whatever source: frames made property by property as they are asked for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from dashboard.results.frames import by_feature
from dashboard.results.sources import HeadSource, Run
from precompute.differences import with_effective_arcs
from precompute.errors import AtlasError
from precompute.features import FEATURES, SHOWN_FEATURES
from precompute.heads import DENOMINATORS, HEAD_COLUMNS, PUBLISHED
from precompute.published import THRESHOLD

_COUNTER = itertools.count()


class Frames(Mapping[str, pd.DataFrame]):
    """Head frames by property, in the order of `FEATURES`; do not change them.

    One property takes a tenth of the time of all: a changed threshold is drawn at once.

    Parameters
    ----------
    features
        The properties there are.
    make
        Makes the head frame of some properties.
    """

    def __init__(
        self, features: Iterable[str], make: Callable[[Sequence[str]], pd.DataFrame]
    ) -> None:
        there = set(features)
        self._features = tuple(name for name in FEATURES if name in there)
        self._make = make
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, feature: str) -> pd.DataFrame:
        """Give one property's head frame."""
        if feature not in self:
            raise KeyError(feature)
        return self.several([feature])[0]

    def __contains__(self, feature: object) -> bool:
        """Tell whether there is a property, without making its frame."""
        return feature in self._features

    def __iter__(self) -> Iterator[str]:
        """Go through the properties."""
        return iter(self._features)

    def __len__(self) -> int:
        """Count the properties."""
        return len(self._features)

    def several(self, features: Iterable[str]) -> tuple[pd.DataFrame, ...]:
        """Give the head frames of several properties, made in one go; what is not there is not."""
        asked = set(features)
        wanted = [name for name in self._features if name in asked]
        missing = [name for name in wanted if name not in self._made]
        if missing:
            for (_, name), frame in by_feature(self._make(missing)).items():
                self._made.setdefault(name, frame)
        return tuple(self._made[name] for name in wanted)


@dataclass(frozen=True, eq=False)
class Heads:
    """The heads of one model from one source, at one threshold and denominator.

    Attributes
    ----------
    source
        Where they come from.
    threshold
        Attention from which on a weight is an arc.
    denominator
        Key of `precompute.heads.DENOMINATORS`.
    frames
        Head frames by property; do not change them.
    counts
        What a run counted at the threshold, of one kind of attention.
    feature
        The property that is shown, where it is one; see `showing`.
    state
        Tells what was read once from what is read of it later.
    """

    source: HeadSource
    threshold: float
    denominator: str
    frames: Mapping[str, pd.DataFrame]
    counts: pd.DataFrame | None = None
    feature: str = ""
    state: str = field(default_factory=lambda: str(next(_COUNTER)))

    @property
    def identity(self) -> tuple[str, str]:
        """Tells these heads, and the property shown, from all others (`dashboard.results.kept`)."""
        return self.state, self.feature

    @property
    def model(self) -> str:
        """Identifier of the model."""
        return self.source.model

    @property
    def label(self) -> str:
        """Name of the model."""
        return self.source.label

    @property
    def run(self) -> Run | None:
        """The measured run; None for published values."""
        return self.source.run

    @property
    def frame(self) -> pd.DataFrame:
        """Head frame of the property that is shown."""
        return self.frames[self.feature]

    @property
    def as_the_paper(self) -> bool:
        """Whether threshold and denominator are those of the published values."""
        return self.denominator == PUBLISHED and abs(self.threshold - THRESHOLD) < 1e-6

    @property
    def settings(self) -> str:
        """Threshold and denominator in words, after a comma, where they are not the paper's."""
        if self.as_the_paper:
            return ""
        arcs = f", {DENOMINATORS[self.denominator]}" if self.denominator != PUBLISHED else ""
        return f", attention ≥ {self.threshold:.2f}{arcs}"

    def several(self, features: Iterable[str] = SHOWN_FEATURES) -> tuple[pd.DataFrame, ...]:
        """Head frames of those of some properties that the source has; all shown by default."""
        if isinstance(self.frames, Frames):
            return self.frames.several(features)
        return tuple(self.frames[name] for name in features if name in self.frames)

    def showing(self, feature: str) -> Heads:
        """Show one property.

        Raises
        ------
        AtlasError
            When there is no such property, or the source has no values of it.
        """
        if feature not in FEATURES:
            raise AtlasError(
                f"There is no property {feature}; there are {', '.join(SHOWN_FEATURES)}."
            )
        if feature not in self.frames:
            kind = f"measured (run {self.run.name})" if self.run else PUBLISHED
            known = ", ".join(name for name in self.frames if name in SHOWN_FEATURES)
            raise AtlasError(
                f"There are no {kind} values of {self.label} for the property "
                f"{FEATURES[feature].label}; there are {known or 'none'}."
            )
        return replace(self, feature=feature)

    def whole(self) -> Heads:
        """Show no property: what is worked out of all of them is then kept once."""
        return replace(self, feature="") if self.feature else self

    @staticmethod
    def each_whole(several: Iterable[Heads]) -> list[Heads]:
        """Show no property of any of several."""
        return [heads.whole() for heads in several]

    def tested(self) -> pd.DataFrame:
        """Head frame of all that pages show, a run's with what a test between two needs."""
        frames = self.several()
        if not frames:
            return pd.DataFrame(columns=list(HEAD_COLUMNS))
        frame = pd.concat(frames, ignore_index=True)
        if self.counts is None:
            return frame
        there = frame["feature"].unique().tolist()
        counts = self.counts[self.counts["feature"].isin(there)].astype({"feature": "str"})
        return with_effective_arcs(frame, counts)
