"""What the architectures of transformers have in common: building, filling, running."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from precompute.errors import AtlasError
from precompute.models import capture
from precompute.models.adapter import (
    Adapter,
    Encoding,
    LayerReceiver,
    VectorReceiver,
    pad_batch,
    pad_positions,
    pad_segments,
)
from precompute.models.checkpoint import fill, read_state
from precompute.models.configuration import (
    check_config,
    counts_from_padding,
    longest_input,
    read_config,
)
from precompute.models.joined import Spread
from precompute.models.vocabulary import Vocabulary

State = Mapping[str, torch.Tensor]

MOST_SPARE_ROWS = 256
"""Embeddings above the vocabulary are padding to a multiple of 8 to 128, or tokens added later.

With more of them the vocabulary is another model's."""


class EncoderAdapter(Adapter):
    """An encoder of transformers whose attention is shown layer by layer.

    Parameters
    ----------
    encoder
        The bare encoder, built with the attention of `capture`.
    vocabulary
        How residues become tokens.
    layers, heads
        Its shape.
    max_tokens
        The longest input, or None when there is no limit.
    options
        Further arguments of the forward pass.
    """

    def __init__(
        self,
        encoder: Any,
        vocabulary: Vocabulary,
        layers: int,
        heads: int,
        max_tokens: int | None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.encoder = encoder
        self.vocabulary = vocabulary
        self.layers = layers
        self.heads = heads
        self.max_tokens = max_tokens
        self.width = int(encoder.config.hidden_size)  # XLNet's d_model answers to it too
        self.special_tokens = vocabulary.special_tokens
        self.segments = int(getattr(encoder.config, "type_vocab_size", 1) or 1)
        self._options = dict(options or {})

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into tokens; see `Adapter.encode`."""
        return self.vocabulary.encode(sequence)

    def to(self, device: torch.device, number_type: torch.dtype) -> None:
        """Move the encoder; see `Adapter.to`.

        Buffers keep their float32, as they do in a model that transformers loads in another
        number type: rotary frequencies rounded to bfloat16 would turn far residues elsewhere.
        """
        kept = {name: b.to(device) for name, b in self.encoder.named_buffers()}
        self.encoder.to(device=device, dtype=number_type)
        for name, buffer in kept.items():
            parent, _, own = name.rpartition(".")
            setattr(self.encoder.get_submodule(parent), own, buffer)

    @torch.inference_mode()
    def attend(self, encodings: Sequence[Encoding], receive: LayerReceiver) -> None:
        """Run the encoder on a batch; see `Adapter.attend`."""
        self._run(encodings, receive)

    @torch.inference_mode()
    def represent(
        self,
        encodings: Sequence[Encoding],
        receive_vectors: VectorReceiver,
        receive: LayerReceiver | None = None,
    ) -> None:
        """Hand on transformers' ``hidden_states``; see `Adapter.represent`."""
        # The first are those of the embedding, which is no layer.
        spread = Spread.of(encodings)
        if spread is not None:
            receive_vectors = spread.vectors(receive_vectors)
        _, *found = self._run(encodings, receive or _ignore, output_hidden_states=True)
        if len(found) != self.layers:
            raise AtlasError(
                f"The model returned the vectors of {len(found)} of its {self.layers} layers; run "
                "it with a version of transformers that this project pins."
            )
        for layer, vectors in enumerate(found):
            receive_vectors(layer, vectors)

    def _run(
        self, encodings: Sequence[Encoding], receive: LayerReceiver, **options: Any
    ) -> Sequence[torch.Tensor]:
        """Run the encoder; give its tokens' hidden states where the options ask for them."""
        if (spread := Spread.of(encodings)) is not None:
            encodings, receive = spread.encodings, spread.attention(receive)
        tokens, mask, _ = pad_batch(encodings, self.vocabulary.padding)
        device = next(self.encoder.parameters()).device
        inputs = {"input_ids": torch.from_numpy(tokens).to(device)}
        if not mask.all():
            inputs["attention_mask"] = torch.from_numpy(mask).to(device)
        if encodings[0].positions is not None:
            positions = pad_positions(encodings, tokens.shape[1])
            inputs["position_ids"] = torch.from_numpy(positions).to(device)
        if encodings[0].segments is not None and self.segments > 1:
            segments = pad_segments(encodings, tokens.shape[1])
            inputs["token_type_ids"] = torch.from_numpy(segments).to(device)
        # What a configuration asks to be given out besides changes no number, and is not read here.
        asked = {"return_dict": True, "output_attentions": False, **self._options, **options}
        with capture.listen(receive) as listener:
            output = self.encoder(**inputs, **asked)
        if listener.layers != self.layers:
            raise AtlasError(
                f"The model returned the attention of {listener.layers} of its {self.layers} "
                "layers; run it with a version of transformers that this project pins."
            )
        return output.hidden_states or ()


def _ignore(layer: int, probabilities: torch.Tensor) -> None:
    """Take attention that nobody asked for."""


def load_adapter(
    folder: Path,
    architecture: str,
    config_class: Any,
    model_class: Any,
    vocabulary: Vocabulary,
    **arguments: Any,
) -> EncoderAdapter:
    """Load a checkpoint whose configuration names its shape as BERT's does; see `load_encoder`.

    Raises
    ------
    AtlasError
        When the folder is not a whole checkpoint of this architecture and vocabulary, or
        one whose attention would not be the model's.
    """
    encoder = load_encoder(folder, architecture, config_class, model_class, vocabulary, **arguments)
    config = encoder.config
    return EncoderAdapter(
        encoder,
        vocabulary,
        # ALBERT counts groups of layers that follow each other.
        config.num_hidden_layers * getattr(config, "inner_group_num", 1),
        config.num_attention_heads,
        longest_input(config.to_dict(), architecture, folder),
    )


def load_encoder(
    folder: Path,
    architecture: str,
    config_class: Any,
    model_class: Any,
    vocabulary: Vocabulary,
    *,
    settings: Mapping[str, Any] | None = None,
    rename: Callable[[State], State] | None = None,
    spare_rows: int = MOST_SPARE_ROWS,
    **arguments: Any,
) -> Any:
    """Build an encoder after a checkpoint's configuration and fill it with its weights.

    Parameters
    ----------
    folder
        The checkpoint: ``config.json`` and the weights.
    architecture
        Key of `precompute.models.ARCHITECTURES`.
    config_class, model_class
        transformers' classes.
    vocabulary
        Must not have more tokens than the checkpoint.
    settings
        Keys that the configuration is given beside its own, or instead of them.
    rename
        Gives the file's tensors the names of ``model_class``, and leaves out what is not its.
    spare_rows
        With so many embeddings above the vocabulary it is another model's.
    arguments
        Further arguments of ``model_class``.

    Raises
    ------
    AtlasError
        When the folder is not a whole checkpoint of this architecture and vocabulary, or
        one whose attention would not be the model's.
    """
    from transformers.initialization import no_init_weights

    raw = read_config(folder)
    check_config(raw, architecture, folder)
    try:
        own = {**raw, **(settings or {}), "model_type": config_class.model_type}
        config = config_class.from_dict(own)
        config._attn_implementation = capture.register()
        # Saves memory in training, changes no number, and fails where lengths do not divide.
        config.chunk_size_feed_forward = 0
        # Every parameter is replaced below, so random numbers would be drawn for nothing.
        with no_init_weights():
            encoder = model_class(config, **arguments)
    except Exception as error:  # transformers raises many kinds for many keys
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise AtlasError(
            f"{folder / 'config.json'} does not describe a model of {architecture}: "
            f"{reason.rstrip('.')}."
        ) from error
    # ESM's contact head reads attention and changes none; many checkpoints are without.
    if hasattr(encoder, "contact_head"):
        encoder.contact_head = None
    _check_vocabulary(config, vocabulary, folder, spare_rows)
    if counts_from_padding(raw, architecture) and config.pad_token_id != vocabulary.padding:
        raise AtlasError(
            f"{folder}: positions are counted from pad_token_id, which is {config.pad_token_id} in "
            f"config.json and {vocabulary.padding} in the vocabulary; take both from one "
            "checkpoint."
        )
    state: State = read_state(folder)
    fill(encoder, rename(state) if rename is not None else state, folder)
    encoder.train(False)
    return encoder


def _check_vocabulary(config: Any, vocabulary: Vocabulary, folder: Path, spare: int) -> None:
    """Refuse a vocabulary with tokens that have no embedding, or one of another model."""
    if not vocabulary.size <= config.vocab_size < vocabulary.size + spare:
        raise AtlasError(
            f"The checkpoint {folder} has {config.vocab_size} tokens and its vocabulary has "
            f"{vocabulary.size}: it belongs to another model."
        )
