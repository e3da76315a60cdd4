"""Turn a run's tallies into the frames of its tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from precompute.chain import Chain
from precompute.head_shape import SHAPE_SUMS
from precompute.labels import FeatureSet
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    HEAD_EXAMPLES,
    HEAD_SHAPE,
    RUNS,
    SPECIAL_ATTENTION,
    Table,
)
from precompute.tally import THRESHOLDS, Tally, example_hits, example_proteins

_CHAIN_ID = re.compile(r"^\w{4}(?:[._](?:\d+_)?)(\w{1,4})$")


def run_frames(
    row: dict[str, Any],
    chains: Sequence[Chain],
    features: FeatureSet,
    tally: Tally,
    background: Sequence[tuple[str, str, int, int, int]],
    attention: str = "self",
) -> tuple[pd.DataFrame, dict[Table, pd.DataFrame]]:
    """Make all frames of one run.

    Parameters
    ----------
    row
        The run's row of `RUNS`.
    chains
        The measured chains, in the order of the sample.
    features
        What was counted.
    tally
        The counts.
    background
        Feature, definition, positives, eligible and proteins of each background row.
    attention
        Which attention was counted: of a sequence, or along the rows of an alignment.

    Returns
    -------
    tuple
        The frame of `RUNS` and the run's other frames by table.
    """
    run = pd.DataFrame([row], columns=list(RUNS.column_names))
    run["seed"] = run["seed"].astype("Int64")
    identity = {name: row[name] for name in ("run", "model", "dataset")}
    identity["attention"] = attention
    return run, {
        HEAD_COUNTS: head_counts(identity, features, tally),
        BACKGROUND: pd.DataFrame(
            [(row["run"], row["dataset"], *entry) for entry in background],
            columns=list(BACKGROUND.column_names),
        ),
        HEAD_EXAMPLES: head_examples(identity, features, tally, chains),
        SPECIAL_ATTENTION: special_attention_frame(identity, tally, row["residues"]),
        HEAD_SHAPE: head_shape_frame(identity, tally, row["residues"]),
    }


def head_counts(identity: dict[str, str], features: FeatureSet, tally: Tally) -> pd.DataFrame:
    """Lay the counts out as rows, sorted by feature, threshold, layer and head."""
    layers, heads, count, levels = tally.hits.shape

    def by_feature(values: torch.Tensor) -> np.ndarray[Any, np.dtype[np.int64]]:
        return values.permute(2, 3, 0, 1).reshape(-1).numpy()

    def by_head(values: torch.Tensor) -> np.ndarray[Any, np.dtype[np.int64]]:
        return by_feature(values[:, :, None, :].expand(-1, -1, count, -1))

    feature, level, layer, head = (
        index.ravel() for index in np.indices((count, levels, layers, heads))
    )
    return pd.DataFrame(
        {
            **identity,
            "feature": np.array(features.names, dtype=object)[feature],
            "threshold": np.array(THRESHOLDS)[level],
            "layer": (layer + 1).astype(np.int16),
            "head": (head + 1).astype(np.int16),
            "arcs": by_head(tally.arcs),
            "eligible": by_feature(tally.eligible),
            "hits": by_feature(tally.hits),
            "proteins": by_head(tally.proteins),
            "hits_squared": by_feature(tally.hits_squared),
            "hits_arcs": by_feature(tally.hits_arcs),
            "arcs_squared": by_head(tally.arcs_squared),
            "hits_eligible": by_feature(tally.hits_eligible),
            "eligible_squared": by_feature(tally.eligible_squared),
        }
    )


def head_examples(
    identity: dict[str, str], features: FeatureSet, tally: Tally, chains: Sequence[Chain]
) -> pd.DataFrame:
    """Lay the best proteins of each head and feature out as rows."""
    hits = example_hits(tally.examples).numpy()
    layer, head, feature, rank = np.nonzero(hits)
    place = example_proteins(tally.examples).numpy()[layer, head, feature, rank]
    names = np.array([chain.identifier for chain in chains], dtype=object)
    chain_ids = np.array([chain_id(chain.identifier) for chain in chains], dtype=object)
    return pd.DataFrame(
        {
            **identity,
            "feature": np.array(features.names, dtype=object)[feature],
            "layer": (layer + 1).astype(np.int16),
            "head": (head + 1).astype(np.int16),
            "rank": (rank + 1).astype(np.int16),
            "protein": names[place],
            "chain": chain_ids[place],
            "arcs": tally.example_arcs.numpy()[layer, head, feature, rank],
            "hits": hits[layer, head, feature, rank],
        }
    )


def special_attention_frame(identity: dict[str, str], tally: Tally, residues: int) -> pd.DataFrame:
    """Lay the attention to special tokens out as rows."""
    layers, heads = tally.special.shape
    layer, head = (index.ravel() for index in np.indices((layers, heads)))
    return pd.DataFrame(
        {
            **identity,
            "layer": (layer + 1).astype(np.int16),
            "head": (head + 1).astype(np.int16),
            "residues": residues,
            "weight": tally.special.numpy().ravel() / 1e6,
        }
    )


def head_shape_frame(identity: dict[str, str], tally: Tally, residues: int) -> pd.DataFrame:
    """Lay what heads are like out as rows."""
    special = special_attention_frame(identity, tally, residues)
    sums = tally.shape.numpy().reshape(-1, len(SHAPE_SUMS)) / 1e6
    shape = special.drop(columns="weight").assign(**dict(zip(SHAPE_SUMS, sums.T, strict=True)))
    return shape.assign(special=special["weight"])


def chain_id(identifier: str) -> str | None:
    """Take the chain out of an identifier such as ``4udx.X`` or ``1A8Q_1_A``."""
    match = _CHAIN_ID.match(identifier)
    return match.group(1) if match else None
