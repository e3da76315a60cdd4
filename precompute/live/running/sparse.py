"""What is kept of a model's attention on one protein: its larger weights, and sums of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.errors import AtlasError
from precompute.live.running.two import Together

FLOOR = 0.02
"""Smallest weight that is kept: at most fifty a row."""
SCALE = 50_000
"""Weights are whole numbers of 1/50,000, so that every hundredth is one of them."""
STEP = 0.01


class HeadArcs(NamedTuple):
    """The kept weights of one head; each array has shape (arcs,).

    Attributes
    ----------
    source, target
        Attending and attended residue, from 0.
    weight
        Attention, in units of 1/`SCALE`.
    """

    source: NDArray[np.int16]
    target: NDArray[np.int16]
    weight: NDArray[np.uint16]

    def at_least(self, threshold: float) -> HeadArcs:
        """Take the arcs of at least this weight."""
        kept = self.weight >= units(threshold)
        return HeadArcs(self.source[kept], self.target[kept], self.weight[kept])


@dataclass(frozen=True, eq=False)
class SparseAttention:
    """What is kept of a model's attention on one protein.

    Attributes
    ----------
    layers, heads, residues
        Shape.
    floor
        Smallest weight that was kept.
    starts
        Where each head's arcs begin, heads of layer 1 first; shape
        (layers · heads + 1,).
    source, target, weight
        All heads' arcs, as in `HeadArcs`; within a head by source, then target.
    received
        Sum of the attention that all residues give to each residue, shape
        (layers, heads, residues).
    special
        Share of the residues' attention that goes to tokens that stand for no residue,
        shape (layers, heads).
    read
        Whether the model read a residue; one that it did not has no attention. Shape
        (residues,).
    seconds
        What the forward pass took, thinning out included.
    notes
        Sentences on how the model read the sequence.
    window
        Residues of a window, where a longer chain was read in windows: pairs that stand together
        in none have no attention, and of others the window counts that counts in a run.
    rows
        Of an alignment, how the query's attention in each residue's column is shared among the
        rows, itself the first: shape (layers, heads, residues, rows). None of a sequence, and
        where it would be more than `MAXIMUM_ROWS_BYTES`.
    together
        Of two proteins, what is kept beside the arcs; None of one.
    causal
        Whether the model reads from the first residue to the last, so that no residue attends to
        one behind it, but within a token.
    tokens
        Of each window, or of the one that there is, which token each residue was read in, by
        numbers that rise, shape (residues,); None where each residue is a token.
    """

    layers: int
    heads: int
    residues: int
    floor: float
    starts: NDArray[np.int64]
    source: NDArray[np.int16]
    target: NDArray[np.int16]
    weight: NDArray[np.uint16]
    received: NDArray[np.float32]
    special: NDArray[np.float32]
    read: NDArray[np.bool_]
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    window: int | None = None
    rows: NDArray[np.float16] | None = None
    together: Together | None = None
    causal: bool = False
    tokens: tuple[NDArray[np.int64], ...] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        arrays = (self.starts, self.source, self.target, self.weight)
        sums = (self.received, self.special, self.read, *(self.tokens or ()))
        return sum(a.nbytes for a in (*arrays, *sums, self.rows, self.together) if a is not None)

    def head(self, layer: int, head: int) -> HeadArcs:
        """Give the arcs of one head, counted from 1.

        Raises
        ------
        AtlasError
            When the model has no such head.
        """
        if not (1 <= layer <= self.layers and 1 <= head <= self.heads):
            raise AtlasError(
                f"There is no head {layer}-{head}: the model has {self.layers} layers of "
                f"{self.heads} heads."
            )
        place = (layer - 1) * self.heads + head - 1
        own = slice(self.starts[place], self.starts[place + 1])
        return HeadArcs(self.source[own], self.target[own], self.weight[own])

    def all_arcs(self, threshold: float) -> tuple[NDArray[np.int64], HeadArcs]:
        """Give every head's arcs of at least a threshold.

        Returns
        -------
        tuple
            The head of each arc, from 0, heads of layer 1 first; and the arcs.
        """
        kept = np.flatnonzero(self.weight >= units(threshold))
        place = np.searchsorted(self.starts, kept, side="right") - 1
        return place, HeadArcs(self.source[kept], self.target[kept], self.weight[kept])


def units(threshold: float) -> int:
    """Write a threshold in the units of kept weights."""
    return round(threshold * SCALE)


def to_units(weights: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Write weights as whole numbers of 1/`SCALE`, rounded down.

    At every hundredth θ a weight counts as at least θ exactly when its float32 value is,
    as in `precompute.tally.find_arcs`: the counts of a page are those of the engine.
    """
    whole = np.floor(weights.astype(np.float64) * SCALE).astype(np.int64)
    level = np.rint(weights.astype(np.float64) / STEP)
    limit = level.astype(np.int64) * round(STEP * SCALE)
    reaches = weights >= (level * STEP).round(2).astype(np.float32)
    whole = np.where(reaches, np.maximum(whole, limit), np.minimum(whole, limit - 1))
    return np.clip(whole, 0, SCALE).astype(np.uint16)
