"""Choose the arcs of a head that are drawn, and rank the heads of one protein."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.features import CONSERVATION_FEATURES, FEATURES
from precompute.labels import PAIR_STATES, FeatureSet
from precompute.live.getting.pair import JoinedChain
from precompute.live.getting.protein import Protein
from precompute.live.programs.arc_frame import arcs_frame
from precompute.live.remember import remember
from precompute.live.running.attention import SCALE, HeadArcs, SparseAttention, units
from precompute.windows import window_starts

Head = tuple[int, int]
"""Layer and head, from 1."""
Direction = Literal["each", "larger", "mean"]
DIRECTIONS: dict[str, str] = {
    "each": "Each direction",
    "larger": "Larger of both",
    "mean": "Mean of both",
}
MINIMUM_ARCS = 10
"""Heads with fewer arcs on the protein have no share: one arc would move it by a tenth."""
HEAD_COLUMNS = ("layer", "head", "arcs", "hits", "eligible", "percent")
"""Columns of a frame of one protein's heads."""


@dataclass(frozen=True)
class Rule:
    """Which arcs of a head are drawn.

    Attributes
    ----------
    threshold
        Smallest weight.
    direction
        Each arc by itself, or one for both directions of a pair with the larger or the
        mean weight.
    separation
        Smallest |i − j|.
    most
        The strongest so many.
    """

    threshold: float = 0.3
    direction: Direction = "each"
    separation: int = 0
    most: int = 200


@dataclass(frozen=True, eq=False)
class Drawn:
    """The arcs that are drawn.

    Attributes
    ----------
    frame
        As `precompute.live.programs.arc_frame.arcs_frame` gives it, strongest first.
    found
        How many arcs keep the rule but for `Rule.most`.
    """

    frame: pd.DataFrame
    found: int


def choose_arcs(arcs: HeadArcs, protein: Protein, rule: Rule) -> Drawn:
    """Choose and describe the arcs of one head that are drawn.

    Parameters
    ----------
    arcs
        Everything that was kept of the head.
    protein
        Whose arcs they are.
    rule
        Which of them. A direction that was not kept counts as 0 in a mean.
    """
    source, target, weight = _directed(arcs, rule.direction)
    apart = np.abs(source - target) >= rule.separation
    if protein.boundary is not None:  # two proteins have no distance in a sequence
        apart |= (source >= protein.boundary) != (target >= protein.boundary)
    kept = (weight >= units(rule.threshold)) & apart
    source, target, weight = source[kept], target[kept], weight[kept]
    order = np.lexsort((target, source, -weight))[: rule.most]
    frame = arcs_frame(protein, source[order], target[order], weight[order] / SCALE)
    return Drawn(frame, int(kept.sum()))


