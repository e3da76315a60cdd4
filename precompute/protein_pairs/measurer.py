"""Load a model once and measure shards of pairs with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from precompute.datasets.chains import RELATIONS
from precompute.engines.placed import PlacedModel
from precompute.engines.work import Work
from precompute.measure import in_batches
from precompute.models.adapter import Adapter, PairAnswer
from precompute.protein_pairs.item import Pair
from precompute.protein_pairs.tally import BatchLayout, PairTally
from precompute.shards import Shard, pack_shard, unpack_shard


@dataclass(frozen=True)
class PairWork(Work[Shard]):
    """What all shards of a run over pairs share.

    Attributes
    ----------
    pairs
        How many pairs the run has.
    """

    pairs: int

    def load(self, device: torch.device | None = None) -> PairMeasurer:
        """Load the model; see `Work.load`."""
        return PairMeasurer(self, device)

    def pack(self, shard: Shard) -> bytes:
        """Write a shard as bytes; see `pack_shard`."""
        return pack_shard(shard)

    def unpack(self, content: bytes) -> Shard:
        """Read a shard; see `unpack_shard`."""
        return unpack_shard(content, 1, PairTally)


class PairMeasurer(PlacedModel):
    """A model on its device, ready to measure shards of pairs; see `PlacedModel`."""

    def __init__(self, work: PairWork, device: torch.device | None = None) -> None:
        super().__init__(work, device)
        self._pairs = work.pairs
        self._batch_tokens = 0 if self._adapter.one_at_a_time else work.settings.batch_tokens

    def measure(
        self, items: Sequence[Any], done: Callable[[Any], None], say: Callable[[str], None]
    ) -> Shard:
        """Measure a shard's pairs; see `Measurer.measure`."""
        clock = time.perf_counter()
        total = PairTally.empty(
            self._adapter.layers, self._adapter.heads, self._pairs, self._device
        )

        def measure(batch: Sequence[Pair], _: int) -> None:
            total.add(measure_pairs(self._adapter, batch, self._pairs, self._device))

        self._batch_tokens = in_batches(items, self._batch_tokens, measure, self._device, done, say)
        return Shard((total.to("cpu"),), time.perf_counter() - clock)


def measure_pairs(
    adapter: Adapter, batch: Sequence[Pair], pairs: int, device: torch.device
) -> PairTally:
    """Run one batch of pairs and count it.

    Parameters
    ----------
    adapter, device
        The model and where it is.
    batch
        What to run.
    pairs
        How many the run has.
    """
    encodings = [adapter.encode_pair(pair.first, pair.second) for pair in batch]
    tally = PairTally.empty(adapter.layers, adapter.heads, pairs, device)
    if adapter.heads:
        layout = BatchLayout(batch, encodings, device)
        relations = torch.tensor([RELATIONS.index(pair.relation) for pair in batch], device=device)

        def receive(layer: int, probabilities: torch.Tensor) -> None:
            tally.add_layer(layer, layout.shares(probabilities), relations)

        answer = adapter.attend_pairs(encodings, receive)
    else:
        answer = adapter.attend_pairs(encodings, None)
    _note(tally, batch, answer)
    return tally


def _note(tally: PairTally, batch: Sequence[Pair], answer: PairAnswer) -> None:
    """Keep what a model says of each pair beside its attention."""
    if answer.same_family is not None:
        tally.note("same_family", [pair.number for pair in batch], list(answer.same_family))
    for pair, alignment in zip(batch, answer.alignments or (), strict=False):
        if pair.aligned is not None and len(pair.aligned):
            own = alignment[pair.aligned[:, 0], pair.aligned[:, 1]].sum() / alignment.sum()
            tally.note("soft_aligned", [pair.number], [float(np.clip(own, 0, 1))])
