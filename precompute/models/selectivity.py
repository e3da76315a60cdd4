"""In which columns of an alignment a head tells its rows apart."""

from __future__ import annotations

import torch
from torch import Tensor


def selectivity(attention: Tensor) -> Tensor:
    """Say how far rows are from attending evenly to one another, column by column.

    Parameters
    ----------
    attention
        Of some columns, shape (columns, heads, rows, rows).

    Returns
    -------
    torch.Tensor
        Shape (heads, columns): half of Σ |aᵢⱼ − (1 − aᵢᵢ) / (rows − 1)| over the others j, mean
        over rows i. It is the attention that would have to move for each row to attend evenly to
        the others: 0 where rows see nothing but themselves, or all others alike.
    """
    columns, heads, rows, _ = attention.shape
    if rows == 1:
        return attention.new_zeros(heads, columns)
    found = []
    for one in attention:  # a column at a time: a copy of all would take as much memory again
        own = one.diagonal(dim1=-2, dim2=-1)
        even = (1 - own) / (rows - 1)
        away = (one - even[..., None]).abs_().sum(-1) - (own - even).abs()
        found.append(away.mean(-1) / 2)
    return torch.stack(found, 1).clamp(0, 1)
