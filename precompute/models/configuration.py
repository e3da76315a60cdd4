"""What a checkpoint's ``config.json`` says of its shape, read without importing torch.

Whatever would make the measured attention another than the model's is refused here, before
data are read: transformers ignores some keys of old configurations in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.tables.columns import MOST_HEADS

ADAPTER_FILES = (
    "adapter_config.json",
    "adapter_model.safetensors",
    "adapter_model.bin",
    "pytorch_adapter.bin",
)
"""What PEFT and AdapterHub write for an adapter."""

MERGE = (
    "merge it into its base model with PEFT (merge_and_unload, then save_pretrained) and give "
    "the folder of the merged model"
)
"""What to do with a LoRA."""


@dataclass(frozen=True)
class Architecture:
    """What transformers takes for granted where a configuration is silent.

    Attributes
    ----------
    model_types
        transformers' names of checkpoints of this shape.
    positions
        Positions where ``max_position_embeddings`` is not given; None where there is no end.
    after_padding
        Whether the first position is one behind the padding token's id.
    padding
        The padding token's id where ``pad_token_id`` is not given.
    position_kind
        Where ``position_embedding_type`` is not given.
    longest
        Under which name a configuration gives the number of positions.
    beside_decoder
        Whether an encoder is measured whose checkpoint may hold a decoder beside it.
    """

    model_types: tuple[str, ...]
    positions: int | None
    after_padding: bool = False
    padding: int | None = 0
    position_kind: str = "absolute"
    beside_decoder: bool = False
    longest: str = "max_position_embeddings"


_KNOWN: dict[str, Architecture] = {
    "bert": Architecture(("bert",), 512),
    "albert": Architecture(("albert",), 512),
    "xlnet": Architecture(("xlnet",), None, position_kind="relative"),
    "esm": Architecture(("esm",), 1026, after_padding=True, padding=None),
    "esmc": Architecture(("esmc",), 2048, padding=1, position_kind="rotary"),
    "t5": Architecture(("t5",), None, position_kind="relative", beside_decoder=True),
    "gpt2": Architecture(("gpt2",), 1024, longest="n_positions"),
    "progen": Architecture(
        ("progen", "codegen"), 1024, position_kind="rotary", longest="n_positions"
    ),
    # The same modules under three names.
    "roberta": Architecture(
        ("roberta", "camembert", "xlm-roberta"), 512, after_padding=True, padding=1
    ),
    # Its positions are columns of families, and every family fits.
    "aligned_bert": Architecture(("bert",), None),
    "msa_transformer": Architecture(("msa_transformer",), 1024),
    "plus_tfm": Architecture(("plus_tfm",), 515),
    "plus_rnn": Architecture(("plus_rnn",), None),
}
"""By name, as in `precompute.models.ARCHITECTURES`."""


_CLASS = re.compile(r"(For|Model|Encoder|LMHead).*")
"""What stands behind a model's type in the names of transformers' classes."""

_SHAPE = (
    "num_hidden_layers",
    "num_attention_heads",
    "n_layer",
    "n_head",
    "num_layers",
    "num_heads",
)
"""Under which names configurations give the numbers of layers and heads."""


_OF_WEIGHT = re.compile(r"(^|_)(eps|epsilon|theta)$")
"""Ends of names of numbers that attention depends on, and that no tensor tells."""


def read_config(folder: Path) -> dict[str, Any]:
    """Read ``config.json``, or what weights as authors of ESM and PLUS publish them say instead.

    Raises
    ------
    AtlasError
        When there is no such folder, the file is missing or no JSON object, or the folder
        holds an adapter.
    """
    if not folder.is_dir():
        raise AtlasError(
            f"There is no checkpoint folder {folder}; give --weights a folder that holds "
            "config.json and the weights."
        )
    refuse_adapter_files(folder)
    path = folder / "config.json"
    if not path.is_file():
        from precompute.models import fair_esm_file, plus_file

        for find_arguments in (fair_esm_file.find_arguments, plus_file.find_arguments):
            if (arguments := find_arguments(folder)) is not None:
                return arguments
    try:
        config = parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AtlasError(
            f"{folder} has no config.json; give --weights the folder of a checkpoint in the "
            "hub's layout."
        ) from error
    except (OSError, ValueError) as error:
        raise AtlasError(f"{path} is not readable JSON: {error}.") from error
    if not isinstance(config, dict):
        raise AtlasError(f"{path} is not a JSON object.")
    return config


def refuse_adapter_files(folder: Path) -> None:
    """Refuse a folder with an adapter: its weights alone are the base model's.

    Raises
    ------
    AtlasError
        Naming the kind of adapter and how to merge it.
    """
    found = [name for name in ADAPTER_FILES if (folder / name).is_file()]
    if not found:
        return
    try:
        kind = str(parse_json((folder / ADAPTER_FILES[0]).read_text())["peft_type"])
    except (OSError, ValueError, KeyError, TypeError):
        kind = ""
    name = "LoRA" if kind.upper() in ("LORA", "") else kind
    other = "" if kind else " or another adapter"
    raise AtlasError(
        f"{folder} holds a {name}{other} ({found[0]}), without which its weights are the base "
        f"model's: {MERGE}, or take the adapter's files away to measure the base model."
    )


def architecture_of(config: Mapping[str, Any], families: bool) -> str | None:
    """Tell by which adapter a checkpoint is run; None where its configuration does not say it.

    Parameters
    ----------
    config
        Of `read_config`.
    families
        Whether profiles of families stand beside the weights, in whose columns it reads.
    """
    given = config.get("model_type")
    classes = config.get("architectures")
    if given is None and isinstance(classes, list) and classes:
        given = _CLASS.sub("", str(classes[0])).lower()  # old files name the class alone
    if given == "bert" and families:
        return "aligned_bert"
    return next((name for name, known in _KNOWN.items() if given in known.model_types), None)


def check_config(config: Mapping[str, Any], architecture: str, folder: Path) -> None:
    """Refuse a configuration whose attention would not be the checkpoint's.

    Parameters
    ----------
    config
        Of `read_config`.
    architecture
        Key of `precompute.models.ARCHITECTURES`.
    folder
        Where it comes from, for messages.

    Raises
    ------
    AtlasError
        Naming what cannot be measured.
    """
    known = _KNOWN[architecture]
    given = config.get("model_type") or known.model_types[0]
    if given not in known.model_types:
        raise AtlasError(
            f"{folder} holds a checkpoint of {given}, and one of {known.model_types[0]} was "
            "asked for."
        )
    if quantised := config.get("quantization_config"):
        method = quantised.get("quant_method") if isinstance(quantised, dict) else None
        raise AtlasError(
            f"{folder} is quantised ({method or 'see quantization_config'} in its config.json), "
            "and rounded weights are not the model's: give the checkpoint that it was made from, "
            "or dequantise it and save it in float32."
        )
    decoders = ["is_decoder", "add_cross_attention", "is_encoder_decoder"]
    if any(config.get(key) for key in decoders[: 2 if known.beside_decoder else 3]):
        raise AtlasError(f"The checkpoint {folder} is a decoder; only encoders can be measured.")
    kind = position_kind(config, architecture)
    allowed = ("absolute", "rotary") if architecture == "esm" else (known.position_kind,)
    if kind not in allowed:
        raise AtlasError(
            f"{folder} has positions of the type {kind} (position_embedding_type in its "
            f"config.json), which transformers no longer computes: {' or '.join(allowed)} can be "
            "measured."
        )
    for key in ("pruned_heads", "bi_data"):
        if config.get(key):
            raise AtlasError(
                f"{folder}: its config.json asks for {key}, which transformers does not carry "
                "out; the attention would be another model's."
            )
    for key in _SHAPE:
        number = _number(config, key, 1, folder)
        if number == 0:
            raise AtlasError(f"{folder / 'config.json'}: {key} is 0, and there is no attention.")
        if number is not None and number > MOST_HEADS:  # layers may share weights: none tells
            raise AtlasError(
                f"{folder / 'config.json'}: {key} is {str(number)[:20]}, and no model has more "
                f"than {MOST_HEADS:,}; take the one of the checkpoint."
            )
    for key, value in config.items():
        if _OF_WEIGHT.search(key) and not _is_finite(value):
            raise AtlasError(
                f"{folder / 'config.json'}: {key} is {str(value)[:20]}, which is no number of it; "
                "take the one of the checkpoint."
            )
    # transformers counts ESM's positions even where rotary ones are used.
    if known.after_padding and _padding(config, known, folder) is None:
        raise AtlasError(
            f"{folder / 'config.json'} has no pad_token_id, from which its positions are counted; "
            "take the one of the checkpoint."
        )
    mask, tokens = config.get("mask_token_id"), config.get("vocab_size", 0)
    if config.get("token_dropout") and not (
        type(mask) is int and type(tokens) is int and 0 <= mask < tokens
    ):
        raise AtlasError(
            f"{folder / 'config.json'} has no mask_token_id of its vocabulary, without which "
            "token_dropout cannot be computed; take the one of the checkpoint."
        )


def _is_finite(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < float("inf")


def position_kind(config: Mapping[str, Any], architecture: str) -> str:
    """Tell how a model knows positions: absolute, rotary or another way."""
    kind = config.get("position_embedding_type")
    return _KNOWN[architecture].position_kind if kind is None else str(kind)


def longest_input(config: Mapping[str, Any], architecture: str, folder: Path) -> int | None:
    """Count the tokens of the longest input, special tokens included.

    ESM's absolute positions and RoBERTa's begin one behind the padding token's id, so that a
    table of 1,026 positions reads 1,024 tokens. Rotary positions have no end, but ESM-2 never
    saw more than its ``max_position_embeddings``, which are taken for the end all the same.

    Parameters
    ----------
    config
        Of `read_config`.
    architecture
        Key of `precompute.models.ARCHITECTURES`.
    folder
        Where it comes from, for messages.

    Returns
    -------
    int or None
        None where there is no end.

    Raises
    ------
    AtlasError
        When the configuration has no number there.
    """
    known = _KNOWN[architecture]
    positions = known.positions
    if positions is not None:
        positions = _number(config, known.longest, positions, folder)
    if positions is None or not counts_from_padding(config, architecture):
        return positions
    padding = _padding(config, known, folder)
    return positions if padding is None else positions - padding - 1


def counts_from_padding(config: Mapping[str, Any], architecture: str) -> bool:
    """Tell whether a model's first position is one behind the padding token's id."""
    return _KNOWN[architecture].after_padding and position_kind(config, architecture) == "absolute"


def longest_asked(longest: int | None, special_tokens: int) -> int | None:
    """Give the largest ``--max-length`` that a model reads: two special tokens count in it.

    Parameters
    ----------
    longest
        Tokens of the longest input, or None where there is no end.
    special_tokens
        How many of them stand for no residue.
    """
    return None if longest is None else longest - max(special_tokens - 2, 0)


def check_longest(label: str, longest: int | None, asked: int) -> None:
    """Refuse an input that is longer than a model reads.

    Raises
    ------
    AtlasError
        Naming the largest ``--max-length`` that can be given.
    """
    if longest is not None and asked > longest:
        raise AtlasError(
            f"{label} reads at most {longest} tokens; give --max-length {longest} or less."
        )


def _padding(config: Mapping[str, Any], known: Architecture, folder: Path) -> int | None:
    return _number(config, "pad_token_id", known.padding, folder)


def _number(config: Mapping[str, Any], key: str, silent: int | None, folder: Path) -> int | None:
    value = config.get(key)
    if value is None:
        return silent
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise AtlasError(f"{folder / 'config.json'}: {key} is {value!r}, which is no number of it.")
    return value
