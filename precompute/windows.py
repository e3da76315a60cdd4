"""Overlapping windows of a chain that is longer than a model reads, and which of them counts.

Windows begin half a window apart; the last ends with the chain. Of a pair of residues the
window counts in which both stand furthest from an edge: the one whose nearest edge is
furthest from the nearer of the two, and of equal ones the first. Pairs that stand together in
no window have no attention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch


SHORTEST_WINDOW = 32
"""Tokens of the shortest input that may be a window."""


def window_starts(residues: int, window: int | None) -> list[int]:
    """Give the first residue of each window, from 0.

    Parameters
    ----------
    residues
        Length of the chain.
    window
        Residues of a window; None where chains are not cut.

    Returns
    -------
    list of int
        ``[0]`` for a chain that one window holds.
    """
    if window is None or residues <= window:
        return [0]
    return [*range(0, residues - window, max(window // 2, 1)), residues - window]


def counting_window(
    source: torch.Tensor, target: torch.Tensor, starts: Sequence[int], window: int
) -> torch.Tensor:
    """Tell which window counts for each of some pairs that stand together in one.

    Parameters
    ----------
    source, target
        Residues of each pair, from 0; shape (pairs,).
    starts
        Of `window_starts`.
    window
        Residues of a window.

    Returns
    -------
    torch.Tensor
        Its place among ``starts``, shape (pairs,).
    """
    import torch

    first = torch.tensor(list(starts), device=source.device)
    low, high = torch.minimum(source, target), torch.maximum(source, target)
    margin = torch.minimum(low[:, None] - first, first + (window - 1) - high[:, None])
    # No two are equal, so that of equal margins the first window's is the greatest.
    order = torch.arange(len(first), device=source.device)
    return (margin * len(first) + (len(first) - 1 - order)).argmax(1)


def pairs_together(residues: int, window: int) -> NDArray[np.bool_]:
    """Tell which ordered pairs of a chain stand together in a window; (residues, residues)."""
    reach = _reach(residues, window)
    place = np.arange(residues)
    return np.maximum(place[:, None], place) < reach[np.minimum(place[:, None], place)]


def pairs_in_one_token(
    sequence: str, token_of: Callable[[str], NDArray[np.int64]], window: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the ordered pairs of residues that are read in one token, in the window that counts.

    Parameters
    ----------
    sequence
        One letter a residue.
    token_of
        Numbers the token of each residue of a window, in order.
    window
        Residues of a window, None where the sequence is read at once.

    Returns
    -------
    tuple of numpy.ndarray
        Attending and attended residue, from 0, each of shape (pairs,); a residue with itself too.
    """
    import torch

    starts = window_starts(len(sequence), window)
    found = []
    for place, start in enumerate(starts):
        end = len(sequence) if window is None else start + window
        own = token_of(sequence[start:end])
        pairs = torch.from_numpy(np.argwhere(own[:, None] == own) + start).T
        if window is not None and len(starts) > 1:
            pairs = pairs[:, counting_window(pairs[0], pairs[1], starts, window) == place]
        found.append(pairs.numpy())
    source, target = np.concatenate(found, axis=1)
    return source, target


def count_pairs_apart(residues: int, window: int) -> int:
    """Count the ordered pairs of a chain that stand together in no window."""
    place = np.arange(residues)
    return residues**2 - int((2 * (_reach(residues, window) - place) - 1).sum())


def _reach(residues: int, window: int) -> NDArray[np.int64]:
    """Where the last window ends that holds each residue."""
    starts = np.array(window_starts(residues, window))
    last = starts[np.searchsorted(starts, np.arange(residues), side="right") - 1]
    reach: NDArray[np.int64] = np.minimum(last + window, residues)
    return reach
