"""The frame that every export takes: the arcs of one head on one protein."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from precompute.live.getting.protein import Protein, plain
from precompute.live.remember import remember
from precompute.spreadsheet import as_cells

ARC_COLUMNS = (
    "i",
    "j",
    "chain",
    "residue_i",
    "number_i",
    "residue_j",
    "number_j",
    "weight",
    "separation",
    "contact",
)
"""Columns of a frame of arcs; ``colour`` (``#rrggbb``) and ``head`` may follow."""
PAIR_COLUMNS = ("other_chain", "between")
"""Further ones of two proteins, of whose residues ``chain`` and ``other_chain`` are: whether an
arc goes from one to the other."""
_DIGITS = 5


@dataclass(frozen=True, eq=False)
class Export:
    """What a visitor takes along.

    Attributes
    ----------
    protein
        The protein.
    arcs
        With the columns `ARC_COLUMNS`, and ``colour`` where the page chose colours.
    head
        Model and head, for people: ``ProtBert, head 30-14``.
    threshold
        The smallest weight that the arcs were asked to have.
    key
        What the colours of ``colour`` mean: colour and words.
    """

    protein: Protein
    arcs: pd.DataFrame
    head: str
    threshold: float
    key: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """One plain line that says what it shows."""
        chain = f", chain {self.protein.chain_name}" if self.protein.chain_name else ""
        return plain(
            f"{self.head} on {self.protein.identifier}{chain}: {len(self.arcs):,} arcs of at "
            f"least {self.threshold:g}",
            300,
        )


@remember
def contacts_of(protein: Protein) -> NDArray[np.int8] | None:
    """Give the states of all pairs, worked out once: `precompute.chain.Chain.contact_states`."""
    return protein.chain.contact_states() if protein.chain is not None else None


def arcs_frame(
    protein: Protein, rows: ArrayLike, columns: ArrayLike, weights: ArrayLike
) -> pd.DataFrame:
    """Describe arcs by residue, strongest first.

    Parameters
    ----------
    protein
        The protein.
    rows, columns
        Residues that attend and that are attended to, from 0, shape (arcs,).
    weights
        Attention, shape (arcs,).

    Returns
    -------
    pandas.DataFrame
        With the columns `ARC_COLUMNS`: ``i`` attends to ``j``, both from 1 in the
        sequence; authors' numbers as text; ``separation`` is |i − j|; ``contact`` is
        missing for pairs that are nearer than 6 in the sequence or not resolved. Of two proteins
        also `PAIR_COLUMNS`, whose second has the numbers behind the first's.
    """
    first, second = (np.asarray(ends, dtype=np.int64) for ends in (rows, columns))
    weight = np.asarray(weights, dtype=np.float32)
    # Sorted before it is a frame, and texts taken from arrays of them: twice as fast.
    order = np.lexsort((second, first, -weight))
    first, second, weight = first[order], second[order], weight[order]
    states = contacts_of(protein)
    found = np.full(len(first), -1) if states is None else states[first, second]
    letters, numbers = _texts(protein)
    chain: Any = protein.chain_name or ""
    more = {}
    if protein.boundary is not None:
        ends = first >= protein.boundary, second >= protein.boundary
        tags = pd.array(list(protein.tags), dtype="str")
        chain, other = (tags.take(end.astype(int)) for end in ends)
        more = {"other_chain": other, "between": ends[0] != ends[1]}
    return pd.DataFrame(
        {
            "i": first + 1,
            "j": second + 1,
            "chain": chain,
            "residue_i": letters.take(first),
            "number_i": numbers.take(first),
            "residue_j": letters.take(second),
            "number_j": numbers.take(second),
            "weight": weight,
            "separation": np.abs(first - second),
            "contact": pd.arrays.BooleanArray(found == 1, found < 0),
            **more,
        },
        index=range(len(first)),
    )


@remember
def _texts(protein: Protein) -> tuple[Any, Any]:
    """Give a protein's letters and its authors' numbers as arrays of pandas."""
    letters, numbers = list(protein.sequence), list(protein.numbers)
    return pd.array(letters, dtype="str"), pd.array(numbers, dtype="str")


def write_csv(export: Export) -> bytes:
    """Write the arcs as CSV in UTF-8, one arc a line; of several heads with a column ``head``."""
    more = [name for name in ("head",) if name in export.arcs]
    frame = export.arcs.loc[:, [*more, *ARC_COLUMNS]].copy()
    frame["weight"] = frame["weight"].astype(float).round(_DIGITS)
    if export.protein.boundary is not None:
        frame = _as_pairs(frame, export)
    return as_cells(frame).to_csv(index=False, lineterminator="\n").encode()


def _as_pairs(frame: pd.DataFrame, export: Export) -> pd.DataFrame:
    """Count residues of two proteins from 1 in each, and name the chain of both ends."""
    boundary = export.protein.boundary or 0
    found = frame.rename(columns={"chain": "chain_i"})
    found.insert(list(found).index("number_i") + 1, "chain_j", export.arcs["other_chain"])
    found["between"] = export.arcs["between"]
    for end in ("i", "j"):
        found[end] -= np.where(found[end] > boundary, boundary, 0)
    # There is no distance in a sequence between residues of two.
    found["separation"] = found["separation"].astype("Int64").mask(found["between"])
    return found
