"""What the server asks the process that reads, and within which bounds.

A module of its own: the process runs `reader` as its main module, whose classes would not be
those that the server sends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from precompute.errors import AtlasError

Found = TypeVar("Found")


class UnreadError(AtlasError):
    """What was not read to its end, which does not say that it is damaged."""


@dataclass(frozen=True)
class Reading(Generic[Found]):
    """What to read, and within which bounds.

    Attributes
    ----------
    subject
        What a sentence calls it, where it begins.
    read
        A function of a module with what it is given.
    seconds, memory
        What it may take; bytes of address space.
    settings
        This project's environment variables as they are now.
    """

    subject: str
    read: Callable[[], Found]
    seconds: float
    memory: int
    settings: Mapping[str, str]

    @property
    def too_slow(self) -> str:
        """What a visitor reads when the time is over."""
        return (
            f"{self.subject} takes more than {self.seconds:.0f} s to read, and was left: give "
            "the part of it that you need, such as one chain."
        )

    @property
    def too_large(self) -> str:
        """What a visitor reads when the memory does not suffice."""
        return (
            f"{self.subject} takes more than {self.memory / 1024**3:.1f} GB of memory to read, and "
            "was left: give the part of it that you need, such as one chain."
        )
