"""Find a layer's arcs once and count them into (head, feature, threshold).

A row of attention sums to one, so at most ⌊1/θ⌋ of its entries reach θ: arcs are few.
They are found with one scan of the layer, looked up in the chains' labels, and counted
with two histograms; no array of residues × residues × features is ever made. Counts are
integers from beginning to end (products of 0/1 matrices with counts far below 2⁵³ are
exact in float64), so the result does not depend on the order in which proteins come.

Everything is written for a batch and runs where the attention is: nothing but the
length of the list of arcs waits for the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch

from precompute.chain import Chain
from precompute.head_shape import SHAPE_SUMS
from precompute.labels import PAIR_STATES, FeatureSet

THRESHOLDS: tuple[float, ...] = tuple(round(0.10 + 0.05 * step, 2) for step in range(17))
"""0.10 to 0.90 by 0.05."""

LEVELS = len(THRESHOLDS)
EXAMPLE_THRESHOLD = 0.3
EXAMPLES = 5

_EXAMPLE_LEVEL = THRESHOLDS.index(EXAMPLE_THRESHOLD)
_EXAMPLE_BASE = 1 << 32


@dataclass(frozen=True, eq=False)
class Arcs:
    """The arcs of one layer for a batch of sequences; each tensor has shape (arcs,).

    Attributes
    ----------
    sequence, head
        Sequence of the batch and head, from 0.
    source, target
        Attending and attended residue, from 0.
    weight
        Attention, float32.
    """

    sequence: torch.Tensor
    head: torch.Tensor
    source: torch.Tensor
    target: torch.Tensor
    weight: torch.Tensor

    def of_sequences(self, rows: Sequence[int], sequences: int) -> Arcs:
        """Take the arcs of some of the batch's sequences, renumbered from 0."""
        place = torch.full((sequences,), -1, device=self.sequence.device)
        place[list(rows)] = torch.arange(len(rows), device=place.device)
        sequence = place[self.sequence]
        return replace(self, sequence=sequence).chosen(sequence >= 0)

    def chosen(self, which: torch.Tensor) -> Arcs:
        """Take some of the arcs; ``which`` is a mask of shape (arcs,)."""
        return Arcs(*(getattr(self, part.name)[which] for part in fields(self)))


