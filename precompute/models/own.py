"""Describe a checkpoint of one's own, which no registry knows, without importing torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from precompute.models import MODELS, RECURRENT, Model
from precompute.models.listed_vocabulary import LISTS

_SHAPE = {
    "layers": ("num_hidden_layers", "n_layer", "num_layers", "n_layers"),
    "heads": ("num_attention_heads", "n_head", "num_heads", "n_heads"),
    "width": ("hidden_size", "d_model", "n_embd", "embed_dim"),
}
"""Under which names configurations give a shape."""
_USUAL = {"layers": 12, "heads": 12, "width": 768}
"""BERT's, where a configuration is silent: times and sizes alone are estimated from it."""


def describe_own(name: str, architecture: str, folder: Path, config: Mapping[str, Any]) -> Model:
    """Describe a checkpoint as the registry describes its models.

    Parameters
    ----------
    name
        What it is called, also for people.
    architecture
        Key of `precompute.models.ARCHITECTURES`.
    folder, config
        The checkpoint, and what its configuration says.
    """
    listed = any((folder / file).is_file() for file in LISTS)
    tape = architecture == "bert" and not listed and config.get("vocab_size") == 30
    pieces = architecture in ("albert", "xlnet", "t5")
    return Model(
        name=name,
        label=name,
        architecture=architecture,
        source="a checkpoint of the user's own",
        revision="",
        original="",
        vocabulary="tape" if tape else "spiece.model" if pieces else "vocab.txt",
        special_tokens={"xlnet": "last two", "t5": "last"}.get(architecture, "first and last"),
        in_paper=False,
        reads_any=architecture != "aligned_bert",
        reads_alignments=architecture == "msa_transformer",
        attends=architecture not in RECURRENT,
        longest_seen=MODELS["plus_tfm"].longest_seen if architecture == "plus_tfm" else None,
        layers=_size(config, "layers"),
        heads=_size(config, "heads"),
        width=_size(config, "width"),
    )


def _size(config: Mapping[str, Any], part: str) -> int:
    given = (config.get(name) for name in _SHAPE[part])
    return next((n for n in given if type(n) is int and 0 < n < 10**6), _USUAL[part])
