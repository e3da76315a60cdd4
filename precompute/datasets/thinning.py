"""Which rows of a deep alignment a model reads: a choice that changes its numbers.

The query is always among them, and rows keep their order, which the model knows of.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from precompute.alignment import Alignment
from precompute.datasets.sequence_text import split_fasta
from precompute.errors import AtlasError

DEPTH = 128
"""Rows that are read by default, as in the authors' examples."""
MOST_ROWS = 1024
RULES = {
    "diverse": "the query, then again and again the row that differs most from those chosen",
    "hhfilter": "what HH-suite's hhfilter -diff keeps, the first of it",
    "random": "drawn by a seed",
    "first": "the first ones",
}
ROWS_READ = "rows of alignments that are read"
"""The note of a run that says how alignments were thinned, as `Thinning.describe` does."""
_PROGRAM = "hhfilter"
_SAID = re.compile(rf"at most ([0-9]{{1,4}}), ({'|'.join(RULES)})( \(seed [0-9]{{1,20}}\))?: ")
_AT_ONCE = 64
"""Columns, fewer than an 8-bit number counts."""


@dataclass(frozen=True)
class Thinning:
    """How many rows are read, and which.

    Attributes
    ----------
    depth
        At most so many; 1 is the query alone.
    rule
        Key of `RULES`.
    seed
        Of the rule ``random``.
    """

    depth: int = DEPTH
    rule: str = "diverse"
    seed: int = 123

    def check(self) -> None:
        """See that rows can be chosen so, before data are read.

        Raises
        ------
        AtlasError
            When there are too many, or a program is missing.
        """
        if self.depth > MOST_ROWS:
            raise AtlasError(f"The model reads at most {MOST_ROWS:,} rows: give --depth that.")
        if self.rule == "hhfilter" and not has_hhfilter():
            raise AtlasError(
                "--thin hhfilter needs the program hhfilter of HH-suite, which is not here: "
                "install it, or give --thin diverse."
            )

    def describe(self) -> str:
        """Say it in words, for the `runs` table: equal words are equal choices."""
        seed = f" (seed {self.seed})" if self.rule == "random" else ""
        return f"at most {self.depth}, {self.rule}{seed}: {RULES[self.rule]}"

    def apply(self, alignment: Alignment) -> Alignment:
        """Keep the rows that are read.

        Raises
        ------
        AtlasError
            When a program fails.
        """
        if len(alignment) <= self.depth:
            return alignment
        if self.rule == "diverse":
            return alignment.take(choose_diverse(alignment.rows, self.depth))
        if self.rule == "random":
            return alignment.take(choose_random(len(alignment), self.depth, self.seed))
        if self.rule == "hhfilter":
            return alignment.take(choose_by_hhfilter(alignment, self.depth))
        return alignment.take(range(self.depth))


def brief(described: str) -> str:
    """Shorten what `Thinning.describe` says, for figures; empty where it is nothing of the kind."""
    said = _SAID.match(described)
    return f"≤ {int(said[1]):,} rows, {said[2]}{said[3] or ''}" if said else ""


def choose_diverse(rows: NDArray[np.uint8], depth: int) -> list[int]:
    """Choose rows one by one: each has the largest mean Hamming distance to those before it.

    Returns
    -------
    list of int
        Row numbers of `order_diverse`, ascending.
    """
    return sorted(order_diverse(rows, depth))


def order_diverse(rows: NDArray[np.uint8], depth: int) -> list[int]:
    """Give the rows of `choose_diverse` as they are chosen: fewer are the first of more.

    The rule of the MSA Transformer's authors, ties to the earlier row. Distances are whole
    numbers of columns, gaps a letter like others, so that nothing is rounded.

    Parameters
    ----------
    rows
        Shape (rows, columns).
    depth
        How many.

    Returns
    -------
    list of int
        Row numbers, 0 first.
    """
    distance = np.zeros(len(rows), dtype=np.int64)
    columns = np.ascontiguousarray(rows.T)
    chosen = [0]
    while len(chosen) < min(depth, len(rows)):
        # A few columns at a time, whose comparison the processor's cache holds.
        for start in range(0, len(columns), _AT_ONCE):
            part = columns[start : start + _AT_ONCE]
            differing = (part != part[:, chosen[-1], None]).view(np.uint8)
            distance += differing.sum(0, dtype=np.uint8)
        distance[chosen[-1]] = np.iinfo(np.int64).min // 2
        chosen.append(int(distance.argmax()))
    return chosen


def choose_random(size: int, depth: int, seed: int) -> list[int]:
    """Draw rows; a smaller draw is part of a larger."""
    return sorted(order_random(size, depth, seed))


def order_random(size: int, depth: int, seed: int) -> list[int]:
    """Give the rows of `choose_random` as they are drawn, by the SHA-256 of seed and number."""
    others = sorted(
        range(1, size), key=lambda row: hashlib.sha256(f"{seed}:{row}".encode()).digest()
    )
    return [0, *others[: depth - 1]]


def has_hhfilter() -> bool:
    """Tell whether HH-suite's program is on this machine."""
    return shutil.which(_PROGRAM) is not None


def choose_by_hhfilter(alignment: Alignment, depth: int, seconds: float | None = None) -> list[int]:
    """Choose rows by HH-suite's program, which keeps at least so many in every stretch.

    Of what it keeps the first rows are taken.

    Parameters
    ----------
    alignment, depth
        Of which rows, and how many.
    seconds
        What the program may take.

    Raises
    ------
    AtlasError
        When the program is missing, fails, or takes longer.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, kept = Path(folder) / "given.a3m", Path(folder) / "kept.a3m"
        given.write_text(
            "".join(f">row{number}\n{row}\n" for number, row in enumerate(alignment.texts()))
        )
        command = [_PROGRAM, "-v", "0", "-i", str(given), "-o", str(kept), "-diff", str(depth)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=seconds)
            names = [header for header, _ in split_fasta(kept.read_text().split("\n"))]
        except (OSError, subprocess.SubprocessError) as error:
            raise AtlasError(
                f"hhfilter failed ({error}): see that it runs, or give --thin diverse."
            ) from error
    found = sorted({int(name.removeprefix("row")) for name in names if name.startswith("row")})
    return [0, *(row for row in found if row > 0)][:depth]
