"""Say how far a run is: bars on a terminal, plain sentences in a log."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from tqdm import tqdm

from precompute.measure import Sized

T = TypeVar("T")


class ProteinBar:
    """A bar over proteins that also says residues a second."""

    def __init__(self, bar: tqdm[Any]) -> None:
        self._bar = bar
        self._residues = 0

    def done(self, item: Sized) -> None:
        """Count one measured protein."""
        if self._bar.disable:
            return
        self._residues += len(item.sequence)
        self._bar.update()
        seconds = self._bar.format_dict["elapsed"]
        if seconds:
            self._bar.set_postfix_str(f"{self._residues / seconds:,.0f} residues/s", refresh=False)

    def skip(self, items: Sequence[Sized]) -> None:
        """Count proteins that an earlier run measured, without taking them for speed."""
        if not self._bar.disable:
            self._bar.initial += len(items)
            self._bar.update(len(items))


class Progress:
    """Shows progress on standard error.

    Parameters
    ----------
    quiet
        Show nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    def say(self, sentence: str) -> None:
        """Write a sentence without breaking a bar."""
        if not self.quiet:
            tqdm.write(sentence, file=sys.stderr)

    def over(self, things: Iterable[T], what: str, unit: str) -> Iterator[T]:
        """Iterate under a bar."""
        yield from tqdm(things, desc=what, unit=unit, disable=self.quiet, leave=False)

    @contextmanager
    def proteins(self, total: int, unit: str = "protein") -> Iterator[ProteinBar]:
        """Open the bar of the measurement itself."""
        bar: tqdm[Any] = tqdm(
            total=total, desc="measuring", unit=unit, disable=self.quiet, mininterval=0.5
        )
        with bar:
            yield ProteinBar(bar)
