"""Sequences of protein families: the rows of alignments, their gaps taken out.

They carry no label of structure, so amino acids and offsets are what is counted.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.datasets.chains import DIFFERENT_FAMILIES, SAME_FAMILY, Chains
from precompute.demo.families import GAP_TOKEN, TOKENS, Family, list_alignments, read_family
from precompute.errors import AtlasError


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
        When there is none, one cannot be read, or no row has a residue.
    """

    related = (SAME_FAMILY, DIFFERENT_FAMILIES)

    def __init__(self, path: Path) -> None:
        digest = hashlib.sha256()
        self._families = []
        empty = 0
        for accession, file in list_alignments(path).items():
            digest.update(f"{accession}\0".encode())
            digest.update(file.read_bytes())
            family = read_family(file)
            there = np.flatnonzero((family.rows != GAP_TOKEN).any(1))
            empty += len(family) - len(there)
            names = tuple(family.names[row] for row in there)
            self._families.append(replace(family, names=names, rows=family.rows[there]))
        self.skipped = {"rows without a residue": empty} if empty else {}
        self._starts = np.cumsum([0, *(len(family) for family in self._families)])
        if not len(self):
            raise AtlasError(f"{path} holds no sequence with a residue: its rows are gaps alone.")
        self._sha256 = digest.hexdigest()

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, number: int) -> Chain:
        family, own = self._place(number)
        row = family.rows[own]
        letters = "".join(TOKENS[token] for token in row[row != GAP_TOKEN])
        return Chain(f"{family.accession}:{family.names[own]}", letters)

    def _place(self, number: int) -> tuple[Family, int]:
        """Find a chain's family and its row there."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        place = int(np.searchsorted(self._starts, number, side="right")) - 1
        return self._families[place], number - int(self._starts[place])

    def identifiers(self) -> list[str]:
        """List what the chains are called; see `Chains.identifiers`."""
        return [f"{own.accession}:{name}" for own in self._families for name in own.names]

    def group(self, number: int) -> str:
        """Name a chain's family; see `Chains.group`."""
        return self._place(number)[0].accession

    def aligned(self, one: int, other: int) -> NDArray[np.int64] | None:
        """Give the residues of two chains of one family by its columns; see `Chains.aligned`."""
        (family, first), (its, second) = self._place(one), self._place(other)
        if family is not its:
            return None
        there = family.rows[[first, second]] != GAP_TOKEN
        residues = there.cumsum(1) - 1
        found: NDArray[np.int64] = residues[:, there.all(0)].T.astype(np.int64)
        return found

    def sha256(self) -> str:
        """SHA-256 over accessions and bytes of the files, in order."""
        return self._sha256

    def close(self) -> None:
        """Nothing is open."""
