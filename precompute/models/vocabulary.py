"""Which token a residue becomes, for each of the vocabularies in use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
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

_WORD_START = "▁"


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
    """

    size: int
    padding: int
    special_tokens: int = 2

    @abstractmethod
    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence of residue letters into tokens.

        Raises
        ------
        AtlasError
            When the vocabulary has no token for a letter.
        """


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
        Letters that become the token of X.
    """

    letters: Mapping[str, int]
    before: tuple[int, ...]
    after: tuple[int, ...]
    padding: int
    size: int
    read_as_x: frozenset[str] = field(default=frozenset())

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into tokens; see `Vocabulary.encode`."""
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


_STYLES: tuple[tuple[str, str, str, frozenset[str]], ...] = (
    ("[CLS]", "[SEP]", "[PAD]", READ_AS_X),
    ("<cls>", "<eos>", "<pad>", frozenset()),
    ("<cls>", "<sep>", "<pad>", frozenset()),
)
"""First token, last token, padding, and what is read as X: ProtBert, ESM, TAPE."""


def listed_vocabulary(folder: Path) -> LetterVocabulary:
    """Read ``vocab.txt`` or ``tokenizer.json``: one token a residue between two special ones.

    Special tokens are recognised by their names: ``[CLS]`` and ``[SEP]`` as in ProtBert,
    ``<cls>`` and ``<eos>`` as in ESM, ``<cls>`` and ``<sep>`` as in TAPE.

    Raises
    ------
    AtlasError
        When there is no such file, or it is no vocabulary of residues.
    """
    path = folder / "vocab.txt"
    if path.is_file():
        try:
            tokens = path.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError) as error:
            raise AtlasError(f"{path} cannot be read as text: take it anew.") from error
        ids = {token: number for number, token in enumerate(tokens)}
    elif (folder / "tokenizer.json").is_file():
        path = folder / "tokenizer.json"
        from tokenizers import Tokenizer

        try:
            found = Tokenizer.from_file(str(path)).get_vocab()
        except Exception as error:  # tokenizers raises bare exceptions
            raise AtlasError(f"{path} is no readable tokenizer; take it anew.") from error
        ids = {token.removeprefix(_WORD_START): number for token, number in found.items()}
    else:
        raise AtlasError(f"{folder} has neither vocab.txt nor tokenizer.json; add it.")
    return _letters_of(ids, path)


def _letters_of(ids: Mapping[str, int], path: Path) -> LetterVocabulary:
    style = next((s for s in _STYLES if all(token in ids for token in s[:3])), _STYLES[0])
    first, last, padding, read_as_x = style
    needed = [padding, first, last, "X", *"ACDEFGHIKLMNPQRSTVWY"]
    absent = [token for token in needed if token not in ids]
    if absent:
        raise AtlasError(
            f"{path} is not a vocabulary of residues: it lacks {', '.join(absent[:5])}"
            f"{' and more' if len(absent) > 5 else ''}; take the one of the same checkpoint."
        )
    return LetterVocabulary(
        letters={token: number for token, number in ids.items() if len(token) == 1},
        before=(ids[first],),
        after=(ids[last],),
        padding=ids[padding],
        size=len(ids),
        read_as_x=read_as_x,
    )


class PieceVocabulary(Vocabulary):
    """A SentencePiece model over residues that are separated by spaces.

    The pieces are SentencePiece's own, and each is mapped to the residue it stands for:
    a piece without letters stands for none, and where a piece joins several residues,
    none of them has a token of its own. (The paper's code left such sequences out.)

    Parameters
    ----------
    folder
        Holds ``spiece.model``.
    before, after
        Names of the special tokens before and after the residues.

    Raises
    ------
    AtlasError
        When the file is missing, damaged, or no vocabulary of residues.
    """

    def __init__(self, folder: Path, before: tuple[str, ...], after: tuple[str, ...]) -> None:
        from sentencepiece import SentencePieceProcessor

        path = folder / "spiece.model"
        if not path.is_file():
            raise AtlasError(f"{folder} has no spiece.model; add the one of the same checkpoint.")
        try:
            self._processor = SentencePieceProcessor(model_file=str(path))
        except (RuntimeError, OSError) as error:
            raise AtlasError(f"{path} is no readable SentencePiece model; take it anew.") from error
        self.size = self._processor.vocab_size()
        needed = [*before, *after, "<pad>"]
        absent = [token for token in needed if not self._knows(token)]
        absent += [x for x in "ACDEFGHIKLMNPQRSTVWYX" if not self._knows(_WORD_START + x)]
        if absent:
            raise AtlasError(
                f"{path} is not a vocabulary of residues: it lacks {', '.join(absent[:5])}"
                f"{' and more' if len(absent) > 5 else ''}; take the one of the same checkpoint."
            )
        self._before = [self._processor.piece_to_id(token) for token in before]
        self._after = [self._processor.piece_to_id(token) for token in after]
        self.padding = self._processor.piece_to_id("<pad>")
        self.special_tokens = len(before) + len(after)

    def _knows(self, token: str) -> bool:
        return bool(self._processor.id_to_piece(self._processor.piece_to_id(token)) == token)

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into pieces; see `Vocabulary.encode`."""
        spaced = " ".join("X" if letter in READ_AS_X else letter for letter in sequence)
        ids = self._processor.encode(spaced)
        residues, place = [], 0
        for piece in self._processor.encode(spaced, out_type=str):
            letters = len(piece.replace(_WORD_START, ""))
            residues.append(place if letters == 1 else NO_RESIDUE)
            place += letters
        if place != len(sequence):
            raise AtlasError("The model's SentencePiece vocabulary changes residues.")
        none = NO_RESIDUE
        return Encoding(
            np.array([*self._before, *ids, *self._after], dtype=np.int64),
            np.array(
                [none] * len(self._before) + residues + [none] * len(self._after), dtype=np.int64
            ),
        )
