"""The MSA Transformer of Rao et al. (ICML 2021), shown layer by layer.

A layer attends along rows, with one map for all sequences of the alignment, then along
columns, with a map a column, then feeds forward. Row maps are handed on as they come, and
column maps as means over the columns: those of all layers and columns together would be
gigabytes. Names of parts are those of the authors' package, so that its files fit.

Every number is a function of one alignment: nothing here lays alignments side by side, where
the padding of one would count among the rows of another.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from precompute.models.selectivity import selectivity

PADDING = 1
"""Token id of cells that are none; positions are counted from it."""

_MASKED = -10000.0
"""What the logit of a padded cell is, as the model was trained."""

RowReceiver = Callable[[int, Tensor], None]
"""Takes a layer's index, from 0, and its row attention, shape (1, heads, tokens, tokens)."""

ColumnReceiver = Callable[[int, Tensor, Tensor], None]
"""Takes a layer's index and its column attention, twice of shape (heads, rows, rows).

First the mean over the alignment's columns, then that of ``<cls>``, which stands before them:
some published measures count it as a column.
"""

SelectivityReceiver = Callable[[int, Tensor], None]
"""Takes a layer's index and how selective its heads are in each column, as `selectivity` says.

Shape (heads, columns); ``<cls>`` is not among them.
"""

QueryReceiver = Callable[[int, Tensor], None]
"""Takes a layer's index and what the first row attends to in each column.

Shape (heads, 1 + columns, rows); ``<cls>`` comes first.
"""


@dataclass(frozen=True)
class Shape:
    """How large a network is.

    Attributes
    ----------
    layers, heads, width, inner
        Layers, heads a layer, and the widths of a token and inside the feed-forward part.
    tokens, positions, rows
        Letters that are known, and the largest alignment: ``<cls>`` is one of the positions.
    at_once
        Cells (rows × positions) from which on a step is taken in parts. It bounds memory and
        changes no number but by rounding.
    """

    layers: int
    heads: int
    width: int
    inner: int
    tokens: int = 33
    positions: int = 1024
    rows: int = 1024
    at_once: float = 2**14


