"""Checkpoints as the authors of ESM publish them: one ``.pt`` file, and one for contacts.

Such a file is a pickle of tensors and of the arguments that the training was started with,
an `argparse.Namespace`: that one name is allowed beside tensors, and nothing else.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from precompute.errors import AtlasError
from precompute.models.pickle_file import load_pickle
from precompute.models.plus_file import arguments_of

if TYPE_CHECKING:
    import torch

CONTACTS = "-contact-regression.pt"
"""How the name of the file ends that holds the regression of contacts."""

_PREFIX = re.compile(r"^(?:(?:module|model)\.)*(?:encoder\.)?(?:sentence_encoder\.)?")
_AXIS = re.compile(r"\b(row|column)(?=_self_attention\b)")
_AXES = {"row": "column", "column": "row"}
_OLD = "esm_msa1_"
_ON_HUB = re.compile(r"esm(2|1b|1v)_")
"""Beginnings of files whose checkpoints the hub has too, in its layout and by the same name."""
_CONFIG = {
    "num_hidden_layers": "layers",
    "num_attention_heads": "attention_heads",
    "hidden_size": "embed_dim",
    "max_position_embeddings": "max_positions",
    "max_tokens_per_msa": "max_tokens_per_msa",
}
"""What ``config.json`` would call the arguments of a training."""


def published_file(folder: Path) -> Path | None:
    """Find weights as the authors of ESM publish them, a ``.pt``; None where there are none.

    Raises
    ------
    AtlasError
        When there are several.
    """
    found = sorted(path for path in folder.glob("*.pt") if not path.name.endswith(CONTACTS))
    if len(found) > 1:
        raise AtlasError(
            f"{folder} holds {found[0].name} and {found[1].name}: put the one that is meant into "
            "a folder of its own."
        )
    return found[0] if found else None


def find_arguments(folder: Path) -> dict[str, Any] | None:
    """Read what the published file in a folder says of its network, as a configuration.

    Returns
    -------
    dict or None
        In the words of ``config.json``; None where there is no such file.

    Raises
    ------
    AtlasError
        When it cannot be read, does not say it, is ESM-MSA-1, or a model that the hub has too.
    """
    path = published_file(folder)
    if path is None:
        return None
    if _ON_HUB.match(path.name):
        raise AtlasError(
            f"{path} is in the layout of fair-esm, in which the MSA Transformer alone is read: "
            f"give --weights a folder with the files of huggingface.co/facebook/{path.stem}, the "
            "same model in the hub's layout."
        )
    if path.name.startswith(_OLD):
        raise older_model(path)
    loaded = load_pickle(path, (argparse.Namespace,))
    given = loaded.get("args") if isinstance(loaded, dict) else None
    if not isinstance(given, argparse.Namespace):
        if (said_by_names := _of_plus(loaded)) is not None:
            return said_by_names
        raise AtlasError(
            f"{path} does not say what network it is of: give the file as it was published "
            "(esm_msa1b_t12_100M_UR50S.pt, PLUS-TFM.pt), or safetensors with a config.json."
        )
    # Some arguments bear the longer names of the training program.
    said = {name.split("encoder_")[-1]: value for name, value in vars(given).items()}
    config = {ours: said[theirs] for ours, theirs in _CONFIG.items() if theirs in said}
    return {"model_type": str(said.get("arch", "another kind")), **config}


def _of_plus(loaded: Any) -> dict[str, Any] | None:
    """Say of which model of PLUS a plain dictionary of tensors is, if of any."""
    import torch

    if not isinstance(loaded, dict):
        return None
    tensors = {k: v for k, v in loaded.items() if isinstance(v, torch.Tensor)}
    return arguments_of({str(name): tuple(own.shape) for name, own in tensors.items()})


def read_published(path: Path) -> dict[str, torch.Tensor]:
    """Read the tensors of a published file, and of the regression of contacts beside it.

    Returns
    -------
    dict
        By the names of the authors' package; see `package_names`.

    Raises
    ------
    AtlasError
        When a file is not of that layout.
    """
    state = _tensors(path)
    if not has_training_names(state):
        raise AtlasError(
            f"{path}: the names in it lack “encoder.”, so that the training program did not write "
            "them, and whether rows and columns are exchanged in them cannot be told: give the "
            "file as it was published, or safetensors with a config.json."
        )
    beside = path.with_name(path.stem + CONTACTS)
    contacts = _tensors(beside) if beside.is_file() else {}
    return package_names(state) | contacts


def has_training_names(state: Mapping[str, torch.Tensor]) -> bool:
    """Tell whether names are the training program's, which calls rows columns."""
    return any(_PREFIX.match(name)[0] for name in state if _AXIS.search(name))  # type: ignore[index]


def package_names(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Turn the training program's names into those of the authors' package.

    What the program calls row attention is the package's column attention, and the other way
    round: taken by their names, the weights would load and give wrong maps without a word.
    """
    return {
        _AXIS.sub(lambda found: _AXES[found[1]], _PREFIX.sub("", name)): tensor
        for name, tensor in state.items()
    }


def older_model(path: Path) -> AtlasError:
    """Give the error of ESM-MSA-1, which ESM-MSA-1b replaced."""
    return AtlasError(
        f"{path} is ESM-MSA-1, whose positions of rows have a fault (one number a row in place of "
        "a vector): take ESM-MSA-1b, esm_msa1b_t12_100M_UR50S.pt."
    )


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    import torch

    loaded = load_pickle(path, (argparse.Namespace,))
    state = loaded.get("model") if isinstance(loaded, dict) else None
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in state.items()
    ):
        raise AtlasError(f"{path} holds no dictionary of tensors under “model”; fetch it anew.")
    return state
