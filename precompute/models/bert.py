"""BERT-shaped models: TapeBert, ProtBert, ProtBert-BFD, and checkpoints of the same shape."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from precompute.errors import AtlasError
from precompute.models import capture
from precompute.models.adapter import Adapter, Encoding, LayerReceiver, pad_batch
from precompute.models.checkpoint import fill, normalise_names, read_config, read_state
from precompute.models.vocabulary import Vocabulary, tape_vocabulary, vocab_txt_vocabulary


class BertAdapter(Adapter):
    """A BERT encoder whose attention is shown layer by layer.

    Parameters
    ----------
    encoder
        transformers' ``BertModel``, built with the attention of `capture`.
    vocabulary
        How residues become tokens.
    """

    def __init__(self, encoder: Any, vocabulary: Vocabulary) -> None:
        self.encoder = encoder
        self.vocabulary = vocabulary
        self.layers = int(encoder.config.num_hidden_layers)
        self.heads = int(encoder.config.num_attention_heads)
        self.special_tokens = len(vocabulary.before) + len(vocabulary.after)
        self.max_tokens = int(encoder.config.max_position_embeddings)

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into ``[CLS]``, one token a residue, ``[SEP]``."""
        return self.vocabulary.encode(sequence)

    def to(self, device: torch.device, number_type: torch.dtype) -> None:
        """Move the encoder; see `Adapter.to`."""
        self.encoder.to(device=device, dtype=number_type)

    @torch.inference_mode()
    def attend(self, encodings: Sequence[Encoding], receive: LayerReceiver) -> None:
        """Run the encoder on a batch; see `Adapter.attend`."""
        tokens, mask, _ = pad_batch(encodings, self.vocabulary.padding)
        device = next(self.encoder.parameters()).device
        inputs = {"input_ids": torch.from_numpy(tokens).to(device)}
        if not mask.all():
            inputs["attention_mask"] = torch.from_numpy(mask).to(device)
        with capture.listen(receive) as listener:
            self.encoder(**inputs)
        if listener.layers != self.layers:
            raise AtlasError(
                f"The model returned the attention of {listener.layers} of its {self.layers} "
                "layers; run it with a version of transformers that this project pins."
            )


def load(folder: Path, vocabulary: str) -> BertAdapter:
    """Load a BERT-shaped checkpoint.

    Parameters
    ----------
    folder
        ``config.json`` (its ``model_type`` may be missing), ``model.safetensors`` or
        ``pytorch_model.bin``, and ``vocab.txt`` where the vocabulary is a file.
    vocabulary
        ``tape`` or ``vocab.txt``.

    Raises
    ------
    AtlasError
        When the folder is not a whole BERT checkpoint with this vocabulary.
    """
    from transformers import BertConfig, BertModel

    raw = read_config(folder)
    if raw.get("model_type", "bert") != "bert":
        raise AtlasError(
            f"{folder} holds a checkpoint of {raw['model_type']}, and a BERT was asked for."
        )
    words = tape_vocabulary() if vocabulary == "tape" else vocab_txt_vocabulary(folder)
    try:
        config = BertConfig.from_dict({**raw, "model_type": "bert"})
        config._attn_implementation = capture.register()
        with torch.device("meta"):
            encoder = BertModel(config, add_pooling_layer=False)
    except Exception as error:  # transformers raises many kinds for many keys
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise AtlasError(
            f"{folder / 'config.json'} does not describe a BERT: {reason.rstrip('.')}."
        ) from error
    if config.vocab_size != words.size:
        raise AtlasError(
            f"The checkpoint {folder} has {config.vocab_size} tokens and the vocabulary "
            f"{vocabulary} has {words.size}: it belongs to another model."
        )
    if config.is_decoder or config.add_cross_attention:
        raise AtlasError(f"The checkpoint {folder} is a decoder; only encoders can be measured.")
    state = normalise_names(read_state(folder), ["module.", "bert."])
    fill(encoder, state, folder)
    _make_buffers(encoder)
    encoder.train(False)
    return BertAdapter(encoder, words)


def _make_buffers(encoder: Any) -> None:
    """Give the embeddings their constants: in no checkpoint, and empty on a meta device."""
    embeddings = encoder.embeddings
    positions = torch.arange(encoder.config.max_position_embeddings).expand((1, -1))
    embeddings.register_buffer("position_ids", positions, persistent=False)
    embeddings.register_buffer("token_type_ids", torch.zeros_like(positions), persistent=False)
