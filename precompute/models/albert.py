"""ALBERT-shaped models: ProtAlbert, whose twelve layers share one set of weights."""

from __future__ import annotations

from pathlib import Path

from precompute.models.encoder import EncoderAdapter, load_adapter
from precompute.models.listed_vocabulary import fast_vocabulary
from precompute.models.piece_vocabulary import PieceVocabulary, has_no_pieces
from precompute.models.vocabulary import Vocabulary


def read_vocabulary(folder: Path, vocabulary: str) -> Vocabulary:  # noqa: ARG001 - one kind
    """Read the vocabulary alone; see `load`."""
    before, after = ("[CLS]",), ("[SEP]",)
    if has_no_pieces(folder):
        return fast_vocabulary(folder, before, after)
    return PieceVocabulary(folder, before, after)


def load(folder: Path, vocabulary: str) -> EncoderAdapter:
    """Load an ALBERT-shaped checkpoint: ``[CLS]`` pieces ``[SEP]``.

    The vocabulary is read by SentencePiece itself: transformers' tokenizer turns every
    residue into ``<unk>`` unless it is told not to lower the case.

    Raises
    ------
    AtlasError
        When the folder is not a whole ALBERT checkpoint with its ``spiece.model`` or
        ``tokenizer.json``.
    """
    from transformers import AlbertConfig, AlbertModel

    words = read_vocabulary(folder, vocabulary)
    return load_adapter(folder, "albert", AlbertConfig, AlbertModel, words, add_pooling_layer=False)
