"""Two proteins as one input: read, cut where they are too long, and what is kept beside arcs.

A model that takes pairs reads ``[CLS] a [SEP] b [SEP]``. Any other reads two chains of one
structure as one sequence with a linker between: its residues are none of theirs, and stand in no
arc, no sum and no share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from precompute.models.adapter import Encoding
from precompute.protein_pairs.cutting import SPECIAL_TOKENS, cut_pair

if TYPE_CHECKING:
    from precompute.models.adapter import Adapter

LINKER = "G" * 25
"""Glycines between two chains for a model that reads one sequence."""
_UNLINKED = -2
"""Of a token of the linker, in place of a residue or of `NO_RESIDUE`."""


@dataclass(frozen=True)
class Two:
    """Two proteins that a model reads as one input.

    Attributes
    ----------
    first, second
        One letter a residue.
    linker
        What stands between them in one sequence; empty where the model takes pairs.
    """

    first: str
    second: str
    linker: str = ""

    def __len__(self) -> int:
        return len(self.first) + len(self.second)

    @property
    def key(self) -> str:
        """What tells it from any other: no sequence has a blank."""
        return f"{self.first} {self.linker} {self.second}"


@dataclass(frozen=True, eq=False)
class Together:
    """What a model makes of two proteins beside its arcs.

    Attributes
    ----------
    given
        Of the attention of each protein's residues, the mean that goes to the first, to the second
        and to special tokens, shape (layers, heads, 2, 3). A linker has no part in it: without one
        the last axis sums to 1.
    same_family
        How probable the model holds it that both are of one family; None where it does not tell.
    alignment
        Its soft alignment, in [0, 1], shape (residues of the first, of the second); None where it
        makes none.
    """

    given: NDArray[np.float64]
    same_family: float | None = None
    alignment: NDArray[np.float32] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.given.nbytes + (0 if self.alignment is None else self.alignment.nbytes)

    def crossing(self) -> NDArray[np.float64]:
        """Give the share of what residues give to residues that goes to the other protein.

        Returns
        -------
        numpy.ndarray
            Of each protein, shape (layers, heads, 2); NaN where nothing goes to residues.
        """
        inside = self.given[..., :2]
        other = np.stack([inside[..., 0, 1], inside[..., 1, 0]], -1)
        whole = inside.sum(-1)
        return _share(other, whole)

    def special(self) -> NDArray[np.float64]:
        """Give the share of each protein's attention that special tokens take, as `crossing`."""
        whole = self.given.sum(-1)
        own = self.given[..., 2]
        return _share(own, whole)


def encode_two(adapter: Adapter, two: Two, longest: int | None = None) -> Encoding:
    """Lay two proteins out as tokens, cut from the end of the longer one as PLUS does it.

    Returns
    -------
    Encoding
        Its residues are those of `attend_two`; tokens of a linker have none.
    """
    special = adapter.special_tokens if two.linker else SPECIAL_TOKENS
    rooms = [] if adapter.max_tokens is None else [adapter.max_tokens - special - len(two.linker)]
    rooms += [] if longest is None else [longest]
    first, second = cut_pair(len(two.first), len(two.second), max(min(rooms, default=len(two)), 2))
    one, other = two.first[:first], two.second[:second]
    if not two.linker:
        encoding = adapter.encode_pair(one, other)
        ends = first
    else:
        encoding = adapter.encode(one + two.linker + other)
        ends = first + len(two.linker)
    own = encoding.residues
    places = np.where(own >= ends, own - ends + len(two.first), own)
    places = np.where((own >= first) & (own < ends), _UNLINKED, places)
    return replace(encoding, residues=places)


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.full_like(part, np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found
