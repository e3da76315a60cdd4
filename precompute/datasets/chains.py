"""What the engine asks of a dataset: chains by number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain

SAME_FAMILY, DIFFERENT_FAMILIES = "same family", "different families"
ONE_STRUCTURE, TWO_STRUCTURES = "one structure", "two structures"
UNKNOWN_RELATION = "not known"
RELATIONS = (
    SAME_FAMILY,
    DIFFERENT_FAMILIES,
    ONE_STRUCTURE,
    TWO_STRUCTURES,
    UNKNOWN_RELATION,
)
"""What two chains of a dataset can be to one another."""


class Chains(ABC):
    """An opened dataset: a sequence of chains that are read when asked for.

    Attributes
    ----------
    skipped
        What was left out, and how often, by reason.
    skipped_files
        Why a file was left out, a sentence each, by its path in the data.
    notes
        How labels were made, where the dataset does not come with them.
    remarks
        What was read in another way than it stands there, or not understood, by what it is;
        said when a run begins and kept with its notes.
    properties
        What these data have labels of, where that is not all that the dataset may have.
    related
        Of `RELATIONS`, what two chains of one group and of two groups are; see `group`.
    """

    skipped: Mapping[str, int] = MappingProxyType({})
    skipped_files: Mapping[str, str] = MappingProxyType({})
    notes: Mapping[str, str] = MappingProxyType({})
    remarks: Mapping[str, str] = MappingProxyType({})
    properties: tuple[str, ...] | None = None
    related: tuple[str, str] = (UNKNOWN_RELATION, UNKNOWN_RELATION)

    @abstractmethod
    def __len__(self) -> int:
        """Count the chains."""

    @abstractmethod
    def __getitem__(self, number: int) -> Chain:
        """Read a chain.

        Raises
        ------
        AtlasError
            Naming the record, when it is damaged or of another dataset.
        """

    def identifiers(self) -> list[str]:
        """List what the chains are called, in order."""
        return [self[number].identifier for number in range(len(self))]

    def group(self, number: int) -> str:
        """Name the family or structure that a chain is of, where the dataset knows such groups."""
        del number
        return ""

    def aligned(self, one: int, other: int) -> NDArray[np.int64] | None:
        """Give the residues of two chains that stand in one column of their family.

        Returns
        -------
        numpy.ndarray or None
            Residues of the first and of the second, from 0, shape (columns with both, 2); None
            where the dataset does not align the two.
        """
        del one, other
        return None

    @abstractmethod
    def sha256(self) -> str:
        """SHA-256 over the data that are read."""

    @abstractmethod
    def close(self) -> None:
        """Give files back."""

    def __enter__(self) -> Chains:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
