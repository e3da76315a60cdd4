"""The transformer of PLUS (Min et al., IEEE Access 2021), shown layer by layer.

It is BERT's but for two things. Positions are waves and not learnt. What its code calls layer
normalisation divides by the root of the standard deviation, where layer normalisation divides
by the standard deviation itself: with any other class's, the weights would load and every
number would be another. Names of parts are those of its files.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

_MASKED = -10000.0
"""What is added to the logit of a padded token, as the model was trained."""
_SMALLEST = 1e-12


@dataclass(frozen=True)
class Shape:
    """How large a network is.

    Attributes
    ----------
    layers, heads, width, inner
        Layers, heads a layer, and the widths of a token and inside the feed-forward part.
    tokens, positions
        Tokens that are known, and of the longest input.
    """

    layers: int
    heads: int
    width: int
    inner: int
    tokens: int = 25
    positions: int = 515


class RootNorm(nn.Module):
    """γ · (x − mean) / √(s + 10⁻¹²) + β, with s the unbiased standard deviation.

    Parameters
    ----------
    width
        Of what is normed.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """Norm the last axis."""
        spread, mean = torch.std_mean(x, dim=-1, keepdim=True)
        normed: Tensor = self.weight * ((x - mean) / torch.sqrt(spread + _SMALLEST)) + self.bias
        return normed


def waves(positions: int, width: int) -> Tensor:
    """Give positions as sines on even and cosines on odd places, shape (1, positions, width)."""
    place = torch.arange(positions, dtype=torch.float32)[:, None]
    even = torch.arange(0, width, 2, dtype=torch.float32)
    angle = place * torch.exp(even * -(math.log(10000.0) / width))
    return torch.stack([angle.sin(), angle.cos()], 2).reshape(1, positions, -1)[..., :width]


class _Positions(nn.Module):
    pe: Tensor

    def __init__(self, positions: int, width: int) -> None:
        super().__init__()
        self.register_buffer("pe", waves(positions, width))


class _Embeddings(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.tok_embed = nn.Embedding(shape.tokens, shape.width)
        self.seg_embed = nn.Embedding(2, shape.width)
        self.pos_embed = _Positions(shape.positions, shape.width)
        self.norm = RootNorm(shape.width)

    def forward(self, tokens: Tensor, segments: Tensor) -> Tensor:
        places = self.pos_embed.pe[:, : tokens.shape[1]]
        normed: Tensor = self.norm(self.tok_embed(tokens) + places + self.seg_embed(segments))
        return normed


class _Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.proj_q = nn.Linear(shape.width, shape.width)
        self.proj_k = nn.Linear(shape.width, shape.width)
        self.proj_v = nn.Linear(shape.width, shape.width)

    def forward(
        self, x: Tensor, added: Tensor | None, receive: Callable[[Tensor], None] | None
    ) -> Tensor:
        sequences, tokens, width = x.shape
        # (sequences, heads, tokens, width of a head)
        q, k, v = (
            project(x).view(sequences, tokens, self.heads, -1).transpose(1, 2)
            for project in (self.proj_q, self.proj_k, self.proj_v)
        )
        if receive is None:
            context = functional.scaled_dot_product_attention(q, k, v, attn_mask=added)
        else:
            scores = torch.matmul(q, k.transpose(2, 3)).mul_(q.shape[-1] ** -0.5)
            if added is not None:
                scores += added
            probabilities = torch.softmax(scores, dim=-1)
            del scores
            context = torch.matmul(probabilities, v)
            receive(probabilities)
        return context.transpose(1, 2).reshape(sequences, tokens, width)


class _FeedForward(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.fc1 = nn.Linear(shape.width, shape.inner)
        self.fc2 = nn.Linear(shape.inner, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        fed: Tensor = self.fc2(functional.gelu(self.fc1(x)))
        return fed


class _Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attn = _Attention(shape)
        self.proj = nn.Linear(shape.width, shape.width)
        self.norm1 = RootNorm(shape.width)
        self.pwff = _FeedForward(shape)
        self.norm2 = RootNorm(shape.width)

    def forward(
        self, x: Tensor, added: Tensor | None, receive: Callable[[Tensor], None] | None
    ) -> Tensor:
        x = self.norm1(x + self.proj(self.attn(x, added, receive)))
        normed: Tensor = self.norm2(x + self.pwff(x))
        return normed


class PlusNetwork(nn.Module):
    """The network without its heads.

    Parameters
    ----------
    shape
        How large it is.
    """

    base_model_prefix = "transformer"

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed = _Embeddings(shape)
        self.blocks = nn.ModuleList(_Block(shape) for _ in range(shape.layers))

    def forward(
        self,
        tokens: Tensor,
        segments: Tensor,
        there: Tensor | None = None,
        receive: Callable[[int, Tensor], None] | None = None,
        receive_vectors: Callable[[int, Tensor], None] | None = None,
    ) -> Tensor:
        """Read sequences, or pairs of them.

        Parameters
        ----------
        tokens, segments
            Token ids and 0 or 1, shape (sequences, tokens).
        there
            1 for tokens, 0 for padding, of the same shape; None where nothing is padding.
        receive
            Given each layer's index, from 0, and its attention, shape (sequences, heads, tokens,
            tokens), in order; without it the fused kernel runs, which never forms it.
        receive_vectors
            Given each layer's index and what leaves it, shape (sequences, tokens, width).

        Returns
        -------
        torch.Tensor
            What leaves the last layer, shape (sequences, tokens, width).
        """
        x: Tensor = self.embed(tokens, segments)
        added = None if there is None else (_MASKED * (1 - there.to(x.dtype)))[:, None, None, :]
        for number, block in enumerate(self.blocks):
            own = None if receive is None else _of_layer(receive, number)
            x = block(x, added, own)
            if receive_vectors is not None:
                receive_vectors(number, x)
        return x


def _of_layer(receive: Callable[[int, Tensor], None], number: int) -> Callable[[Tensor], None]:
    return lambda probabilities: receive(number, probabilities)
