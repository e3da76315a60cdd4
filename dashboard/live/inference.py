"""Run a model of the registry on a protein: find it, load it, keep it, say how long it takes.

One model is in memory at a time. torch is imported by the thread that runs the first
job, and never by a page.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dashboard.live.attention import SparseAttention, attend
from dashboard.live.queue import Job, Queue
from dashboard.live.store import Store, read_limit
from precompute.errors import AtlasError
from precompute.models import MODELS, Model
from precompute.models.weights import Weights, cached_weights

if TYPE_CHECKING:
    from precompute.models.adapter import Adapter

DOWNLOADS_VARIABLE = "ATLAS_LIVE_DOWNLOADS"
"""Environment variable: ``0`` keeps visitors from downloading models."""
Key = tuple[str, str, str]
"""Model, stamp of its weights, sequence."""


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
        return f"{self.model.label} (download, about {size_gigabytes(self.model):.2g} GB)"


def offers() -> dict[str, Offer]:
    """List the models of the registry: what ships first, then what is here, then the rest."""
    found = [Offer(model, cached_weights(model)) for model in MODELS.values()]
    kept = [
        offer
        for offer in found
        if offer.here is not None or (downloads_allowed() and not offer.model.ships)
    ]
    kept.sort(key=lambda offer: (not offer.model.ships, offer.here is None))
    return {offer.model.name: offer for offer in kept}


def downloads_allowed() -> bool:
    """Tell whether visitors may download models to this server."""
    return os.environ.get(DOWNLOADS_VARIABLE, "").strip() != "0"


def parameters(model: Model) -> int:
    """Estimate a model's weights: twelve squares of its width a layer.

    Four for the projections of attention and eight for a feed-forward part four times as
    wide; ALBERT's layers share one set.
    """
    own = 1 if model.architecture == "albert" else model.layers
    return 12 * own * model.width**2


def size_gigabytes(model: Model) -> float:
    """Estimate the size of a model's float32 weights."""
    return parameters(model) * 4 / 1e9


def operations(model: Model, residues: int) -> float:
    """Count the floating-point operations of a forward pass, roughly.

    Two a weight and token, and four a pair of tokens, layer and unit of width for
    attention's two products.
    """
    return 24.0 * model.layers * model.width**2 * residues + (
        4.0 * model.layers * model.width * residues**2
    )


def stamp(weights: Weights) -> str:
    """Tell one state of a checkpoint from the next, without reading gigabytes."""
    parts = [weights.revision, str(weights.folder)]
    try:
        for path in sorted(weights.folder.iterdir()):
            status = path.stat()
            parts.append(f"{path.name} {status.st_size} {status.st_mtime_ns}")
    except OSError as error:
        parts.append(type(error).__name__)
    return "|".join(parts)


class Engine:
    """Runs models, one after another, and learns how fast this machine is."""

    def __init__(self) -> None:
        self._loaded: tuple[str, Adapter] | None = None
        self._speed: float | None = None
        self._lock = threading.Lock()

    def run(self, job: Job[SparseAttention], offer: Offer, sequence: str) -> SparseAttention:
        """Give a model's attention on a sequence; the work of a job.

        Raises
        ------
        AtlasError
            When the weights cannot be had, or the model cannot read the sequence.
        """
        model = offer.model
        weights = offer.here or self._download(job, model)
        job.stage = f"Loading {model.label}"
        job.report(0, model.layers)
        adapter = self._load(model, weights)
        job.stage = f"{model.label} reads {len(sequence)} residues"
        attention = attend(adapter, sequence, job.report)
        self._learn(operations(model, len(sequence)) / max(attention.seconds, 1e-6))
        return replace(attention, notes=_notes(adapter, sequence, attention))

    def seconds(self, model: Model, residues: int) -> float:
        """Estimate what a forward pass takes.

        From the speed of earlier passes; before the first, from one product of matrices.
        """
        with self._lock:
            speed = self._speed
        return operations(model, residues) / (speed or _probe())

    def _download(self, job: Job[SparseAttention], model: Model) -> Weights:
        from precompute.models.weights import find_weights

        if not downloads_allowed():
            raise AtlasError(f"{model.label} is not on this server, and it downloads no models.")

        def say(sentence: str) -> None:
            job.stage = sentence

        say(f"Asking the hub for {model.label}")
        return find_weights(model, None, say)

    def _load(self, model: Model, weights: Weights) -> Adapter:
        import torch

        from precompute.models.loading import Checkpoint

        name = f"{model.name}|{stamp(weights)}"
        if self._loaded is None or self._loaded[0] != name:
            self._loaded = None  # two large models may not fit at once
            adapter = Checkpoint(model, weights).load()
            adapter.to(torch.device("cuda" if torch.cuda.is_available() else "cpu"), torch.float32)
            self._loaded = (name, adapter)
        return self._loaded[1]

    def _learn(self, speed: float) -> None:
        with self._lock:
            self._speed = speed if self._speed is None else (self._speed * speed) ** 0.5


def _probe() -> float:
    """Measure this machine's floating-point operations a second, in a few milliseconds."""
    import time

    import numpy as np

    matrix = np.ones((512, 512), dtype=np.float32)
    begun = time.perf_counter()
    for _ in range(3):
        matrix @ matrix
    # Half of what a plain product reaches: a model also normalises, adds and copies.
    return 0.5 * 3 * 2 * 512**3 / max(time.perf_counter() - begun, 1e-6)


def _notes(adapter: Any, sequence: str, attention: SparseAttention) -> tuple[str, ...]:
    """Say how the model read the sequence, where it does not read it residue by residue."""
    from precompute.demo.families import NAMES

    place: Callable[[str], Any] | None = getattr(adapter, "place", None)
    if place is None:
        return ()
    found = place(sequence)
    name = NAMES.get(found.accession, "")
    title = f"{name} ({found.accession})" if name else found.accession
    sentences = [
        f"Read as {title}: residues {found.first} to {found.last} of the sequence, "
        f"{found.score:.0f} bits."
    ]
    missing = int((~attention.read).sum())
    if missing:
        sentences.append(
            f"{missing} of {len(sequence)} residues have no column in the family’s alignment "
            "and so no attention."
        )
    if found.others:
        sentences.append(
            f"The sequence also has {', '.join(found.others)}, which this model did not read."
        )
    return tuple(sentences)


class Service:
    """What all visitors share: the store, the queue, the engine."""

    def __init__(self) -> None:
        self.store: Store[SparseAttention] = Store(read_limit())
        self.queue: Queue[SparseAttention] = Queue()
        self.engine = Engine()

    def key(self, offer: Offer, sequence: str) -> Key:
        """Tell one request from another."""
        return offer.model.name, stamp(offer.here) if offer.here else "", sequence

    def find(self, offer: Offer, sequence: str) -> SparseAttention | None:
        """Give the attention if somebody asked for it before."""
        return self.store.get(self.key(offer, sequence)) if offer.here else None

    def ask(self, offer: Offer, sequence: str, visitor: str) -> Job[SparseAttention]:
        """Ask for the attention; it is kept in the store once it is there.

        Raises
        ------
        AtlasError
            When the queue is full.
        """

        def work(job: Job[SparseAttention]) -> SparseAttention:
            attention = self.engine.run(job, offer, sequence)
            here = offer if offer.here else Offer(offer.model, cached_weights(offer.model))
            self.store.put(self.key(here, sequence), attention)
            return attention

        return self.queue.submit(self.key(offer, sequence), work, visitor)
