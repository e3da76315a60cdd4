"""Engines: where a run's shards are measured, in this process or on a Dask cluster.

An engine takes what all shards of a run share (a `Work`) and the items of each
shard, and gives back what was measured. How shards are cut, kept and merged is the run's affair,
so that the tables are the same whichever engine counted them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from precompute.engines.work import Work
    from precompute.measure import Sized

S = TypeVar("S")


class Engine(Protocol):
    """Measures shards."""

    def choose_device(self, name: str) -> str:
        """Resolve a device's name where the work is done.

        Raises
        ------
        AtlasError
            When there is no such device.
        """
        ...

    def measure(
        self,
        work: Work[S],
        shards: Mapping[int, Sequence[Sized]],
        done: Callable[[Any], None],
        say: Callable[[str], None],
    ) -> Iterator[tuple[int, S]]:
        """Measure shards and give each as soon as it is measured.

        Parameters
        ----------
        work
            What all of them share.
        shards
            The items of each shard by its number, those to begin with first.
        done
            Called with each item once it is measured.
        say
            Told, in a sentence, what a user should know.

        Raises
        ------
        AtlasError
            When the model cannot be used, or shards could not be measured; the others
            have been given by then.
        """
        ...

    @property
    def device(self) -> str:
        """What measured the shards, for the `runs` table; known after `measure`."""
        ...
