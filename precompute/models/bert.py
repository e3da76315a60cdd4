"""BERT-shaped models: TapeBert, ProtBert, ProtBert-BFD, AntiBERTy, and others of this shape."""

from __future__ import annotations

from pathlib import Path

from precompute.models.encoder import EncoderAdapter, load_adapter
from precompute.models.listed_vocabulary import listed_vocabulary
from precompute.models.vocabulary import LetterVocabulary, tape_vocabulary


def read_vocabulary(folder: Path, vocabulary: str) -> LetterVocabulary:
    """Read the vocabulary alone; see `load`."""
    return tape_vocabulary() if vocabulary == "tape" else listed_vocabulary(folder)


def load(folder: Path, vocabulary: str) -> EncoderAdapter:
    """Load a BERT-shaped checkpoint.

    Parameters
    ----------
    folder
        ``config.json`` (its ``model_type`` may be missing), ``model.safetensors`` or
        ``pytorch_model.bin``, and the vocabulary where it is a file.
    vocabulary
        ``tape``, or the name of a file.

    Raises
    ------
    AtlasError
        When the folder is not a whole BERT checkpoint with this vocabulary.
    """
    from transformers import BertConfig, BertModel

    words = read_vocabulary(folder, vocabulary)
    return load_adapter(folder, "bert", BertConfig, BertModel, words, add_pooling_layer=False)
