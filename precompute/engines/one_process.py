"""One process: shards one after the other, here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from precompute.devices import choose_device
from precompute.engines.measurer import Measurer, ShardWork
from precompute.measure import Item
from precompute.shards import Shard


class OneProcess:
    """Measures shards in this process."""

    def __init__(self) -> None:
        self.device = ""

    def choose_device(self, name: str) -> str:
        """Resolve a device's name on this machine; see `Engine`."""
        return choose_device(name)

    def measure(
        self,
        work: ShardWork,
        shards: Mapping[int, Sequence[Item]],
        done: Callable[[Item], None],
        say: Callable[[str], None],
    ) -> Iterator[tuple[int, Shard]]:
        """Measure shards in their order; see `Engine`."""
        measurer = Measurer(work)
        self.device = measurer.device
        for number, items in shards.items():
            yield number, measurer.measure(items, done, say)
