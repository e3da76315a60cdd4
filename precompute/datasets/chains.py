"""What the engine asks of a dataset: chains by number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

from precompute.chain import Chain


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
    """

    skipped: Mapping[str, int] = MappingProxyType({})
    skipped_files: Mapping[str, str] = MappingProxyType({})
    notes: Mapping[str, str] = MappingProxyType({})
    remarks: Mapping[str, str] = MappingProxyType({})
    properties: tuple[str, ...] | None = None

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
