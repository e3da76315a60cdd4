"""What a head is like whatever stands where: how spread its attention is, and how far it goes.

All of it is summed over residues that attend, in whole millionths, so that sums are exact in
any order. Weights of any size count, not arcs. A model that reads one way gives nothing to what
comes behind, and so nothing of that is in any of the sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

SHAPE_SUMS = ("entropy", "distance", "to_residues", "diagonal")
"""What is summed of each head, in this order."""

_LEAST = float(np.finfo(np.float32).tiny)
"""What a weight of 0 is taken for, so that it has a logarithm; 0 times that is 0."""


_AT_ONCE = {"cpu": 3 << 18}
"""Weights that are read at once: 3 MB stay in a CPU core's own cache or near it."""
_AT_ONCE_ELSEWHERE = 1 << 26
"""A GPU waits for each part to be started, so they are few; each takes two times 256 MB."""


@dataclass(frozen=True, eq=False)
class BatchPlaces:
    """Where the residues of a batch stand: laid out once for all layers.

    Attributes
    ----------
    apart
        |i − j| of two residues, 0 where one of the tokens is none; (sequences, tokens, tokens).
    present
        1 for residues and 0 for other tokens, shape (sequences, tokens).
    attending
        Whose attention is summed, shape (sequences, tokens).
    """

    apart: torch.Tensor
    present: torch.Tensor
    attending: torch.Tensor

    @classmethod
    def of(cls, residues: torch.Tensor, attending: torch.Tensor | None = None) -> BatchPlaces:
        """Lay out a batch.

        Parameters
        ----------
        residues
            The residue of each token, −1 for none; shape (sequences, tokens).
        attending
            Whose attention is summed; that of all residues by default.
        """
        here = residues >= 0
        apart = (residues[:, :, None] - residues[:, None, :]).abs().float()
        apart *= here[:, :, None] & here[:, None, :]
        return cls(apart, here.float(), here if attending is None else attending)


def shape_sums(probabilities: torch.Tensor, places: BatchPlaces) -> torch.Tensor:
    r"""Sum what heads are like over the residues that attend.

    Of a residue i: the entropy :math:`-\sum_j a_{ij} \log_2 a_{ij}` over all tokens j, in bits;
    over residues j the distance :math:`\sum_j a_{ij} |i - j|` and the weight
    :math:`\sum_j a_{ij}`; the weight :math:`a_{ii}`.

    Parameters
    ----------
    probabilities
        Attention of one layer, shape (sequences, heads, tokens, tokens).
    places
        Of the same batch.

    Returns
    -------
    torch.Tensor
        Millionths, int64, shape (sequences, heads, sums), as `SHAPE_SUMS` names them.
    """
    sequences, heads, tokens, _ = probabilities.shape
    number_type = torch.promote_types(probabilities.dtype, torch.float32)
    apart = places.apart.to(number_type)[:, None]
    present = places.present.to(number_type)[:, :, None]
    rows = apart.new_empty((len(SHAPE_SUMS), sequences, heads, tokens))
    at_once = _AT_ONCE.get(probabilities.device.type, _AT_ONCE_ELSEWHERE)
    together = max(at_once // (sequences * tokens * tokens), 1)
    for first in range(0, heads, together):
        some = slice(first, first + together)
        weights = probabilities[:, some].to(number_type)
        product = _log2(weights.clamp(min=_LEAST)).mul_(weights)
        rows[0, :, some] = product.sum(-1)
        rows[1, :, some] = torch.mul(weights, apart, out=product).sum(-1)
        of_sequence = weights.reshape(sequences, -1, tokens)
        rows[2, :, some] = torch.bmm(of_sequence, present).view(sequences, -1, tokens)
    rows[0].neg_()
    rows[3] = probabilities.diagonal(dim1=2, dim2=3)
    millionths = torch.round(rows.double() * places.attending[:, None] * 1e6).clamp(min=0)
    return millionths.sum(3).long().permute(1, 2, 0)


def _log2(values: torch.Tensor) -> torch.Tensor:
    """Take logarithms in place; NumPy's are several times faster than torch's on a CPU."""
    if values.device.type != "cpu":
        return values.log2_()
    array = values.numpy()
    np.log2(array, out=array)
    return values
