"""Which token a residue becomes, for each of the vocabularies in use."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from precompute.errors import AtlasError
from precompute.models.adapter import NO_RESIDUE, Encoding

READ_AS_X = frozenset("UZOB")
"""Letters that the ProtTrans models were trained to see as X."""

TAPE_TOKENS: tuple[str, ...] = (
    "<pad>",
    "<mask>",
    "<cls>",
    "<sep>",
    "<unk>",
    *"ABCDEFGHIKLMNOPQRSTUVWXYZ",
)
"""TAPE's IUPAC vocabulary: five special tokens and the alphabet without J."""


@dataclass(frozen=True)
class Vocabulary:
    """Maps residue letters to token ids and puts special tokens around them.

    Attributes
    ----------
    letters
        Token id of each letter.
    before, after
        Token ids that stand before and after the residues.
    padding
        Token id that fills up a batch.
    size
        How many tokens there are.
    read_as_x
        Letters that become the token of X.
    """

    letters: dict[str, int]
    before: tuple[int, ...]
    after: tuple[int, ...]
    padding: int
    size: int
    read_as_x: frozenset[str] = field(default=frozenset())

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into tokens, one a residue, between the special tokens.

        Raises
        ------
        AtlasError
            When the vocabulary has no token for a letter.
        """
        try:
            inner = [
                self.letters["X" if letter in self.read_as_x else letter] for letter in sequence
            ]
        except KeyError as error:
            raise AtlasError(f"The model's vocabulary has no token for {error}.") from error
        tokens = np.array([*self.before, *inner, *self.after], dtype=np.int64)
        residues = np.full(len(tokens), NO_RESIDUE, dtype=np.int64)
        residues[len(self.before) : len(self.before) + len(inner)] = np.arange(len(inner))
        return Encoding(tokens, residues)


def tape_vocabulary() -> Vocabulary:
    """TAPE's vocabulary, which is part of its code: ``<cls>`` sequence ``<sep>``."""
    ids = {token: number for number, token in enumerate(TAPE_TOKENS)}
    return Vocabulary(
        letters={token: number for token, number in ids.items() if len(token) == 1},
        before=(ids["<cls>"],),
        after=(ids["<sep>"],),
        padding=ids["<pad>"],
        size=len(ids),
    )


def vocab_txt_vocabulary(folder: Path) -> Vocabulary:
    """Read the vocabulary of a ProtBert checkpoint: ``[CLS]`` sequence ``[SEP]``.

    Raises
    ------
    AtlasError
        When ``vocab.txt`` is missing or is no vocabulary of residues.
    """
    path = folder / "vocab.txt"
    try:
        tokens = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise AtlasError(
            f"{path} cannot be read; a ProtBert checkpoint needs its vocab.txt."
        ) from error
    ids = {token: number for number, token in enumerate(tokens)}
    needed = ["[PAD]", "[CLS]", "[SEP]", "X", *"ACDEFGHIKLMNPQRSTVWY"]
    absent = [token for token in needed if token not in ids]
    if absent:
        raise AtlasError(
            f"{path} is not a vocabulary of residues: it lacks {', '.join(absent[:5])}"
            f"{' and more' if len(absent) > 5 else ''}; take the vocab.txt of the same checkpoint."
        )
    return Vocabulary(
        letters={token: number for token, number in ids.items() if len(token) == 1},
        before=(ids["[CLS]"],),
        after=(ids["[SEP]"],),
        padding=ids["[PAD]"],
        size=len(ids),
        read_as_x=READ_AS_X,
    )
