"""ESM-shaped models: ESM-2, with rotary positions, and ESM-1b."""

from __future__ import annotations

from pathlib import Path

from precompute.models.encoder import EncoderAdapter, load_adapter
from precompute.models.listed_vocabulary import listed_vocabulary
from precompute.models.vocabulary import LetterVocabulary


def read_vocabulary(folder: Path, vocabulary: str) -> LetterVocabulary:  # noqa: ARG001 - a list
    """Read the vocabulary alone; see `load`."""
    return listed_vocabulary(folder)


def load(folder: Path, vocabulary: str) -> EncoderAdapter:
    """Load an ESM-shaped checkpoint: ``<cls>`` one token a residue ``<eos>``.

    ESM-2 turns queries and keys by the frequencies that its file holds, as it was trained.

    Raises
    ------
    AtlasError
        When the folder is not a whole ESM checkpoint with its vocabulary.
    """
    from transformers import EsmConfig, EsmModel

    words = read_vocabulary(folder, vocabulary)
    return load_adapter(folder, "esm", EsmConfig, EsmModel, words, add_pooling_layer=False)
