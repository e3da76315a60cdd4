"""What the Compare page shows: two sources, read and compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from dashboard.pages.compare import words
from dashboard.pages.compare.controls import CompareChoice
from dashboard.pages.compare.pair import Pair
from dashboard.results.comparisons import compare_properties
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import proteins_in_common, read_heads
from dashboard.results.sources import DEFAULT_THRESHOLD
from precompute.errors import AtlasError
from precompute.features import FEATURES


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two sources with all their properties.

    Attributes
    ----------
    pair
        The sources, and what can be said of them.
    first, second
        Their heads.
    feature
        The property that is shown.
    differences
        Every common property head by head; None where heads are not compared.
    properties
        One row a common property.
    """

    pair: Pair
    first: Heads
    second: Heads
    feature: str
    differences: pd.DataFrame | None
    properties: pd.DataFrame

    @property
    def identity(self) -> tuple[object, ...]:
        """Tells it, and one state of the results, from others (`dashboard.results.kept`)."""
        both = (self.first.identity, self.second.identity)
        return (*both, self.pair, self.feature, self.differences is None)

    @property
    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The head frames of the property that is shown."""
        return self.first.frames[self.feature], self.second.frames[self.feature]

    @property
    def heads(self) -> tuple[Heads, Heads]:
        """The heads, showing the property."""
        return self.first.showing(self.feature), self.second.showing(self.feature)

    @property
    def label(self) -> str:
        """The property as a reader knows it."""
        return FEATURES[self.feature].label

    @cached_property
    def row(self) -> pd.Series:
        """The row of the property that is shown."""
        return self.properties[self.properties["feature"] == self.feature].iloc[0]


def collect(choice: CompareChoice) -> tuple[Comparison | None, list[str], list[str]]:
    """Read both sources and compare them.

    Returns
    -------
    tuple
        The comparison, if there is one; notes; and a sentence for what cannot be shown.
    """
    notes = []
    try:
        threshold = common_threshold(choice)
        if threshold != choice.threshold:
            notes.append(
                f"The paper has the threshold {threshold} only; {threshold} is compared, not "
                f"{choice.threshold}."
            )
        first, second = (read_heads(one, threshold) for one in (choice.first, choice.second))
        shared = proteins_in_common(choice.first, choice.second)
    except AtlasError as error:
        return None, notes, [str(error)]
    pair = Pair(choice.first, choice.second, threshold, shared)
    missing = words.missing_property(pair, choice.feature, first.frames, second.frames)
    if missing:
        return None, notes, [missing]
    by_head = pair.same_shape and (pair.same_model or choice.view == "heads")
    differences, properties = _compared(by_head, first.whole(), second.whole())
    comparison = Comparison(pair, first, second, choice.feature, differences, properties)
    return comparison, [*notes, words.kind(pair)], []


def common_threshold(choice: CompareChoice) -> str:
    """Give the threshold at which both sources are compared.

    Raises
    ------
    AtlasError
        When two runs do not both have the chosen one.
    """
    if choice.first.run is None or choice.second.run is None:
        return DEFAULT_THRESHOLD
    grids = [source.thresholds for source in (choice.first, choice.second)]
    if all(choice.threshold in grid for grid in grids):
        return choice.threshold
    both = [value for value in grids[0] if value in grids[1]]
    raise AtlasError(words.no_common_threshold(choice.first, choice.second, choice.threshold, both))


@kept(48)
def _compared(
    by_head: bool, first: Heads, second: Heads
) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """Compare every property that both have, once for each state of the results."""
    return compare_properties(_tested(first), _tested(second), by_head)


@kept(48)
def _tested(heads: Heads) -> pd.DataFrame:
    """Give a source's head frame, once for all that it is compared with."""
    return heads.tested()
