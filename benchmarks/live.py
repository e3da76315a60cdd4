"""How long the Live page's first result takes, and what is kept of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks import redraw
from benchmarks.chains import made_chain
from benchmarks.checkpoints import SMALL, make_random
from benchmarks.options import Options
from benchmarks.table import Absolute, Limit, Row, compare
from precompute.live.running.attention import SparseAttention
from precompute.live.running.messages import Request
from precompute.live.running.process import Worker
from precompute.live.running.queue import Job
from precompute.live.running.two import Two
from precompute.models import MODELS
from precompute.models.plus_tfm import PlusAdapter
from tests.plus_checkpoints import REAL as PLUS_REAL
from tests.plus_checkpoints import SMALL as PLUS_SMALL
from tests.plus_checkpoints import load as load_plus
from tests.plus_checkpoints import write_published

GROUP = "live"
FIRST_RESULT = Limit(1.3)
DEFINITION = (
    "first result: from the request to the process that runs models until the kept attention is "
    "back in the server (ProtBert's shape, random weights, the model loaded) / the bare forward "
    "pass with transformers' eager attention on the same sequence, or on the same tokens of a pair "
    "of proteins (PLUS-TFM's, which has no other, with its attention received); redraw: in a real "
    "browser with the demo model, from the click or key until the arcs on the structure are new, "
    "/ the bare page whose one heatmap a button replaces, in turn."
)
_MODEL = "prot_bert"
_LENGTHS = (255, 510)
_PAIR = 128
"""Residues of each protein of a pair."""


def rows(options: Options) -> Iterator[Row]:
    """Measure first results, then redraws."""
    yield from _first_results(options)
    yield from _pairs(options)
    yield from redraw.rows(options)


def _first_results(options: Options) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / _MODEL
        adapter = make_random(folder, _MODEL, shape=SMALL if options.quick else None)
        adapter.encoder.set_attn_implementation("eager")
        worker = Worker()
        try:
            for length in _LENGTHS:
                options.say(f"live: first result at {length} residues")
                yield _first_result(options, worker, adapter, folder, length)
        finally:
            worker.end()


def _pairs(options: Options) -> Iterator[Row]:
    """Measure first results of pairs, of PLUS-TFM's and of ProtBert's shape."""
    with tempfile.TemporaryDirectory() as name:
        plus, bert = Path(name) / "plus_tfm", Path(name) / _MODEL
        small = options.quick
        write_published(plus, PLUS_SMALL if small else PLUS_REAL)
        adapter = make_random(bert, _MODEL, shape=SMALL if small else None)
        adapter.encoder.set_attn_implementation("eager")
        worker = Worker()
        try:
            for model, own, folder in (
                ("plus_tfm", load_plus(plus), plus),
                (_MODEL, adapter, bert),
            ):
                length = 30 if small else _PAIR
                what = f"{MODELS[model].label}, pair of 2 × {length} residues"
                options.say(f"live: first result, {what}")
                yield _first_result(options, worker, own, folder, length, model, f", {what}")
        finally:
            worker.end()


def _first_result(
    options: Options,
    worker: Worker,
    adapter: Any,
    folder: Path,
    length: int,
    model: str = _MODEL,
    pair: str = "",
) -> Row:
    bare: list[float] = []
    own: list[float] = []
    kept: list[float] = []
    for repeat in range(options.repeats(5) + 1):
        sequence: str | Two = made_chain(length, seed=repeat).sequence
        if pair:
            sequence = Two(str(sequence), made_chain(length, seed=1000 + repeat).sequence)
        request = Request(MODELS[model], str(folder), "", sequence)
        begun = time.perf_counter()
        _bare_eager(adapter, sequence)
        middle = time.perf_counter()
        attention = _wait(worker, request)
        end = time.perf_counter()
        if repeat:  # the first warms both, and loads the model
            bare.append(middle - begun)
            own.append(end - middle)
            kept.append(attention.nbytes / 1e6)
    row = compare(
        GROUP,
        f"first result{pair or f', {length} residues'}",
        Absolute("first result", tuple(own)),
        Absolute("bare forward pass, eager", tuple(bare)),
        FIRST_RESULT,
    )
    return row.with_absolutes(Absolute("kept", tuple(kept), "MB"))


def _wait(worker: Worker, request: Request) -> SparseAttention:
    job: Job[SparseAttention] = Job("benchmark", lambda job: worker.run(request, job))
    return job.work(job)


def _bare_eager(adapter: Any, sequence: str | Two) -> None:
    if isinstance(sequence, Two):
        encoding = adapter.encode_pair(sequence.first, sequence.second)
        if isinstance(adapter, PlusAdapter):
            adapter.attend([encoding], lambda *_: None)
            return
        tokens, segments = (
            torch.from_numpy(own)[None] for own in (encoding.tokens, encoding.segments)
        )
        with torch.inference_mode():
            adapter.encoder(input_ids=tokens, token_type_ids=segments)
        return
    tokens = torch.from_numpy(adapter.encode(sequence).tokens)[None]
    with torch.inference_mode():
        adapter.encoder(input_ids=tokens)
