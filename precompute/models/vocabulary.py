"""Which token a residue becomes, for each of the vocabularies in use."""

from __future__ import annotations

import string
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.errors import AtlasError
from precompute.models.adapter import NO_RESIDUE, Encoding

READ_AS_X = frozenset("UZOB")
"""Letters that the ProtTrans models were trained to see as X."""
RARE = "XUZOB"
"""Letters for which a vocabulary may have no token: then they are read as the unknown one."""
STANDARD = "ACDEFGHIKLMNPQRSTVWY"
"""The twenty letters for which every vocabulary of residues has a token."""

TAPE_TOKENS: tuple[str, ...] = (
    "<pad>",
    "<mask>",
    "<cls>",
    "<sep>",
    "<unk>",
    *"ABCDEFGHIKLMNOPQRSTUVWXYZ",
)
"""TAPE's IUPAC vocabulary: five special tokens and the alphabet without J."""

WORD_START = "▁"
"""Begins a piece that begins a word; a residue is a word of its own."""


class Vocabulary(ABC):
    """Maps a sequence to tokens.

    Attributes
    ----------
    size
        How many tokens there are.
    padding
        Token id that fills up a batch.
    special_tokens
        How many tokens of an input stand for no residue.
    read_as_unknown
        Letters that become the unknown token, as the vocabulary has none for them.
    joins
        Whether a token may stand for several residues.
    """

    size: int
    padding: int
    special_tokens: int = 2
    read_as_unknown: frozenset[str] = frozenset()
    joins: bool = False

    @abstractmethod
    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence of residue letters into tokens.

        Raises
        ------
        AtlasError
            When the vocabulary has no token for a letter.
        """

    def token_of(self, sequence: str) -> NDArray[np.int64]:
        """Tell which token each residue is read in, by numbers that rise; shape (residues,)."""
        return np.arange(len(sequence))

    def as_read(self) -> list[Any]:
        """Give what tells two vocabularies apart, for JSON: the tokens of each letter."""
        found: list[Any] = []
        for letter in string.ascii_uppercase:
            try:
                found.append(self.encode(letter).tokens.tolist())
            except AtlasError:
                found.append(None)
        return found


@dataclass(frozen=True)
class LetterVocabulary(Vocabulary):
    """One token a letter, between special tokens.

    Attributes
    ----------
    letters
        Token id of each letter.
    before, after
        Token ids that stand before and after the residues.
    read_as_x
        Letters that become the token of X, where there is one.
    unknown
        Token id of the letters of `RARE` that have no token; None where they are refused.
    """

    letters: Mapping[str, int]
    before: tuple[int, ...]
    after: tuple[int, ...]
    padding: int
    size: int
    read_as_x: frozenset[str] = field(default=frozenset())
    unknown: int | None = None

    @property
    def special_tokens(self) -> int:  # type: ignore[override]
        """How many tokens of an input stand for no residue; see `Vocabulary`."""
        return len(self.before) + len(self.after)

    @cached_property
    def _ids(self) -> dict[str, int]:
        """Token id of each letter that can be read."""
        ids = dict(self.letters)
        if "X" in ids:
            ids |= dict.fromkeys(self.read_as_x, ids["X"])
        if self.unknown is not None:
            ids = dict.fromkeys(RARE, self.unknown) | ids
        return ids

    @property
    def read_as_unknown(self) -> frozenset[str]:  # type: ignore[override]
        """Letters that become the unknown token; see `Vocabulary`."""
        if self.unknown is None:
            return frozenset()
        return frozenset(letter for letter in RARE if self._ids[letter] == self.unknown)

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into tokens; see `Vocabulary.encode`."""
        try:
            inner = [self._ids[letter] for letter in sequence]
        except KeyError as error:
            raise AtlasError(f"The model's vocabulary has no token for {error}.") from error
        tokens = np.array([*self.before, *inner, *self.after], dtype=np.int64)
        residues = np.full(len(tokens), NO_RESIDUE, dtype=np.int64)
        residues[len(self.before) : len(self.before) + len(inner)] = np.arange(len(inner))
        return Encoding(tokens, residues)


def tape_vocabulary() -> LetterVocabulary:
    """TAPE's vocabulary, which is part of its code: ``<cls>`` sequence ``<sep>``."""
    ids = {token: number for number, token in enumerate(TAPE_TOKENS)}
    return LetterVocabulary(
        letters={token: number for token, number in ids.items() if len(token) == 1},
        before=(ids["<cls>"],),
        after=(ids["<sep>"],),
        padding=ids["<pad>"],
        size=len(ids),
    )


def no_residues(path: Path, absent: Sequence[str]) -> AtlasError:
    """Give the error of a file without the tokens that every vocabulary of residues has."""
    return AtlasError(
        f"{path} is not a vocabulary of residues: it lacks {', '.join(absent[:5])}"
        f"{' and more' if len(absent) > 5 else ''}; take the one of the same checkpoint."
    )
