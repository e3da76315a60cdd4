"""Which heads are written."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from precompute.errors import AtlasError


def choose_heads(
    layers: int, heads: int, only_layers: str | None = None, only_heads: str | None = None
) -> NDArray[np.int64]:
    """Choose heads of a model.

    Parameters
    ----------
    layers, heads
        The model's shape.
    only_layers
        Numbers of layers from 1, with commas: all their heads.
    only_heads
        Heads as ``LAYER-HEAD`` from 1, with commas.

    Returns
    -------
    numpy.ndarray
        Layer and head of each, from 0, in the model's order; shape (chosen, 2).

    Raises
    ------
    AtlasError
        When both are given, one cannot be read, or the model has it not.
    """
    if only_layers is not None and only_heads is not None:
        raise AtlasError("Give --layers or --heads, not both: --heads names the layers, too.")
    if only_heads is not None:
        asked = [_pair(word) for word in _words(only_heads, "--heads")]
    elif only_layers is not None:
        numbers = [_number(word) for word in _words(only_layers, "--layers")]
        asked = [(layer, head) for layer in numbers for head in range(1, heads + 1)]
    else:
        asked = [(layer, head) for layer in range(1, layers + 1) for head in range(1, heads + 1)]
    for layer, head in asked:
        if not (1 <= layer <= layers and 1 <= head <= heads):
            raise AtlasError(
                f"There is no head {layer}-{head}: the model has {layers} layers of {heads} heads."
            )
    return np.array(sorted(set(asked)), dtype=np.int64).reshape(-1, 2) - 1


def _words(text: str, option: str) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise AtlasError(f"{option} names nothing: give numbers with commas, or leave it out.")
    return words


def _number(word: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", word):
        raise AtlasError(
            f"{word[:20]!r} is no layer: give numbers from 1 with commas, such as 1,12."
        )
    return int(word)


def _pair(word: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,9})-([0-9]{1,9})", word)
    if found is None:
        raise AtlasError(
            f"{word[:20]!r} is no head: give LAYER-HEAD with commas, such as 7-1,12-4."
        )
    return int(found[1]), int(found[2])
