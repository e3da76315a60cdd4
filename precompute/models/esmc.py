"""ESM-C: ESM's tokens, rotary positions, and a norm of queries and keys over the whole width."""

from __future__ import annotations

from pathlib import Path

from precompute.errors import AtlasError
from precompute.models.configuration import read_config
from precompute.models.encoder import EncoderAdapter, load_adapter
from precompute.models.listed_vocabulary import LISTS, listed_vocabulary
from precompute.models.vocabulary import LetterVocabulary

_TOKENS = "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H W C X B U Z O . - | <mask>"
"""Every checkpoint's, by number: the authors' tokenizer has them in its code and reads no file."""


def read_vocabulary(folder: Path, vocabulary: str) -> LetterVocabulary:  # noqa: ARG001 - one kind
    """Read the vocabulary alone: the checkpoint's file where it has one; see `load`."""
    if any((folder / name).is_file() for name in LISTS):
        return listed_vocabulary(folder)
    ids = {token: number for number, token in enumerate(_TOKENS.split())}
    return LetterVocabulary(
        letters={token: number for token, number in ids.items() if len(token) == 1},
        before=(ids["<cls>"],),
        after=(ids["<eos>"],),
        padding=ids["<pad>"],
        size=len(ids),
        unknown=ids["<unk>"],
    )


def load(folder: Path, vocabulary: str) -> EncoderAdapter:
    """Load an ESM-C checkpoint: ``<cls>`` one token a residue ``<eos>``.

    Its 64 embeddings are more than its 33 tokens. A chain goes in alone, so that there is
    nothing for ``sequence_id`` to hide from it.

    Raises
    ------
    AtlasError
        When the folder is not a whole ESM-C checkpoint in the layout of transformers.
    """
    from transformers import EsmcConfig, EsmcModel

    if "hidden_size" not in read_config(folder):
        raise AtlasError(
            f"{folder / 'config.json'} has no hidden_size: this is ESM-C in the layout of its "
            "authors' own package; take the repository whose name ends with -hf, such as "
            "biohub/ESMC-300M-hf."
        )
    words = read_vocabulary(folder, vocabulary)
    return load_adapter(folder, "esmc", EsmcConfig, EsmcModel, words)
