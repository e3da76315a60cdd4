"""Random checkpoints of the real models' shapes, whose attention is peaked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from tests.checkpoints import make_checkpoint

SHAPES: dict[str, dict[str, int]] = {
    "tape_bert": {"layers": 12, "heads": 12, "width": 768, "intermediate_size": 3072},
    "prot_bert": {"layers": 30, "heads": 16, "width": 1024, "intermediate_size": 4096},
    "prot_albert": {
        "layers": 12,
        "heads": 64,
        "width": 4096,
        "intermediate_size": 16384,
        "embedding_size": 128,
    },
    "prot_xlnet": {"layers": 30, "heads": 16, "width": 1024, "d_inner": 4096},
    "esm2_t33_650m": {"layers": 33, "heads": 20, "width": 1280, "intermediate_size": 5120},
    "esmc_600m": {"layers": 36, "heads": 18, "width": 1152, "intermediate_size": 3072},
    "prot_t5_xl": {"layers": 24, "heads": 32, "width": 1024, "d_ff": 16384, "d_kv": 128},
}
SMALL = {"layers": 2, "heads": 2, "width": 16}
"""To see that a benchmark works."""


def make_random(
    folder: Path, model: str, sharpness: float = 16.0, shape: Mapping[str, int] | None = None
) -> Any:
    """Make and load a random checkpoint: about one arc of at least 0.1 a row.

    Parameters
    ----------
    folder
        Where to write it.
    model
        A model of the registry.
    sharpness
        Factor of the query and key weights.
    shape
        Another shape than the model's own.
    """
    make_checkpoint(folder, model, sharpness=sharpness, **(shape or SHAPES[model]))
    return load(folder, model)


def load(folder: Path, model: str) -> Any:
    """Load a checkpoint that `make_random` wrote."""
    return Checkpoint(MODELS[model], Weights(folder, "benchmark")).load()


def attend_to_neighbours(adapter: Any, window: int = 3, sharpness: float = 40.0) -> None:
    """Make every head of a BERT attend evenly to the residues within a window.

    Positions become waves of 32 frequencies; the query weighs them so that the score
    is flat for |i − j| ≤ window and low elsewhere. What else a layer adds is made small,
    so that all layers see these positions.
    """
    encoder = adapter.encoder
    width, heads = encoder.config.hidden_size, adapter.heads
    size = width // heads
    random = np.random.default_rng(0)
    frequency = random.uniform(0.05, np.pi, size // 2)
    distance = np.arange(512)
    target = (distance <= window).astype(float)
    importance = np.where(distance <= window, 100.0, 1.0)
    waves = np.cos(distance[:, None] * frequency)
    amplitude, *_ = np.linalg.lstsq(waves * importance[:, None], target * importance, rcond=None)
    positions = np.arange(encoder.config.max_position_embeddings)[:, None] * frequency
    table = np.zeros((len(positions), width), dtype=np.float32)
    table[:, : size // 2], table[:, size // 2 : size] = np.cos(positions), np.sin(positions)
    # Layer normalisation divides by the standard deviation, the same for every position.
    scale = 1 / np.sqrt((size / 2) / width)
    strength = np.concatenate([amplitude, amplitude]) * sharpness * np.sqrt(size) / scale**2
    with torch.no_grad():
        embeddings = encoder.embeddings
        embeddings.position_embeddings.weight.copy_(torch.from_numpy(table))
        embeddings.word_embeddings.weight.mul_(0.01)
        embeddings.token_type_embeddings.weight.zero_()
        for layer in encoder.encoder.layer:
            own = layer.attention.self
            for part, diagonal in ((own.query, strength), (own.key, np.ones(size))):
                block = np.zeros((size, width), dtype=np.float32)
                block[:, :size] = np.diag(diagonal)
                part.weight.copy_(torch.from_numpy(np.tile(block, (heads, 1))))
                part.bias.zero_()
            for part in (layer.attention.output.dense, layer.output.dense):
                part.weight.mul_(0.01)
                part.bias.zero_()
