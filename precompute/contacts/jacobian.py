"""The categorical Jacobian (Zhang et al., 2024): how each residue changes what is said of others.

Every residue is exchanged for each of the twenty; the logits of the twenty at every residue make
a tensor of residues × 20 × residues × 20. It is centred over its four axes, its Frobenius norm
over amino acids is taken, the diagonal emptied, and the average product correction applied.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from precompute.chemistry import LETTERS
from precompute.contacts.pairs import Pairs
from precompute.errors import AtlasError
from precompute.models.adapter import Adapter
from precompute.models.checkpoint import read_state
from precompute.models.encoder import EncoderAdapter
from precompute.models.loading import Checkpoint

_HEADS = {
    "esm": ("transformers.models.esm.modeling_esm", "EsmLMHead", "lm_head."),
    "bert": ("transformers.models.bert.modeling_bert", "BertLMPredictionHead", "cls.predictions."),
    "albert": ("transformers.models.albert.modeling_albert", "AlbertMLMHead", "predictions."),
    "roberta": ("transformers.models.roberta.modeling_roberta", "RobertaLMHead", "lm_head."),
}
"""By architecture: module and class of the head over the encoder, and how its tensors begin."""


class Jacobian:
    """A language model that is asked what each exchange of a residue changes.

    Parameters
    ----------
    adapter
        The encoder.
    head
        Turns its last vectors into logits.
    """

    def __init__(self, adapter: EncoderAdapter, head: torch.nn.Module) -> None:
        self._adapter = adapter
        self._head = head

    @torch.inference_mode()
    def score(self, sequence: str, pairs: Pairs) -> NDArray[np.float32]:
        """Score pairs of a sequence, shape (pairs,)."""
        device = next(self._head.parameters()).device
        encoding = self._adapter.encode(sequence)
        places = torch.from_numpy(np.flatnonzero(encoding.residues >= 0)).to(device)
        known = self._adapter.encode("".join(LETTERS))
        letters = torch.from_numpy(known.tokens[known.residues >= 0]).to(device)
        tokens = torch.from_numpy(encoding.tokens).to(device)
        size, kinds = len(places), len(letters)
        tensor = torch.empty((size, kinds, size, kinds), device=device)
        for number, place in enumerate(places):
            exchanged = tokens.repeat(kinds, 1)
            exchanged[:, place] = letters
            vectors = self._adapter.encoder(input_ids=exchanged)[0]
            tensor[number] = self._head(vectors[:, places])[:, :, letters].float()
        for axis in range(4):
            tensor -= tensor.mean(axis, keepdim=True)
        norms = tensor.square().sum((1, 3)).sqrt().fill_diagonal_(0.0)
        corrected = norms - norms.sum(1, keepdim=True) * norms.sum(0, keepdim=True) / norms.sum()
        both = (corrected + corrected.T).cpu().numpy()
        found: NDArray[np.float32] = both[pairs.first, pairs.second]
        return found


def load_jacobian(checkpoint: Checkpoint, adapter: Adapter, device: torch.device) -> Jacobian:
    """Load the head of a language model over an encoder that is loaded.

    Raises
    ------
    AtlasError
        When the checkpoint has no such head, or reads otherwise than a token a residue.
    """
    label = checkpoint.model.label
    if checkpoint.model.architecture not in _HEADS or not isinstance(adapter, EncoderAdapter):
        raise AtlasError(
            f"--jacobian asks a masked language model for logits, and {label} is of the "
            f"architecture {checkpoint.model.architecture}: it is computed for {', '.join(_HEADS)}."
        )
    module, name, begin = _HEADS[checkpoint.model.architecture]
    head = getattr(importlib.import_module(module), name)(adapter.encoder.config)
    state = _own_tensors(read_state(checkpoint.weights.folder), begin)
    embeddings = adapter.encoder.get_input_embeddings().weight
    state.setdefault("decoder.weight", embeddings)
    if "decoder.bias" in head.state_dict() and "bias" in state:
        state.setdefault("decoder.bias", state["bias"])
    missing = [key for key in head.state_dict() if key not in state]
    if missing or any(state[key].shape != value.shape for key, value in head.state_dict().items()):
        raise AtlasError(
            f"{checkpoint.weights.folder} has no head of a masked language model ({begin}*), "
            "which --jacobian needs: leave it out, or take the checkpoint that was pretrained."
        )
    head.load_state_dict({key: state[key].float() for key in head.state_dict()})
    # As the encoder's: what is multiplied must be of one number type.
    return Jacobian(adapter, head.train(False).to(device=device, dtype=embeddings.dtype))


def _own_tensors(state: Mapping[str, torch.Tensor], begin: str) -> dict[str, torch.Tensor]:
    """Take the tensors of the head, by its own names; old files call a norm's weight gamma."""
    found = {}
    for name, tensor in state.items():
        if name.startswith(begin):
            own = name.removeprefix(begin)
            own = own.replace(".gamma", ".weight").replace(".beta", ".bias")
            found[own] = tensor
    return found
