"""The attention of one model on one protein, kept small.

A row of attention sums to one, so few of its entries are large: what is at least
`FLOOR` is kept, and of the rest only sums. A whole stack is never in memory: each layer
is thinned out as soon as the model has computed it. Of an alignment the row attention is
kept so, in residues of its query, and beside it which rows the query reads in each column.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from precompute.alignment import Alignment
from precompute.errors import AtlasError
from precompute.live.running.gathered import Gathered
from precompute.live.running.sparse import FLOOR as FLOOR
from precompute.live.running.sparse import SCALE as SCALE
from precompute.live.running.sparse import HeadArcs as HeadArcs
from precompute.live.running.sparse import SparseAttention as SparseAttention
from precompute.live.running.sparse import to_units as to_units
from precompute.live.running.sparse import units as units
from precompute.live.running.two import Two
from precompute.live.running.windowed import longest_window, pairs_that_count
from precompute.windows import window_starts

if TYPE_CHECKING:
    import torch

    from precompute.models.adapter import Adapter, Encoding, LayerReceiver

Given = str | Alignment | Two
"""What a model reads: a sequence, an alignment whose first row is the query, or two proteins."""

MAXIMUM_BYTES = 40_000_000
"""Of one protein under one model; where more would be kept, the floor is raised."""
MAXIMUM_ROWS_BYTES = 40_000_000
"""Of the rows that the query reads, beside it; where they take more they are not kept."""

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
        return _attend_windows(adapter, sequence, window, progress, maximum_bytes)
    rows: list[NDArray[np.float16]] = []
    encoding, run = prepare(adapter, given, rows)
    found = watch(
        adapter, encoding.residues, len(sequence), run, progress, maximum_bytes=maximum_bytes
    )
    found = replace(found, tokens=residue_tokens(encoding, len(sequence)) or None)
    return replace(found, rows=np.stack(rows)) if rows else found


def _attend_windows(
    adapter: Adapter, sequence: str, window: int, progress: Progress | None, maximum_bytes: int
) -> SparseAttention:
    """Run a model on a chain in windows; progress is told after each layer of each window."""
    starts = window_starts(len(sequence), window)
    tokens: list[NDArray[np.int64]] = []
    kept = Gathered(adapter.layers, adapter.heads, len(sequence), maximum_bytes)
    begun = time.perf_counter()
    for place, start in enumerate(starts):
        encoding, run = prepare(adapter, sequence[start : start + window])
        tokens += residue_tokens(encoding, window)
        take = kept.receiver(encoding.residues, start, pairs_that_count(place, starts, window))

        def receive(
            layer: int,
            probabilities: torch.Tensor,
            take: LayerReceiver = take,
            before: int = place * adapter.layers,
        ) -> None:
            take(layer, probabilities)
            if progress is not None:
                progress(before + layer + 1, len(starts) * adapter.layers)

        run(receive)
    found = kept.finish(time.perf_counter() - begun)
    return replace(found, window=window, tokens=tuple(tokens) or None)


def residue_tokens(encoding: Encoding, residues: int) -> tuple[NDArray[np.int64], ...]:
    """Give `SparseAttention.tokens` of one input; nothing where each residue is a token.

    Residues that are not read are in no token that another one is in.
    """
    if encoding.pieces is None:
        return ()
    there = encoding.residues >= 0
    found = -1 - np.arange(residues)
    found[encoding.residues[there]] = encoding.pieces[there]
    return (found,)


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
        refuse_longer_input(adapter, encoding)
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


def refuse_longer_input(adapter: Adapter, encoding: Encoding) -> None:
    """Refuse tokens that are more than a model reads.

    Raises
    ------
    AtlasError
        Saying how many residues it reads.
    """
    own = adapter.special_tokens
    # Pieces of residues may be fewer tokens, or more. Where a token may be several residues, as
    # many are read as fit into any tokens.
    tokens = len(encoding) - own
    if encoding.pieces is not None:
        tokens = int((encoding.residues >= 0).sum())
    refuse_longer(tokens, adapter.max_tokens, own)


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
