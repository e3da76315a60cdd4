"""What models can be run on a protein, how long it takes, and what all visitors share."""

from __future__ import annotations

import functools
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from precompute.alignment import Alignment
from precompute.environment import read_switch
from precompute.errors import AtlasError
from precompute.live.running.attention import Given
from precompute.live.running.maps import WantedMaps
from precompute.live.running.messages import Found, Request
from precompute.live.running.process import Worker
from precompute.live.running.queue import Job, Left, Queue
from precompute.live.running.store import Store, read_limit
from precompute.live.running.two import Two
from precompute.log import note, short_id
from precompute.models import MODELS, Model
from precompute.models.weights import Weights, cached_weights, folder_stamp

DOWNLOADS_VARIABLE = "ATLAS_LIVE_DOWNLOADS"
"""Environment variable: ``0`` keeps visitors from downloading models."""
Key = tuple[str, str, str, tuple[int, ...], WantedMaps | None]
"""Model, stamp of its weights, what it reads (a sequence, or the digest of an alignment's rows),
and the heads whose mean, or whose maps, are asked for, if any."""


@dataclass(frozen=True)
class Offer:
    """A model that a visitor may choose.

    Attributes
    ----------
    model
        Its entry in the registry.
    here
        Where its weights are; None when they must be downloaded.
    """

    model: Model
    here: Weights | None

    @property
    def label(self) -> str:
        """The model's name, and its download's size where it is not here."""
        if self.here is not None:
            return self.model.label
        return f"{self.model.label} (download {size_gigabytes(self.model):.2g} GB)"


def offers(own: Mapping[str, Offer] | None = None) -> dict[str, Offer]:
    """List models by name: what ships first, one's own, what is here, then the rest.

    Parameters
    ----------
    own
        Models that are not the registry's.
    """
    found = [Offer(model, cached_weights(model)) for model in MODELS.values()]
    # What ships is here, and without a revision it is on no hub.
    kept = [o for o in found if o.here is not None or (downloads_allowed() and o.model.revision)]
    kept.sort(key=lambda offer: (not offer.model.ships, offer.here is None))
    by_name = {offer.model.name: offer for offer in kept}
    return {n: o for n, o in by_name.items() if o.model.ships} | dict(own or {}) | by_name


def downloads_allowed() -> bool:
    """Tell whether visitors may download models to this server."""
    return read_switch(DOWNLOADS_VARIABLE, default=True)


def parameters(model: Model) -> int:
    """Estimate a model's weights: twelve squares of its width a layer.

    Four for the projections of attention and eight for a feed-forward part four times as
    wide; ALBERT's layers share one set, and what reads alignments has a second attention.
    """
    own = 1 if model.architecture == "albert" else model.layers
    return (16 if model.reads_alignments else 12) * own * model.width**2


def size_gigabytes(model: Model) -> float:
    """Estimate the size of a model's float32 weights."""
    return parameters(model) * 4 / 1e9


def operations(model: Model, residues: int, rows: int = 1) -> float:
    """Count the floating-point operations of a forward pass, roughly.

    Two a weight and token, and four a pair of tokens, layer and unit of width for
    attention's two products; of an alignment along rows and along columns.

    Parameters
    ----------
    model
        The model.
    residues, rows
        Tokens, or the columns and rows of an alignment.
    """
    pairs = residues**2 * rows + (residues * rows**2 if model.reads_alignments else 0)
    weights = 32.0 if model.reads_alignments else 24.0
    return weights * model.layers * model.width**2 * residues * rows + (
        4.0 * model.layers * model.width * pairs
    )


def extent(given: Given) -> tuple[int, ...]:
    """Give the size of what a model reads, as `operations` takes it."""
    return (given.columns, len(given)) if isinstance(given, Alignment) else (len(given),)


def stamp(weights: Weights) -> str:
    """Tell one state of a checkpoint from the next, without reading gigabytes."""
    return "|".join((weights.revision, str(weights.folder), folder_stamp(weights.folder)))


