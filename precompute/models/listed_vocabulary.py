"""Vocabularies that a checkpoint lists, one token a residue, in any of three kinds of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.models.added_tokens import named_ends, with_added_tokens
from precompute.models.vocabulary import (
    RARE,
    READ_AS_X,
    STANDARD,
    WORD_START,
    LetterVocabulary,
    no_residues,
)

_Style = tuple[str, str, str, str, frozenset[str]]

_STYLES: tuple[_Style, ...] = (
    ("[CLS]", "[SEP]", "[PAD]", "[UNK]", READ_AS_X),
    ("<cls>", "<eos>", "<pad>", "<unk>", frozenset()),
    ("<cls>", "<sep>", "<pad>", "<unk>", frozenset()),
    ("<s>", "</s>", "<pad>", "<unk>", frozenset()),
    ("<start>", "<end>", "<pad>", "<unk>", frozenset()),
    ("1", "2", "<|pad|>", "<unk>", frozenset()),
)
"""First, last, padding and unknown token, what is read as X.

As in ProtBert, ESM, TAPE, RoBERTa, ZymCTRL and ProGen2.
"""

_SPACED = "[CLS]"
"""BERT's tokenizer reads residues with spaces between, and never joins two."""

LISTS = ("vocab.txt", "vocab.json", "tokenizer.json")
"""Files that may hold a vocabulary with one token a residue, the first of them taken."""


def listed_vocabulary(folder: Path) -> LetterVocabulary:
    """Read ``vocab.txt``, ``vocab.json`` or ``tokenizer.json``: one token a residue.

    The special tokens around the residues are recognised by their names: ``[CLS]`` and
    ``[SEP]`` as in ProtBert, ``<cls>`` and ``<eos>`` as in ESM, ``<cls>`` and ``<sep>`` as
    in TAPE, ``<s>`` and ``</s>`` as in RoBERTa, ``<start>`` and ``<end>`` as in ZymCTRL, ``1``
    and ``2`` as in ProGen2. Letters of `RARE` without a token become
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
        ids, _, whole, bare = _read_tokenizer(path)
        return _letters_of(ids, _ends(whole, bare, path), path)
    ids = {".txt": _read_lines, ".json": _read_json}[path.suffix](path)
    return _letters_of(with_added_tokens(ids, folder), named_ends(folder), path)


def fast_vocabulary(
    folder: Path, before: tuple[str, ...], after: tuple[str, ...], first: str = ""
) -> LetterVocabulary:
    """Read the ``tokenizer.json`` that transformers saves in place of a SentencePiece model.

    U, Z, O and B are read as X where residues are words, as in ProtTrans' models; Ankh's are not.

    Parameters
    ----------
    folder
        The checkpoint.
    before, after
        Tokens that it must put before and after the residues.
    first
        A token that stands before the residues where the vocabulary has it, and that the
        tokenizer does not put there.

    Raises
    ------
    AtlasError
        When the file is no vocabulary of residues.
    """
    path = folder / LISTS[-1]
    ids, words, whole, bare = _read_tokenizer(path)
    if whole != [*before, *bare, *after]:
        raise AtlasError(
            f"{path} makes {' '.join(whole)} of one residue, and not "
            f"{' '.join((*before, 'the residue', *after))}; it cannot be used."
        )
    start = next((token for token in (*before, first) if token in ids), "")
    read_as_x = READ_AS_X if words else frozenset()
    found = _letters_of(ids, (), path, (start, after[0], "<pad>", "<unk>", read_as_x))
    return replace(found, after=tuple(ids[token] for token in after))


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
        found = parse_json(path.read_text(encoding="utf-8-sig"))
        if not all(type(number) is int for number in found.values()):
            raise ValueError
        ids = {str(token): number for token, number in found.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise AtlasError(f"{path} is no readable vocabulary; take it anew.") from error
    joined = [token for token in ids if len(token) > 1 and set(token) <= set(STANDARD)]
    if joined:
        raise _joining(path, joined[0])
    return ids


def _read_tokenizer(path: Path) -> tuple[dict[str, int], bool, list[str], list[str]]:
    """Read a fast tokenizer's vocabulary, and what it makes of one residue, whole and bare.

    Between them stands whether residues are words.

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
        token.removeprefix(WORD_START): found[token]
        for token in sorted(found, key=lambda token: token.startswith(WORD_START))
    }
    expected = [ids.get(letter) for letter in STANDARD]
    if None not in expected and expected not in read:
        raise _joining(path, "other tokens than its letters")
    # A tokenizer may read U as X, say, though it has a token for U.
    ids |= {letter: read[0] for letter, read in rare.items() if letter in ids and len(read) == 1}
    return ids, WORD_START + "A" in found, whole, bare


def _ends(whole: list[str], bare: list[str], path: Path) -> tuple[str, ...]:
    """Give what a tokenizer puts first and last, if anything."""
    ends = () if whole == bare or len(bare) != 1 else (*whole[:1], *whole[-1:])
    if ends and (len(whole) != 3 or whole[1] != bare[0]):
        raise AtlasError(
            f"{path} puts {' '.join(whole[: whole.index(bare[0])] or ['nothing'])} before the "
            "residues, and not one token before and one after them; it cannot be used."
        )
    return ends


def _joining(path: Path, example: str) -> AtlasError:
    return AtlasError(
        f"{path} does not read one token a residue (it has {example}), so that attention between "
        "residues is not defined; choose another model."
    )


def _letters_of(
    ids: Mapping[str, int], ends: tuple[str, ...], path: Path, style: _Style | None = None
) -> LetterVocabulary:
    style = style or next((s for s in _STYLES if all(token in ids for token in s[:3])), _STYLES[0])
    first, last, padding, unknown, read_as_x = style
    special = [token for token in (first, last, padding) if token]
    needed = [padding, *special[:-1], *([] if unknown in ids else "X"), *STANDARD]
    absent = [token for token in needed if token not in ids]
    if absent:
        raise no_residues(path, absent)
    if ends and ends != (first, last) and all(token in ids for token in ends):
        raise AtlasError(
            f"{path.parent}: the tokenizer puts {' and '.join(ends)} around the residues, and "
            f"{path.name} has {first} and {last} for that; take both from one checkpoint."
        )
    numbers = [ids[token] for token in (*special, *STANDARD)]
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
        before=(ids[first],) if first else (),
        after=(ids[last],),
        padding=ids[padding],
        size=max(ids.values()) + 1,
        read_as_x=read_as_x,
        unknown=ids.get(unknown),
    )
