"""What can be said of a head whatever stands where: names, units, words; and maps of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Shape:
    """One of the things that a head is like.

    Attributes
    ----------
    label
        What a visitor chooses.
    unit
        As it stands behind a number.
    legend
        What colours mean, with the unit.
    definition
        A sentence without its end.
    digits
        Behind the point.
    """

    label: str
    unit: str
    legend: str
    definition: str
    digits: int = 1
    group: str = "What a head is like"

    def say(self, value: float) -> str:
        """Write a value with its unit."""
        return f"{value:.{self.digits}f} {self.unit}"


SHAPES: dict[str, Shape] = {
    "entropy": Shape(
        "Entropy",
        "bits",
        "entropy of a residue’s attention, bits",
        "how many tokens share a residue’s attention: 0 bits for one token, 3 for eight alike",
        2,
    ),
    "distance": Shape(
        "Distance attended",
        "residues",
        "mean distance attended, residues",
        "the mean of |i − j| over the attention that residues give to residues",
    ),
    "diagonal_percent": Shape(
        "On the diagonal",
        "%",
        "% of attention to the residue itself",
        "the share of their attention that residues give to themselves",
    ),
    "special_percent": Shape(
        "To special tokens",
        "%",
        "% of attention to special tokens",
        "the share of their attention that residues give to tokens that are no residue, such as "
        "[CLS] and [SEP]",
    ),
}
"""By their columns in `dashboard.results.head_facts.head_shapes`, as addresses name them."""


def shape_grid(frame: pd.DataFrame, name: str, size: tuple[int, int]) -> NDArray[np.floating]:
    """Lay one of `SHAPES` out as layers × heads of a model; NaN where a head has none."""
    values = np.full(size, np.nan)
    values[frame["layer"] - 1, frame["head"] - 1] = frame[name]
    return values


def layer_means(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Give each layer's mean over the heads that have a value; NaN where none has."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    means: NDArray[np.floating] = np.full(len(values), np.nan)
    means[count > 0] = total[count > 0] / count[count > 0]
    return means


def ordered(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Give the heads that have a value, highest first; equal ones by layer and head."""
    known = frame[frame[name].notna()]
    return known.sort_values(
        [name, "layer", "head"], ascending=[False, True, True], ignore_index=True
    )
