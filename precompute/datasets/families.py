"""Sequences of protein families: the rows of alignments, their gaps taken out.

They carry no label of structure, so amino acids and offsets are what is counted.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from precompute.chain import Chain
from precompute.datasets.chains import Chains
from precompute.demo.families import GAP_TOKEN, TOKENS, list_alignments, read_family


class FamilyChains(Chains):
    """Every sequence of every alignment in a folder.

    A chain is called after its family and its name there:
    ``PF00072:C2YGL8_BACCE/4-113``.

    Parameters
    ----------
    path
        A folder of alignments in aligned FASTA, gzipped or not.

    Raises
    ------
    AtlasError
        When there is none, or one cannot be read.
    """

    def __init__(self, path: Path) -> None:
        digest = hashlib.sha256()
        self._families = []
        for accession, file in list_alignments(path).items():
            digest.update(f"{accession}\0".encode())
            digest.update(file.read_bytes())
            self._families.append(read_family(file))
        self._starts = np.cumsum([0, *(len(family) for family in self._families)])
        self._sha256 = digest.hexdigest()

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, number: int) -> Chain:
        if not 0 <= number < len(self):
            raise IndexError(number)
        place = int(np.searchsorted(self._starts, number, side="right")) - 1
        family = self._families[place]
        own = number - int(self._starts[place])
        row = family.rows[own]
        letters = "".join(TOKENS[token] for token in row[row != GAP_TOKEN])
        return Chain(f"{family.accession}:{family.names[own]}", letters or "X")

    def sha256(self) -> str:
        """SHA-256 over accessions and bytes of the files, in order."""
        return self._sha256

    def close(self) -> None:
        """Nothing is open."""
