"""Corrected maps of heads: attention plus its transpose, average product correction.

F = A + Aᵀ of the residues' tokens, and of it F_ij − F_i F_j / F, with F_i the sum of a row and F
that of all (Dunn et al., 2008; Rao et al., 2021). Only the pairs that are asked for are computed:
the correction is a product of sums, so that a weighted sum of many maps needs none of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from precompute.contacts.causal import CAUSAL
from precompute.errors import AtlasError
from precompute.models.adapter import Adapter, Encoding

NO_TOKEN = -np.inf
"""Score of a pair of which the model does not read a residue: below all others."""


class PairMaps:
    """Takes a model's attention to one protein layer by layer, and keeps what is asked for.

    Parameters
    ----------
    encoding
        The protein's tokens.
    first, second
        The pairs, shape (pairs,).
    heads
        Heads of which each pair is kept, by their places among all; None keeps all.
    weights
        Of weighted sums over all heads, shape (sums, heads of the model).
    device
        Where attention comes from.
    """

    def __init__(
        self,
        encoding: Encoding,
        first: NDArray[np.int64],
        second: NDArray[np.int64],
        heads: Sequence[int] | None,
        weights: NDArray[np.float32],
        device: torch.device,
    ) -> None:
        tokens = np.flatnonzero(encoding.residues >= 0)
        residues = encoding.residues[tokens]
        place = np.full(int(max(residues.max(initial=-1), second.max(initial=0))) + 1, -1)
        place[residues] = np.arange(len(tokens))
        one, other = place[first], place[second]
        self._read = (one >= 0) & (other >= 0)
        self._one = torch.from_numpy(one[self._read]).to(device)
        self._other = torch.from_numpy(other[self._read]).to(device)
        self._flat = self._one * len(tokens) + self._other
        self._tokens = torch.from_numpy(tokens).to(device)
        # Tokens side by side are a view of the attention, and nothing is copied.
        steps = np.diff(tokens)
        self._slice = (
            slice(int(tokens[0]), int(tokens[-1]) + 1)
            if len(tokens) and (steps == 1).all()
            else None
        )
        # Residues of one token see each other, whichever comes first.
        own = None if encoding.pieces is None else encoding.pieces[tokens]
        self._apart = None if own is None else torch.from_numpy(own[:, None] != own).to(device)
        self._wanted = None if heads is None else {head: row for row, head in enumerate(heads)}
        self._kept: dict[int, torch.Tensor] = {}
        self._weights = torch.from_numpy(weights).to(device)
        self._sums: torch.Tensor | None = None
        self._count = 0
        self._forward = 0.0

    def take(self, layer: int, probabilities: torch.Tensor) -> None:
        """Take a layer's attention, shape (1, heads, tokens, tokens)."""
        del layer  # they come in order
        maps = probabilities[0].float()
        if self._slice is not None:
            maps = maps[:, self._slice, self._slice]
        else:
            maps = maps[:, self._tokens][:, :, self._tokens]
        heads = maps.shape[0]
        start, self._count = self._count, self._count + heads
        if self._forward == 0.0:  # one layer that looks ahead is enough
            ahead = maps.triu(1) if self._apart is None else maps.triu(1) * self._apart
            self._forward = float(ahead.sum())
        sums = maps.sum(1) + maps.sum(2)
        # A head that gives residues nothing at all has a map of zeros.
        total = sums.sum(1, keepdim=True).clamp_min(torch.finfo(torch.float32).tiny)
        for head in range(heads):
            if self._is_wanted(start + head):
                self._kept[start + head] = self._corrected(maps[head], sums[head], total[head])
        if len(self._weights):
            weights = self._weights[:, start : start + heads]
            plain = torch.einsum("sh,hij->sij", weights, maps)
            both = plain[:, self._one, self._other] + plain[:, self._other, self._one]
            scaled = weights[:, :, None] * (sums / total)
            product = torch.einsum("shi,hj->sij", scaled, sums)[:, self._one, self._other]
            part = both - product
            self._sums = part if self._sums is None else self._sums + part

    def _corrected(
        self, attention: torch.Tensor, sums: torch.Tensor, total: torch.Tensor
    ) -> torch.Tensor:
        """Correct a whole map, then take the pairs: one by one they take twice as long."""
        both = attention + attention.T
        both -= torch.outer(sums, sums).div_(total)
        return both.reshape(-1).index_select(0, self._flat)

    def _is_wanted(self, head: int) -> bool:
        return self._wanted is None or head in self._wanted

    @property
    def causal(self) -> bool:
        """Whether no residue attends to one behind it, in any head."""
        return self._forward == 0.0 and len(self._tokens) > 1

    def heads(self) -> NDArray[np.float32]:
        """Give the corrected maps of the heads, in the order asked for, shape (heads, pairs)."""
        order = range(self._count) if self._wanted is None else list(self._wanted)
        if not order:
            return np.empty((0, len(self._read)), dtype=np.float32)
        return self._spread(torch.stack([self._kept[head] for head in order]))

    def sums(self) -> NDArray[np.float32]:
        """Give the weighted sums of all heads' corrected maps, shape (sums, pairs)."""
        if self._sums is None:
            return np.empty((0, len(self._read)), dtype=np.float32)
        return self._spread(self._sums)

    def _spread(self, values: torch.Tensor) -> NDArray[np.float32]:
        if self._read.all():
            return np.asarray(values.cpu().numpy(), dtype=np.float32)
        found = np.full((len(values), len(self._read)), NO_TOKEN, dtype=np.float32)
        found[:, self._read] = values.cpu().numpy()
        return found


def refuse_causal(maps: PairMaps) -> None:
    """Refuse a model whose residues attend only to those before them.

    Raises
    ------
    AtlasError
        Saying why.
    """
    if maps.causal:
        raise AtlasError(f"The model: {CAUSAL}")


def show(adapter: Adapter, encoding: Encoding, maps: PairMaps) -> None:
    """Run a model on one protein and let `maps` take its attention.

    Raises
    ------
    AtlasError
        As `Adapter.attend` does, and when attention is causal.
    """
    adapter.attend([encoding], maps.take)
    refuse_causal(maps)
