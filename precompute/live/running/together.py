"""What the best heads of a model say together of one protein's contacts, kept small.

The maps are those of `precompute.contacts`: of the heads asked for alone, and of the pairs that
can be contacts alone. Whole attention leaves no layer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from precompute.contacts.means import MOST_HEADS, running_means
from precompute.errors import AtlasError
from precompute.features import MINIMUM_CONTACT_SEPARATION
from precompute.live.running.attention import Given, Progress, prepare
from precompute.live.running.two import Two

if TYPE_CHECKING:
    import torch

    from precompute.contacts.maps import PairMaps
    from precompute.models.adapter import Adapter

MAXIMUM_BYTES = 40_000_000
"""Of the means of all numbers of heads; where they take more, the one asked for is kept alone."""


@dataclass(frozen=True, eq=False)
class HeadsTogether:
    """Means of heads' corrected maps of one protein.

    Attributes
    ----------
    heads
        Their places among all of the model's, from 0, best first.
    means
        Of the best head, of the two best, and so on; of all of them alone where that is too
        much. Shape (means, pairs), in the order of `contact_pairs`; `-inf` where the model does
        not read a residue.
    residues
        Of the protein.
    seconds
        What the forward pass took.
    """

    heads: tuple[int, ...]
    means: NDArray[np.float32]
    residues: int
    seconds: float

    @property
    def nbytes(self) -> int:
        """Bytes of all means."""
        return self.means.nbytes

    def mean(self, count: int) -> NDArray[np.float32]:
        """Give the mean of the best so many heads, shape (pairs,)."""
        row: NDArray[np.float32] = self.means[
            count - 1 if len(self.means) == len(self.heads) else 0
        ]
        return row


def contact_pairs(residues: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the pairs that can be contacts, each once, from 0, first < second; shape (pairs,)."""
    first, second = np.triu_indices(residues, MINIMUM_CONTACT_SEPARATION)
    return first, second


def heads_to_ask(ranked: Sequence[int], count: int, residues: int) -> tuple[int, ...]:
    """Choose the heads to ask for: all that a mean may have, so that another number is there.

    Parameters
    ----------
    ranked
        Heads by their places among all, best first.
    count
        Heads of the mean that is shown.
    residues
        Of the protein: of a long one these heads alone.
    """
    every = tuple(ranked[:MOST_HEADS])
    return every if _separately(every, residues) else every[:count]


def _separately(heads: Sequence[int], residues: int) -> bool:
    return 4 * len(heads) * len(contact_pairs(residues)[0]) <= MAXIMUM_BYTES


def attend_together(
    adapter: Adapter, given: Given, heads: Sequence[int], progress: Progress | None = None
) -> HeadsTogether:
    """Run a model on a protein and average the corrected maps of some heads.

    Parameters
    ----------
    adapter
        The model, where it is to run.
    given
        What it reads; of an alignment, the attention along rows.
    heads
        Best first, by their places among all.
    progress
        Told after each layer.

    Raises
    ------
    AtlasError
        When the model cannot read it, its attention is causal, or there are two proteins.
    """
    from precompute.contacts.maps import PairMaps, refuse_causal

    if isinstance(given, Two):
        raise AtlasError(
            "Heads together are of one protein, as heads were ranked on single ones: choose one "
            "protein alone."
        )
    residues = len(given if isinstance(given, str) else given.query)
    encoding, run = prepare(adapter, given)
    separately = _separately(heads, residues)
    weights = np.zeros((0 if separately else 1, adapter.layers * adapter.heads), dtype=np.float32)
    weights[:, list(heads)] = 1 / len(heads)
    pairs = contact_pairs(residues)
    maps: PairMaps | None = None
    begun = time.perf_counter()

    def receive(layer: int, probabilities: torch.Tensor) -> None:
        nonlocal maps
        if maps is None:
            own = heads if separately else ()
            maps = PairMaps(encoding, *pairs, own, weights, probabilities.device)
        maps.take(layer, probabilities)
        if progress is not None:
            progress(layer + 1, adapter.layers)

    run(receive)
    assert maps is not None
    refuse_causal(maps)
    means = running_means(maps.heads()) if separately else maps.sums()
    return HeadsTogether(tuple(heads), means, residues, time.perf_counter() - begun)