def find_arcs(
    probabilities: torch.Tensor, residues: torch.Tensor, minimum: float = THRESHOLDS[0]
) -> Arcs:
    """Find the residue-to-residue weights at or above a threshold.

    Parameters
    ----------
    probabilities
        Attention of one layer, shape (sequences, heads, tokens, tokens); rows attend to
        columns. Compared in float32, as in the paper's code.
    residues
        The residue of each token, −1 for none; shape (sequences, tokens).
    minimum
        The threshold.
    """
    _, heads, tokens, _ = probabilities.shape
    flat: Any = probabilities.reshape(-1)
    flat_residues: Any = residues.reshape(-1)
    index: Any
    if flat.device.type == "cpu" and flat.dtype == torch.float32:
        # NumPy scans a mask several times faster than torch on a CPU, and picks few of many
        # faster too; what follows is said in words that both know.
        flat, flat_residues = flat.numpy(), flat_residues.numpy()
        index = np.flatnonzero(flat >= np.float32(minimum))
    else:
        index = torch.nonzero(flat.float() >= minimum).squeeze(1)
    row = index // tokens
    plane = row // tokens
    first = plane // heads * tokens
    target = flat_residues[first + (index - row * tokens)]
    source = flat_residues[first + (row - plane * tokens)]
    inside = (source >= 0) & (target >= 0)
    plane = plane[inside]
    return Arcs(
        torch.as_tensor(plane // heads),
        torch.as_tensor(plane % heads),
        torch.as_tensor(source[inside]),
        torch.as_tensor(target[inside]),
        torch.as_tensor(flat[index[inside]]).float(),
    )


def special_attention(
    probabilities: torch.Tensor, residues: torch.Tensor, attending: torch.Tensor | None = None
) -> torch.Tensor:
    """Sum the attention that residues give to special tokens, in millionths.

    Whole numbers add up the same in any order.

    Parameters
    ----------
    probabilities, residues
        As for `find_arcs`; tokens without a residue and with attention are special.
    attending
        Whose attention is summed; that of all residues by default. Shape (sequences, tokens).

    Returns
    -------
    torch.Tensor
        Shape (sequences, heads), int64.
    """
    # Padding receives no attention, so it may count as special; only rows are chosen.
    columns = torch.nonzero((residues < 0).any(0)).squeeze(1)
    given = probabilities.index_select(3, columns).double()
    given = given * (residues < 0)[:, None, None, columns]
    rows = residues >= 0 if attending is None else attending
    millionths = torch.round(given.sum(3) * rows[:, None, :] * 1e6)
    return millionths.sum(2).long()


@dataclass(frozen=True, eq=False)
class BatchLabels:
    """The labels of a batch of chains as tensors on the device that counts.

    Attributes
    ----------
    features
        What the labels are of.
    residue_tables
        Hits, then eligibility, of each residue; (sequences, residues, 2 × residue features).
    pair_states
        State of each ordered pair; shape (sequences, residues, residues).
    pair_tables
        Hits, then eligibility, of each state; (states, 2 × pair features).
    proteins
        Place of each chain in the sample; shape (sequences,).
    """

    features: FeatureSet
    residue_tables: torch.Tensor
    pair_states: torch.Tensor
    pair_tables: torch.Tensor
    proteins: torch.Tensor

    @classmethod
    def of(
        cls,
        chains: Sequence[Chain],
        proteins: Sequence[int],
        features: FeatureSet,
        device: torch.device,
    ) -> BatchLabels:
        """Lay out the labels of some chains."""
        longest = max(len(chain) for chain in chains)
        width = 2 * len(features.residue_names)
        residue_tables = np.zeros((len(chains), longest, width))
        pair_states = np.zeros((len(chains), longest, longest), dtype=np.uint8)
        for row, chain in enumerate(chains):
            residue_tables[row, : len(chain)] = np.concatenate(features.residue_tables(chain), 1)
            pair_states[row, : len(chain), : len(chain)] = features.pair_states(chain)
        return cls(
            features,
            torch.from_numpy(residue_tables).to(device),
            torch.from_numpy(pair_states).to(device),
            torch.from_numpy(np.concatenate(features.pair_tables, 1)).to(device),
            torch.tensor(proteins, dtype=torch.int64, device=device),
        )


@dataclass(frozen=True, eq=False)
class LayerCounts:
    """One layer's counts for each sequence of a batch, int64.

    Attributes
    ----------
    arcs
        Shape (sequences, heads, thresholds).
    eligible, hits
        Shape (sequences, heads, features, thresholds). Each threshold counts the arcs
        at or above it.
    """

    arcs: torch.Tensor
    eligible: torch.Tensor
    hits: torch.Tensor

    def __add__(self, other: LayerCounts) -> LayerCounts:
        """Add the counts of other arcs of the same sequences."""
        return LayerCounts(
            self.arcs + other.arcs, self.eligible + other.eligible, self.hits + other.hits
        )


def count_arcs(arcs: Arcs, labels: BatchLabels, heads: int) -> LayerCounts:
    """Count one layer's arcs by head, feature and threshold.

    Parameters
    ----------
    arcs
        As `find_arcs` finds them at the lowest threshold.
    labels
        Labels of the same batch.
    heads
        Heads of the layer.
    """
    device = arcs.weight.device
    sequences, residues, _ = labels.pair_states.shape
    bins = (arcs.sequence * heads + arcs.head) * LEVELS + level_of(arcs.weight)
    rows = sequences * heads * LEVELS

    by_target = torch.bincount(bins * residues + arcs.target, minlength=rows * residues)
    by_target = by_target.view(sequences, heads * LEVELS, residues).double()
    of_residues = torch.bmm(by_target, labels.residue_tables)

    pair = (arcs.sequence * residues + arcs.source) * residues + arcs.target
    state = labels.pair_states.reshape(-1)[pair]
    by_state = torch.bincount(bins * PAIR_STATES + state, minlength=rows * PAIR_STATES)
    by_state = by_state.view(sequences, heads * LEVELS, PAIR_STATES)
    of_pairs = by_state.double() @ labels.pair_tables

    order = torch.from_numpy(labels.features.order).to(device)
    split = [part.chunk(2, dim=2) for part in (of_residues, of_pairs)]
    hits, eligible = (
        torch.cat([part[which] for part in split], dim=2)
        .index_select(2, order)
        .view(sequences, heads, LEVELS, -1)
        .transpose(2, 3)
        .long()
        for which in (0, 1)
    )
    total = by_state.sum(2).view(sequences, heads, LEVELS)
    return LayerCounts(at_or_above(total), at_or_above(eligible), at_or_above(hits))


def level_of(weight: torch.Tensor) -> torch.Tensor:
    """Give the number of the highest threshold that each arc's weight, float32, reaches."""
    limits = torch.tensor(THRESHOLDS, dtype=torch.float32, device=weight.device)
    return torch.bucketize(weight, limits, right=True) - 1


def at_or_above(counts: torch.Tensor) -> torch.Tensor:
    """Turn counts at each level into counts at or above it, along the last axis."""
    return counts.flip(-1).cumsum(-1).flip(-1)


@dataclass(eq=False)
class Tally:
    """Everything counted over proteins, for all layers; adds up exactly in any order.

    int64 tensors of shape (layers, heads, thresholds) or, by feature, (layers, heads,
    features, thresholds). ``examples`` keeps the proteins with most hits at 0.3, best
    first, as hits · 2³² + (2³² − 1 − place in the sample), so that more hits and then
    the earlier protein come first; ``example_arcs`` their arcs; both of shape (layers,
    heads, features, 5). ``quartile_hits``, its squares and its products with the arcs are of
    shape (layers, heads, quartiles, thresholds), and empty where no alignments are read.
    ``shape`` is of (layers, heads, sums), as `SHAPE_SUMS` names them.
    """

    arcs: torch.Tensor
    arcs_squared: torch.Tensor
    proteins: torch.Tensor
    eligible: torch.Tensor
    hits: torch.Tensor
    hits_squared: torch.Tensor
    hits_arcs: torch.Tensor
    hits_eligible: torch.Tensor
    eligible_squared: torch.Tensor
    special: torch.Tensor
    shape: torch.Tensor
    examples: torch.Tensor
    example_arcs: torch.Tensor
    quartile_hits: torch.Tensor
    quartile_hits_squared: torch.Tensor
    quartile_hits_arcs: torch.Tensor

    @classmethod
    def empty(
        cls,
        layers: int,
        heads: int,
        features: int,
        device: torch.device | str = "cpu",
        quartiles: int = 0,
    ) -> Tally:
        """Make a tally of nothing."""
        by_quartile = (layers, heads, quartiles, LEVELS)
        shapes = {
            "quartile_hits": by_quartile,
            "quartile_hits_squared": by_quartile,
            "quartile_hits_arcs": by_quartile,
            "special": (layers, heads),
            "shape": (layers, heads, len(SHAPE_SUMS)),
            "examples": (layers, heads, features, EXAMPLES),
            "example_arcs": (layers, heads, features, EXAMPLES),
        }
        by_head = dict.fromkeys(("arcs", "arcs_squared", "proteins"), (layers, heads, LEVELS))
        by_feature = (layers, heads, features, LEVELS)
        return cls(
            **{
                part.name: torch.zeros(
                    shapes.get(part.name) or by_head.get(part.name) or by_feature,
                    dtype=torch.int64,
                    device=device,
                )
                for part in fields(cls)
            }
        )

    @classmethod
    def empty_like(cls, other: Tally) -> Tally:
        """Make a tally of nothing, of another's shape and on its device."""
        return cls(
            **{part.name: torch.zeros_like(getattr(other, part.name)) for part in fields(cls)}
        )

    def add_layer(
        self,
        layer: int,
        counts: LayerCounts,
        special: torch.Tensor,
        shape: torch.Tensor,
        proteins: torch.Tensor,
    ) -> None:
        """Add one layer of a batch.

        Parameters
        ----------
        layer
            Index of the layer, from 0.
        counts
            As `count_arcs` counts them.
        special
            As `special_attention` sums it; shape (sequences, heads).
        shape
            As `precompute.head_shape.shape_sums` sums it; shape (sequences, heads, sums).
        proteins
            Place of each sequence in the sample; shape (sequences,).
        """
        arcs, eligible, hits = counts.arcs, counts.eligible, counts.hits
        self.arcs[layer] += arcs.sum(0)
        self.arcs_squared[layer] += (arcs * arcs).sum(0)
        self.proteins[layer] += (arcs > 0).sum(0)
        self.eligible[layer] += eligible.sum(0)
        self.hits[layer] += hits.sum(0)
        self.hits_squared[layer] += (hits * hits).sum(0)
        self.hits_arcs[layer] += (hits * arcs[:, :, None, :]).sum(0)
        self.hits_eligible[layer] += (hits * eligible).sum(0)
        self.eligible_squared[layer] += (eligible * eligible).sum(0)
        self.special[layer] += special.sum(0)
        self.shape[layer] += shape.sum(0)

        at_level = hits[..., _EXAMPLE_LEVEL].permute(1, 2, 0)
        place = _EXAMPLE_BASE - 1 - proteins
        candidates = torch.where(at_level > 0, at_level * _EXAMPLE_BASE + place, 0)
        their_arcs = torch.where(candidates > 0, arcs[..., _EXAMPLE_LEVEL].T[:, None, :], 0)
        self._merge_examples(layer, candidates, their_arcs)

    def add_quartiles(self, layer: int, hits: torch.Tensor, arcs: torch.Tensor) -> None:
        """Add one layer's arcs in one alignment by the conservation of where they end.

        Parameters
        ----------
        layer
            Index of the layer, from 0.
        hits
            As `precompute.conservation.count_quartiles` counts them.
        arcs
            All of them, shape (heads, thresholds).
        """
        self.quartile_hits[layer] += hits
        self.quartile_hits_squared[layer] += hits * hits
        self.quartile_hits_arcs[layer] += hits * arcs[:, None, :]

    def add(self, other: Tally) -> None:
        """Add a tally of the same shape over other proteins."""
        for part in fields(self):
            if part.name not in ("examples", "example_arcs"):
                getattr(self, part.name).add_(getattr(other, part.name))
        self._merge_examples(slice(None), other.examples, other.example_arcs)

    def _merge_examples(
        self, layer: int | slice, candidates: torch.Tensor, their_arcs: torch.Tensor
    ) -> None:
        everyone = torch.cat([self.examples[layer], candidates], dim=-1)
        arcs = torch.cat([self.example_arcs[layer], their_arcs], dim=-1)
        best, where = everyone.topk(EXAMPLES, dim=-1)
        self.examples[layer] = best
        self.example_arcs[layer] = arcs.gather(-1, where)

    def to(self, device: torch.device | str) -> Tally:
        """Move to a device."""
        return Tally(**{part.name: getattr(self, part.name).to(device) for part in fields(self)})


def example_hits(examples: torch.Tensor) -> torch.Tensor:
    """Hits of the proteins that `Tally.examples` keeps."""
    return examples // _EXAMPLE_BASE


def example_proteins(examples: torch.Tensor) -> torch.Tensor:
    """Places in the sample of the proteins that `Tally.examples` keeps."""
    return _EXAMPLE_BASE - 1 - examples % _EXAMPLE_BASE
