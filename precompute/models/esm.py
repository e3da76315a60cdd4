"""ESM-shaped models: ESM-2, with rotary positions, and ESM-1b."""

from __future__ import annotations

from pathlib import Path

from precompute.models.encoder import EncoderAdapter, load_encoder
from precompute.models.vocabulary import listed_vocabulary


def load(folder: Path, vocabulary: str) -> EncoderAdapter:  # noqa: ARG001 - always a list
    """Load an ESM-shaped checkpoint: ``<cls>`` one token a residue ``<eos>``.

    Rotary positions have no end, but ESM-2 never saw more than 1,026 tokens: its
    ``max_position_embeddings`` is taken as the longest input all the same.

    Raises
    ------
    AtlasError
        When the folder is not a whole ESM checkpoint with its vocabulary.
    """
    from transformers import EsmConfig, EsmModel

    words = listed_vocabulary(folder)
    encoder = load_encoder(
        folder, "esm", EsmConfig, EsmModel, words, ["esm."], add_pooling_layer=False
    )
    config = encoder.config
    return EncoderAdapter(
        encoder,
        words,
        config.num_hidden_layers,
        config.num_attention_heads,
        config.max_position_embeddings,
    )
