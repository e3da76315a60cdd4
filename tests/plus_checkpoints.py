"""Small random models of PLUS in the layouts in which they are published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

from precompute.models import Model, find_any_model
from precompute.models.loading import Checkpoint
from precompute.models.plus_network import PlusNetwork, Shape
from precompute.models.plus_tfm import PlusAdapter
from precompute.models.weights import Weights

FILE = "PLUS-TFM.pt"
SMALL = Shape(layers=3, heads=4, width=32, inner=48, positions=67)
REAL = Shape(layers=12, heads=12, width=768, inner=3072)


def random_state(
    shape: Shape = SMALL, seed: int = 0, sharpness: float = 9.0
) -> dict[str, torch.Tensor]:
    """Draw weights by the file's names; queries and keys are sharp enough for arcs."""
    torch.manual_seed(seed)
    network = PlusNetwork(shape)
    with torch.no_grad():
        for name, tensor in network.named_parameters():
            if "norm" in name:
                tensor.add_(torch.randn_like(tensor) * 0.2)
            elif "proj_q.weight" in name or "proj_k.weight" in name:
                tensor.mul_(sharpness**0.5)
    state = {f"transformer.{name}": tensor for name, tensor in network.state_dict().items()}
    width, norm = shape.width, "transformer.blocks.0.norm1"
    state |= {
        "fc_lm.weight": torch.randn(width, width) / width**0.5,
        "fc_lm.bias": torch.randn(width),
        "norm_lm.weight": state[f"{norm}.weight"],
        "norm_lm.bias": state[f"{norm}.bias"],
        "decoder.weight": state["transformer.embed.tok_embed.weight"],
        "decoder_bias": torch.randn(shape.tokens),
        "cls.weight": torch.randn(2, width) / width**0.5,
        "cls.bias": torch.randn(2),
    }
    return {_published_name(name): tensor.clone() for name, tensor in state.items()}


def _published_name(name: str) -> str:
    """Name a tensor as the file does, which calls what norms multiply and add gamma and beta."""
    if "norm" not in name:
        return name
    return name.replace(".weight", ".gamma").replace(".bias", ".beta")


def write_published(
    folder: Path,
    shape: Shape = SMALL,
    *,
    prefix: str = "",
    zipped: bool = True,
    state: Mapping[str, torch.Tensor] | None = None,
) -> Path:
    """Write a checkpoint as it is published, with a ``config.json`` where it is not as large."""
    folder.mkdir(parents=True, exist_ok=True)
    own = {prefix + name: tensor for name, tensor in (state or random_state(shape)).items()}
    # The authors' PyTorch, 1.3, knew the older format alone.
    torch.save(own, folder / FILE, _use_new_zipfile_serialization=zipped)
    write_heads(folder, shape.heads)
    return folder


def write_heads(folder: Path, heads: int) -> None:
    """Say how many heads there are, which no tensor does."""
    config = {"model_type": "plus_tfm", "num_attention_heads": heads}
    (folder / "config.json").write_text(json.dumps(config))


def write_safetensors(folder: Path, shape: Shape = SMALL, *, prefix: str = "") -> Path:
    """Write the same weights as safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {prefix + name: tensor for name, tensor in random_state(shape).items()}
    save_file(state, folder / "model.safetensors")
    write_heads(folder, shape.heads)
    return folder


def checkpoint(folder: Path, model: Model | str = "plus_tfm") -> Checkpoint:
    """Take a folder as a model of the registry."""
    found = find_any_model(model) if isinstance(model, str) else model
    return Checkpoint(found, Weights(folder, "test"))


def load(folder: Path) -> PlusAdapter:
    """Load a PLUS-TFM."""
    adapter = checkpoint(folder).load()
    assert isinstance(adapter, PlusAdapter)
    return adapter


RNN_FILE = "PLUS-RNN_LARGE.pt"


def random_rnn(layers: int = 3, hidden: int = 12, projection: int = 7) -> dict[str, torch.Tensor]:
    """Draw a PLUS-RNN's weights by its file's names, the head that guesses letters among them."""
    torch.manual_seed(0)
    rnn = torch.nn.LSTM(21, hidden, layers, bidirectional=True)
    state = {f"rnn.{name}": own.detach() * 3 for name, own in rnn.named_parameters()}
    return state | {
        "embed.weight": torch.randn(22, 21),
        "fc.weight": torch.randn(projection, 2 * hidden),
        "fc.bias": torch.randn(projection),
        "decoder.weight": torch.randn(21, 2 * hidden),
        "decoder.bias": torch.randn(21),
        "ordinal_weight": torch.full((1, 1), 1.2),
        "ordinal_bias": torch.full((1,), 9.0),
    }


def write_rnn(
    folder: Path, *, prefix: str = "", state: Mapping[str, torch.Tensor] | None = None
) -> Path:
    """Write a PLUS-RNN as it is published: its tensors say all its sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    own = {prefix + name: tensor for name, tensor in (state or random_rnn()).items()}
    torch.save(own, folder / RNN_FILE)
    return folder
