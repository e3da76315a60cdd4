"""One process: shards one after the other, here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from precompute.devices import choose_device
from precompute.engines.work import Measures, Work
from precompute.measure import Sized

S = TypeVar("S")


class OneProcess:
    """Measures shards in this process; the model of the last work is kept."""

    def __init__(self) -> None:
        self.device = ""
        self._loaded: tuple[Work[Any], Measures[Any]] | None = None

    def choose_device(self, name: str) -> str:
        """Resolve a device's name on this machine; see `Engine`."""
        return choose_device(name)

    def measure(
        self,
        work: Work[S],
        shards: Mapping[int, Sequence[Sized]],
        done: Callable[[Any], None],
        say: Callable[[str], None],
    ) -> Iterator[tuple[int, S]]:
        """Measure shards in their order; see `Engine`."""
        if self._loaded is None or self._loaded[0] != work:
            self._loaded = None  # the memory is needed
            self._loaded = work, work.load()
        measurer: Measures[S] = self._loaded[1]
        self.device = measurer.device
        for number, items in shards.items():
            yield number, measurer.measure(items, done, say)
