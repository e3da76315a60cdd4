"""What the engine asks of a model: turn sequences into tokens, and show each layer's attention.

One file beside this one implements it for each architecture.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from precompute.errors import AtlasError

if TYPE_CHECKING:
    import torch

    from precompute.chain import Chain

NO_RESIDUE = -1


@dataclass(frozen=True, eq=False)
class Encoding:
    """The tokens of one sequence and the residue that each of them stands for.

    The map, not a slice, says where residues are: a model may put its special tokens
    anywhere, have tokens without a residue, and residues without a token.

    Attributes
    ----------
    tokens
        Token ids, shape (tokens,).
    residues
        For each token the index of its residue, from 0, or `NO_RESIDUE`; shape (tokens,).
    positions
        For each token its position, shape (tokens,); None where the model counts them
        itself.
    segments
        For each token which of two proteins it belongs to, 0 or 1, shape (tokens,); None where
        there is one.
    pieces
        Where a model reads several residues as one token: each residue has a place above all the
        same, and this says by which token of the input it is read, from 0, shape (tokens,). None
        where each place is a token. See `precompute.models.joined`.
    """

    tokens: NDArray[np.int64]
    residues: NDArray[np.int64]
    positions: NDArray[np.int64] | None = None
    segments: NDArray[np.int64] | None = None
    pieces: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.tokens)


LayerReceiver = Callable[[int, "torch.Tensor"], None]
"""Takes a layer's index, from 0, and its attention probabilities.

The tensor has shape (sequences, heads, tokens, tokens), rows attend to columns, padding
included. It may be overwritten once the receiver returns.
"""

VectorReceiver = Callable[[int, "torch.Tensor"], None]
"""Takes a layer's index, from 0, and the vectors that leave the layer (its hidden states).

The tensor has shape (sequences, tokens, width), one vector a token of the encoding, padding
included. It may be overwritten once the receiver returns.
"""


@dataclass(frozen=True, eq=False)
class PairAnswer:
    """What a model says of a batch of pairs beside its attention.

    Attributes
    ----------
    same_family
        How probable it holds it that the two are of one family, shape (pairs,); None where it was
        not trained to tell.
    alignments
        Its soft alignment of each pair, in [0, 1], shape (residues of the first, of the second);
        None where it makes none.
    """

    same_family: NDArray[np.float64] | None = None
    alignments: tuple[NDArray[np.float64], ...] | None = None


class Adapter(ABC):
    """A loaded model.

    Attributes
    ----------
    layers, heads
        Shape; a model without attention has 0 heads.
    width
        Numbers of a token's vector in each layer; 0 where `represent` is not there.
    special_tokens
        How many tokens of an input stand for no residue.
    max_tokens
        The longest input the model can read, or None.
    one_at_a_time
        Whether inputs are never laid side by side, as they would change one another.
    segments
        How many segments it tells apart by an embedding of their own.
    """

    layers: int
    heads: int
    width: int = 0
    special_tokens: int = 2
    max_tokens: int | None = None
    one_at_a_time: bool = False
    segments: int = 1

    @abstractmethod
    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence of residue letters into tokens.

        Raises
        ------
        AtlasError
            When the model cannot read the sequence; see `reads`.
        """

    def encode_chain(self, chain: Chain) -> Encoding:
        """Turn what the model reads of a chain into tokens: of most, its sequence.

        Raises
        ------
        AtlasError
            As `encode` does.
        """
        return self.encode(chain.sequence)

    def reads(self, sequence: str) -> bool:
        """Tell whether the model can read a sequence; most read any."""
        del sequence
        return True

    @abstractmethod
    def to(self, device: torch.device, number_type: torch.dtype) -> None:
        """Move the model to a device and number type."""

    @abstractmethod
    def attend(self, encodings: Sequence[Encoding], receive: LayerReceiver) -> None:
        """Run the model on a batch and hand each layer's attention to `receive`, in order.

        Only one layer's attention exists at a time.

        Raises
        ------
        AtlasError
            When the model did not show the attention of each of its layers.
        """

    def represent(
        self,
        encodings: Sequence[Encoding],
        receive_vectors: VectorReceiver,
        receive: LayerReceiver | None = None,
    ) -> None:
        """Run the model on a batch and hand on the vectors that leave each layer, in order.

        The last layer's are those that leave the model: a last norm is part of it.

        Parameters
        ----------
        encodings
            The batch.
        receive_vectors
            Given each layer's vectors.
        receive
            Given each layer's attention in the same pass, before the vectors; a model with heads
            takes it.

        Raises
        ------
        AtlasError
            When the model shows no vectors.
        """
        del encodings, receive_vectors, receive
        raise AtlasError("This model does not show the vectors of its layers.")

    def encode_pair(self, first: str, second: str) -> Encoding:
        """Turn two sequences into one input, ``[CLS] a [SEP] b [SEP]``.

        Residues of the second are numbered behind those of the first. What stands between the
        two belongs to the first, as in BERT and in PLUS.

        Raises
        ------
        AtlasError
            As `encode` does.
        """
        one, other = self.encode(first), self.encode(second)
        if one.pieces is not None or other.pieces is not None:
            raise AtlasError(
                "This model reads several residues as one token, and no two proteins as a pair."
            )
        behind = int(np.argmax(other.residues >= 0))
        own = other.residues[behind:]
        residues = np.where(own >= 0, own + len(first), NO_RESIDUE)
        second_segment = 1 if self.segments > 1 else 0
        return Encoding(
            np.concatenate([one.tokens, other.tokens[behind:]]),
            np.concatenate([one.residues, residues]),
            segments=np.repeat([0, second_segment], [len(one), len(residues)]),
        )

    def attend_pairs(
        self, encodings: Sequence[Encoding], receive: LayerReceiver | None
    ) -> PairAnswer:
        """Run the model on a batch of pairs; see `attend`.

        Parameters
        ----------
        encodings
            Of `encode_pair`.
        receive
            Given each layer's attention, where the model has any.

        Returns
        -------
        PairAnswer
            What else the model says of the pairs.
        """
        self.attend(encodings, receive or _ignore)
        return PairAnswer()


