"""GPT-2-shaped models, which read from the first residue to the last: ZymCTRL and ProtGPT2.

A residue attends to itself and to those before it. ZymCTRL reads one token a residue. ProtGPT2's
tokens are some four residues each: `precompute.models.joined` says what the attention of a
residue is then.
"""

from __future__ import annotations

from pathlib import Path

from precompute.errors import AtlasError
from precompute.models.configuration import longest_input, read_config
from precompute.models.encoder import EncoderAdapter, State, load_encoder
from precompute.models.joined_vocabulary import JoinedVocabulary, is_joined, special_in
from precompute.models.listed_vocabulary import listed_vocabulary
from precompute.models.vocabulary import Vocabulary

MASKS = (".attn.bias", ".attn.masked_bias")
"""Triangles that old files hold among the weights, and no model reads."""


def read_vocabulary(folder: Path, vocabulary: str) -> Vocabulary:  # noqa: ARG001 - found out
    """Read the vocabulary alone; see `load`."""
    return JoinedVocabulary(folder) if is_joined(folder) else listed_vocabulary(folder)


def load(folder: Path, vocabulary: str) -> EncoderAdapter:
    """Load a GPT-2-shaped checkpoint.

    It reads ``<start>``, one token a residue and ``<end>``, or lines of residues between
    ``<|endoftext|>``, as `JoinedVocabulary` says. ZymCTRL was trained with an enzyme's class
    before ``<start>``; of a protein whose class nobody gives it reads the residues alone.

    Raises
    ------
    AtlasError
        When the folder is not a whole GPT-2 checkpoint with a vocabulary of residues.
    """
    from transformers import GPT2Config, GPT2Model

    words = read_vocabulary(folder, vocabulary)
    if read_config(folder).get("reorder_and_upcast_attn"):
        raise AtlasError(
            f"{folder}: its config.json asks for reorder_and_upcast_attn, which only trains in "
            "half precision more stably; set it to false to measure the checkpoint."
        )
    encoder = load_encoder(folder, "gpt2", GPT2Config, GPT2Model, words, rename=without_masks)
    adapter = EncoderAdapter(
        encoder,
        words,
        encoder.config.n_layer,
        encoder.config.n_head,
        longest_input(encoder.config.to_dict(), "gpt2", folder),
        options={"use_cache": False},
    )
    if isinstance(words, JoinedVocabulary) and adapter.max_tokens is not None:
        adapter.special_tokens = special_in(adapter.max_tokens)
    return adapter


def without_masks(state: State) -> State:
    """Leave `MASKS` out."""
    return {name: t for name, t in state.items() if not f".{name}".endswith(MASKS)}
