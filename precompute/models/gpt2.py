"""GPT-2-shaped models that read one token a residue, from the first to the last: ZymCTRL.

A residue attends to itself and to those before it. ProtGPT2 is of this shape too, but its
tokens are pieces of some four residues: what attends to a piece attends to no residue of it,
and any rule that deals a weight out among them would decide which arcs there are. Its
vocabulary is refused.
"""

from __future__ import annotations

from pathlib import Path

from precompute.errors import AtlasError
from precompute.models.configuration import longest_input, read_config
from precompute.models.encoder import EncoderAdapter, State, load_encoder
from precompute.models.listed_vocabulary import listed_vocabulary
from precompute.models.vocabulary import LetterVocabulary

MASKS = (".attn.bias", ".attn.masked_bias")
"""Triangles that old files hold among the weights, and no model reads."""


def read_vocabulary(folder: Path, vocabulary: str) -> LetterVocabulary:  # noqa: ARG001 - a list
    """Read the vocabulary alone; see `load`."""
    return listed_vocabulary(folder)


def load(folder: Path, vocabulary: str) -> EncoderAdapter:
    """Load a GPT-2-shaped checkpoint: ``<start>`` one token a residue ``<end>``.

    ZymCTRL was trained with an enzyme's class before ``<start>``; of a protein whose class
    nobody gives it reads the residues alone.

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
    return EncoderAdapter(
        encoder,
        words,
        encoder.config.n_layer,
        encoder.config.n_head,
        longest_input(encoder.config.to_dict(), "gpt2", folder),
        options={"use_cache": False},
    )


def without_masks(state: State) -> State:
    """Leave `MASKS` out."""
    return {name: t for name, t in state.items() if not f".{name}".endswith(MASKS)}
