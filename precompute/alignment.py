"""An alignment of a protein family: what a model reads that reads many sequences at once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

GAP = "-"
NO_COLUMN_RESIDUE = -1
"""What stands in `Alignment.residues` where the query has a gap."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """Sequences of one family, column by column; the first is the query.

    Attributes
    ----------
    names
        Of the rows; may be empty.
    rows
        ASCII codes of residues and of `GAP`, shape (rows, columns).
    """

    names: tuple[str, ...]
    rows: NDArray[np.uint8]

    @classmethod
    def of(cls, rows: Sequence[str], names: Sequence[str] | None = None) -> Alignment:
        """Make an alignment of rows as text, all of one length."""
        codes = np.frombuffer("".join(rows).encode("ascii"), dtype=np.uint8)
        return cls(tuple(names or [""] * len(rows)), codes.reshape(len(rows), -1))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return int(self.rows.shape[1])

    @cached_property
    def residues(self) -> NDArray[np.int64]:
        """For each column the query's residue, from 0, or −1 for a gap; shape (columns,)."""
        there = self.rows[0] != ord(GAP)
        return np.where(there, there.cumsum() - 1, NO_COLUMN_RESIDUE)

    @property
    def query(self) -> str:
        """The first row without its gaps."""
        row = self.rows[0]
        letters: bytes = row[row != ord(GAP)].tobytes()
        return letters.decode("ascii")

    def texts(self) -> list[str]:
        """Give the rows as text."""
        return [row.tobytes().decode("ascii") for row in self.rows]

    def digest(self, *, ordered: bool = True) -> str:
        """SHA-256 of the rows, without their names: in their order, or whatever it is."""
        rows = self.rows.tobytes() if ordered else b"".join(sorted(map(bytes, self.rows)))
        return f"{self.rows.shape[1]} {hashlib.sha256(rows).hexdigest()}"

    def take(self, rows: Sequence[int]) -> Alignment:
        """Keep some rows."""
        return replace(self, names=tuple(self.names[i] for i in rows), rows=self.rows[list(rows)])

    def first(self, residues: int) -> Alignment:
        """Cut the columns behind the query's first residues."""
        further = np.flatnonzero(self.residues == residues)
        return self if not len(further) else replace(self, rows=self.rows[:, : further[0]])
