"""What stands beside a vocabulary and changes it: tokens added later, special tokens by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from precompute.errors import AtlasError
from precompute.json_text import parse_json

ADDED = "added_tokens.json"
SETTINGS = "tokenizer_config.json"
BESIDE = (ADDED, SETTINGS, "special_tokens_map.json")
"""Files that a tokenizer of transformers saves beside its vocabulary."""


def with_added_tokens(ids: Mapping[str, int], folder: Path) -> dict[str, int]:
    """Add the letters that a tokenizer was given after its vocabulary was made.

    A vocabulary without X may have been given one so: read without it, X would be the
    unknown token, and the model was trained otherwise. Added tokens that stand for no
    residue change nothing, and the model may not even have embeddings for them.

    Parameters
    ----------
    ids
        Token ids of the vocabulary.
    folder
        The checkpoint, which may hold ``added_tokens.json`` or ``tokenizer_config.json``.

    Raises
    ------
    AtlasError
        When such a file is damaged, or gives a token another id.
    """
    added = {token: number for token, number in _added(folder).items() if len(token) == 1}
    wrong = [token for token, number in added.items() if type(number) is not int or number < 0]
    other = [token for token, number in added.items() if ids.get(token, number) != number]
    if wrong or other:
        raise AtlasError(
            f"{folder}: the added token {(wrong or other)[0]} has another number than in the "
            "vocabulary; take both from one checkpoint."
        )
    return {**ids, **added}


def added_token(folder: Path, name: str) -> int | None:
    """Find the id of a token that was added to a vocabulary, None where it was not.

    Raises
    ------
    AtlasError
        When the file that names it is damaged, or its id is none.
    """
    number = _added(folder).get(name)
    if number is not None and (type(number) is not int or number < 0):
        raise AtlasError(
            f"{folder}: the added token {name} has the number {number!r}; take the checkpoint's "
            "tokenizer anew."
        )
    return number


def _added(folder: Path) -> dict[str, Any]:
    """Read the ids of tokens that were added, from either file that may name them."""
    added: dict[str, Any] = dict(_read(folder / ADDED))
    decoder = _read(folder / SETTINGS).get("added_tokens_decoder")
    for number, token in (decoder if isinstance(decoder, dict) else {}).items():
        name = _name(token)
        if name is not None and number.isdecimal():
            added.setdefault(name, int(number))
    return added


def named_ends(folder: Path) -> tuple[str, ...]:
    """Give the names of the tokens before and after a sequence, where files say both.

    Raises
    ------
    AtlasError
        When such a file is damaged.
    """
    named: dict[str, Any] = {}
    for file in reversed(BESIDE[1:]):
        named |= {key: value for key, value in _read(folder / file).items() if value is not None}
    first = _name(named.get("cls_token"))
    last = _name(named.get("sep_token")) or _name(named.get("eos_token"))
    # ESM's tokenizer ends with <eos>, whatever its separator.
    if named.get("tokenizer_class") in ("EsmTokenizer", "EsmTokenizerFast"):
        last = _name(named.get("eos_token"))
    return (first, last) if first and last else ()


def _name(token: Any) -> str | None:
    if isinstance(token, dict):
        token = token.get("content")
    return token if isinstance(token, str) else None


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = parse_json(path.read_text(encoding="utf-8-sig"))
        if not isinstance(found, dict):
            raise ValueError
    except (OSError, ValueError) as error:
        raise AtlasError(f"{path} is not a readable JSON object; take it anew.") from error
    return found
