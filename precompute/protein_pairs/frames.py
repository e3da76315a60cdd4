"""Turn what was counted of pairs into the frames of their tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from precompute.datasets.chains import RELATIONS
from precompute.protein_pairs.item import Pair
from precompute.protein_pairs.tally import MEASURES, PairTally

_MILLION = 1e6


def attention_frame(identity: dict[str, Any], tally: PairTally) -> pd.DataFrame:
    """Lay sums out as rows of `PAIR_ATTENTION`; measures that no pair defines have none."""
    counted = tally.pairs.numpy() > 0
    there = np.broadcast_to(counted.any((2, 3), keepdims=True), counted.shape)
    relation, measure, layer, head = np.nonzero(there)
    frame = pd.DataFrame(
        {
            **identity,
            "relation": np.array(RELATIONS, dtype=object)[relation],
            "measure": np.array(list(MEASURES), dtype=object)[measure],
            "layer": (layer + 1).astype(np.int16),
            "head": (head + 1).astype(np.int16),
            "pairs": tally.pairs.numpy()[there],
        }
    )
    for name in ("part", "whole", "expected"):
        frame[name] = getattr(tally, name).numpy()[there] / _MILLION
    for name in ("part_squared", "part_whole", "whole_squared"):
        frame[name] = getattr(tally, name).numpy()[there] / _MILLION**2
    return frame


def scores_frame(run: str, pairs: Sequence[Pair], tally: PairTally) -> pd.DataFrame:
    """Lay the pairs out as rows of `PAIR_SCORES`."""
    frame = pd.DataFrame(
        {
            "run": run,
            "pair": np.arange(1, len(pairs) + 1),
            "first": [pair.names[0] for pair in pairs],
            "second": [pair.names[1] for pair in pairs],
            "relation": [pair.relation for pair in pairs],
            "first_residues": [len(pair.first) for pair in pairs],
            "second_residues": [len(pair.second) for pair in pairs],
            "first_cut": [pair.cut[0] for pair in pairs],
            "second_cut": [pair.cut[1] for pair in pairs],
            "aligned": _counts([pair.aligned for pair in pairs]),
            "identity": pd.array([pair.identity() for pair in pairs], dtype="Float64"),
            "contacts": _counts([pair.contacts for pair in pairs]),
        }
    )
    for name in ("same_family", "soft_aligned"):
        kept = getattr(tally, name).numpy()
        frame[name] = np.where(kept > 0, (kept - 1) / _MILLION, np.nan)
    return frame


def _counts(found: Sequence[np.ndarray | None]) -> Any:
    return pd.array([None if own is None else len(own) for own in found], dtype="Int64")
