"""RoBERTa-shaped models: Sapiens, AntiBERTa and others of antibodies and proteins."""

from __future__ import annotations

from pathlib import Path

from precompute.models.encoder import EncoderAdapter, load_adapter
from precompute.models.listed_vocabulary import listed_vocabulary
from precompute.models.vocabulary import LetterVocabulary


def read_vocabulary(folder: Path, vocabulary: str) -> LetterVocabulary:  # noqa: ARG001 - a list
    """Read the vocabulary alone; see `load`."""
    return listed_vocabulary(folder)


def load(folder: Path, vocabulary: str) -> EncoderAdapter:
    """Load a RoBERTa-shaped checkpoint: ``<s>`` one token a residue ``</s>``.

    Positions begin one behind the padding token's id. Checkpoints of CamemBERT and
    XLM-RoBERTa are of the same shape.

    Parameters
    ----------
    folder
        ``config.json``, ``model.safetensors`` or ``pytorch_model.bin``, and ``vocab.txt``,
        ``vocab.json`` or ``tokenizer.json`` with one token a residue.
    vocabulary
        Not asked for: always a list.

    Raises
    ------
    AtlasError
        When the folder is not a whole RoBERTa checkpoint with its vocabulary.
    """
    from transformers import RobertaConfig, RobertaModel

    words = read_vocabulary(folder, vocabulary)
    return load_adapter(
        folder, "roberta", RobertaConfig, RobertaModel, words, add_pooling_layer=False
    )
