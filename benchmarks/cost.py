"""How the cost grows with a protein's length and with the number of properties."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.chains import made_chain
from benchmarks.checkpoints import SHAPES, SMALL, make_random
from benchmarks.fit import fit_power_law
from benchmarks.options import Options
from benchmarks.passes import bare_pass, whole_pass
from benchmarks.table import EXPONENT, Absolute, Row
from precompute.chain import Chain
from precompute.datasets import DATASETS
from precompute.labels import FeatureSet
from precompute.models.adapter import Encoding, LayerReceiver

GROUP = "cost"
DEFINITION = (
    "b of time = a · xᵇ, fitted by least squares of the logarithms, for TapeBert's shape with "
    "random weights and made chains that carry every label; the exponent of each repeat by "
    "itself, over the lengths 64 to 1,022 or over 2 to 49 properties at 255 residues. counting: "
    "the whole pass less the time inside the forward pass, so laying out the labels, finding "
    "arcs, counting them and adding up. The forward pass alone is bare (sdpa)."
)
_ALL = DATASETS["structures"].features
_LENGTHS = (64, 128, 255, 510, 1022)
_COUNTS = (2, 4, 8, 16, 32, len(_ALL))
_FEATURES_LENGTH = 255


class TimedAdapter:
    """A model that keeps the time which its forward passes take without their receivers."""

    def __init__(self, adapter: Any) -> None:
        self.adapter = adapter
        self.forward = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.adapter, name)

    def attend(self, encodings: Sequence[Encoding], receive: LayerReceiver) -> None:
        """Run as the model itself does."""
        inside = 0.0

        def timed(layer: int, probabilities: Any) -> None:
            nonlocal inside
            clock = time.perf_counter()
            receive(layer, probabilities)
            inside += time.perf_counter() - clock

        clock = time.perf_counter()
        self.adapter.attend(encodings, timed)
        self.forward += time.perf_counter() - clock - inside


@dataclass(frozen=True)
class Seconds:
    """One pass: the whole, and its counting alone."""

    whole: float
    counting: float


def time_pass(adapter: Any, chain: Chain, features: FeatureSet) -> Seconds:
    """Time a whole pass over one chain, and the counting in it."""
    timed = TimedAdapter(adapter)
    clock = time.perf_counter()
    whole_pass(timed, [chain], features)
    whole = time.perf_counter() - clock
    return Seconds(whole, whole - timed.forward)


def some_features(count: int) -> FeatureSet:
    """Take contacts and further properties of every kind, so many in all.

    Smaller sets are contained in larger ones, and all hold a property of pairs and one of
    residues, so that the same labels are laid out.
    """
    rest = np.random.default_rng(0).permutation(np.array(_ALL[2:]))
    chosen = {*_ALL[:2], *(str(name) for name in rest[: count - 2])}
    return FeatureSet(tuple(name for name in _ALL if name in chosen))


def rows(options: Options) -> Iterator[Row]:
    """Fit all exponents."""
    shape = SMALL if options.quick else SHAPES["tape_bert"]
    with tempfile.TemporaryDirectory() as folder:
        adapter = make_random(Path(folder), "tape_bert", shape=shape)
    yield from _by_length(options, adapter)
    yield _by_features(options, adapter)


def _by_length(options: Options, adapter: Any) -> Iterator[Row]:
    everything = FeatureSet(_ALL)
    taken: dict[str, dict[int, list[float]]] = {
        name: {length: [] for length in _LENGTHS} for name in ("forward", "counting", "whole")
    }
    for repeat in range(options.repeats(5) + 1):
        options.say(f"cost: lengths, round {repeat}")
        for length in _LENGTHS:
            chain = made_chain(length)
            clock = time.perf_counter()
            bare_pass(adapter, [chain])
            bare = time.perf_counter() - clock
            own = time_pass(adapter, chain, everything)
            if repeat:  # the first warms everything
                taken["forward"][length].append(bare)
                taken["counting"][length].append(own.counting)
                taken["whole"][length].append(own.whole)
    names = {
        "forward": "bare forward pass",
        "counting": "counting alone",
        "whole": "whole pass",
    }
    for name, label in names.items():
        yield _exponent(f"{label} against residues", label, "residues", taken[name])


def _by_features(options: Options, adapter: Any) -> Row:
    chain = made_chain(_FEATURES_LENGTH)
    taken: dict[int, list[float]] = {count: [] for count in _COUNTS}
    for repeat in range(options.repeats(9) + 1):
        options.say(f"cost: properties, round {repeat}")
        for count in _COUNTS:
            own = time_pass(adapter, chain, some_features(count))
            if repeat:
                taken[count].append(own.counting)
    return _exponent("counting against properties", "counting alone", "properties", taken)


def _exponent(what: str, measured: str, unit: str, taken: Mapping[int, Sequence[float]]) -> Row:
    law = fit_power_law(list(taken), list(taken.values()))
    return Row(
        GROUP,
        what,
        measured,
        unit,
        law.exponents,
        tuple(Absolute(f"{x:,}", tuple(y)) for x, y in taken.items()),
        EXPONENT,
        note=f"{what}, all repeats together: {law} (bootstrap over repeats).",
    )
