"""Read a checkpoint folder in the hub's layout without running anything in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.models.fair_esm_file import published_file
from precompute.models.pickle_file import damage_said, load_pickle
from precompute.models.plus_file import PLUS
from precompute.models.tensors import encoder_tensors

if TYPE_CHECKING:
    import torch

PROFILES_FILE = "profiles.hmm.gz"
"""Beside the weights of a model that reads sequences in the columns of their family."""
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


def weight_files(folder: Path) -> list[Path]:
    """List the files that hold a checkpoint's weights, safetensors before pickles.

    Raises
    ------
    AtlasError
        When there is no such folder, no weights in it, or an index names a file that is
        not there.
    """
    if not folder.is_dir():
        raise AtlasError(
            f"There is no checkpoint folder {folder}; give --weights a folder that holds "
            "config.json and the weights."
        )
    for name in _WEIGHTS:
        if (folder / name).is_file():
            return [folder / name]
        index = folder / f"{name}.index.json"
        if index.is_file():
            try:
                names = sorted(set(parse_json(index.read_text())["weight_map"].values()))
            except (ValueError, KeyError, AttributeError, TypeError) as error:
                raise AtlasError(f"{index} is not a readable index of weights.") from error
            # A name is taken as a file of this folder, whatever path it pretends to.
            files = [folder / Path(str(part)).name for part in names]
            absent = [file.name for file in files if not file.is_file()]
            if absent:
                raise AtlasError(f"{folder} lacks {absent[0]}, which its index names.")
            return files
    published = published_file(folder) if _may_be_published(folder) else None
    if published is None:
        raise AtlasError(f"{folder} holds neither {' nor '.join(_WEIGHTS)}.")
    return [published]


def _may_be_published(folder: Path) -> bool:
    """Tell whether weights may have their authors' own name: beside a configuration, of PLUS alone.

    PLUS's file says everything but the number of heads; a training of transformers leaves files
    of that ending beside its configuration that are no weights.
    """
    path = folder / "config.json"
    if not path.is_file():
        return True
    try:
        return parse_json(path.read_text(encoding="utf-8"))["model_type"] in PLUS
    except (OSError, ValueError, KeyError, TypeError):
        return False


def weights_sha256(folder: Path) -> str:
    """SHA-256 over the bytes of all weight files, in the order of `weight_files`.

    Profiles that decide what a model sees are part of it.
    """
    digest = hashlib.sha256()
    profiles = [path for path in (folder / PROFILES_FILE,) if path.is_file()]
    for path in [*weight_files(folder), *profiles]:
        with path.open("rb") as file:
            while block := file.read(1 << 22):
                digest.update(block)
    return digest.hexdigest()


def read_state(folder: Path) -> dict[str, torch.Tensor]:
    """Read all tensors of a checkpoint, mapped from disk where the format allows.

    Raises
    ------
    AtlasError
        When a file is damaged, is a pickle that holds more than tensors, or two files hold
        the same tensor.
    """
    state: dict[str, torch.Tensor] = {}
    for path in weight_files(folder):
        part = _read_file(path)
        if twice := state.keys() & part.keys():
            raise AtlasError(f"{folder} holds {min(twice)} in two files; fetch its weights anew.")
        state.update(part)
    return state


def _read_file(path: Path) -> Mapping[str, torch.Tensor]:
    import torch

    loaded = _load(path)
    if not isinstance(loaded, dict) or not all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in loaded.items()
    ):
        raise AtlasError(f"{path} does not hold a plain dictionary of tensors{_where(loaded)}.")
    return loaded


def _load(path: Path) -> Any:
    if path.suffix != ".safetensors":
        return load_pickle(path)
    from safetensors.torch import load_file

    with damage_said(path):
        return load_file(path)


def _where(loaded: Any) -> str:
    """Say under which key a training program put the tensors, if it did."""
    import torch

    if isinstance(loaded, dict):
        for key, value in loaded.items():
            if isinstance(value, dict) and any(
                isinstance(tensor, torch.Tensor) for tensor in value.values()
            ):
                return f": they stand under {str(key)!r}, which has to be saved alone"
    return ""


def fill(module: torch.nn.Module, state: Mapping[str, torch.Tensor], folder: Path) -> None:
    """Put a checkpoint's tensors into a module, every one of them or none.

    Parameters
    ----------
    module
        The encoder; its parameters are replaced, and so are those persistent buffers that
        the checkpoint has. What is not stored, such as position ids, is kept.
    state
        Everything that the checkpoint holds, a language-model head and prefixes included.
    folder
        Where it comes from, for messages.

    Raises
    ------
    AtlasError
        When the checkpoint is not this encoder and nothing else; see `encoder_tensors`.
    """
    module.load_state_dict(encoder_tensors(state, module, folder), strict=False, assign=True)
