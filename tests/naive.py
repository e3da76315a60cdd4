"""The paper's statistic the slow way: transformers' own attention and loops over residues.

Shares no code with the engine beyond the reading of records.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch

Counts = Counter[tuple[str, float, int, int]]


def load_network(model: str, folder: Path) -> Any:
    """Load a checkpoint with eager attention by transformers' own means."""
    import transformers

    kind = {"prot_albert": "Albert", "prot_xlnet": "XLNet"}.get(
        model, "Esm" if model.startswith("esm") else "Bert"
    )
    settings = json.loads((folder / "config.json").read_text())
    settings.pop("model_type", None)
    config = getattr(transformers, f"{kind}Config")(**settings)
    config._attn_implementation = "eager"
    network = getattr(transformers, f"{kind}Model")(config).eval()
    state = torch.load(folder / "pytorch_model.bin", weights_only=True)
    prefix = "transformer." if kind == "XLNet" else f"{kind.lower()}."
    renamed = {
        name.removeprefix(prefix).replace("gamma", "weight").replace("beta", "bias"): tensor
        for name, tensor in state.items()
    }
    missing, _ = network.load_state_dict(renamed, strict=False)
    assert all("pooler" in name for name in missing)
    return network


def encode(model: str, folder: Path, sequence: str) -> list[int]:
    """Tokens of a sequence by the models' own tokenizers."""
    import transformers

    if model == "tape_bert":
        alphabet = "ABCDEFGHIKLMNOPQRSTUVWXYZ"
        return [2, *(5 + alphabet.index(letter) for letter in sequence), 3]
    if model.startswith("esm"):
        return list(transformers.EsmTokenizer(str(folder / "vocab.txt")).encode(sequence))
    spaced = " ".join("X" if letter in "UZOB" else letter for letter in sequence)
    if model == "prot_albert":
        tokenizer = transformers.AlbertTokenizer.from_pretrained(folder, do_lower_case=False)
    elif model == "prot_xlnet":
        tokenizer = transformers.XLNetTokenizer.from_pretrained(folder, do_lower_case=False)
    else:
        tokenizer = transformers.BertTokenizer(str(folder / "vocab.txt"), do_lower_case=False)
    return list(tokenizer.encode(spaced))


def attention(network: Any, model: str, folder: Path, sequence: str) -> np.ndarray:
    """Attention between residues, shape (layers, heads, residues, residues)."""
    tokens = encode(model, folder, sequence)
    assert len(tokens) == len(sequence) + 2
    with torch.no_grad():
        attentions = network(torch.tensor([tokens]), output_attentions=True).attentions
    crop = slice(0, -2) if model == "prot_xlnet" else slice(1, -1)
    return torch.stack([layer[0, :, crop, crop] for layer in attentions]).numpy()


def properties(record: dict[str, Any], i: int, j: int) -> tuple[set[str], set[str]]:
    """What the arc from i to j has, and what it could have."""
    has, may = set(), set()
    letter = record["primary"][j]
    if letter != "X":
        may.add("amino_acid")
        has.add(f"amino_acid:{letter}")
    if "ss8" in record:
        may.add("secondary_structure")
        name = {"G": "helix", "H": "helix", "I": "helix", "B": "strand", "E": "strand"} | {
            "S": "turn_bend",
            "T": "turn_bend",
            "C": "blank",
        }
        has.add("secondary_structure:" + name["GHIBESTC"[record["ss8"][j]]])
    for field, feature in (("sites", "binding_site"), ("modifications", "modification")):
        if field in record:
            may.add(feature)
            if record["positions"][j] in record[field]:
                has.add(feature)
    if "tertiary" in record:
        resolved = record["valid_mask"][i] and record["valid_mask"][j]
        if resolved and abs(i - j) >= 6:
            may.add("contact")
            difference = record["tertiary"][i].astype(float) - record["tertiary"][j].astype(float)
            if float(np.sqrt((difference**2).sum())) < 8.0:
                has.add("contact")
    may.add("offset")
    has.add(f"offset:{j - i:+d}".replace("+0", "0") if abs(j - i) <= 10 else "offset:far")
    return has, may


def count(
    attentions: np.ndarray, record: dict[str, Any], thresholds: tuple[float, ...]
) -> tuple[Counts, Counts, Counts]:
    """Arcs, eligible and hits of one protein by (feature, threshold, layer, head).

    Arcs are counted under the feature ``""``; eligible under the feature's group.
    """
    arcs: Counts = Counter()
    eligible: Counts = Counter()
    hits: Counts = Counter()
    layers, heads, residues, _ = attentions.shape
    for i in range(residues):
        for j in range(residues):
            if attentions[:, :, i, j].max() < np.float32(thresholds[0]):
                continue
            has, may = properties(record, i, j)
            for layer in range(layers):
                for head in range(heads):
                    for threshold in thresholds:
                        if attentions[layer, head, i, j] >= np.float32(threshold):
                            where = (threshold, layer + 1, head + 1)
                            arcs["", *where] += 1
                            for group in may:
                                eligible[group, *where] += 1
                            for feature in has:
                                hits[feature, *where] += 1
    return arcs, eligible, hits
