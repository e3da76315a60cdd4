"""See each layer's attention while the model runs, without keeping any of it.

transformers lets a model's attention be computed by a function registered under a
name of one's own. Ours computes what transformers' eager attention computes, step for
step (so the probabilities are those of a plain forward pass with ``output_attentions``),
shows the probabilities to whoever listens, and drops them. A stack of all layers is
never in memory, nothing is computed twice, and softmax and products run in the buffers
they need: measured (`benchmarks/`), it costs no more than the fused kernel.

Forward hooks cannot do this, since the fused kernel never forms the probabilities that
a hook would see; and recomputing them from queries and keys costs a second product.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch

from precompute.models.adapter import LayerReceiver

ATTENTION_NAME = "atlas"

_listener: ContextVar[_Listener | None] = ContextVar("listener", default=None)


class _Listener:
    """Counts the layers as they pass and hands them on."""

    def __init__(self, receive: LayerReceiver) -> None:
        self.receive = receive
        self.layers = 0

    def show(self, probabilities: torch.Tensor) -> None:
        self.receive(self.layers, probabilities)
        self.layers += 1


@contextmanager
def listen(receive: LayerReceiver) -> Iterator[_Listener]:
    """Hand the attention of every layer that runs inside the block to `receive`."""
    listener = _Listener(receive)
    token = _listener.set(listener)
    try:
        yield listener
    finally:
        _listener.reset(token)


def show(probabilities: torch.Tensor) -> None:
    """Show a layer's probabilities to the innermost listener."""
    if (listener := _listener.get()) is not None:
        listener.show(probabilities)


def attention(
    module: torch.nn.Module,  # noqa: ARG001 - the signature is transformers'
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    position_bias: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Compute scaled dot-product attention and show its probabilities.

    Parameters
    ----------
    module
        The attention module that asks; not used.
    query, key, value
        Shape (sequences, heads, tokens, width of a head).
    attention_mask
        Added to the scores, or None.
    scaling
        Factor of the scores; 1/√width by default.
    position_bias
        T5's: added to the scaled scores, before the mask; shape (1, heads, tokens, tokens).

    Returns
    -------
    tuple
        The output, shape (sequences, tokens, heads, width), and None: nobody keeps the
        probabilities.
    """
    scale = query.size(-1) ** -0.5 if scaling is None else scaling
    scores = torch.matmul(query, key.transpose(2, 3))
    if scale != 1:
        scores.mul_(scale)
    if position_bias is not None:
        scores += position_bias
    if attention_mask is not None:
        scores += attention_mask
    probabilities = torch.softmax(scores, dim=-1)
    del scores
    output = torch.matmul(probabilities, value).transpose(1, 2).contiguous()
    show(probabilities)
    return output, None


def register() -> str:
    """Make transformers know `attention`; return the name to ask for it by."""
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface, eager_mask

    AttentionInterface.register(ATTENTION_NAME, attention)
    AttentionMaskInterface.register(ATTENTION_NAME, eager_mask)
    return ATTENTION_NAME
