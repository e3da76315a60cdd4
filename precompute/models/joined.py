"""Attention of tokens that stand for several residues, as attention between residues.

Clark et al. (2019, "What does BERT look at?") turn maps of word pieces into maps of words: what
goes to a word is the sum over its pieces, what comes from it their mean, and rows keep their
sums. Here the token is the larger one, and that is turned round: a residue attends as its token
does, and what goes to a token is shared evenly among its residues. The attention of residue i to
residue j is A[t(i), t(j)] / n(t(j)), with t the token of a residue and n the number of its
residues. Sums over the residues attended and means over those that attend give A again. A model
that reads one way lets a residue see all residues of its own token, those behind it too, for the
token sees itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from precompute.models.adapter import Encoding, LayerReceiver, VectorReceiver


class Spread:
    """Spreads what a model shows of a batch's tokens over the residues that they stand for.

    Parameters
    ----------
    encodings
        One place a residue and a special token, with `Encoding.pieces`.
    """

    def __init__(self, encodings: Sequence[Encoding]) -> None:
        shape = len(encodings), max(len(encoding) for encoding in encodings)
        token = np.zeros(shape, dtype=np.int64)
        # What goes to padding is divided by infinity.
        size = np.full(shape, np.inf, dtype=np.float32)
        self.encodings = []
        for row, encoding in enumerate(encodings):
            own = pieces_of(encoding)
            token[row, : len(own)] = own
            size[row, : len(own)] = np.bincount(own)[own]
            first = np.unique(own, return_index=True)[1]
            read = replace(encoding, residues=encoding.residues[first], pieces=None)
            self.encodings.append(replace(read, tokens=encoding.tokens[first]))
        self._token, self._size = torch.from_numpy(token), torch.from_numpy(size)

    @classmethod
    def of(cls, encodings: Sequence[Encoding]) -> Spread | None:
        """Give what spreads a batch; None where each place is a token and nothing changes."""
        if all(one.pieces is None or one.pieces[-1] == len(one) - 1 for one in encodings):
            return None
        return cls(encodings)

    def attention(self, receive: LayerReceiver) -> LayerReceiver:
        """Give what takes attention of tokens, and hands that of residues on."""

        def spread(layer: int, probabilities: torch.Tensor) -> None:
            device = probabilities.device
            receive(
                layer,
                spread_attention(probabilities, self._token.to(device), self._size.to(device)),
            )

        return spread

    def vectors(self, receive: VectorReceiver) -> VectorReceiver:
        """Give what takes vectors of tokens, and hands them on: a residue's is its token's."""

        def spread(layer: int, vectors: torch.Tensor) -> None:
            token = self._token.to(vectors.device)[:, :, None]
            receive(layer, vectors.gather(1, token.expand(-1, -1, vectors.shape[2])))

        return spread


def pieces_of(encoding: Encoding) -> NDArray[np.int64]:
    """Give the token in which each place of an encoding is read, shape (places,)."""
    return np.arange(len(encoding)) if encoding.pieces is None else encoding.pieces


def spread_attention(
    attention: torch.Tensor, token: torch.Tensor, size: torch.Tensor
) -> torch.Tensor:
    """Turn attention between tokens into that between places.

    Parameters
    ----------
    attention
        Of one layer, shape (sequences, heads, tokens, tokens), rows attend to columns.
    token
        The token in which each place is read, shape (sequences, places).
    size
        How many places share that token, infinity for padding; shape (sequences, places).

    Returns
    -------
    torch.Tensor
        Shape (sequences, heads, places, places), in float32 at least: a third is no number of
        half precision.
    """
    number_type = torch.promote_types(attention.dtype, torch.float32)
    sequences, heads = attention.shape[:2]
    places = token.shape[1]
    found = attention.new_empty((sequences, heads, places, places), dtype=number_type)
    for one, own, shared, whole in zip(attention, token, size, found, strict=True):
        received = one.index_select(2, own).to(number_type).div_(shared)
        torch.index_select(received, 1, own, out=whole)
    return found
