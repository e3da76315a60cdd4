"""Small random checkpoints in the layouts in which the real models are published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

PROT_BERT_TOKENS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] L A G V E S I K R D T P N Q F Y M H C W X U B Z O"
)


def make_bert_checkpoint(
    folder: Path,
    model: str,
    *,
    layers: int = 2,
    heads: int = 3,
    width: int = 24,
    seed: int = 0,
    sharpness: float = 12.0,
    **config: Any,
) -> Path:
    """Write a random BERT as `model` is published.

    ``sharpness`` scales the initial query and key weights, so that attention is peaked
    and there are arcs to count: the untrained default gives none above 0.1.
    """
    from transformers import BertConfig, BertForMaskedLM

    tape = model == "tape_bert"
    settings: dict[str, Any] = {
        "vocab_size": 30,
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": 2 * width,
        "max_position_embeddings": 8192 if tape else 40000,
        "type_vocab_size": 1 if tape else 2,
        "layer_norm_eps": 1e-12,
        **config,
    }
    torch.manual_seed(seed)
    network = BertForMaskedLM(BertConfig(**settings))
    with torch.no_grad():
        for name, tensor in network.named_parameters():
            if ".query.weight" in name or ".key.weight" in name:
                tensor.mul_(sharpness)
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    written = {**settings, "hidden_act": "gelu"}
    if tape:
        # TAPE's own names, and its config keys, as the original file has them.
        state = {
            name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
                "LayerNorm.bias", "LayerNorm.beta"
            ): tensor
            for name, tensor in state.items()
        }
        written["model_type"] = "bert"
    else:
        (folder / "vocab.txt").write_text(PROT_BERT_TOKENS.replace(" ", "\n") + "\n")
    (folder / "config.json").write_text(json.dumps(written))
    torch.save(state, folder / "pytorch_model.bin")
    return folder


def as_safetensors(folder: Path) -> Path:
    """Replace a checkpoint's pickle by the same tensors as safetensors."""
    state = torch.load(folder / "pytorch_model.bin", weights_only=True)
    save_file(
        {name: tensor.clone() for name, tensor in state.items()}, folder / "model.safetensors"
    )
    (folder / "pytorch_model.bin").unlink()
    return folder