def _directed(
    arcs: HeadArcs, direction: Direction
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Give sources, targets and weights, in the units of kept weights, by direction."""
    source, target = arcs.source.astype(np.int64), arcs.target.astype(np.int64)
    weight = arcs.weight.astype(np.float64)
    if direction == "each":
        return source, target, weight
    low, high = np.minimum(source, target), np.maximum(source, target)
    base = int(high.max(initial=0)) + 1
    pairs, place = np.unique(low * base + high, return_inverse=True)
    merged = np.zeros(len(pairs))
    if direction == "larger":
        np.maximum.at(merged, place, weight)
    else:
        np.add.at(merged, place, np.where(source == target, weight, weight / 2))
    return pairs // base, pairs % base, merged


@remember
def labelled_chain(protein: Protein) -> Chain:
    """Give the protein's labels; those of a bare sequence are its letters."""
    return protein.chain or Chain(protein.identifier, protein.sequence)


def known_features(chain: Chain) -> tuple[str, ...]:
    """List the properties that can be told of a chain's arcs."""
    there = {
        "contact": chain.alpha_carbons is not None,
        "binding_site": chain.binding_site is not None,
        "modification": chain.modification is not None,
        "own_site": chain.own_site is not None,
    }
    return tuple(
        name
        for name, feature in FEATURES.items()
        if there.get(
            name,
            chain.secondary_structure is not None
            if feature.name.startswith("secondary_structure:")
            # Two chains have no places of one sequence.
            else name not in CONSERVATION_FEATURES
            and not (name.startswith("offset:") and isinstance(chain, JoinedChain)),
        )
    )


@remember
def heads_by_feature(
    attention: SparseAttention, chain: Chain, feature: str, threshold: float
) -> pd.DataFrame:
    """Give each head's share of arcs with a property, on this protein alone.

    Parameters
    ----------
    attention
        Of the chain.
    chain
        With the labels that the property needs.
    feature
        A name of `known_features`.
    threshold
        Smallest weight of an arc.

    Returns
    -------
    pandas.DataFrame
        Columns `HEAD_COLUMNS`, one row a head; ``percent`` is hits / arcs as in the
        tables, empty below `MINIMUM_ARCS` arcs.
    """
    place, arcs = attention.all_arcs(threshold)
    features = _features(feature, chain, attention)
    if features.pair_names:
        state = features.pair_states(chain)[arcs.source, arcs.target]
        table, eligibility = features.pair_tables
        hit, eligible = table[state, 0], eligibility[state, 0]
    else:
        table, eligibility = features.residue_tables(chain)
        hit, eligible = table[arcs.target, 0], eligibility[arcs.target, 0]
    return _heads(attention, place, hit, eligible)


def _features(feature: str, chain: Chain, attention: SparseAttention | None) -> FeatureSet:
    """Lay a property out for the pairs of which there is attention."""
    if attention is None:
        return FeatureSet((feature,))
    token_of, window = None, attention.window
    if attention.tokens is not None:
        starts = window_starts(len(chain), window)
        parts = [chain.sequence[start : start + (window or len(chain))] for start in starts]
        token_of = dict(zip(parts, attention.tokens, strict=True)).__getitem__
    return FeatureSet((feature,), attention.causal, window, token_of)


@remember
def background(chain: Chain, feature: str, attention: SparseAttention | None = None) -> float:
    """Give the share, in %, of the protein's eligible residues or pairs with a property.

    Of pairs those count that can be attended to in this attention: that stand together in a
    window, where the chain was read in windows, and are not ahead, where the model reads one way.
    """
    features = _features(feature, chain, attention)
    if features.pair_names:
        states = np.bincount(features.attended_states(chain), minlength=PAIR_STATES)
        table, eligibility = features.pair_tables
        hits, eligible = float(states @ table[:, 0]), float(states @ eligibility[:, 0])
    else:
        table, eligibility = features.residue_tables(chain)
        hits, eligible = float(table.sum()), float(eligibility.sum())
    return 100 * hits / eligible if eligible else float("nan")


def heads_by_residues(
    attention: SparseAttention, residues: NDArray[np.int64], threshold: float
) -> pd.DataFrame:
    """Give each head's share of arcs that end at some residues.

    Parameters
    ----------
    residues
        From 0, shape (residues,).

    Returns
    -------
    pandas.DataFrame
        As `heads_by_feature`.
    """
    place, arcs = attention.all_arcs(threshold)
    hit = np.isin(arcs.target, residues).astype(float)
    return _heads(attention, place, hit, np.ones(len(hit)))


def heads_by_attention_to(
    attention: SparseAttention, residue: int, threshold: float
) -> pd.DataFrame:
    """Give the share of each head's attention that goes to one residue.

    Of the attention of all residues that the model read, small weights included; so it
    does not depend on the threshold, but for ``arcs`` and ``hits``.

    Parameters
    ----------
    residue
        From 0.

    Returns
    -------
    pandas.DataFrame
        Columns `HEAD_COLUMNS`; ``hits`` are the arcs that end at the residue.
    """
    frame = heads_by_residues(attention, np.array([residue]), threshold)
    attending = max(int(attention.read.sum()), 1)
    frame["percent"] = 100 * attention.received[:, :, residue].ravel().astype(float) / attending
    return frame


def heads_by_crossing(attention: SparseAttention, boundary: int, threshold: float) -> pd.DataFrame:
    """Give the share of each head's attention between residues that goes to the other protein.

    Of the mean residue of both proteins together, small weights included; so it does not depend on
    the threshold, but for ``arcs`` and ``hits``.

    Parameters
    ----------
    attention
        Of two proteins.
    boundary
        Where the second begins.

    Returns
    -------
    pandas.DataFrame
        Columns `HEAD_COLUMNS`; ``hits`` are the arcs from one protein to the other.
    """
    assert attention.together is not None
    place, arcs = attention.all_arcs(threshold)
    hit = ((arcs.source >= boundary) != (arcs.target >= boundary)).astype(float)
    frame = _heads(attention, place, hit, np.ones(len(hit)))
    read = np.add.reduceat(attention.read.astype(float), [0, boundary])
    inside = attention.together.given[..., :2] * read[:, None]
    crossing = inside[..., 0, 1] + inside[..., 1, 0]
    with np.errstate(invalid="ignore"):
        frame["percent"] = 100 * (crossing / inside.sum((2, 3))).ravel()
    return frame


def _heads(
    attention: SparseAttention,
    place: NDArray[np.int64],
    hit: NDArray[np.float64],
    eligible: NDArray[np.float64],
) -> pd.DataFrame:
    count = attention.layers * attention.heads
    arcs = np.bincount(place, minlength=count)
    hits = np.bincount(place, weights=hit, minlength=count).astype(np.int64)
    number = np.arange(count)
    shown = arcs >= MINIMUM_ARCS
    return pd.DataFrame(
        {
            "layer": number // attention.heads + 1,
            "head": number % attention.heads + 1,
            "arcs": arcs,
            "hits": hits,
            "eligible": np.bincount(place, weights=eligible, minlength=count).astype(np.int64),
            "percent": np.where(shown, 100 * hits / np.maximum(arcs, 1), np.nan),
        },
        columns=list(HEAD_COLUMNS),
    )


def rank_heads(frame: pd.DataFrame, count: int = 10) -> pd.DataFrame:
    """Give the highest heads of `heads_by_feature` or its like; more arcs first on ties."""
    return (
        frame[frame["percent"].notna()]
        .sort_values(
            ["percent", "arcs", "layer", "head"],
            ascending=[False, False, True, True],
            ignore_index=True,
        )
        .head(count)
    )


@remember
def best_head(
    attention: SparseAttention,
    chain: Chain,
    threshold: float,
    layer: int | None = None,
    head: int | None = None,
) -> Head:
    """Choose the head that is shown where the visitor chose none.

    The highest share of contacts where contacts are known and a head has arcs enough;
    else the head with most contacts among its arcs, and then with most arcs.

    Parameters
    ----------
    layer, head
        Choose among the heads of this layer, or of this number, only.
    """
    known = chain.alpha_carbons is not None
    frame = heads_by_feature(attention, chain, "contact" if known else "offset:far", threshold)
    if layer is not None:
        frame = frame[frame["layer"] == layer]
    if head is not None:
        frame = frame[frame["head"] == head]
    ranked = rank_heads(frame, 1) if known else frame.head(0)
    if ranked.empty or not ranked["hits"].iloc[0]:
        # On few arcs shares say little; a head with most contacts comes first all the same.
        hits = frame["hits"] if known else 0
        ranked = frame.assign(hits=hits).sort_values(
            ["hits", "arcs", "layer", "head"], ascending=[False, False, True, True]
        )
    row = ranked.iloc[0]
    return int(row["layer"]), int(row["head"])
