"""What is counted of pairs, by relation, measure, layer and head; adds up exactly in any order.

Of every pair and head a measure has a part and a whole, both of the mean attending residue, so
that a pair counts once however long it is. The share is the sum of parts over the sum of wholes,
with the pair as the sampling unit; attention to special tokens is in no whole but its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch

from precompute.datasets.chains import RELATIONS
from precompute.models.adapter import Encoding
from precompute.protein_pairs.item import Pair

MEASURES: dict[str, str] = {
    "within_first": "attention of the first protein's residues to residues of the first, of that "
    "to residues of both",
    "first_to_second": "attention of the first protein's residues to residues of the second, of "
    "that to residues of both",
    "within_second": "attention of the second protein's residues to residues of the second, of "
    "that to residues of both",
    "second_to_first": "attention of the second protein's residues to residues of the first, of "
    "that to residues of both",
    "special": "attention of residues to special tokens, of all their attention",
    "aligned": "attention from one protein to the other, both ways, between residues that stand "
    "in one column of their family, of all attention from one to the other",
    "contact": "attention from one chain to the other, both ways, between residues in contact, of "
    "all between residues with known coordinates",
}
"""Each measure's part and whole. Those of contacts are of pairs with contacts alone."""
_NAMES = tuple(MEASURES)
_MILLION = 1e6


@dataclass(eq=False)
class PairTally:
    """Sums over pairs, in whole millionths; int64.

    Of shape (relations, measures, layers, heads), in the orders of `RELATIONS` and `MEASURES`:
    ``pairs`` for which the measure is defined, ``part``, ``whole``, ``expected`` (the part that
    attention would have that is spread evenly over the same whole), and in millionths squared
    ``part_squared``, ``part_whole``, ``whole_squared``.

    Of shape (pairs of the run,): ``same_family``, one more than the millionths of the probability
    that the two are of one family, 0 where there is none; so ``soft_aligned``, of a soft
    alignment's weight that stands on aligned residues.
    """

    pairs: torch.Tensor
    part: torch.Tensor
    whole: torch.Tensor
    expected: torch.Tensor
    part_squared: torch.Tensor
    part_whole: torch.Tensor
    whole_squared: torch.Tensor
    same_family: torch.Tensor
    soft_aligned: torch.Tensor

    @classmethod
    def empty(
        cls, layers: int, heads: int, pairs: int, device: torch.device | str = "cpu"
    ) -> PairTally:
        """Make a tally of nothing, of a run of so many pairs."""
        by_head = (len(RELATIONS), len(_NAMES), layers, heads)
        return cls(
            **{
                part.name: torch.zeros(
                    (pairs,) if part.name in ("same_family", "soft_aligned") else by_head,
                    dtype=torch.int64,
                    device=device,
                )
                for part in fields(cls)
            }
        )

    @classmethod
    def empty_like(cls, other: PairTally) -> PairTally:
        """Make a tally of nothing, of another's shape and on its device."""
        return cls(
            **{part.name: torch.zeros_like(getattr(other, part.name)) for part in fields(cls)}
        )

    def add(self, other: PairTally) -> None:
        """Add a tally over other pairs of the same run."""
        for part in fields(self):
            getattr(self, part.name).add_(getattr(other, part.name))

    def add_layer(self, layer: int, counts: LayerShares, relations: torch.Tensor) -> None:
        """Add one layer of a batch.

        Parameters
        ----------
        layer
            Its index, from 0.
        counts
            Of the batch.
        relations
            Place of each pair's relation in `RELATIONS`, shape (pairs,).
        """
        part, whole, expected = (
            torch.round(own * _MILLION).long()
            for own in (counts.part, counts.whole, counts.expected)
        )
        for name, own in (
            ("pairs", (whole > 0).long()),
            ("part", part),
            ("whole", whole),
            ("expected", expected),
            ("part_squared", part * part),
            ("part_whole", part * whole),
            ("whole_squared", whole * whole),
        ):
            getattr(self, name)[:, :, layer].index_add_(0, relations, own)

    def note(self, name: str, places: Sequence[int], values: Sequence[float]) -> None:
        """Keep a number in [0, 1] of each of some pairs, under ``same_family``, say."""
        kept = torch.from_numpy(np.rint(np.asarray(values) * _MILLION).astype(np.int64) + 1)
        own = getattr(self, name)
        own[list(places)] = kept.to(own.device)

    def to(self, device: torch.device | str) -> PairTally:
        """Move to a device."""
        return PairTally(
            **{part.name: getattr(self, part.name).to(device) for part in fields(self)}
        )


@dataclass(frozen=True, eq=False)
class LayerShares:
    """Part, whole and expected part of each measure, shape (pairs, measures, heads), float64."""

    part: torch.Tensor
    whole: torch.Tensor
    expected: torch.Tensor


