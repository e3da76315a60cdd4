"""PLUS-RNN, which has no attention: a bidirectional LSTM that compares proteins residue by residue.

It reads each protein on its own. What it makes of two is a soft alignment of theirs, residues ×
residues, and from it whether they are of one family, as in Bepler and Berger (ICLR 2019).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from precompute.errors import AtlasError
from precompute.models.adapter import (
    Adapter,
    Encoding,
    LayerReceiver,
    PairAnswer,
    VectorReceiver,
)
from precompute.models.checkpoint import fill, read_state
from precompute.models.configuration import check_config, read_config
from precompute.models.plus_file import arguments_of, find_size
from precompute.models.plus_tfm import ALPHABET
from precompute.models.plus_tfm import vocabulary as letters_of_plus
from precompute.models.vocabulary import LetterVocabulary

ENDS = len(ALPHABET)
"""Token id before and behind a protein; X has it too."""
_LAYER = re.compile(r"(?<=rnn\.)(weight_ih|weight_hh|bias_ih|bias_hh)_l(\d+)")


class PlusRnnNetwork(nn.Module):
    """The LSTM and what compares proteins; the head that guesses letters is left out.

    Parameters
    ----------
    layers, hidden
        Layers, and the width of one direction.
    projection
        Numbers by which two residues are compared.
    """

    base_model_prefix = "plus_rnn"

    def __init__(self, layers: int, hidden: int, projection: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(ENDS + 1, ENDS)
        widths = [ENDS, *[2 * hidden] * (layers - 1)]
        # One layer each, so that what leaves it is seen.
        self.rnn = nn.ModuleList(
            nn.LSTM(width, hidden, bidirectional=True, batch_first=True) for width in widths
        )
        self.fc = nn.Linear(2 * hidden, projection)
        self.ordinal_weight = nn.Parameter(torch.ones(1, 1))
        self.ordinal_bias = nn.Parameter(torch.full((1,), 10.0))

    def forward(self, tokens: Tensor) -> list[Tensor]:
        """Give what leaves each layer of one protein, shape (tokens, 2 × hidden)."""
        x = self.embed(tokens)[None]
        states = []
        for layer in self.rnn:
            x, _ = layer(x)
            states.append(x[0])
        return states

    def soft_alignment(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Compare the residues of two proteins.

        With s = −‖z − z′‖₁ of projected residues and a, b its softmax along the second and the
        first protein, the alignment is a + b − a·b, in [0, 1].

        Parameters
        ----------
        first, second
            What leaves the last layer, shape (residues, 2 × hidden).

        Returns
        -------
        tuple of torch.Tensor
            The alignment, shape (residues of the first, of the second), and how probable it is
            that the two are of one family: the sigmoid of w · Σ c s / Σ c + b over the alignment c.
        """
        one, other = self.fc(first).float(), self.fc(second).float()
        similarity = -torch.cdist(one[None], other[None], p=1)[0]
        along, across = similarity.softmax(1), similarity.softmax(0)
        alignment = along + across - along * across
        score = (alignment * similarity).sum() / alignment.sum()
        return alignment, torch.sigmoid(
            score * self.ordinal_weight[0, 0].float() + self.ordinal_bias[0].float()
        )


