"""ProGen2, which is CodeGen with its queries, values and keys in eight groups instead of four."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch

from precompute.errors import AtlasError
from precompute.models import capture
from precompute.models.configuration import longest_input, read_config
from precompute.models.encoder import EncoderAdapter, State, load_encoder
from precompute.models.gpt2 import without_masks
from precompute.models.listed_vocabulary import listed_vocabulary
from precompute.models.vocabulary import LetterVocabulary

_GROUPS, _CODEGENS = 8, 4
"""In how many groups the rows of ``qkv_proj`` stand, each of queries, values and keys: one for
a core of the machines that trained ProGen2, and CodeGen."""

_MOST_SPARE_ROWS = 52_000
"""ProGen2-large has 51,200 embeddings for its 31 tokens."""


def read_vocabulary(folder: Path, vocabulary: str) -> LetterVocabulary:  # noqa: ARG001 - a list
    """Read the vocabulary alone; see `load`."""
    return listed_vocabulary(folder)


def load(folder: Path, vocabulary: str) -> EncoderAdapter:
    """Load a checkpoint of ProGen2, or of CodeGen over residues: ``1`` one token a residue ``2``.

    A residue attends to itself and to those before it; a sequence is read from the first
    residue to the last. The attention is CodeGen's, which goes through no registry: the core of
    each layer is wrapped, so that its probabilities are shown and dropped.

    Parameters
    ----------
    folder
        ``config.json`` of the ``model_type`` ``progen``, with ProGen2's own keys, or
        ``codegen``; the weights and ``tokenizer.json``.
    vocabulary
        Not asked for: always a list.

    Raises
    ------
    AtlasError
        When the folder is not a whole checkpoint of ProGen2 with its vocabulary.
    """
    from transformers import CodeGenConfig, CodeGenModel

    words = read_vocabulary(folder, vocabulary)
    raw = read_config(folder)
    own = {"vocab_size": "vocab_size_emb", "n_embd": "embed_dim"}
    codegen = raw.get("model_type") == CodeGenConfig.model_type
    encoder = load_encoder(
        folder,
        "progen",
        CodeGenConfig,
        CodeGenModel,
        words,
        settings={name: raw[key] for name, key in own.items() if key in raw},
        rename=without_masks if codegen else _as_codegen,
        spare_rows=_MOST_SPARE_ROWS,
    )
    _refuse_ungrouped(encoder.config, folder, codegen=codegen)
    for layer in encoder.h:
        layer.attn._attn = partial(_show_core, layer.attn._attn)
    return EncoderAdapter(
        encoder,
        words,
        encoder.config.n_layer,
        encoder.config.n_head,
        longest_input(encoder.config.to_dict(), "progen", folder),
        options={"use_cache": False},
    )


def _refuse_ungrouped(config: Any, folder: Path, *, codegen: bool) -> None:
    """Refuse heads and widths that cannot stand in groups.

    Raises
    ------
    AtlasError
        Naming the number.
    """
    width, groups = ("n_embd", _CODEGENS) if codegen else ("embed_dim", _GROUPS)
    for key, number, least in (
        ("n_head", config.n_head, _CODEGENS),
        (width, config.n_embd, groups),
    ):
        if number % least:
            raise AtlasError(
                f"{folder / 'config.json'}: {key} is {number}, and queries, values and keys of "
                f"progen stand in {least} groups of equal size; take the one of the checkpoint."
            )


def _as_codegen(state: State) -> State:
    """Put the rows of queries, values and keys from ProGen2's groups into CodeGen's."""
    kept = dict(without_masks(state))
    for name, rows in kept.items():
        if name.endswith("qkv_proj.weight") and rows.ndim == 2:
            height, width = rows.shape
            if height == 3 * width and width % _GROUPS == 0:
                parts = rows.view(_GROUPS, 3, -1, width).transpose(0, 1)
                parts = parts.reshape(3, _CODEGENS, -1, width).transpose(0, 1)
                kept[name] = parts.reshape(height, width)
    return kept


def _show_core(
    core: Any, *arguments: torch.Tensor, **options: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    """Run a layer's core and show its probabilities."""
    output, probabilities = core(*arguments, **options)
    capture.show(probabilities)
    return output, probabilities
