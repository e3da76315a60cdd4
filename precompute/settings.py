"""What a run's counts depend on beside model and data, and where they are computed."""

from __future__ import annotations

from dataclasses import dataclass

from precompute.column_attention.choice import ColumnChoice
from precompute.datasets.thinning import Thinning


@dataclass(frozen=True)
class Settings:
    """What the counts depend on beside model and data, and where they are computed.

    Attributes
    ----------
    proteins
        How many proteins to draw; all when None.
    seed
        Seed of the sample; None takes the first ones in stored order.
    max_length
        Longest input in tokens, special tokens included (the paper's 512 is 510 residues).
    windows
        Whether longer chains are read in overlapping windows of that length instead of being
        cut to it; see `precompute.windows`.
    device
        ``cpu``, ``cuda`` or ``mps``.
    precision
        ``float32`` or ``bfloat16``: number type of the forward pass.
    batch_tokens
        Residues of a batch, padding included; 0 for one sequence at a time.
    thinning
        Which rows of alignments are read; None where sequences alone are.
    columns
        What is measured of column attention; None where sequences alone are read.
    """

    proteins: int | None = 5000
    seed: int | None = 123
    max_length: int = 512
    windows: bool = False
    device: str = "cpu"
    precision: str = "float32"
    batch_tokens: int = 0
    thinning: Thinning | None = None
    columns: ColumnChoice | None = None

    @property
    def residues(self) -> int:
        """Residues of the longest input, or of a window."""
        return self.max_length - 2

    @property
    def window(self) -> int | None:
        """Residues of a window, None where chains are cut."""
        return self.residues if self.windows else None