def pad_batch(
    encodings: Sequence[Encoding], padding: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Lay a batch of encodings side by side.

    Returns
    -------
    tuple of numpy.ndarray
        Token ids filled up with `padding`, the attention mask (1 for tokens, 0 for
        padding), and the residue of each token; all of shape (sequences, tokens).
    """
    longest = max(len(encoding) for encoding in encodings)
    tokens = np.full((len(encodings), longest), padding, dtype=np.int64)
    mask = np.zeros_like(tokens)
    residues = np.full_like(tokens, NO_RESIDUE)
    for row, encoding in enumerate(encodings):
        tokens[row, : len(encoding)] = encoding.tokens
        mask[row, : len(encoding)] = 1
        residues[row, : len(encoding)] = encoding.residues
    return tokens, mask, residues


def pad_positions(encodings: Sequence[Encoding], longest: int) -> NDArray[np.int64]:
    """Lay the positions of a batch side by side, shape (sequences, longest); padding has 0."""
    positions = np.zeros((len(encodings), longest), dtype=np.int64)
    for row, encoding in enumerate(encodings):
        if encoding.positions is None:
            raise ValueError("An encoding of the batch has no positions, and others have.")
        positions[row, : len(encoding)] = encoding.positions
    return positions


def pad_segments(encodings: Sequence[Encoding], longest: int) -> NDArray[np.int64]:
    """Lay the segments of a batch side by side, shape (sequences, longest); padding has 0."""
    segments = np.zeros((len(encodings), longest), dtype=np.int64)
    for row, encoding in enumerate(encodings):
        if encoding.segments is not None:
            segments[row, : len(encoding)] = encoding.segments
    return segments


def _ignore(layer: int, probabilities: torch.Tensor) -> None:
    """Take attention that nobody asked for."""
