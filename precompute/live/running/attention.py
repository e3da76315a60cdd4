"""The attention of one model on one protein, kept small.

A row of attention sums to one, so few of its entries are large: what is at least
`FLOOR` is kept, and of the rest only sums. A whole stack is never in memory: each layer
is thinned out as soon as the model has computed it. Of an alignment the row attention is
kept so, in residues of its query, and beside it which rows the query reads in each column.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.alignment import Alignment
from precompute.errors import AtlasError
from precompute.live.running.two import Together, Two
from precompute.live.running.windowed import attend_windows, longest_window

if TYPE_CHECKING:
    import torch

    from precompute.models.adapter import Adapter, Encoding, LayerReceiver

Given = str | Alignment | Two
"""What a model reads: a sequence, an alignment whose first row is the query, or two proteins."""

FLOOR = 0.02
"""Smallest weight that is kept: at most fifty a row."""
MAXIMUM_BYTES = 40_000_000
"""Of one protein under one model; where more would be kept, the floor is raised."""
MAXIMUM_ROWS_BYTES = 40_000_000
"""Of the rows that the query reads, beside it; where they take more they are not kept."""
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

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        arrays = (self.starts, self.source, self.target, self.weight)
        sums = (self.received, self.special, self.read)
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


Progress = Callable[[int, int], None]
"""Told how many layers are done, and of how many; may raise to stop the pass."""


def attend(
    adapter: Adapter,
    given: str | Alignment,
    progress: Progress | None = None,
    *,
    maximum_bytes: int = MAXIMUM_BYTES,
    windows: bool = False,
) -> SparseAttention:
    """Run a model on a sequence or an alignment and keep its larger weights.

    Parameters
    ----------
    adapter
        The model, where it is to run.
    given
        One letter a residue; or an alignment, of which a model reads the query alone where it
        reads no alignments.
    progress
        Told after each layer, of each window.
    maximum_bytes
        Of the result but for `SparseAttention.rows`; sums are always kept.
    windows
        Whether a sequence that is longer than the model reads is read in windows.

    Raises
    ------
    AtlasError
        When the model cannot read it, or not one so long.
    """
    sequence = given if isinstance(given, str) else given.query
    window = longest_window(adapter, len(sequence)) if windows and given is sequence else None
    if window is not None:
        return attend_windows(adapter, sequence, window, progress, maximum_bytes=maximum_bytes)
    rows: list[NDArray[np.float16]] = []
    encoding, run = prepare(adapter, given, rows)
    found = watch(
        adapter, encoding.residues, len(sequence), run, progress, maximum_bytes=maximum_bytes
    )
    return replace(found, rows=np.stack(rows)) if rows else found


def watch(
    adapter: Adapter,
    residues: NDArray[np.int64],
    length: int,
    run: Callable[[LayerReceiver], None],
    progress: Progress | None,
    *,
    maximum_bytes: int,
    also: LayerReceiver | None = None,
) -> SparseAttention:
    """Keep a model's larger weights while it runs.

    Parameters
    ----------
    adapter
        The model.
    residues
        The residue of each token, from 0; below 0 for none; shape (tokens,).
    length
        How many residues there are.
    run
        Runs the model and hands each layer's attention on.
    progress, maximum_bytes
        As for `attend`.
    also
        Given each layer's attention too.
    """
    from precompute.live.running.gathered import Gathered

    kept = Gathered(adapter.layers, adapter.heads, length, maximum_bytes)
    begun = time.perf_counter()
    take = kept.receiver(residues)

    def receive(layer: int, probabilities: torch.Tensor) -> None:
        take(layer, probabilities)
        if also is not None:
            also(layer, probabilities)
        if progress is not None:
            progress(layer + 1, adapter.layers)

    run(receive)
    return kept.finish(time.perf_counter() - begun)


def prepare(
    adapter: Adapter, given: str | Alignment, rows: list[NDArray[np.float16]] | None = None
) -> tuple[Encoding, Callable[[LayerReceiver], None]]:
    """Give the tokens of what is read, and what runs the model on them.

    Each layer's share of `SparseAttention.rows` is added to `rows`, where they are asked for and
    kept.

    Raises
    ------
    AtlasError
        When the model cannot read it, or not one so long.
    """
    import torch

    from precompute.models.msa_transformer import MsaAdapter

    if isinstance(given, str) or not isinstance(adapter, MsaAdapter):
        encoding = adapter.encode(given if isinstance(given, str) else given.query)
        # Pieces of residues may be fewer tokens, or more.
        own = adapter.special_tokens
        refuse_longer(len(encoding) - own, adapter.max_tokens, own)
        return encoding, partial(adapter.attend, [encoding])
    aligned = adapter.encode_alignment(given)
    placed = torch.from_numpy(np.flatnonzero(aligned.residues >= 0))
    if (
        rows is None
        or 2 * adapter.layers * adapter.heads * len(placed) * len(given) > MAXIMUM_ROWS_BYTES
    ):
        return aligned, partial(adapter.attend, [aligned])

    def keep(_: int, found: torch.Tensor) -> None:
        rows.append(found[:, placed.to(found.device)].to(torch.float16).cpu().numpy())

    return aligned, partial(adapter.attend_with_query, aligned, receive_query=keep)


def refuse_longer(residues: int, longest: int | None, special_tokens: int = 2) -> None:
    """Refuse a sequence that has more residues than a model reads.

    Parameters
    ----------
    residues
        How many it has, or how many tokens stand for them.
    longest
        Tokens of the longest input, or None where there is no end.
    special_tokens
        How many of them stand for no residue.

    Raises
    ------
    AtlasError
        Saying how many residues it reads.
    """
    if longest is not None and residues + special_tokens > longest:
        raise AtlasError(
            f"The sequence has {residues} residues, and this model reads at most "
            f"{longest - special_tokens}."
        )
