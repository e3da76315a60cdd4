"""Many visitors at once, in a process of their own: ``python -m benchmarks.crowd ADDRESS``.

It writes ``begin`` and ``end`` to its standard output, when what counts begins and ends, and
then one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.changes import FIVE
from benchmarks.visiting import LostError, Visitor, Widget

LINKS = (
    "/",
    "/Heads?feature=binding_site&models=prot_bert&models=tape_bert&head=prot_bert.22.4",
    "/Live?protein=example:1MVO&layer=1&head=10&threshold=0.10",
    "/Amino_acids?source=prot_bert:published&amino_acid=F",
    "/Substitution?source=tape_bert:published&matrix=PAM250",
    "/Layers?source=tape_bert:published&source=prot_bert:published&axis=depth",
    "/Compare?first=prot_albert:published&second=prot_xlnet:published&feature=amino_acid:P",
    "/Alignments?control=covariance&head=1.5",
    "/Contacts",
    "/Methods?",
    f"/Heads?{FIVE}",
)
"""Every page by a deep link, which visitors take in turn."""
LEFT_ALONE = ("live_kind", "live_model")
"""Keys of controls that ask for a network or for weights."""
PAUSE = (2.0, 4.0)
"""Seconds between a visitor's changes."""
CHANGES = 8
"""A visitor's, before the tab is closed and the next link opened."""


@dataclass
class Seen:
    """What all visitors saw.

    Attributes
    ----------
    times
        Seconds by what was done: ``open``, ``rerun``, ``watch`` and ``return``.
    pages
        How often each page was opened or run.
    errors
        What went wrong, in words.
    sentences
        What pages said cannot be shown; a choice may have no values.
    client_seconds, megabytes
        The visitors' own processor time, and what they received, 2²⁰ bytes.
    """

    times: dict[str, list[float]] = field(
        default_factory=lambda: {"open": [], "rerun": [], "watch": [], "return": []}
    )
    pages: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    client_seconds: float = 0.0
    megabytes: float = 0.0


def another(widgets: Sequence[Widget], chance: random.Random) -> tuple[Widget, tuple[str, ...]]:
    """Choose a control and something that it does not show.

    Raises
    ------
    IndexError
        Where the page has no control to choose by.
    """
    free = [
        one
        for one in widgets
        if len(one.options) > 1 and not one.disabled and not one.id.endswith(LEFT_ALONE)
    ]
    widget = chance.choice(free)
    return widget, (chance.choice([one for one in widget.options if one not in widget.value]),)


class Crowd:
    """Visitors of one instance.

    Parameters
    ----------
    address
        The instance's.
    count
        How many are there at once.
    pause
        Least and most seconds between a visitor's changes.
    changes
        How many a visitor makes before the next link.
    """

    def __init__(
        self,
        address: str,
        count: int,
        pause: tuple[float, float] = PAUSE,
        changes: int = CHANGES,
        seed: int = 14,
    ) -> None:
        self.visitors = [
            # Addresses of their own, as a proxy's limits are an address's.
            Visitor(address, f"127.1.{number // 250}.{number % 250 + 1}")
            for number in range(count)
        ]
        self.pause = pause
        self.changes = changes
        self.seed = seed
        self.seen = Seen()
        self._counts = False

    async def stay(self, arrive: float, seconds: float) -> Seen:
        """Arrive one after the other, and stay; what is done after the arrival counts.

        Parameters
        ----------
        arrive, seconds
            How long it takes until all are there, and how long they stay then.
        """
        # As many pages at once as there are visitors, whoever waits for theirs.
        pool = ThreadPoolExecutor(len(self.visitors))
        asyncio.get_running_loop().set_default_executor(pool)
        end = time.perf_counter() + arrive + seconds
        async with asyncio.TaskGroup() as group:
            for number, visitor in enumerate(self.visitors):
                delay = arrive * 0.8 * number / len(self.visitors)
                group.create_task(self._visit(visitor, number, delay, end))
            await asyncio.sleep(arrive)
            begun = time.process_time()
            received = sum(visitor.received for visitor in self.visitors)
            self._counts = True
            print("begin", flush=True)
            await asyncio.sleep(seconds)
            self._counts = False
            self.seen.client_seconds = time.process_time() - begun
            received = sum(visitor.received for visitor in self.visitors) - received
            self.seen.megabytes = received / 2**20
            print("end", flush=True)
        return self.seen

    async def _visit(self, visitor: Visitor, number: int, delay: float, end: float) -> None:
        chance = random.Random(f"{self.seed} {number}")
        await asyncio.sleep(delay)
        turn = number
        try:
            while time.perf_counter() < end:
                await self._do("open", visitor, visitor.open(LINKS[turn % len(LINKS)]))
                for _ in range(self.changes):
                    await asyncio.sleep(min(chance.uniform(*self.pause), end - time.perf_counter()))
                    if time.perf_counter() >= end:
                        break
                    await self._step(visitor, chance)
                await visitor.leave()
                turn += 1
        finally:
            await visitor.leave()

    async def _step(self, visitor: Visitor, chance: random.Random) -> None:
        """Let the page's own watch beat if it is due, and change something."""
        try:
            for taken in await visitor.watch(time.perf_counter()):
                self._note("watch", visitor, taken)
        except LostError as problem:
            await self._lost(visitor, problem)
            return
        try:
            change = visitor.change(*another(list(visitor.widgets.values()), chance))
        except IndexError:  # Home and Methods have nothing to choose: the menu leads on
            pages = [name for name in visitor.pages if name != visitor.page_name]
            change = visitor.go(chance.choice(pages))
        await self._do("rerun", visitor, change)

    async def _do(self, name: str, visitor: Visitor, what: Coroutine[Any, Any, float]) -> None:
        try:
            self._note(name, visitor, await what)
        except (LostError, OSError) as problem:
            await self._lost(visitor, problem)

    async def _lost(self, visitor: Visitor, problem: Exception) -> None:
        self.seen.errors.append(f"{visitor.page_name or 'Home'}: {problem}")
        await visitor.leave()
        try:
            self._note("return", visitor, await visitor.return_to())
        except (LostError, OSError) as again:
            self.seen.errors.append(f"{visitor.page_name or 'Home'}: not back: {again}")

    def _note(self, name: str, visitor: Visitor, seconds: float) -> None:
        page = visitor.page_name or "Home"
        self.seen.errors += [f"{page}: {error}" for error in visitor.errors]
        self.seen.sentences += visitor.sentences
        visitor.errors.clear()
        visitor.sentences.clear()
        self.seen.pages[page] = self.seen.pages.get(page, 0) + 1
        if self._counts or name == "return":
            self.seen.times[name].append(seconds)


def main() -> None:
    """Visit, and write what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--arrive", type=float, default=8.0, metavar="SECONDS")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--hurried", action="store_true", help="one change each, without a pause")
    asked = parser.parse_args()
    crowd = Crowd(asked.address.rstrip("/"), asked.visitors)
    if asked.hurried:
        crowd.pause, crowd.changes = (0.0, 0.0), 1
    print(json.dumps(asdict(asyncio.run(crowd.stay(asked.arrive, asked.seconds)))), flush=True)


if __name__ == "__main__":
    main()
