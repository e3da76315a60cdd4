"""Load a model once and measure shards with it: the part that every engine shares."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from precompute.column_attention.measure import Families
from precompute.engines.placed import PlacedModel
from precompute.engines.work import Work
from precompute.measure import Item, measure_items
from precompute.shards import Shard, pack_shard, unpack_shard


@dataclass(frozen=True)
class ShardWork(Work[Shard]):
    """What all shards of a run share that counts arcs.

    Attributes
    ----------
    features
        Names of each dataset's features.
    """

    features: tuple[tuple[str, ...], ...]

    def load(self, device: torch.device | None = None) -> Measurer:
        """Load the model; see `Work.load`."""
        return Measurer(self, device)

    def pack(self, shard: Shard) -> bytes:
        """Write a shard as bytes; see `pack_shard`."""
        return pack_shard(shard)

    def unpack(self, content: bytes) -> Shard:
        """Read a shard; see `unpack_shard`."""
        return unpack_shard(content, len(self.features))


class Measurer(PlacedModel):
    """A model on its device, ready to measure shards; see `PlacedModel`."""

    def __init__(self, work: ShardWork, device: torch.device | None = None) -> None:
        super().__init__(work, device)
        self._features = [work.checkpoint.feature_set(names) for names in work.features]
        self._batch_tokens = work.settings.batch_tokens
        self._columns = work.settings.columns if work.checkpoint.model.reads_alignments else None

    def measure(
        self, items: Sequence[Item], done: Callable[[Item], None], say: Callable[[str], None]
    ) -> Shard:
        """Count the arcs of every head on a shard's items.

        Parameters
        ----------
        items
            The sequences of the shard and their chains.
        done
            Called with each item once it is counted.
        say
            Told when memory ran out and batches are halved; they stay so.

        Raises
        ------
        AtlasError
            When not even one sequence fits into memory.
        """
        clock = time.perf_counter()
        families = None if self._columns is None else Families(self._columns)
        tallies, self._batch_tokens = measure_items(
            self._adapter,
            items,
            self._features,
            self._device,
            self._batch_tokens,
            done,
            say,
            families,
        )
        found = () if families is None else tuple(families.found)
        return Shard(tallies, time.perf_counter() - clock, found)
