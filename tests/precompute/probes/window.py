"""A model whose vectors are known: the residues around each, and no attention."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from precompute.models.adapter import Adapter, Encoding, LayerReceiver, VectorReceiver
from precompute.models.loading import Checkpoint, own_model
from precompute.models.weights import Weights
from tests.checkpoints import make_checkpoint

LETTERS = "ACDEFGHIKLMNPQRSTVWYX"


class WindowAdapter(Adapter):
    """Layer 1 is the residue itself, layer 2 the one before and the one behind as well."""

    layers = 2
    heads = 0
    width = 3 * len(LETTERS)
    special_tokens = 1

    def encode(self, sequence: str) -> Encoding:
        tokens = np.array([len(LETTERS), *(LETTERS.index(letter) for letter in sequence)])
        return Encoding(tokens, np.arange(len(tokens)) - 1)

    def to(self, device: torch.device, number_type: torch.dtype) -> None:
        """It has no weights."""

    def attend(self, encodings: Sequence[Encoding], receive: LayerReceiver) -> None:
        """It has no attention."""

    def represent(
        self,
        encodings: Sequence[Encoding],
        receive_vectors: VectorReceiver,
        receive: LayerReceiver | None = None,
    ) -> None:
        (encoding,) = encodings
        here = torch.nn.functional.one_hot(torch.from_numpy(encoding.tokens), len(LETTERS) + 1)
        here = here[:, :-1].float()
        before, behind = here.roll(1, 0), here.roll(-1, 0)
        before[0], behind[-1] = 0, 0
        nothing = torch.zeros_like(here)
        receive_vectors(0, torch.cat([here, nothing, nothing], 1)[None])
        receive_vectors(1, torch.cat([here, before, behind], 1)[None])


class WindowCheckpoint(Checkpoint):
    """A checkpoint of it; all but what it loads is that of a small random model."""

    @classmethod
    def of(cls, folder: Path) -> WindowCheckpoint:
        make_checkpoint(folder, "prot_bert")
        return cls(own_model("window", "bert", str(folder)), Weights(folder, "test"))

    def load(self) -> Adapter:
        return WindowAdapter()