class BatchLayout:
    """Where in a batch's tokens the residues of each pair stand, on the device that counts.

    Parameters
    ----------
    pairs, encodings
        Of the batch.
    device
        Where.
    """

    # Groups of tokens whose attention to one another is summed.
    _GROUPS = 5
    _FIRST, _SECOND, _SPECIAL, _FIRST_RESOLVED, _SECOND_RESOLVED = range(_GROUPS)

    def __init__(
        self, pairs: Sequence[Pair], encodings: Sequence[Encoding], device: torch.device
    ) -> None:
        longest = max(map(len, encodings))
        groups = np.zeros((len(pairs), longest, self._GROUPS), dtype=np.float32)
        aligned, contacts = [], []
        for row, (pair, encoding) in enumerate(zip(pairs, encodings, strict=True)):
            residues = encoding.residues
            own = groups[row, : len(encoding)]
            own[:, self._FIRST] = (residues >= 0) & (residues < len(pair.first))
            own[:, self._SECOND] = residues >= len(pair.first)
            own[:, self._SPECIAL] = residues < 0
            if pair.resolved is not None:
                known = np.concatenate([*pair.resolved, [False]])  # the last is that of no residue
                for resolved, group in (
                    (self._FIRST_RESOLVED, self._FIRST),
                    (self._SECOND_RESOLVED, self._SECOND),
                ):
                    own[:, resolved] = own[:, group] * known[residues]
            aligned.append(_tokens(pair.aligned, pair, residues))
            contacts.append(_tokens(pair.contacts, pair, residues))
        self._groups = torch.from_numpy(groups).to(device)
        self._sizes = self._groups.double().sum(1)
        self._aligned = _Places(aligned, device)
        self._contacts = _Places(contacts, device)

    def shares(self, probabilities: torch.Tensor) -> LayerShares:
        """Sum one layer's attention, shape (pairs, heads, tokens, tokens); see `LayerShares`."""
        attention = probabilities.float()
        groups = self._groups[:, None]
        # From each group of tokens to each, shape (pairs, heads, groups, groups).
        sums = (groups.transpose(-1, -2) @ (attention @ groups)).double()
        first, second, special, known_first, known_second = (
            self._sizes[:, group, None] for group in range(self._GROUPS)
        )
        residues = first + second

        def from_to(one: int, other: int) -> torch.Tensor:
            return sums[:, :, one, other]

        parts, wholes, expected = [], [], []

        def add(part: torch.Tensor, whole: torch.Tensor, even: torch.Tensor) -> None:
            parts.append(part)
            wholes.append(whole.expand_as(part))
            expected.append(whole * even)

        for here, there, own, others in (
            (self._FIRST, self._SECOND, first, second),
            (self._SECOND, self._FIRST, second, first),
        ):
            within, across = from_to(here, here) / own, from_to(here, there) / own
            add(within, within + across, own / residues)
            add(across, within + across, others / residues)
        given = from_to(self._FIRST, self._SPECIAL) + from_to(self._SECOND, self._SPECIAL)
        add(given / residues, torch.ones_like(given), special / (residues + special))
        for places, ends, possible in (
            (self._aligned, (self._FIRST, self._SECOND), first * second),
            (
                self._contacts,
                (self._FIRST_RESOLVED, self._SECOND_RESOLVED),
                known_first * known_second,
            ),
        ):
            some = (places.count > 0)[:, None]
            across = (from_to(*ends) + from_to(*ends[::-1])) / residues
            even = places.count[:, None] / possible.clamp(min=1)
            add(places.sum(attention) / residues, torch.where(some, across, 0.0), even)
        return LayerShares(*(torch.stack(own, 1) for own in (parts, wholes, expected)))


class _Places:
    """Pairs of tokens in a batch, one of each protein, whose attention both ways is summed."""

    def __init__(self, found: Sequence[np.ndarray], device: torch.device) -> None:
        row = np.repeat(np.arange(len(found)), [len(own) for own in found])
        one, other = np.concatenate([own.reshape(-1, 2) for own in found]).T
        self.count = torch.tensor([len(own) for own in found], device=device).double()
        self._row, self._one, self._other = (
            torch.from_numpy(np.ascontiguousarray(own)).to(device) for own in (row, one, other)
        )

    def sum(self, attention: torch.Tensor) -> torch.Tensor:
        """Sum the attention between them, shape (pairs, heads)."""
        sums = attention.new_zeros(attention.shape[:2], dtype=torch.float64)
        if len(self._row):
            # An index beside a slice comes first: (places, heads).
            given = attention[self._row, :, self._one, self._other].double()
            given += attention[self._row, :, self._other, self._one]
            sums.index_add_(0, self._row, given)
        return sums


def _tokens(found: np.ndarray | None, pair: Pair, residues: np.ndarray) -> np.ndarray:
    """Give the tokens of pairs of residues, those left out of which one has no token."""
    if found is None:
        return np.zeros((0, 2), dtype=np.int64)
    token = np.full(pair.columns, -1, dtype=np.int64)
    token[residues[residues >= 0]] = np.flatnonzero(residues >= 0)
    places = token[found + np.array([0, len(pair.first)])]
    own: np.ndarray = places[(places >= 0).all(1)]
    return own
