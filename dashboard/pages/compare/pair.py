"""Two sources that are compared, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.results.sources import HeadSource
from precompute.differences import BASES
from precompute.features import FEATURES


@dataclass(frozen=True)
class Pair:
    """Two sources, and what is known of them.

    Attributes
    ----------
    first, second
        The sources.
    threshold
        The threshold both are read at.
    shared
        Proteins that two runs over the same dataset share; None where not known.
    """

    first: HeadSource
    second: HeadSource
    threshold: str
    shared: int | None = None

    @property
    def same_model(self) -> bool:
        """Whether both are of one model."""
        return self.first.model == self.second.model

    @property
    def same_shape(self) -> bool:
        """Whether both have as many layers and heads."""
        return self.first.shape == self.second.shape

    @property
    def basis(self) -> str:
        """What a verdict on a head rests on."""
        return BASES[self.first.run is not None, self.second.run is not None]

    @property
    def both(self) -> tuple[HeadSource, HeadSource]:
        """The two."""
        return self.first, self.second

    @property
    def names(self) -> tuple[str, str]:
        """Short names that differ: by model, by origin, or by run."""
        one, two = self.both
        if one.label != two.label:
            return one.label, two.label
        if (one.run is None) != (two.run is None):
            names = ("measured", "published")
            return names if one.run else names[::-1]
        if one.results != two.results:
            return one.results, two.results
        return "first", "second"

    @property
    def sample(self) -> str:
        """How many proteins the values of both rest on."""
        return " and ".join(dict.fromkeys(source.sample for source in self.both))

    def titles(self, feature: str) -> tuple[tuple[str, str], tuple[str, str]]:
        """Name a figure of each source in two lines: property and model, source and n."""
        label = FEATURES[feature].label
        one, two = (
            (f"{label} · {source.label}", f"{source.name}, {source.sample}") for source in self.both
        )
        return one, two
