"""Sapiens' fairseq checkpoint in the hub's layout of RoBERTa; nothing of it is run."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import torch

_NAMES = {
    r"^decoder\.sentence_encoder\.": "",
    r"^embed_tokens\.": "embeddings.word_embeddings.",
    r"^embed_positions\.": "embeddings.position_embeddings.",
    r"^emb_layer_norm\.": "embeddings.LayerNorm.",
    r"^layers\.": "encoder.layer.",
    r"self_attn\.([qkv])_proj": r"attention.self.\1",
    r"self_attn\.out_proj": "attention.output.dense",
    r"self_attn_layer_norm": "attention.output.LayerNorm",
    r"fc1": "intermediate.dense",
    r"fc2": "output.dense",
    r"final_layer_norm": "output.LayerNorm",
}
_PARTS = {"q": "query", "k": "key", "v": "value"}


def convert(path: Path, folder: Path) -> None:
    """Write ``config.json``, ``vocab.txt`` and ``pytorch_model.bin`` of a fairseq checkpoint."""
    with torch.serialization.safe_globals([argparse.Namespace]):
        found = torch.load(path, map_location="cpu", weights_only=True)
    settings, state = found["args"], {}
    for name, tensor in found["model"].items():
        if name.startswith("decoder.lm_head."):
            head = name.removeprefix("decoder.")
            state[re.sub(r"lm_head\.(weight|bias)", r"lm_head.decoder.\1", head)] = tensor
            continue
        for theirs, ours in _NAMES.items():
            name = re.sub(theirs, ours, name)
        name = re.sub(r"(?<=self\.)([qkv])(?=\.)", lambda found: _PARTS[found[1]], name)
        state[f"roberta.{name}"] = tensor
    positions, width = state["roberta.embeddings.position_embeddings.weight"].shape
    # fairseq has no token types: they add nothing.
    state["roberta.embeddings.token_type_embeddings.weight"] = torch.zeros(1, width)
    config = {
        "model_type": "roberta",
        "vocab_size": len(state["roberta.embeddings.word_embeddings.weight"]),
        "hidden_size": width,
        "num_hidden_layers": settings.encoder_layers,
        "num_attention_heads": settings.encoder_attention_heads,
        "intermediate_size": settings.encoder_ffn_embed_dim,
        "hidden_act": settings.activation_fn,
        "max_position_embeddings": positions,
        "type_vocab_size": 1,
        "layer_norm_eps": 1e-5,
        "pad_token_id": 1,
        "tie_word_embeddings": False,
    }
    letters = [line.split()[0] for line in (path.parent / "dict.txt").read_text().splitlines()]
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *letters, "<mask>"]
    (folder / "vocab.txt").write_text("\n".join(tokens))
    (folder / "config.json").write_text(json.dumps(config))
    torch.save(state, folder / "pytorch_model.bin")
