"""What is measured of column attention: a choice of the user's."""

from __future__ import annotations

from dataclasses import dataclass

NULLS = ("columns", "covariance", "rows")
"""Shuffled twins of an alignment; `precompute.column_attention.nulls` makes them."""


@dataclass(frozen=True)
class ColumnChoice:
    """What is measured of column attention.

    Attributes
    ----------
    nulls
        Those of `NULLS` that are measured too; each is one
        more pass of the network.
    regression
        Whether distance is regressed on all heads together.
    megabytes
        Of the matrices that are kept, before they are compressed: of the first alignments.
    seed
        Of nulls, and of the rows that a regression is fitted to.
    """

    nulls: tuple[str, ...] = ()
    regression: bool = False
    megabytes: int = 256
    seed: int = 123

    def describe(self) -> str:
        """Say it in words, for the `runs` table: equal words are equal choices."""
        said = ["with distance"]
        if self.nulls:
            said.append(f"nulls: {', '.join(self.nulls)}")
        if self.regression:
            said.append("regression on all heads")
        if self.nulls or self.regression:
            said.append(f"seed {self.seed}")
        return "; ".join([*said, f"matrices of the first alignments, {self.megabytes} MB"])
