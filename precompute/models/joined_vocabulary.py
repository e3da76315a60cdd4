"""ProtGPT2's vocabulary: byte pairs joined to tokens of some four residues, in lines of a FASTA."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.errors import AtlasError
from precompute.models.adapter import NO_RESIDUE, Encoding
from precompute.models.vocabulary import RARE, STANDARD, Vocabulary, no_residues

END = "<|endoftext|>"
"""Stands in place of a FASTA's header, before a sequence and behind it."""
LINE = 60
"""Residues of a line: ProtGPT2 was trained on UniRef50 as its FASTA is broken, and its authors'
model card breaks sequences so."""

_FILE, _PARTS = "tokenizer.json", ("vocab.json", "merges.txt")
JOINED_FILES = (_FILE, *_PARTS)
"""Files that hold such a vocabulary: the first, or both others."""


class JoinedVocabulary(Vocabulary):
    """Byte pairs, joined as the checkpoint's own tokenizer joins them.

    A sequence is read as the model card writes it: `END`, a line break, lines of `LINE` residues
    with a break behind each, and `END`. No token reaches over a line's end. An encoding has one
    place a residue, and says in `Encoding.pieces` which of them are one token.

    Parameters
    ----------
    folder
        Holds `JOINED_FILES`.

    Raises
    ------
    AtlasError
        When there are no such files, or they are no vocabulary of residues.
    """

    joins = True

    def __init__(self, folder: Path) -> None:
        self._tokenizer, self._path, self._digest = _read(folder)
        self.size = max(self._tokenizer.get_vocab().values()) + 1
        end = self._tokenizer.token_to_id(END)
        if end is None or self._tokenizer.encode(END, add_special_tokens=False).ids != [end]:
            raise AtlasError(
                f"{self._path} does not read {END} as one token, which stands before and behind "
                "each sequence; take the files of the same checkpoint."
            )
        if len(self._tokenizer.encode("\n", add_special_tokens=False).ids) != 1:
            raise AtlasError(
                f"{self._path} has no token for a line break, and how its sequences are to be "
                "written is not known; choose another model."
            )
        self.padding = end
        self.special_tokens = 2
        unread = [letter for letter in STANDARD + RARE if self._joined(letter) is None]
        if unread:
            raise no_residues(self._path, unread)

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into tokens, one place a residue; see `Vocabulary.encode`."""
        found = self._joined(sequence)
        if found is None:
            raise AtlasError(f"{self._path} changes residues; take the files anew.")
        return found

    def token_of(self, sequence: str) -> NDArray[np.int64]:
        """Tell the token of each residue; see `Vocabulary.token_of`."""
        encoding = self.encode(sequence)
        assert encoding.pieces is not None
        found: NDArray[np.int64] = encoding.pieces[encoding.residues != NO_RESIDUE]
        return found

    def as_read(self) -> list[Any]:
        """Give the digest of the files; see `Vocabulary.as_read`."""
        return [self._digest]

    def _joined(self, sequence: str) -> Encoding | None:
        """Turn a sequence into tokens; None where a residue is not in exactly one of them."""
        lines = [sequence[start : start + LINE] for start in range(0, len(sequence), LINE)]
        text = "".join((END, *(f"\n{line}" for line in lines), "\n", END))
        read = self._tokenizer.encode(text, add_special_tokens=False)
        inner = len(text) - len(END)
        residue = np.full(len(text), NO_RESIDUE)
        place = np.arange(len(END), inner)
        residue[place[[text[at] != "\n" for at in place]]] = np.arange(len(sequence))
        tokens: list[int] = []
        residues: list[int] = []
        pieces: list[int] = []
        for number, (token, (begin, end)) in enumerate(zip(read.ids, read.offsets, strict=True)):
            own = residue[begin:end].tolist()
            if NO_RESIDUE in own and max(own) >= 0:
                return None  # a token reaches over the end of a line
            own = own if own and own[0] >= 0 else [NO_RESIDUE]
            tokens += [token] * len(own)
            residues += own
            pieces += [number] * len(own)
        placed = np.array(residues, dtype=np.int64)
        if not np.array_equal(placed[placed != NO_RESIDUE], np.arange(len(sequence))):
            return None
        return Encoding(np.array(tokens, np.int64), placed, pieces=np.array(pieces, np.int64))


def special_in(tokens: int) -> int:
    """Count the special tokens beside the most residues that so many tokens always hold.

    Line breaks are among them, and no two residues are taken to be one token.
    """
    residues = max(tokens - 3, 0)
    while residues and residues + 3 + -(-residues // LINE) > tokens:
        residues -= 1
    return tokens - residues


def is_joined(folder: Path) -> bool:
    """Tell whether a folder's vocabulary has ProtGPT2's only special token and no other ends."""
    try:
        ids = _read(folder)[0].get_vocab()
    except AtlasError:
        return False
    return END in ids and not ({"<start>", "<s>", "[CLS]", "<cls>"} & set(ids))


def _read(folder: Path) -> tuple[Any, Path, str]:
    """Read the tokenizer; give its file and a digest too."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    files = [folder / _FILE]
    if not files[0].is_file():
        files = [folder / name for name in _PARTS]
    absent = [file.name for file in files if not file.is_file()]
    if absent:
        raise AtlasError(
            f"{folder} has neither tokenizer.json nor both vocab.json and merges.txt; add those of "
            "the same checkpoint."
        )
    try:
        if len(files) == 1:
            tokenizer = Tokenizer.from_file(str(files[0]))
        else:
            tokenizer = Tokenizer(models.BPE.from_file(*map(str, files)))
            tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
            tokenizer.decoder = decoders.ByteLevel()
            tokenizer.add_special_tokens([END])
        content = b"".join(file.read_bytes() for file in files)
    except Exception as error:  # tokenizers raises bare exceptions
        raise AtlasError(f"{files[0]} is no readable tokenizer; take it anew.") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    if getattr(tokenizer.model, "dropout", None):
        tokenizer.model.dropout = None  # joins at random, for training
    return tokenizer, files[0], hashlib.sha256(content).hexdigest()