class Speed:
    """Learns from every pass how fast this machine is."""

    def __init__(self) -> None:
        self._speed: float | None = None
        self._lock = threading.Lock()

    def learn(self, model: Model, seconds: float, residues: int, rows: int = 1) -> None:
        """Take a pass into account."""
        speed = operations(model, residues, rows) / max(seconds, 1e-6)
        with self._lock:
            self._speed = speed if self._speed is None else (self._speed * speed) ** 0.5

    def seconds(self, model: Model, residues: int, rows: int = 1) -> float:
        """Estimate what a forward pass takes.

        From the speed of earlier passes; before the first, from one product of matrices.
        """
        with self._lock:
            speed = self._speed
        return operations(model, residues, rows) / (speed or _probe())


@functools.lru_cache(maxsize=1)
def _probe() -> float:
    """Measure this machine's floating-point operations a second, in a few milliseconds."""
    matrix = np.ones((512, 512), dtype=np.float32)
    taken = []
    for _ in range(4):
        begun = time.perf_counter()
        matrix @ matrix
        taken.append(time.perf_counter() - begun)
    # The quickest, as others may be at work; and half of what a plain product reaches: a model
    # also normalises, adds and copies.
    return 0.5 * 2 * 512**3 / max(min(taken), 1e-6)


SERVICES: weakref.WeakSet[Service] = weakref.WeakSet()
"""Those of this process, for its metrics: one as soon as Live was opened."""


class Service:
    """What all visitors share: the store, the queue, the process that runs models.

    Parameters
    ----------
    present
        Tells whether a visitor is connected.
    """

    def __init__(self, present: Callable[[str], bool]) -> None:
        SERVICES.add(self)
        self.store: Store[Found] = Store(read_limit())
        self.queue: Queue[Found] = Queue(present=present)
        self.worker = Worker()
        self.speed = Speed()
        self.worker.start()

    def key(
        self,
        offer: Offer,
        given: Given,
        together: tuple[int, ...] = (),
        maps: WantedMaps | None = None,
    ) -> Key:
        """Tell one request from another."""
        state = stamp(offer.here) if offer.here else ""
        return offer.model.name, state, _read(given), together, maps

    def find(
        self,
        offer: Offer,
        given: Given,
        together: tuple[int, ...] = (),
        maps: WantedMaps | None = None,
    ) -> Found | None:
        """Give the attention, the mean of heads or the file, if somebody asked for it before."""
        return self.store.get(self.key(offer, given, together, maps)) if offer.here else None

    def ask(
        self,
        offer: Offer,
        given: Given,
        visitor: str,
        together: tuple[int, ...] = (),
        maps: WantedMaps | None = None,
    ) -> Job[Found]:
        """Ask for attention, the mean of heads or a file; it is kept in the store once it is there.

        Raises
        ------
        AtlasError
            When the queue is full.
        """

        def work(job: Job[Found]) -> Found:
            begun, outcome = time.monotonic(), "failed"
            try:
                attention = compute(job)
                outcome = "done"
                return attention
            except Left:
                outcome = "left"
                raise
            finally:
                note(
                    "live",
                    model=offer.model.name,
                    residues=extent(given)[0],
                    **({"rows": len(given)} if isinstance(given, Alignment) else {}),
                    outcome=outcome,
                    seconds=time.monotonic() - begun,
                    ahead=job.ahead,
                    session=short_id(visitor),
                )

        def compute(job: Job[Found]) -> Found:
            if offer.here is None and not downloads_allowed():
                raise AtlasError(
                    f"{offer.model.label} is not on this server, and it downloads no models."
                )
            folder, revision = (
                (str(offer.here.folder), stamp(offer.here)) if offer.here else ("", "")
            )
            request = Request(offer.model, folder, revision, given, together=together, maps=maps)
            attention = self.worker.run(request, job)
            if attention.heads:
                self.speed.learn(offer.model, attention.seconds, *extent(given))
            here = offer if offer.here else Offer(offer.model, cached_weights(offer.model))
            self.store.put(self.key(here, given, together, maps), attention)
            return attention

        return self.queue.submit(self.key(offer, given, together, maps), work, visitor)


def _read(given: Given) -> str:
    """Tell what is read from anything else; an alignment by the digest of its rows."""
    if isinstance(given, Two):
        return given.key
    return given if isinstance(given, str) else given.digest()
