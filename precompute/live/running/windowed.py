"""A chain that is longer than a model reads, in overlapping windows: what counts of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from precompute.windows import SHORTEST_WINDOW, count_pairs_apart, counting_window, window_starts

if TYPE_CHECKING:
    import torch

    from precompute.models import Model
    from precompute.models.adapter import Adapter


def reads_windows(model: Model) -> bool:
    """Tell whether a chain may be cut for a model; one that reads families needs it whole."""
    return model.reads_any and not model.reads_alignments


def window_of(tokens: int | None, special_tokens: int, residues: int) -> int | None:
    """Give the residues of a window; None where a chain is read at once, or cannot be cut.

    Parameters
    ----------
    tokens
        Of the model's longest input, or None where there is no end.
    special_tokens
        How many of them stand for no residue.
    residues
        Length of the chain.
    """
    if tokens is None or residues + special_tokens <= tokens or tokens < SHORTEST_WINDOW:
        return None
    return tokens - special_tokens


def pairs_that_count(place: int, starts: Sequence[int], window: int) -> torch.Tensor:
    """Tell which ordered pairs of a window's residues count in it, as in a run with windows.

    Parameters
    ----------
    place
        Of the window among ``starts``.
    starts, window
        As in `precompute.windows.counting_window`.

    Returns
    -------
    torch.Tensor
        Shape (window, window).
    """
    import torch

    there = torch.arange(starts[place], starts[place] + window)
    rows = [
        counting_window(torch.full_like(there, one), there, starts, window) == place
        for one in there.tolist()
    ]
    return torch.stack(rows)


def window_notes(residues: int, window: int | None) -> tuple[str, ...]:
    """Say in which windows a chain was read, and how many pairs have no attention for it."""
    if window is None:
        return ()
    return (
        f"Read in {len(window_starts(residues, window))} windows of {window:,} residues that begin "
        "half a window apart, since the chain is longer than the model reads; of a pair the window "
        "counts in which both residues stand furthest from an edge. "
        f"{count_pairs_apart(residues, window):,} of {residues**2:,} ordered pairs stand together "
        "in none: they have no attention and count for nothing.",
    )


def longest_window(adapter: Adapter, residues: int) -> int | None:
    """Give the residues of a loaded model's windows, as `window_of` does."""
    return window_of(adapter.max_tokens, adapter.special_tokens, residues)
