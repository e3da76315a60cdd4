"""What is timed of a model: its bare forward pass, and the whole measuring pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from precompute.chain import Chain
from precompute.datasets import DATASETS
from precompute.labels import FeatureSet
from precompute.measure import collect_items, measure_items
from precompute.models import capture
from precompute.models.plus_tfm import PlusAdapter
from precompute.protein_pairs.item import Pair
from precompute.protein_pairs.measurer import measure_pairs
from precompute.protein_pairs.tally import PairTally
from precompute.tally import Tally

PROTEINNET = FeatureSet(DATASETS["proteinnet"].features)
_CPU = torch.device("cpu")


def bare_pass(adapter: Any, chains: Sequence[Chain]) -> None:
    """Run the forward pass with the fused kernel and no attention output."""
    if isinstance(adapter, PlusAdapter):
        for chain in chains:
            adapter.states([adapter.encode(chain.sequence)])
        return
    adapter.encoder.config._attn_implementation = "sdpa"
    with torch.inference_mode():
        for chain in chains:
            adapter.encoder(torch.from_numpy(adapter.encode(chain.sequence).tokens)[None])


def whole_pass(adapter: Any, chains: Sequence[Chain], features: FeatureSet = PROTEINNET) -> Tally:
    """Run the forward pass and count every head, as `precompute run` does."""
    if not isinstance(adapter, PlusAdapter):
        adapter.encoder.config._attn_implementation = capture.ATTENTION_NAME
    items = collect_items([chains])
    tallies, _ = measure_items(adapter, items, [features], _CPU, 0, lambda _: None, lambda _: None)
    return tallies[0]


def bare_pairs(adapter: PlusAdapter, pairs: Sequence[Pair]) -> None:
    """Run each pair with the fused kernel and no attention output."""
    for pair in pairs:
        adapter.attend_pairs([adapter.encode_pair(pair.first, pair.second)], None)


def whole_pairs(adapter: PlusAdapter, pairs: Sequence[Pair]) -> None:
    """Run each pair and count it, as `precompute run --pairs` does."""
    total = PairTally.empty(adapter.layers, adapter.heads, len(pairs))
    for pair in pairs:
        total.add(measure_pairs(adapter, [pair], len(pairs), _CPU))


def arcs_a_row(tally: Tally, chains: Sequence[Chain]) -> float:
    """Mean arcs at 0.1 for each attending residue and head."""
    layers, heads, _ = tally.arcs.shape
    return float(tally.arcs[..., 0].sum()) / (layers * heads * sum(map(len, chains)))
