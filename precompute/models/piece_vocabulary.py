"""Vocabularies of SentencePiece, as ProtAlbert, ProtXLNet and ProtT5 have them."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import numpy as np

from precompute.errors import AtlasError
from precompute.models.adapter import NO_RESIDUE, Encoding
from precompute.models.vocabulary import (
    RARE,
    READ_AS_X,
    STANDARD,
    WORD_START,
    Vocabulary,
    no_residues,
)


def has_no_pieces(folder: Path) -> bool:
    """Tell whether a folder has ``tokenizer.json`` alone, as transformers 5 saves a tokenizer."""
    return not (folder / "spiece.model").is_file() and (folder / "tokenizer.json").is_file()


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
        absent += [x for x in STANDARD if not self._knows(WORD_START + x)]
        if absent:
            raise no_residues(path, absent)
        if not self._knows(WORD_START + "X"):
            self.read_as_unknown = frozenset(RARE)
        self._before = [self._processor.piece_to_id(token) for token in before]
        self._after = [self._processor.piece_to_id(token) for token in after]
        self.padding = self._processor.piece_to_id("<pad>")
        self.special_tokens = len(before) + len(after)

    def put_before(self, token: int) -> None:
        """Put a token, by its id, before all sequences: one that was added to the pieces."""
        self._before.insert(0, token)
        self.size = max(self.size, token + 1)
        self.special_tokens += 1

    def _knows(self, token: str) -> bool:
        return bool(self._processor.id_to_piece(self._processor.piece_to_id(token)) == token)

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into pieces; see `Vocabulary.encode`.

        SentencePiece would make one piece of neighbouring letters that it does not know:
        each of them is given the unknown token itself.
        """
        ids: list[int] = []
        residues: list[int] = []
        place = 0
        for unknown, letters in groupby(sequence, self.read_as_unknown.__contains__):
            part = list(letters)
            if unknown:
                ids += [self._processor.unk_id()] * len(part)
                residues += range(place, place + len(part))
                place += len(part)
                continue
            spaced = " ".join("X" if letter in READ_AS_X else letter for letter in part)
            ids += self._processor.encode(spaced)
            for piece in self._processor.encode(spaced, out_type=str):
                length = len(piece.replace(WORD_START, ""))
                residues.append(place if length == 1 else NO_RESIDUE)
                place += length
        if place != len(sequence):
            raise AtlasError("The model's SentencePiece vocabulary changes residues.")
        none = NO_RESIDUE
        return Encoding(
            np.array([*self._before, *ids, *self._after], dtype=np.int64),
            np.array(
                [none] * len(self._before) + residues + [none] * len(self._after), dtype=np.int64
            ),
        )
