"""The colour scale of heatmaps of heads: where it begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dashboard.figures.look.ticks import fold
from dashboard.results.frames import grid
from dashboard.results.kept import kept

_FOLDS = (1.0, 2.0, 4.0, 6.0)
"""Where a scale of enrichment may end: 2-, 4-, 16- or 64-fold."""
_ERRORS = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0)
"""Where a scale of z may end, in standard errors."""
COLUMNS: dict[str, str] = {"percent": "percent", "enrichment": "log2_enrichment", "z": "z"}
"""The column of a head frame that each measure shows."""
_LEGENDS: dict[str, str] = {
    "enrichment": "fold over background (log scale)",
    "z": "z: standard errors above the background",
}
"""What a colour bar says of each measure that is no share."""


def percent_of(frame: pd.DataFrame) -> str:
    """Say what the percentages of a head frame are of."""
    return f"% of the head's {'eligible ' if is_corrected(frame) else ''}arcs"


def is_corrected(frame: pd.DataFrame) -> bool:
    """Tell whether only arcs that can have the property at all are counted."""
    return "denominator" in frame and bool((frame["denominator"] == "corrected").all())


def percent_end(values: ArrayLike, room: float = 1.05) -> float:
    """Give where an axis of percentages from 0 ends: so many times the largest, 100 at most."""
    largest = float(np.nanmax(np.asarray(values, dtype=float), initial=0.0))
    return min(largest * room, 100.0) or 1.0


@dataclass(frozen=True)
class Scale:
    """A colour scale: what it shows and how far it goes.

    Attributes
    ----------
    measure
        ``percent`` (from 0 to `limit`), ``enrichment`` (log2) or ``z``: both from
        −`limit` to `limit` with the background in the middle.
    limit
        Where the scale ends.
    """

    measure: str
    limit: float

    @property
    def low(self) -> float:
        """Where the scale begins; its middle is 0 but for percent, whose first end is."""
        return 0.0 if self.measure == "percent" else -self.limit

    @property
    def marks(self) -> tuple[list[float], list[str]]:
        """The places that a colour bar about the background names, and their words."""
        places = np.linspace(self.low, self.limit, 3 if self.limit == 1 else 5).tolist()
        if self.measure == "z":
            return places, [f"{place:g}".replace("-", "−") for place in places]
        return places, [fold(place) for place in places]

    def legend(self, frame: pd.DataFrame) -> str:
        """Say what the colours of a head frame mean."""
        return _LEGENDS.get(self.measure) or percent_of(frame)

    def values(
        self, frame: pd.DataFrame, dtype: type[np.floating[Any]] = np.float32
    ) -> NDArray[np.floating[Any]]:
        """Lay a head frame out as layers × heads; what is beyond an end stands at it."""
        values = grid(frame, COLUMNS[self.measure], dtype)
        return np.clip(values, self.low, self.limit) if self.low else values


@kept(512)
def find_scale(frames: list[pd.DataFrame], measure: str) -> Scale:
    """Choose the scale that holds every value of some head frames.

    Enrichment ends at 64-fold either way, so that a head without a single hit does not
    stretch it, and z at 160 standard errors.
    """
    column = COLUMNS[measure]
    values = np.concatenate([frame[column].to_numpy(dtype=float) for frame in frames])
    values = np.abs(values[np.isfinite(values)])
    largest = float(values.max()) if len(values) else 0.0
    if measure == "percent":
        return Scale(measure, largest if largest > 0 else 1.0)
    ends = _FOLDS if measure == "enrichment" else _ERRORS
    return Scale(measure, next((limit for limit in ends if limit >= largest), max(ends)))


@kept(512)
def is_known(frame: pd.DataFrame, measure: str) -> bool:
    """Tell whether a measure is known of most heads that are shown, so that it can be drawn."""
    shown = frame["percent"].notna()
    known = frame.loc[shown, COLUMNS[measure]].notna()
    return bool(not len(known) or known.mean() > 0.5)
