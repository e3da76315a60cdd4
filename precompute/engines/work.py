"""What an engine is given: what all shards of a run share, and how one of them is measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    import torch

    from precompute.models.loading import Checkpoint
    from precompute.settings import Settings

S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)


class Measures(Protocol[S_co]):
    """A model on its device, ready to measure shards."""

    @property
    def device(self) -> str:
        """The device, as the `runs` table names it."""
        ...

    def measure(
        self, items: Sequence[Any], done: Callable[[Any], None], say: Callable[[str], None]
    ) -> S_co:
        """Measure a shard.

        Parameters
        ----------
        items
            The sequences of the shard and their chains.
        done
            Called with each item once it is measured.
        say
            Told, in a sentence, what a user should know.

        Raises
        ------
        AtlasError
            When it cannot be measured.
        """
        ...


@dataclass(frozen=True)
class Work(ABC, Generic[S]):
    """What all shards of a run share; small, and equal for equal runs.

    Attributes
    ----------
    checkpoint
        Model and weights.
    weights
        SHA-256 of the weight files.
    settings
        What to measure and where.
    reading
        Digest of what configuration and vocabulary make of the weights.
    """

    checkpoint: Checkpoint
    weights: str
    settings: Settings
    reading: str

    @abstractmethod
    def load(self, device: torch.device | None = None) -> Measures[S]:
        """Load the model, onto the settings' device by default.

        Raises
        ------
        AtlasError
            When the checkpoint cannot be used.
        """

    @abstractmethod
    def pack(self, shard: S) -> bytes:
        """Write a measured shard as bytes."""

    @abstractmethod
    def unpack(self, content: bytes) -> S:
        """Read a shard from what `pack` wrote.

        Raises
        ------
        ValueError
            Saying that it is damaged or of another version.
        """
