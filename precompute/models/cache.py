"""Where weights already are on this machine."""

from __future__ import annotations

from pathlib import Path

from precompute.models import Model


def cached_folder(model: Model) -> Path | None:
    """Find a model's folder in the Hugging Face hub's local cache, without the network.

    Returns
    -------
    pathlib.Path or None
        The snapshot folder, when it holds a configuration and weights.
    """
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(model.source, "config.json", revision=model.revision)
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    weights = ("model.safetensors", "pytorch_model.bin")
    found = [name for name in weights if (folder / name).exists()]
    found += [name for name in weights if (folder / f"{name}.index.json").exists()]
    return folder if found else None
