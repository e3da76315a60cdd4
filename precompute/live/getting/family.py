"""The family of a visitor's protein: what is kept of an alignment, however many rows are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from precompute.alignment import Alignment
from precompute.datasets.thinning import MOST_ROWS, Thinning, order_diverse, order_random
from precompute.live.remember import remember
from precompute.live.settings import most_cells

RULES: dict[str, str] = {
    "diverse": "the most different",
    "first": "the first",
    "random": "at random",
}
"""Those of `precompute.datasets.thinning.RULES` that choose fewer rows out of more, in words."""


@dataclass(frozen=True, eq=False)
class Family:
    """An alignment as far as any choice of rows may ask for it.

    Attributes
    ----------
    alignment
        The rows that some choice has, in their order; the query first.
    orders
        For each rule of `RULES` places in `alignment`, as the rule chooses them.
    total
        Rows of the whole alignment.
    order, content
        Digests of all rows: in their order, and whatever their order.
    """

    alignment: Alignment
    orders: Mapping[str, tuple[int, ...]]
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
        kept = np.unique(np.concatenate(list(chosen.values())))
        orders = {
            rule: tuple(np.searchsorted(kept, rows).tolist()) for rule, rows in chosen.items()
        }
        return cls(
            alignment.take(kept.tolist()),
            orders,
            len(alignment),
            alignment.digest(),
            alignment.digest(ordered=False),
        )

    @property
    def most(self) -> int:
        """How many rows a model can be given."""
        return len(self.orders["first"])


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
        How many rows, at most `Family.most`.
    """
    return family.alignment.take(sorted(family.orders[rule][:depth]))


def most_rows(columns: int) -> int:
    """Give how many rows of so many columns a model is given."""
    return max(1, min(MOST_ROWS, most_cells() // columns))
