"""Small random MSA Transformers in the layouts in which they are published, and alignments."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.msa_contact_head import ContactHead
from precompute.models.msa_network import MsaNetwork, Shape
from precompute.models.msa_transformer import MsaAdapter
from precompute.models.weights import Weights

FILE = "esm_msa1b_t12_100M_UR50S.pt"
SMALL = Shape(layers=3, heads=4, width=32, inner=48, positions=96)
LETTERS = "ACDEFGHIKLMNPQRSTVWY"


def random_state(shape: Shape, seed: int = 0, sharpness: float = 6.0) -> dict[str, torch.Tensor]:
    """Draw weights by the package's names; queries and keys are sharp enough for arcs."""
    torch.manual_seed(seed)
    network, contacts = MsaNetwork(shape), ContactHead(shape.layers, shape.heads)
    with torch.no_grad():
        network.msa_position_embedding.normal_(0, 0.3)
        network.embed_positions.weight[1] = 0
        for name, tensor in network.named_parameters():
            if "q_proj.weight" in name or "k_proj.weight" in name:
                tensor.mul_(sharpness**0.5)
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    width = shape.width
    state |= {
        "lm_head.weight": state["embed_tokens.weight"].clone(),
        "lm_head.bias": torch.randn(shape.tokens),
        "lm_head.dense.weight": torch.randn(width, width) / width**0.5,
        "lm_head.dense.bias": torch.randn(width),
        "lm_head.layer_norm.weight": torch.ones(width),
        "lm_head.layer_norm.bias": torch.zeros(width),
    }
    return state | {f"contact_head.{n}": t.clone() for n, t in contacts.state_dict().items()}


def training_names(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Name tensors as the published file does: with prefixes, rows called columns."""
    renamed = {}
    for name, tensor in state.items():
        if "row_" in name:
            name = name.replace("row_", "column_")
        elif "column_" in name:
            name = name.replace("column_", "row_")
        inside = "" if name.startswith("lm_head") else "sentence_encoder."
        renamed[f"encoder.{inside}{name}"] = tensor
    return renamed


def write_published(
    folder: Path, shape: Shape = SMALL, *, seed: int = 0, contacts: bool = True, **changed: Any
) -> Path:
    """Write a checkpoint as it is published; `changed` are arguments, None takes one away."""
    folder.mkdir(parents=True, exist_ok=True)
    state = random_state(shape, seed)
    head = {name: state.pop(name) for name in list(state) if name.startswith("contact_head")}
    torch.save({"args": arguments(shape, **changed), "model": training_names(state)}, folder / FILE)
    if contacts:
        torch.save({"model": head}, folder / FILE.replace(".pt", "-contact-regression.pt"))
    return folder


def arguments(shape: Shape, **changed: Any) -> argparse.Namespace:
    """Give what the training program keeps beside the weights."""
    given = {
        "arch": "msa_transformer",
        "layers": shape.layers,
        "embed_dim": shape.width,
        "ffn_embed_dim": shape.inner,
        "attention_heads": shape.heads,
        "dropout": 0.1,
        "attention_dropout": 0.1,
        "activation_dropout": 0.1,
        "max_tokens": shape.at_once,
        "max_tokens_per_msa": shape.at_once,
        "max_positions": shape.positions,
        "embed_positions_msa": True,
        **changed,
    }
    return argparse.Namespace(**{name: value for name, value in given.items() if value is not None})


def write_safetensors(folder: Path, shape: Shape = SMALL, *, training: bool = False) -> Path:
    """Write the same weights as safetensors beside a ``config.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    state = random_state(shape)
    save_file(training_names(state) if training else state, folder / "model.safetensors")
    config = {"model_type": "msa_transformer", "num_attention_heads": shape.heads}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def change_published(folder: Path, **tensors: torch.Tensor | None) -> Path:
    """Change tensors of a published file, named with ``__`` for dots; None takes one away."""
    path = folder / FILE
    with torch.serialization.safe_globals([argparse.Namespace]):
        loaded = torch.load(path, weights_only=True)
    for name, tensor in tensors.items():
        key = f"encoder.sentence_encoder.{name.replace('__', '.')}"
        if tensor is None:
            del loaded["model"][key]
        else:
            loaded["model"][key] = tensor
    torch.save(loaded, path)
    return folder


def checkpoint(folder: Path) -> Checkpoint:
    """Take a folder as ESM-MSA-1b."""
    return Checkpoint(MODELS["esm_msa1b"], Weights(folder, "test"))


def load(folder: Path) -> MsaAdapter:
    """Load a folder's adapter."""
    adapter = checkpoint(folder).load()
    assert isinstance(adapter, MsaAdapter)
    return adapter


def random_alignment(rows: int, columns: int, seed: int = 0, gaps: float = 0.2) -> list[str]:
    """Draw an alignment whose rows are of one family; the query has no gap."""
    generator = np.random.default_rng(seed)
    query = generator.choice(list(LETTERS), columns)
    found = ["".join(query)]
    for _ in range(rows - 1):
        row = np.where(
            generator.random(columns) < 0.6, query, generator.choice(list(LETTERS), columns)
        )
        found.append("".join(np.where(generator.random(columns) < gaps, "-", row)))
    return found
