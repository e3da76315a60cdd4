"""PLUS-TFM, which was trained to guess letters and whether two proteins are of one family.

It reads one protein, or a pair: ``[CLS] a [SEP] b [SEP]``, where b and the last ``[SEP]`` are of
another segment. Its longest input in training was of 256 residues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from precompute.errors import AtlasError
from precompute.models.adapter import (
    Adapter,
    Encoding,
    LayerReceiver,
    PairAnswer,
    VectorReceiver,
    pad_batch,
    pad_segments,
)
from precompute.models.checkpoint import fill, read_state
from precompute.models.configuration import check_config, read_config
from precompute.models.plus_file import arguments_of, find_size
from precompute.models.plus_network import PlusNetwork, Shape
from precompute.models.vocabulary import LetterVocabulary

ALPHABET = "ARNDCQEGHILKMFPSTWYVX"
"""Token ids are places in it, from 1; 0 is padding."""
READ_AS = {"O": "K", "U": "C", "B": "X", "Z": "X"}
MASK, FIRST, LAST, TOKENS = 22, 23, 24, 25


class PlusAdapter(Adapter):
    """A loaded PLUS-TFM.

    Parameters
    ----------
    network
        The network.
    same_family
        Weight and bias of the head that tells whether two proteins are of one family, shapes
        (2, width) and (2,), where the checkpoint has it.
    """

    segments = 2

    def __init__(
        self, network: PlusNetwork, same_family: tuple[torch.Tensor, torch.Tensor] | None = None
    ) -> None:
        self.network = network
        self.same_family = same_family
        self.layers = network.shape.layers
        self.heads = network.shape.heads
        self.width = network.shape.width
        self.max_tokens = network.shape.positions

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into tokens; see `Adapter.encode`."""
        return vocabulary().encode(sequence)

    def to(self, device: torch.device, number_type: torch.dtype) -> None:
        """Move the network; see `Adapter.to`."""
        self.network.to(device=device, dtype=number_type)
        if self.same_family is not None:
            weight, bias = self.same_family
            self.same_family = weight.to(device), bias.to(device)

    @torch.inference_mode()
    def attend(self, encodings: Sequence[Encoding], receive: LayerReceiver) -> None:
        """Run the network on a batch; see `Adapter.attend`."""
        self.states(encodings, receive)

    @torch.inference_mode()
    def attend_pairs(
        self, encodings: Sequence[Encoding], receive: LayerReceiver | None
    ) -> PairAnswer:
        """Run the network on pairs; see `Adapter.attend_pairs`."""
        last = self.states(encodings, receive)
        if self.same_family is None:
            return PairAnswer()
        weight, bias = self.same_family
        logits = torch.nn.functional.linear(last[:, 0].float(), weight, bias)
        return PairAnswer(logits.double().softmax(1)[:, 1].cpu().numpy())

    @torch.inference_mode()
    def represent(
        self,
        encodings: Sequence[Encoding],
        receive_vectors: VectorReceiver,
        receive: LayerReceiver | None = None,
    ) -> None:
        """Hand on the vectors behind each layer; see `Adapter.represent`."""
        self.states(encodings, receive, receive_vectors)

    @torch.inference_mode()
    def states(
        self,
        encodings: Sequence[Encoding],
        receive: LayerReceiver | None = None,
        receive_vectors: VectorReceiver | None = None,
    ) -> torch.Tensor:
        """Run the network on a batch; see `PlusNetwork.forward`."""
        tokens, mask, _ = pad_batch(encodings, 0)
        device = self.network.embed.tok_embed.weight.device
        there = None if mask.all() else torch.from_numpy(mask).to(device)
        segments = torch.from_numpy(pad_segments(encodings, tokens.shape[1])).to(device)
        last: torch.Tensor = self.network(
            torch.from_numpy(tokens).to(device), segments, there, receive, receive_vectors
        )
        return last


def vocabulary() -> LetterVocabulary:
    """Give the letters, which are part of the architecture: ``[CLS]`` sequence ``[SEP]``."""
    ids = {letter: number for number, letter in enumerate(ALPHABET, 1)}
    return LetterVocabulary(
        letters=ids | {letter: ids[other] for letter, other in READ_AS.items()},
        before=(FIRST,),
        after=(LAST,),
        padding=0,
        size=TOKENS,
    )


def read_vocabulary(folder: Path, vocabulary_: str) -> LetterVocabulary:  # noqa: ARG001 - one kind
    """Give the vocabulary, which is part of the architecture; see `vocabulary`."""
    return vocabulary()


def load(folder: Path, vocabulary_: str) -> PlusAdapter:  # noqa: ARG001 - one kind
    """Load ``PLUS-TFM.pt`` as it is published, or the same tensors as safetensors.

    Parameters
    ----------
    folder
        Holds the file and, where the width is not the published one, a ``config.json`` that says
        ``num_attention_heads``. All other sizes are those of the tensors.
    vocabulary_
        Not asked for.

    Raises
    ------
    AtlasError
        When it is not a whole checkpoint of PLUS-TFM.
    """
    config = read_config(folder)
    check_config(config, "plus_tfm", folder)
    state = read_state(folder)
    network = PlusNetwork(_read_shape(state, config, folder))
    fill(network, state, folder)
    network.train(False)
    return PlusAdapter(network, _read_same_family(state, network.shape.width))


def _read_shape(state: Mapping[str, torch.Tensor], config: Mapping[str, Any], path: Path) -> Shape:
    """Read a network's sizes off its tensors, and its heads off what is said of it."""
    sizes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    found = arguments_of(sizes)
    inner = find_size(sizes, "blocks.0.pwff.fc1.weight")
    if found is None or found["model_type"] != "plus_tfm" or len(inner) != 2:
        raise AtlasError(
            f"{path} lacks tensors of PLUS-TFM, such as transformer.embed.tok_embed.weight or "
            "transformer.blocks.0.pwff.fc1.weight: it is incomplete or of another architecture."
        )
    tokens, width = find_size(sizes, "embed.tok_embed.weight")
    if tokens != TOKENS:
        raise AtlasError(
            f"{path} knows {tokens} tokens, and PLUS-TFM {TOKENS}: it is of another model."
        )
    said = {**found, **config}
    if "num_attention_heads" not in said:
        raise AtlasError(
            f"{path} is {width} wide and not as PLUS-TFM is published, and does not say of how "
            "many heads a layer: add a config.json with num_attention_heads."
        )
    heads = said["num_attention_heads"]
    if isinstance(heads, bool) or not isinstance(heads, int) or heads < 1 or width % heads:
        raise AtlasError(
            f"{path}: of how many heads a layer it is (num_attention_heads) is said to be {heads}, "
            f"which does not divide its width, {width}."
        )
    for key in ("num_hidden_layers", "hidden_size", "max_position_embeddings"):
        if key in found and config.get(key, found[key]) != found[key]:
            raise AtlasError(
                f"{path}: {key} is {found[key]} in its tensors and said to be {config[key]}."
            )
    positions = found.get("max_position_embeddings", Shape.positions)
    return Shape(found["num_hidden_layers"], heads, width, inner[0], tokens, positions)


def _read_same_family(
    state: Mapping[str, torch.Tensor], width: int
) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Read the head of two classes on ``[CLS]``, where a checkpoint has one."""
    own = {name.removeprefix("module."): tensor for name, tensor in state.items()}
    weight, bias = own.get("cls.weight"), own.get("cls.bias")
    if weight is None or bias is None or weight.shape != (2, width) or bias.shape != (2,):
        return None
    return weight.float(), bias.float()