def _share(number: int, size: int, at_once: float) -> int:
    """Give how many of a number of things of a size are taken at once."""
    return number if number * size <= at_once else max(1, int(at_once // size))


class _Attention(nn.Module):
    """What attention along rows and along columns have in common."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.at_once = shape.at_once
        self.scale = (shape.width // shape.heads) ** -0.5
        self.q_proj = nn.Linear(shape.width, shape.width)
        self.k_proj = nn.Linear(shape.width, shape.width)
        self.v_proj = nn.Linear(shape.width, shape.width)
        self.out_proj = nn.Linear(shape.width, shape.width)

    def split(self, cells: Tensor) -> Tensor:
        """Part the heads: (rows, columns, width) becomes (rows, columns, heads, own width)."""
        return cells.view(*cells.shape[:-1], self.heads, -1)


class RowAttention(_Attention):
    """Attention along rows, tied: logits are summed over rows, and one map serves all."""

    def forward(self, x: Tensor, padded: Tensor | None) -> tuple[Tensor, Tensor]:
        """Attend.

        Parameters
        ----------
        x
            Shape (rows, columns, width).
        padded
            Cells that are none, shape (rows, columns); None where there are none.

        Returns
        -------
        tuple of torch.Tensor
            What is added to `x`, and the map, shape (heads, columns, columns).
        """
        rows, columns, _ = x.shape
        part = _share(rows, columns, self.at_once)
        scale = self.scale / math.sqrt(rows)
        exact = torch.promote_types(x.dtype, torch.float32)
        logits = x.new_zeros((), dtype=exact)
        for start in range(0, rows, part):
            own = x[start : start + part]
            q, k = self.split(self.q_proj(own)) * scale, self.split(self.k_proj(own))
            if padded is not None:
                q = q.masked_fill(padded[start : start + part, :, None, None], 0.0)
            logits = logits + torch.einsum("rihd,rjhd->hij", q, k).to(exact)
        if padded is not None:
            logits = logits.masked_fill(padded[0], _MASKED)
        probabilities = logits.softmax(-1)
        del logits
        weights = probabilities.to(x.dtype)
        output = torch.cat(
            [
                self.out_proj(
                    torch.einsum(
                        "hij,rjhd->rihd", weights, self.split(self.v_proj(x[start : start + part]))
                    ).flatten(-2)
                )
                for start in range(0, rows, part)
            ]
        )
        return output, probabilities


class ColumnAttention(_Attention):
    """Attention along columns: in each the rows attend to one another."""

    def of_query(self, x: Tensor) -> Tensor:
        """Give what the first row attends to in each column, of an alignment without padding.

        Parameters
        ----------
        x
            As for `forward`.

        Returns
        -------
        torch.Tensor
            Shape (heads, columns, rows).
        """
        rows, columns, _ = x.shape
        part = _share(columns, rows, self.at_once)
        found = []
        for start in range(0, columns, part):
            own = x[:, start : start + part]
            q = self.split(self.q_proj(own[:1]))[0] * self.scale
            logits = torch.einsum("chd,rchd->hcr", q, self.split(self.k_proj(own)))
            found.append(logits.to(torch.promote_types(x.dtype, torch.float32)).softmax(-1))
        return torch.cat(found, 1)

    def forward(
        self,
        x: Tensor,
        padded: Tensor | None,
        show: bool,
        show_selectivity: Callable[[Tensor], None] | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor] | None]:
        """Attend.

        Parameters
        ----------
        x, padded
            As for `RowAttention.forward`.
        show
            Whether the maps are wanted: without them they are never made.
        show_selectivity
            Given what `SelectivityReceiver` takes, if it is wanted.

        Returns
        -------
        tuple
            What is added to `x`, and the two maps of `ColumnReceiver`, or None.
        """
        rows, columns, _ = x.shape
        part = _share(columns, rows, self.at_once)
        show = show or show_selectivity is not None
        outputs, maps, selective = [], [], []
        for start in range(0, columns, part):
            own = x[:, start : start + part]
            # (columns, heads, rows, width of a head)
            q, k, v = (
                self.split(project(own)).permute(1, 2, 0, 3)
                for project in (self.q_proj, self.k_proj, self.v_proj)
            )
            if padded is None and not show:
                context = functional.scaled_dot_product_attention(q, k, v)
            else:
                logits = (q * self.scale) @ k.transpose(-1, -2)
                if padded is not None:
                    hidden = padded[:, start : start + part].T[:, None, None, :]
                    logits = logits.masked_fill(hidden, _MASKED)
                probabilities = logits.to(torch.promote_types(x.dtype, torch.float32)).softmax(-1)
                del logits
                context = probabilities.to(x.dtype) @ v
                maps += [] if start else [probabilities[0].clone()]
                maps.append(probabilities.sum(0))
                if show_selectivity is not None:
                    selective.append(selectivity(probabilities))
            outputs.append(self.out_proj(context.permute(2, 0, 1, 3).flatten(-2)))
        output = torch.cat(outputs, 1)
        if show_selectivity is not None:
            show_selectivity(torch.cat(selective, 1)[:, 1:])
        if not show:
            return output, None
        first, *sums = maps
        return output, ((torch.stack(sums).sum(0) - first) / max(columns - 1, 1), first)


class FeedForward(nn.Module):
    """Two layers with an exact GELU between."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.at_once = shape.at_once
        self.fc1 = nn.Linear(shape.width, shape.inner)
        self.fc2 = nn.Linear(shape.inner, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        """Feed forward, as many rows at once as `Shape.at_once` allows."""
        rows, columns, _ = x.shape
        part = _share(rows, columns, self.at_once)
        return torch.cat([self.fc2(functional.gelu(self.fc1(own))) for own in torch.split(x, part)])


class _Block(nn.Module):
    """A part with the norm that goes before it."""

    def __init__(self, layer: nn.Module, width: int) -> None:
        super().__init__()
        self.layer = layer
        self.layer_norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, *arguments: Any) -> Any:
        """Give what the part makes of a normed input."""
        return self.layer(self.layer_norm(x), *arguments)


class _Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.row_self_attention = _Block(RowAttention(shape), shape.width)
        self.column_self_attention = _Block(ColumnAttention(shape), shape.width)
        self.feed_forward_layer = _Block(FeedForward(shape), shape.width)

    def forward(
        self,
        x: Tensor,
        padded: Tensor | None,
        receive: Callable[[Tensor], None] | None,
        receive_columns: Callable[[Tensor, Tensor], None] | None,
        receive_selectivity: Callable[[Tensor], None] | None,
    ) -> Tensor:
        """Go through the three parts; see `MsaNetwork.forward`."""
        output, rows = self.row_self_attention(x, padded)
        if receive is not None:
            receive(rows[None])
        del rows
        x = x + output
        output, columns = self.column_self_attention(
            x, padded, receive_columns is not None, receive_selectivity
        )
        if receive_columns is not None:
            receive_columns(*columns)
        del columns
        x = x + output
        del output
        fed: Tensor = x + self.feed_forward_layer(x)
        return fed


class MsaNetwork(nn.Module):
    """The network up to its last norm; the head that guesses letters is left out.

    Parameters
    ----------
    shape
        How large it is.
    """

    base_model_prefix = "sentence_encoder"

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.tokens, shape.width)
        self.embed_positions = nn.Embedding(shape.positions + PADDING + 1, shape.width)
        self.msa_position_embedding = nn.Parameter(torch.zeros(1, shape.rows, 1, shape.width))
        self.emb_layer_norm_before = nn.LayerNorm(shape.width)
        self.emb_layer_norm_after = nn.LayerNorm(shape.width)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))

    def forward(
        self,
        tokens: Tensor,
        receive: RowReceiver | None = None,
        receive_columns: ColumnReceiver | None = None,
        receive_selectivity: SelectivityReceiver | None = None,
        receive_query: Callable[[int, Tensor], None] | None = None,
    ) -> Tensor:
        """Read an alignment.

        Parameters
        ----------
        tokens
            Shape (rows, 1 + columns), ``<cls>`` first, `PADDING` where there is nothing.
        receive, receive_columns, receive_selectivity
            Given each layer's attention, in order.
        receive_query
            Given what each layer makes of the first row, shape (1, 1 + columns, width), in order;
            the last norm is part of the last layer.

        Returns
        -------
        torch.Tensor
            What the last layer makes of each cell, shape (rows, 1 + columns, width).
        """
        there = tokens != PADDING
        places = there.cumsum(1) * there + PADDING
        padded = None if bool(there.all()) else ~there
        x = self.embed_tokens(tokens) + self.embed_positions(places)
        x = x + self.msa_position_embedding[0, : len(tokens)]
        x = self.emb_layer_norm_before(x)
        if padded is not None:
            x = x.masked_fill(padded[:, :, None], 0.0)
        for number, layer in enumerate(self.layers):
            x = layer(
                x,
                padded,
                None if receive is None else partial(receive, number),
                None if receive_columns is None else partial(receive_columns, number),
                None if receive_selectivity is None else partial(receive_selectivity, number),
            )
            if receive_query is not None and number < len(self.layers) - 1:
                receive_query(number, x[:1])
        last: Tensor = self.emb_layer_norm_after(x)
        if receive_query is not None:
            receive_query(len(self.layers) - 1, last[:1])
        return last
