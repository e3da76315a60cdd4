"""The MSA Transformer's regression of contacts, taken in layer by layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ContactHead(nn.Module):
    """The published regression of contacts on all row attention, taken in layer by layer.

    Of each head's map, ``<cls>`` left out, the sum with its transpose is corrected for the mean
    of rows and columns (average product correction), weighed and summed; a sigmoid makes it a
    probability.

    Parameters
    ----------
    layers, heads
        Of the network.
    """

    base_model_prefix = "contact_head"

    def __init__(self, layers: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.regression = nn.Linear(layers * heads, 1)

    def of_layer(self, layer: int, rows: Tensor) -> Tensor:
        """Give one layer's share of the logits.

        Parameters
        ----------
        layer
            Its index, from 0.
        rows
            As `precompute.models.msa_network.RowReceiver` is given them.

        Returns
        -------
        torch.Tensor
            Shape (columns, columns).
        """
        maps = rows[0, :, 1:, 1:]
        maps = maps + maps.transpose(-1, -2)
        total = maps.sum((-1, -2), keepdim=True)
        maps = maps - maps.sum(-1, keepdim=True) * maps.sum(-2, keepdim=True) / total
        weights = self.regression.weight[0, layer * self.heads : (layer + 1) * self.heads]
        return torch.einsum("h,hij->ij", weights, maps)

    def probabilities(self, logits: Tensor) -> Tensor:
        """Make the sum of all layers' shares probabilities."""
        return torch.sigmoid(logits + self.regression.bias)
