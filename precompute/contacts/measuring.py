"""What an engine does for contacts: learn from a protein, or score it.

Both are shards of one work, so that a model is loaded once. Maps of one protein are in memory at
a time, whatever the device.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from precompute.contacts.jacobian import Jacobian, load_jacobian
from precompute.contacts.learning import Features, Learnt, make_features
from precompute.contacts.maps import PairMaps, show
from precompute.contacts.means import kept_means, running_means
from precompute.contacts.pairs import Pairs, find_pairs
from precompute.contacts.scoring import protein_scores
from precompute.engines.placed import PlacedModel
from precompute.engines.work import Work
from precompute.measure import Item, too_large
from precompute.shards import pack_arrays, unpack_arrays

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class ContactItem(Item):
    """One protein, and what is done with it.

    Attributes
    ----------
    place
        Of the protein among those that are learnt from or scored.
    learnt
        What it is scored with; None where it is learnt from.
    kept
        Whether its predicted maps are kept.
    """

    place: int = 0
    learnt: Learnt | None = None
    kept: bool = False


@dataclass(frozen=True, eq=False)
class ContactShard:
    """What was measured of a shard's proteins, by their places.

    Attributes
    ----------
    proteins
        Named arrays of each.
    seconds
        What measuring them took.
    """

    proteins: dict[int, Arrays]
    seconds: float


@dataclass(frozen=True)
class ContactWork(Work[ContactShard]):
    """What all shards of a run of contacts share.

    Attributes
    ----------
    atoms
        Between which atoms contacts are learnt, a key of `precompute.contacts.pairs.ATOMS`.
    seed
        Of the pairs that are learnt from.
    jacobian
        Whether the categorical Jacobian is computed too.
    """

    atoms: str
    seed: int
    jacobian: bool

    def load(self, device: torch.device | None = None) -> ContactMeasurer:
        """Load the model; see `Work.load`."""
        return ContactMeasurer(self, device)

    def pack(self, shard: ContactShard) -> bytes:
        """Write a shard as bytes; see `Work.pack`."""
        named = [("seconds", np.array(shard.seconds))]
        for place, arrays in shard.proteins.items():
            named += [(f"{place}/{name}", array) for name, array in arrays.items()]
        return pack_arrays(named, compress=False)

    def unpack(self, content: bytes) -> ContactShard:
        """Read a shard; see `Work.unpack`."""
        arrays = unpack_arrays(content)
        seconds = arrays.pop("seconds", None)
        if seconds is None:
            raise ValueError("of another version")
        proteins: dict[int, Arrays] = {}
        for name, array in arrays.items():
            place, _, own = name.partition("/")
            proteins.setdefault(int(place), {})[own] = array
        return ContactShard(proteins, float(seconds))


class ContactMeasurer(PlacedModel):
    """A model on its device, ready to learn from proteins and to score them; see `PlacedModel`."""

    def __init__(self, work: ContactWork, device: torch.device | None = None) -> None:
        self._work = work
        super().__init__(work, device)
        self._jacobian: Jacobian | None = None
        if work.jacobian:
            self._jacobian = load_jacobian(work.checkpoint, self._adapter, self._device)

    def measure(
        self, items: Sequence[Item], done: Callable[[Item], None], say: Callable[[str], None]
    ) -> ContactShard:
        """Learn from the proteins of a shard, or score them; see `Measures.measure`.

        Raises
        ------
        AtlasError
            When one does not fit into memory, or attention is causal.
        """
        del say
        clock = time.perf_counter()
        proteins = {}
        for item in items:
            assert isinstance(item, ContactItem)
            try:
                proteins[item.place] = self._measure(item)
            except (torch.OutOfMemoryError, MemoryError) as error:
                raise too_large(item, self._device) from error
            done(item)
        return ContactShard(proteins, time.perf_counter() - clock)

    def _measure(self, item: ContactItem) -> Arrays:
        pairs = find_pairs(item.chain)
        learnt = item.learnt
        if learnt is None:
            maps = self._maps(item, pairs, None, {})
            own = make_features(maps.heads(), pairs, self._work.atoms, self._work.seed)
            shape = np.array([self._adapter.layers, self._adapter.heads])
            return {field.name: getattr(own, field.name) for field in fields(Features)} | {
                "shape": shape
            }
        maps = self._maps(item, pairs, learnt.heads, learnt.weights)
        scores = np.concatenate([running_means(maps.heads()), maps.sums()])
        if self._jacobian is not None:
            more = self._jacobian.score(item.sequence, pairs)
            scores = np.concatenate([scores, more[None]])
        arrays: Arrays = {
            f"scores/{atoms}": values for atoms, values in protein_scores(scores, pairs).items()
        }
        if item.kept:
            chosen = [*kept_means(len(learnt.heads)), *range(len(learnt.heads), len(scores))]
            arrays["maps"] = scores[chosen].astype(np.float16)
        return arrays

    def _maps(
        self,
        item: ContactItem,
        pairs: Pairs,
        heads: Sequence[int] | None,
        weights: dict[str, NDArray[np.float32]],
    ) -> PairMaps:
        encoding = self._adapter.encode_chain(item.chain)
        stacked = np.array([*weights.values()], dtype=np.float32)
        maps = PairMaps(encoding, pairs.first, pairs.second, heads, stacked, self._device)
        show(self._adapter, encoding, maps)
        return maps
