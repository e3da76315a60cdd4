"""Column attention between two rows of an alignment against their distance.

The correlation of each head over pairs of rows, as MsaPhylo (Chen, Foley and Bodén, 2026) has it
and without its diagonal, where every row is at distance 0 of itself and attends to itself.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

STATISTICS = ("spearman", "pearson")

_AT_ONCE = 2**21
"""Values of a statistic that are ranked at once: of 128 rows all heads, of 1,024 two."""


def with_special(mean: torch.Tensor, special: torch.Tensor, columns: int) -> torch.Tensor:
    """Make the mean over an alignment's columns one over them and ``<cls>``."""
    return (columns * mean + special) / (columns + 1)


class Distances:
    """The distances of an alignment's rows, laid out to be correlated with.

    Parameters
    ----------
    distances
        Of `hamming_distances`.
    columns
        Of the alignment.
    device
        Where attention is.
    """

    def __init__(
        self, distances: NDArray[np.float64], columns: int, device: torch.device | str = "cpu"
    ) -> None:
        whole = torch.from_numpy(distances).to(device)
        self._columns = columns
        self._first, self._second = torch.triu_indices(len(whole), len(whole), 1, device=device)
        self._apart = whole[self._first, self._second][None]
        self._whole = whole.flatten()[None]
        self._ranks = ranks(self._apart), ranks(self._whole)

    def correlate(self, mean: torch.Tensor, special: torch.Tensor) -> torch.Tensor:
        """Correlate one layer's column attention with distance.

        Attention between two rows is what the first gives the second plus what the second gives
        the first.

        Parameters
        ----------
        mean, special
            Column attention, the mean over the alignment's columns and that of ``<cls>``; each
            of shape (heads, rows, rows).

        Returns
        -------
        torch.Tensor
            Shape (definitions, statistics, heads), float64, in the order of
            `precompute.tables.column_tables.DEFINITIONS` and `STATISTICS`; NaN where it is not
            defined.
        """
        some = max(1, _AT_ONCE // mean[0].numel())
        parts = [
            self._of_some(own.double(), other.double())
            for own, other in zip(torch.split(mean, some), torch.split(special, some), strict=True)
        ]
        return torch.cat(parts, 2)

    def _of_some(self, mean: torch.Tensor, special: torch.Tensor) -> torch.Tensor:
        both = mean + mean.transpose(1, 2)
        own = both[:, self._first, self._second]
        whole = both.flatten(1)
        special = special + special.transpose(1, 2)
        other = with_special(both, special, self._columns).flatten(1)
        (apart, apart_ranks), (all_, all_ranks) = zip(
            (self._apart, self._whole), self._ranks, strict=True
        )
        return torch.stack(
            [
                torch.stack([pearson(ranks(own), apart_ranks), pearson(own, apart)]),
                torch.stack([pearson(ranks(whole), all_ranks), pearson(whole, all_)]),
                torch.stack([pearson(ranks(other), all_ranks), pearson(other, all_)]),
            ]
        )


def ranks(values: torch.Tensor) -> torch.Tensor:
    """Rank along the last axis; equal values share the mean of their ranks.

    Returns
    -------
    torch.Tensor
        float64, from 1.
    """
    ordered, places = values.sort(-1)
    before = torch.searchsorted(ordered, ordered)
    until = torch.searchsorted(ordered, ordered, right=True)
    found = torch.empty_like(values, dtype=torch.float64)
    return found.scatter_(-1, places, (before + until + 1).double() / 2)


def pearson(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Correlate along the last axis; NaN where one of them does not vary."""
    flat = (x == x[..., :1]).all(-1) | (y == y[..., :1]).all(-1)
    x, y = x - x.mean(-1, keepdim=True), y - y.mean(-1, keepdim=True)
    r = (x * y).sum(-1) / (x.square().sum(-1) * y.square().sum(-1)).sqrt()
    return r.clamp(-1, 1).masked_fill(flat, torch.nan)
