"""Who has which shard, which wait, which have failed: the bookkeeping of a cluster's run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from precompute.measure import Sized

ATTEMPTS = 3
"""How often a shard may fail before the run goes on without it."""

NAMED = 5
"""How many of the shards that failed are named."""


class Ledger:
    """Shards that wait, and failures of those that were tried.

    Parameters
    ----------
    numbers
        The shards, those to begin with first.
    """

    def __init__(self, numbers: Iterable[int]) -> None:
        self.waiting = deque(numbers)
        self._failures: dict[int, list[str]] = {}
        self._given_up: list[int] = []

    def fail(self, number: int, reason: str) -> None:
        """Write down that a shard failed; it waits again, after all others, or is given up."""
        reasons = self._failures.setdefault(number, [])
        reasons.append(reason)
        if len(reasons) < ATTEMPTS:
            self.waiting.append(number)
        else:
            self._given_up.append(number)

    def describe_failures(self, shards: Mapping[int, Sequence[Sized]]) -> str | None:
        """Name the shards that were given up, in a sentence; None when there are none.

        Parameters
        ----------
        shards
            The items of each shard, longest first.
        """
        if not self._given_up:
            return None
        named = []
        for number in sorted(self._given_up)[:NAMED]:
            items = shards[number]
            others = f" and {len(items) - 1} more" if len(items) > 1 else ""
            reason = self._failures[number][-1].rstrip(".")
            named.append(
                f"shard {number + 1} ({items[0].title}{others}, up to "
                f"{len(items[0].sequence)} residues): {reason}"
            )
        if more := len(self._given_up) - len(named):
            named.append(f"and {more} more")
        which = "A shard" if len(self._given_up) == 1 else f"{len(self._given_up)} shards"
        return (
            f"{which} failed {ATTEMPTS} times: {'; '.join(named)}. The others are done and kept; "
            "no table was written. The same command tries again what is missing."
        )
