"""What a benchmark is told, and how it tells of its progress."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Options:
    """How to measure.

    Attributes
    ----------
    quick
        Few repeats and small inputs, to see that everything works.
    data
        A ProteinNet file in TAPE's layout; without one the shipped examples are measured.
    provis
        A clone of the paper's repository, salesforce/provis.
    visitors, processes, seconds
        Of the group `visitors`: how many at once, by how many processes of the dashboard, and
        how long.
    """

    quick: bool = False
    data: Path | None = None
    provis: Path | None = None
    visitors: tuple[int, ...] = (10, 25, 50, 100)
    processes: tuple[int, ...] = (1, 2)
    seconds: float = 30.0
    begun: float = field(default_factory=time.perf_counter)

    def repeats(self, usual: int) -> int:
        """Give the number of repeats."""
        return min(usual, 2) if self.quick else usual

    def say(self, text: str) -> None:
        """Tell of the progress, on the standard error."""
        print(f"{time.perf_counter() - self.begun:6.0f} s  {text}", file=sys.stderr, flush=True)
