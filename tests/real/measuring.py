"""Trained models on the shipped examples: chains, counts of contacts, and nearness to 0.3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from precompute.chain import Chain
from precompute.datasets import DATASETS
from precompute.devices import default_batch_tokens
from precompute.examples.loading import list_examples, load_example
from precompute.labels import FeatureSet
from precompute.measure import collect_items, measure_items
from precompute.models.adapter import Adapter
from precompute.tally import THRESHOLDS

THRESHOLD = 0.3


def example_chains(longest: int) -> list[Chain]:
    """The longest chain of each example, cut to the longest input."""
    names = [entry.name for entry in list_examples()]
    return [load_example(name).engine_chain().first(longest - 2) for name in names]


@dataclass
class Contacts:
    """Arcs, eligible arcs and hits of each head at 0.3; shape (layers, heads)."""

    arcs: np.ndarray
    eligible: np.ndarray
    hits: np.ndarray


def measure_contacts(adapter: Adapter, chains: Sequence[Chain], device: str = "cpu") -> Contacts:
    """Count with the engine, in the batches that a run makes on the device."""
    adapter.to(torch.device(device), torch.float32)
    features = FeatureSet(DATASETS["proteinnet"].features)
    items = collect_items([list(chains)])

    def nothing(*_: object) -> None:
        """Take progress that nobody watches."""

    (tally,), _ = measure_items(
        adapter,
        items,
        [features],
        torch.device(device),
        default_batch_tokens(device, None),
        nothing,
        nothing,
    )
    level, contact = THRESHOLDS.index(THRESHOLD), features.names.index("contact")
    return Contacts(
        tally.arcs[:, :, level].numpy(),
        tally.eligible[:, :, contact, level].numpy(),
        tally.hits[:, :, contact, level].numpy(),
    )


def nearest_to_threshold(adapter: Adapter, chains: Sequence[Chain]) -> np.ndarray:
    """How near to 0.3 each head's nearest weight between residues is; (layers, heads)."""
    nearest = np.ones((adapter.layers, adapter.heads))
    for chain in chains:
        encoding = adapter.encode(chain.sequence)
        own = torch.from_numpy(encoding.residues >= 0)

        def receive(layer: int, p: torch.Tensor, own: torch.Tensor = own) -> None:
            away = (p[0][:, own][:, :, own] - THRESHOLD).abs().amin((1, 2)).numpy()
            nearest[layer] = np.minimum(nearest[layer], away)

        adapter.attend([encoding], receive)
    return nearest
