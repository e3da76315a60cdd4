"""The family of a visitor's protein: what is kept of an alignment, however many rows are read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from precompute.alignment import Alignment
from precompute.datasets.thinning import (
    MOST_ROWS,
    Thinning,
    choose_by_hhfilter,
    has_hhfilter,
    order_diverse,
    order_random,
)
from precompute.errors import AtlasError
from precompute.live.remember import remember
from precompute.live.settings import most_cells

RULES: dict[str, str] = {
    "diverse": "the most different",
    "first": "the first",
    "random": "at random",
    "hhfilter": "hhfilter’s",
}
"""Those of `precompute.datasets.thinning.RULES`, in words."""
DEPTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
"""Rows that can be chosen: hhfilter has to be asked for each."""
FILTER_SECONDS = 10.0
"""What hhfilter may take for all of them."""


@dataclass(frozen=True, eq=False)
class Family:
    """An alignment as far as any choice of rows may ask for it.

    Attributes
    ----------
    alignment
        The rows that some choice has, in their order; the query first.
    orders
        For each rule of `RULES` but hhfilter places in `alignment`, as the rule chooses them.
    filtered
        For each of `DEPTHS` below `total` the places that hhfilter chooses; empty without it.
    unfiltered
        Why hhfilter chooses none, as a sentence.
    total
        Rows of the whole alignment.
    order, content
        Digests of all rows: in their order, and whatever their order.
    """

    alignment: Alignment
    orders: Mapping[str, tuple[int, ...]]
    filtered: Mapping[int, tuple[int, ...]]
    unfiltered: str
    total: int
    order: str
    content: str

    @classmethod
    def of(cls, alignment: Alignment) -> Family:
        """Choose the rows that are kept, as many as a model is given at most."""
        most = most_rows(alignment.columns)
        chosen = {
            "diverse": order_diverse(alignment.rows, most),
            "first": list(range(min(most, len(alignment)))),
            "random": order_random(len(alignment), most, Thinning().seed),
        }
        filtered, unfiltered = _filter(alignment, most)
        kept = np.unique(np.concatenate([*chosen.values(), *filtered.values()])).astype(int)

        def places(rows: list[int]) -> tuple[int, ...]:
            return tuple(np.searchsorted(kept, rows).tolist())

        return cls(
            alignment.take(kept.tolist()),
            {rule: places(rows) for rule, rows in chosen.items()},
            {depth: places(rows) for depth, rows in filtered.items()},
            unfiltered,
            len(alignment),
            alignment.digest(),
            alignment.digest(ordered=False),
        )

    @property
    def most(self) -> int:
        """How many rows a model can be given."""
        return len(self.orders["first"])


def _filter(alignment: Alignment, most: int) -> tuple[dict[int, list[int]], str]:
    """Ask hhfilter for the rows of each depth; none, and why, where it cannot be asked."""
    if not has_hhfilter():
        return {}, "hhfilter of HH-suite is not on this server."
    until = time.monotonic() + FILTER_SECONDS
    found = {}
    for depth in DEPTHS:
        if depth <= most and depth < len(alignment):
            try:
                left = max(until - time.monotonic(), 0.01)
                found[depth] = choose_by_hhfilter(alignment, depth, left)
            except AtlasError:
                return {}, "hhfilter failed on this alignment, or took too long."
    return found, ""


@remember
def thin(family: Family, rule: str, depth: int) -> Alignment:
    """Give the rows that are read: those of `Thinning` with the same rule and depth.

    Parameters
    ----------
    family
        The family.
    rule
        A key of `RULES`.
    depth
        How many rows, at most `Family.most`; of hhfilter one of `Family.filtered`.
    """
    if rule == "hhfilter":
        return family.alignment.take(family.filtered[depth])
    return family.alignment.take(sorted(family.orders[rule][:depth]))


def most_rows(columns: int) -> int:
    """Give how many rows of so many columns a model is given."""
    return max(1, min(MOST_ROWS, most_cells() // columns))
