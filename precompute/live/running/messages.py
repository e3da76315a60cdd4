"""What the server and the process that runs models say to each other.

A module of its own: the process runs `worker` beside it as its main module, whose classes
would not be those that the server sends.
"""

from __future__ import annotations

from dataclasses import dataclass

from precompute.live.running.attention import MAXIMUM_BYTES, Given, SparseAttention
from precompute.live.running.maps import MapsBytes, WantedMaps
from precompute.live.running.together import HeadsTogether
from precompute.models import Model


@dataclass(frozen=True)
class Request:
    """What to run.

    Attributes
    ----------
    model
        The model.
    folder, revision
        Its checkpoint; an empty folder asks for a download.
    given
        What it reads.
    maximum_bytes
        Of the answer.
    together
        Heads whose mean is asked for, by their places; none where attention is.
    maps
        Whole maps that are asked for as a file; none where attention is.
    """

    model: Model
    folder: str
    revision: str
    given: Given
    maximum_bytes: int = MAXIMUM_BYTES
    together: tuple[int, ...] = ()
    maps: WantedMaps | None = None


@dataclass(frozen=True)
class Stage:
    """What is being done now, for the visitor, and how much of it is done where it is known."""

    words: str
    share: float = 0.0


@dataclass(frozen=True)
class Layer:
    """How many layers are done, and of how many."""

    done: int
    total: int


@dataclass(frozen=True)
class Failure:
    """Why there is no answer, in one sentence; empty where it was told to stop."""

    sentence: str


Found = SparseAttention | HeadsTogether | MapsBytes
"""What a model can be asked for."""
Answer = Stage | Layer | Failure | Found
STOP = "stop"
PING, PONG = "ping", "pong"
"""Asked and answered without a model, to see that the process lives."""
