"""The larger weights of a model's layers, gathered while it runs, and the sums of all weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from precompute.live.running.sparse import (
    FLOOR,
    STEP,
    HeadArcs,
    SparseAttention,
    to_units,
    units,
)

if TYPE_CHECKING:
    import torch

    from precompute.models.adapter import LayerReceiver
    from precompute.tally import Arcs


class Gathered:
    """Gathers layers, of windows one after another, and raises the floor where they do not fit.

    Parameters
    ----------
    layers, heads, residues
        Shape.
    maximum_bytes
        Of what is kept.
    """

    def __init__(self, layers: int, heads: int, residues: int, maximum_bytes: int) -> None:
        self.layers, self.heads, self.residues = layers, heads, residues
        self.floor = FLOOR
        self.received = np.zeros((layers, heads, residues), dtype=np.float32)
        self.special = np.zeros((layers, heads))
        self.counts = np.zeros((layers, heads), dtype=np.int64)
        self.read = np.zeros(residues, dtype=bool)
        self._parts: list[tuple[int, NDArray[np.int64], HeadArcs]] = []
        fixed = self.received.nbytes + self.special.nbytes + self.counts.nbytes + residues
        self._room = max(maximum_bytes - fixed - 8, 0) // 6  # bytes of one arc

    def receiver(
        self,
        residues: NDArray[np.int64],
        start: int = 0,
        counts: torch.Tensor | None = None,
    ) -> LayerReceiver:
        """Give what takes one input's layers.

        Parameters
        ----------
        residues
            The residue of each token, from the input's first; negative for none.
        start
            Where the input begins in the sequence.
        counts
            Which pairs of its residues count, where others count in another window.
        """
        import torch

        from precompute.tally import find_arcs, special_attention

        tokens_of = torch.from_numpy(residues)[None]
        placed = np.flatnonzero(residues >= 0)
        self.read[residues[placed] + start] = True
        here = torch.from_numpy(residues[placed])
        rows = tokens_of >= 0
        pairs = None
        if counts is not None:
            rows[0, placed] = counts.diagonal()[here]
            pairs = torch.zeros(len(residues), len(residues))
            pairs[placed[:, None], placed[None]] = counts[here][:, here].float()

        def receive(layer: int, probabilities: torch.Tensor) -> None:
            device = probabilities.device
            arcs = find_arcs(probabilities, tokens_of.to(device), self.floor)
            if counts is None or pairs is None:
                reads = rows[0].to(device, probabilities.dtype)
                sums = torch.matmul(reads, probabilities[0])
            else:
                arcs = arcs.chosen(counts.to(device)[arcs.source, arcs.target])
                own = pairs.to(device, probabilities.dtype)
                sums = torch.stack([(one * own).sum(0) for one in probabilities[0]])
            given = sums.float().cpu().numpy()
            to_special = special_attention(probabilities, tokens_of.to(device), rows.to(device))
            self.add(layer, arcs, start)
            self.received[layer][:, residues[placed] + start] += given[:, placed]
            self.special[layer] += to_special[0].cpu().numpy() / 1e6

        return receive

    def add(self, layer: int, found: Arcs, start: int) -> None:
        """Add the arcs of a layer of one input, and raise the floor until there is room."""
        arcs = HeadArcs(
            (found.source.cpu().numpy() + start).astype(np.int16),
            (found.target.cpu().numpy() + start).astype(np.int16),
            to_units(found.weight.cpu().numpy()),
        )
        self._parts.append((layer, found.head.cpu().numpy(), arcs))
        while self._size() > self._room and self.floor < 1:
            self.floor = round(self.floor + STEP, 2)
            self._parts = [self._thin(*part) for part in self._parts]

    def _size(self) -> int:
        return sum(len(head) for _, head, _ in self._parts)

    def _thin(
        self, layer: int, head: NDArray[np.int64], arcs: HeadArcs
    ) -> tuple[int, NDArray[np.int64], HeadArcs]:
        kept = arcs.weight >= units(self.floor)
        return (
            layer,
            head[kept],
            HeadArcs(arcs.source[kept], arcs.target[kept], arcs.weight[kept]),
        )

    def finish(self, seconds: float) -> SparseAttention:
        """Lay the layers one after another, each head's arcs by source and target."""
        ordered = []
        for layer in range(self.layers):
            own = [(head, arcs) for number, head, arcs in self._parts if number == layer]
            head = np.concatenate([one for one, _ in own])
            arcs = HeadArcs(*map(np.concatenate, zip(*(arcs for _, arcs in own), strict=True)))
            order = np.lexsort((arcs.target, arcs.source, head))
            self.counts[layer] = np.bincount(head, minlength=self.heads)
            ordered.append(HeadArcs(arcs.source[order], arcs.target[order], arcs.weight[order]))
        return SparseAttention(
            self.layers,
            self.heads,
            self.residues,
            self.floor,
            np.concatenate([[0], np.cumsum(self.counts.ravel())]),
            np.concatenate([arcs.source for arcs in ordered]),
            np.concatenate([arcs.target for arcs in ordered]),
            np.concatenate([arcs.weight for arcs in ordered]),
            self.received,
            (self.special / max(int(self.read.sum()), 1)).astype(np.float32),
            self.read,
            seconds,
        )