class PlusRnnAdapter(Adapter):
    """A loaded PLUS-RNN: 0 heads, and vectors of each layer.

    Parameters
    ----------
    network
        The network.
    tells_families
        Whether the checkpoint has what tells whether two proteins are of one family.
    """

    heads = 0
    segments = 2
    one_at_a_time = True

    def __init__(self, network: PlusRnnNetwork, *, tells_families: bool = True) -> None:
        self.network = network
        self.layers = len(network.rnn)
        self.width = network.fc.in_features
        self._tells_families = tells_families

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into tokens; see `Adapter.encode`."""
        return vocabulary().encode(sequence)

    def encode_pair(self, first: str, second: str) -> Encoding:
        """Lay two proteins behind one another, each with its own ends; see `Adapter.encode_pair`.

        They are two inputs, which `segments` tell apart.
        """
        one, other = self.encode(first), self.encode(second)
        behind = np.where(other.residues >= 0, other.residues + len(first), other.residues)
        return Encoding(
            np.concatenate([one.tokens, other.tokens]),
            np.concatenate([one.residues, behind]),
            segments=np.repeat([0, 1], [len(one), len(other)]),
        )

    def to(self, device: torch.device, number_type: torch.dtype) -> None:
        """Move the network; see `Adapter.to`."""
        self.network.to(device=device, dtype=number_type)

    def attend(self, encodings: Sequence[Encoding], receive: LayerReceiver) -> None:
        """Refuse: there is no attention; see `Adapter.attend`."""
        del encodings, receive
        raise AtlasError(
            "PLUS-RNN is a recurrent network and has no attention that could be shown."
        )

    @torch.inference_mode()
    def represent(
        self,
        encodings: Sequence[Encoding],
        receive_vectors: VectorReceiver,
        receive: LayerReceiver | None = None,
    ) -> None:
        """Hand on the vectors of each layer, both directions; see `Adapter.represent`."""
        del receive
        longest = max(map(len, encodings))
        states = [self._states(encoding.tokens) for encoding in encodings]
        for layer in range(self.layers):
            vectors = states[0][layer].new_zeros(len(encodings), longest, self.width)
            for row, own in enumerate(states):
                vectors[row, : len(own[layer])] = own[layer]
            receive_vectors(layer, vectors)

    @torch.inference_mode()
    def attend_pairs(
        self, encodings: Sequence[Encoding], receive: LayerReceiver | None
    ) -> PairAnswer:
        """Compare the proteins of each pair; nothing is received; see `Adapter.attend_pairs`."""
        del receive
        compared = []
        for encoding in encodings:
            assert encoding.segments is not None
            both = []
            for segment in (0, 1):
                own = encoding.segments == segment
                there = torch.from_numpy(encoding.residues[own] >= 0)
                last = self._states(encoding.tokens[own])[-1]
                both.append(last[there.to(last.device)])
            compared.append(self.network.soft_alignment(both[0], both[1]))
        families = np.array([float(family) for _, family in compared])
        return PairAnswer(
            families if self._tells_families else None,
            tuple(alignment.double().cpu().numpy() for alignment, _ in compared),
        )

    def _states(self, tokens: NDArray[np.int64]) -> list[Tensor]:
        device = self.network.embed.weight.device
        states: list[Tensor] = self.network(torch.from_numpy(tokens).to(device))
        return states


def vocabulary() -> LetterVocabulary:
    """Give the letters of PLUS, between two tokens that X has too."""
    return LetterVocabulary(
        letters=letters_of_plus().letters,
        before=(ENDS,),
        after=(ENDS,),
        padding=ENDS,
        size=ENDS + 1,
    )


def read_vocabulary(folder: Path, vocabulary_: str) -> LetterVocabulary:  # noqa: ARG001 - one kind
    """Give the vocabulary, which is part of the architecture; see `vocabulary`."""
    return vocabulary()


def load(folder: Path, vocabulary_: str) -> PlusRnnAdapter:  # noqa: ARG001 - one kind
    """Load ``PLUS-RNN_BASE.pt`` or ``PLUS-RNN_LARGE.pt``, or the same tensors as safetensors.

    Parameters
    ----------
    folder
        Holds the file; all sizes are those of the tensors.
    vocabulary_
        Not asked for.

    Raises
    ------
    AtlasError
        When it is not a whole checkpoint of PLUS-RNN.
    """
    config = read_config(folder)
    check_config(config, "plus_rnn", folder)
    state = read_state(folder)
    layers, hidden, projection = _read_shape(state, config, folder)
    network = PlusRnnNetwork(layers, hidden, projection)
    tells = bool(find_size({name: tuple(own.shape) for name, own in state.items()}, "ordinal_bias"))
    if not tells:  # an embedding alone: the published start, which no answer is made of
        start = {"ordinal_weight": network.ordinal_weight, "ordinal_bias": network.ordinal_bias}
        prefix = "module." if any(name.startswith("module.") for name in state) else ""
        state |= {prefix + name: own.detach() for name, own in start.items()}
    # The file numbers the layers behind a name, and here each is a module of its own.
    renamed = {_LAYER.sub(r"\2.\1_l0", name): tensor for name, tensor in state.items()}
    fill(network, renamed, folder)
    network.train(False)
    return PlusRnnAdapter(network, tells_families=tells)


def _read_shape(
    state: Mapping[str, Tensor], config: Mapping[str, Any], path: Path
) -> tuple[int, int, int]:
    """Read layers, width of a direction and projection off the tensors."""
    sizes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    found = arguments_of(sizes)
    projection, table = find_size(sizes, "fc.weight"), find_size(sizes, "embed.weight")
    if found is None or found["model_type"] != "plus_rnn" or not projection or not table:
        raise AtlasError(
            f"{path} lacks tensors of PLUS-RNN, such as rnn.weight_hh_l0 or fc.weight: it is "
            "incomplete or of another architecture."
        )
    if table[0] != ENDS + 1:
        raise AtlasError(
            f"{path} knows {table[0]} tokens, and PLUS-RNN {ENDS + 1}: it is of another model."
        )
    for key in ("num_hidden_layers", "hidden_size"):
        if config.get(key, found[key]) != found[key]:
            raise AtlasError(
                f"{path}: {key} is {found[key]} in its tensors and said to be {config[key]}."
            )
    return found["num_hidden_layers"], found["hidden_size"], projection[0]
