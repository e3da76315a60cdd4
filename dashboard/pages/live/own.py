"""What a visitor gave, a file or letters, and what was read of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from weakref import WeakSet

import streamlit as st

from precompute.errors import AtlasError
from precompute.live.getting.files import read_upload
from precompute.live.getting.protein import Protein, plain
from precompute.live.getting.reading import FullError, readers
from precompute.live.getting.sequences import Records, read_records
from precompute.live.settings import most_kept

_MOST_MADE = 4
_all: WeakSet[Own] = WeakSet()


@dataclass(eq=False)
class Own:
    """What a visitor gave, kept for as long as the visit.

    Streamlit's own control forgets a file as soon as another page is shown.

    Attributes
    ----------
    token
        Tells one file or text from the next.
    name
        Of the file.
    content
        Of the file, or the text.
    made
        What it holds, and the last proteins made of it, each once, so that each is one
        object; or why there is none, so that what takes too long is not tried again.
    """

    token: str
    name: str
    content: bytes | str
    made: dict[Hashable, Protein | Records | AtlasError] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if sum(one.size for one in list(_all)) + self.size > most_kept():
            raise AtlasError(
                "This server keeps as much of its visitors’ files as it can just now; try again "
                "in some minutes, or with a smaller file."
            )
        _all.add(self)

    @property
    def size(self) -> int:
        """Bytes, or letters."""
        return len(self.content)

    @property
    def subject(self) -> str:
        """What a sentence about it begins with."""
        return plain(self.name, 60) or "The text"

    def read(self, chain: str | None = None) -> Protein | Records:
        """Give its sequences, or a chain of its structure, the first by default.

        Raises
        ------
        AtlasError
            When it cannot be read.
        """
        return self._make(("chain", chain), lambda: self._read(chain))

    def record(self, place: int) -> Protein:
        """Give one of its sequences.

        Raises
        ------
        AtlasError
            When it is no protein's.
        """
        read = self.read()
        assert isinstance(read, Records), "asked of sequences alone"
        found = self._make(("record", place), read.records[place].protein)
        assert isinstance(found, Protein), "made so"
        return found

    def _make(self, which: Hashable, make: Callable[[], Protein | Records]) -> Protein | Records:
        """Give what is made of it.

        Raises
        ------
        AtlasError
            When it cannot be made.
        """
        if which not in self.made:
            if len(self.made) >= _MOST_MADE:
                del self.made[list(self.made)[1]]
            try:
                self.made[which] = make()
            except FullError:
                raise
            except AtlasError as error:
                self.made[which] = error
                if which == ("chain", None):
                    self.content = b""  # of no use any more
        found = self.made[which]
        if isinstance(found, AtlasError):
            raise AtlasError(str(found))
        return found

    def _read(self, chain: str | None) -> Protein | Records:
        if isinstance(self.content, str):
            return readers.read(self.subject, read_records, self.content)
        with st.spinner(f"Reading {self.subject}", show_time=True):
            return readers.read(self.subject, read_upload, self.content, self.name, chain)
