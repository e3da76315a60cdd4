"""Which of the models of PLUS a file of weights is of, and of what size: its names and shapes say.

PLUS publishes plain dictionaries of tensors, whose names may begin with ``module.``. They say
everything but the number of heads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from precompute.models.pickle_file import damage_said

Sizes = Mapping[str, tuple[int, ...]]

PLUS = ("plus_tfm", "plus_rnn")
"""What ``model_type`` says of them."""

_PUBLISHED_WIDTH, _PUBLISHED_HEADS = 768, 12
"""Of PLUS-TFM as it was trained (config/model/plus-tfm.json of its repository)."""
_LAYER = re.compile(r"(?:^|\.)blocks\.(\d+)\.attn\.proj_q\.weight$")
_DIRECTION = re.compile(r"(?:^|\.)rnn\.weight_ih_l(\d+)_reverse$")


def find_size(sizes: Sizes, name: str) -> tuple[int, ...]:
    """Give the shape of a tensor, whatever stands before its name; empty where there is none."""
    return next((size for own, size in sizes.items() if f".{own}".endswith(f".{name}")), ())


def count_layers(names: Iterable[str], pattern: re.Pattern[str]) -> int:
    """Count the layers that names speak of, 0 where they speak of none."""
    return max((int(match[1]) + 1 for name in names if (match := pattern.search(name))), default=0)


def arguments_of(sizes: Sizes) -> dict[str, Any] | None:
    """Say what a dictionary of tensors is of, in the words of ``config.json``.

    Parameters
    ----------
    sizes
        Shape of each tensor by its name.

    Returns
    -------
    dict or None
        None where it is of no model of PLUS.
    """
    table = find_size(sizes, "embed.tok_embed.weight")
    if len(table) == 2 and (layers := count_layers(sizes, _LAYER)):
        found = {"model_type": "plus_tfm", "num_hidden_layers": layers, "hidden_size": table[1]}
        places = find_size(sizes, "embed.pos_embed.pe")
        if len(places) == 3:
            found["max_position_embeddings"] = places[1]
        if table[1] == _PUBLISHED_WIDTH:
            found["num_attention_heads"] = _PUBLISHED_HEADS
        return found
    gates = find_size(sizes, "rnn.weight_hh_l0")
    if len(gates) == 2 and (layers := count_layers(sizes, _DIRECTION)):
        return {"model_type": "plus_rnn", "num_hidden_layers": layers, "hidden_size": gates[1]}
    return None


def find_arguments(folder: Path) -> dict[str, Any] | None:
    """Say what ``model.safetensors`` without a ``config.json`` is of; see `arguments_of`.

    Raises
    ------
    AtlasError
        When the file is damaged.
    """
    path = folder / "model.safetensors"
    if not path.is_file():
        return None
    from safetensors import safe_open

    with damage_said(path), safe_open(path, framework="np") as file:
        names = list(file.keys())
        return arguments_of({name: tuple(file.get_slice(name).get_shape()) for name in names})
