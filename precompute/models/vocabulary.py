"""Which token a residue becomes, for each of the vocabularies in use."""

from __future__ import annotations

import json
import string
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from precompute.errors import AtlasError
from precompute.models.adapter import NO_RESIDUE, Encoding
from precompute.models.added_tokens import named_ends, with_added_tokens

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
    read_as_unknown
        Letters that become the unknown token, as the vocabulary has none for them.
    """

    size: int
    padding: int
    special_tokens: int = 2
    read_as_unknown: frozenset[str] = frozenset()

    @abstractmethod
    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence of residue letters into tokens.

        Raises
        ------
        AtlasError
            When the vocabulary has no token for a letter.
        """

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


_STYLES: tuple[tuple[str, str, str, str, frozenset[str]], ...] = (
    ("[CLS]", "[SEP]", "[PAD]", "[UNK]", READ_AS_X),
    ("<cls>", "<eos>", "<pad>", "<unk>", frozenset()),
    ("<cls>", "<sep>", "<pad>", "<unk>", frozenset()),
    ("<s>", "</s>", "<pad>", "<unk>", frozenset()),
)
"""First, last, padding and unknown token, what is read as X: ProtBert, ESM, TAPE, RoBERTa."""

_SPACED = "[CLS]"
"""BERT's tokenizer reads residues with spaces between, and never joins two."""

LISTS = ("vocab.txt", "vocab.json", "tokenizer.json")
"""Files that may hold a vocabulary with one token a residue, the first of them taken."""


def listed_vocabulary(folder: Path) -> LetterVocabulary:
    """Read ``vocab.txt``, ``vocab.json`` or ``tokenizer.json``: one token a residue.

    The special tokens around the residues are recognised by their names: ``[CLS]`` and
    ``[SEP]`` as in ProtBert, ``<cls>`` and ``<eos>`` as in ESM, ``<cls>`` and ``<sep>`` as
    in TAPE, ``<s>`` and ``</s>`` as in RoBERTa. Letters of `RARE` without a token become
    ``[UNK]`` or ``<unk>``, as every tokenizer reads what it does not know.

    Raises
    ------
    AtlasError
        When there is no such file, or it is no vocabulary of residues.
    """
    path = next((folder / name for name in LISTS if (folder / name).is_file()), None)
    if path is None:
        raise AtlasError(
            f"{folder} has neither vocab.txt nor vocab.json nor tokenizer.json; add it."
        )
    if path.stem == "tokenizer":
        return _letters_of(*_read_tokenizer(path), path)
    ids = {".txt": _read_lines, ".json": _read_json}[path.suffix](path)
    return _letters_of(with_added_tokens(ids, folder), named_ends(folder), path)


def _read_lines(path: Path) -> dict[str, int]:
    """Read one token a line; an empty line counts, as in transformers, except at the end."""
    try:
        lines = path.read_text(encoding="utf-8-sig").rstrip().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise AtlasError(f"{path} cannot be read as text: take it anew.") from error
    return {line.strip(): number for number, line in enumerate(lines)}


def _read_json(path: Path) -> dict[str, int]:
    """Read a RoBERTa tokenizer's vocabulary, which must not join residues."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
        if not all(type(number) is int for number in found.values()):
            raise ValueError
        ids = {str(token): number for token, number in found.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise AtlasError(f"{path} is no readable vocabulary; take it anew.") from error
    joined = [token for token in ids if len(token) > 1 and set(token) <= set(STANDARD)]
    if joined:
        raise _joining(path, joined[0])
    return ids


def _read_tokenizer(path: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    """Read a fast tokenizer's vocabulary, and what it puts first and last, if anything.

    The tokenizer itself must read residue by residue; what it makes of the letters of `RARE`
    is what they become.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
        found = tokenizer.get_vocab()
        texts = STANDARD, " ".join(STANDARD)
        read = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        rare = {x: tokenizer.encode(x, add_special_tokens=False).ids for x in RARE}
        whole = tokenizer.encode("A").tokens
        bare = tokenizer.encode("A", add_special_tokens=False).tokens
    except Exception as error:  # tokenizers raises bare exceptions
        raise AtlasError(f"{path} is no readable tokenizer; take it anew.") from error
    # Where a letter stands twice, the one that begins a word is a residue's.
    ids = {
        token.removeprefix(_WORD_START): found[token]
        for token in sorted(found, key=lambda token: token.startswith(_WORD_START))
    }
    expected = [ids.get(letter) for letter in STANDARD]
    if None not in expected and expected not in read:
        raise _joining(path, "other tokens than its letters")
    # A tokenizer may read U as X, say, though it has a token for U.
    ids |= {letter: read[0] for letter, read in rare.items() if letter in ids and len(read) == 1}
    ends = () if whole == bare or len(bare) != 1 else (*whole[:1], *whole[-1:])
    if ends and (len(whole) != 3 or whole[1] != bare[0]):
        raise AtlasError(
            f"{path} puts {' '.join(whole[: whole.index(bare[0])] or ['nothing'])} before the "
            "residues, and not one token before and one after them; it cannot be used."
        )
    return ids, ends


def _joining(path: Path, example: str) -> AtlasError:
    return AtlasError(
        f"{path} does not read one token a residue (it has {example}), so that attention between "
        "residues is not defined; choose another model."
    )


def _letters_of(ids: Mapping[str, int], ends: tuple[str, ...], path: Path) -> LetterVocabulary:
    style = next((s for s in _STYLES if all(token in ids for token in s[:3])), _STYLES[0])
    first, last, padding, unknown, read_as_x = style
    needed = [padding, first, last, *([] if unknown in ids else "X"), *STANDARD]
    absent = [token for token in needed if token not in ids]
    if absent:
        raise _no_residues(path, absent)
    if ends and ends != (first, last) and all(token in ids for token in ends):
        raise AtlasError(
            f"{path.parent}: the tokenizer puts {' and '.join(ends)} around the residues, and "
            f"{path.name} has {first} and {last} for that; take both from one checkpoint."
        )
    numbers = [ids[token] for token in (first, last, padding, *STANDARD)]
    if len(set(numbers)) < len(numbers) or min(ids.values()) < 0:
        raise AtlasError(
            f"{path} gives one number to several tokens, or a negative one: it is damaged; take "
            "it anew."
        )
    joined = [token for token in ids if len(token) > 1 and set(token) <= set(STANDARD)]
    if joined and path.suffix == ".txt" and first != _SPACED:
        raise _joining(path, joined[0])
    return LetterVocabulary(
        letters={token: number for token, number in ids.items() if len(token) == 1},
        before=(ids[first],),
        after=(ids[last],),
        padding=ids[padding],
        size=max(ids.values()) + 1,
        read_as_x=read_as_x,
        unknown=ids.get(unknown),
    )


def _no_residues(path: Path, absent: Sequence[str]) -> AtlasError:
    return AtlasError(
        f"{path} is not a vocabulary of residues: it lacks {', '.join(absent[:5])}"
        f"{' and more' if len(absent) > 5 else ''}; take the one of the same checkpoint."
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
        absent += [x for x in STANDARD if not self._knows(_WORD_START + x)]
        if absent:
            raise _no_residues(path, absent)
        if not self._knows(_WORD_START + "X"):
            self.read_as_unknown = frozenset(RARE)
        self._before = [self._processor.piece_to_id(token) for token in before]
        self._after = [self._processor.piece_to_id(token) for token in after]
        self.padding = self._processor.piece_to_id("<pad>")
        self.special_tokens = len(before) + len(after)

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
                length = len(piece.replace(_WORD_START, ""))
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
