"""Counting on a CUDA device beside the forward pass, for each model, in both number types."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.chains import made_chain, real_chains
from benchmarks.checkpoints import SHAPES, SMALL, make_random
from benchmarks.options import Options
from benchmarks.passes import PROTEINNET
from benchmarks.table import Absolute, Row, absent, compare
from benchmarks.timing import time_in_turn
from precompute.chain import Chain
from precompute.devices import default_batch_tokens
from precompute.measure import Item, collect_items, make_batches, measure_items
from precompute.models import MODELS, capture
from precompute.models.adapter import pad_batch
from precompute.tally import Tally, find_arcs

GROUP = "device"
DEFINITION = (
    "on a CUDA device, in batches by length as `precompute run` makes them: whole pass / bare "
    "forward pass with the fused kernel (sdpa) on the same batches, in turn; proteins a second of "
    "the whole pass; and the share of arcs at 0.3 that bfloat16 gains or loses against float32."
)
_CHAINS = 128


def rows(options: Options) -> Iterator[Row]:
    """Measure every shape where a CUDA device is."""
    if not torch.cuda.is_available():
        yield absent(GROUP, "every model", "no CUDA device here")
        return
    chains = batch_chains(options)
    for model in SHAPES:
        shape = SMALL if options.quick else SHAPES[model]
        yield from measure_model(options, model, shape, chains, torch.device("cuda"))


def batch_chains(options: Options) -> list[Chain]:
    """Take real chains where a file is given, else made ones of 150 to 300 residues."""
    count = 8 if options.quick else _CHAINS
    if options.data is not None:
        return real_chains(options.data, count)
    return [made_chain(150 + 150 * number // count, seed=number) for number in range(count)]


def measure_model(
    options: Options,
    model: str,
    shape: dict[str, int],
    chains: Sequence[Chain],
    device: torch.device,
) -> Iterator[Row]:
    """Measure one model in float32 and in bfloat16.

    Parameters
    ----------
    options
        How many repeats.
    model, shape
        A model of the registry, and the shape of its random checkpoint.
    chains
        What to measure.
    device
        Where.
    """
    items = collect_items([chains])
    tokens = default_batch_tokens("cuda", None)
    exact: list[set[tuple[int, ...]]] = []
    for number_type in (torch.float32, torch.bfloat16):
        name = str(number_type).removeprefix("torch.")
        options.say(f"device: {MODELS[model].label}, {name}")
        with tempfile.TemporaryDirectory() as folder:
            adapter = make_random(Path(folder), model, shape=shape)
        adapter.to(device, number_type)
        seconds = time_in_turn(
            {
                "bare": partial(bare_pass, adapter, items, device, tokens),
                "whole": partial(whole_pass, adapter, items, device, tokens),
            },
            options.repeats(5),
        )
        arcs = [arcs_of(adapter, item, device) for item in items[:8]]
        exact = exact or arcs
        moved = sum(len(a ^ b) for a, b in zip(arcs, exact, strict=True))
        whole = Absolute("whole pass", seconds["whole"])
        speed = tuple(len(chains) / one for one in seconds["whole"])
        row = compare(
            GROUP,
            f"{MODELS[model].label}, {name}",
            whole,
            Absolute("bare forward pass", seconds["bare"]),
        )
        share = 100 * moved / max(sum(map(len, exact)), 1)
        yield row.with_absolutes(
            Absolute("speed", speed, "proteins/s"), Absolute("arcs moved", (share,), "%")
        )
        del adapter


def wait(device: torch.device) -> None:
    """Wait until the device has done what it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def bare_pass(adapter: Any, items: Sequence[Item], device: torch.device, tokens: int) -> None:
    """Run the forward pass with the fused kernel on the batches of a run."""
    encoder = adapter.encoder
    kept = encoder.config._attn_implementation
    if kept == capture.ATTENTION_NAME:
        encoder.config._attn_implementation = "sdpa"
    try:
        with torch.inference_mode():
            for batch in make_batches(items, tokens):
                encodings = [adapter.encode(item.sequence) for item in batch]
                ids, mask, _ = pad_batch(encodings, adapter.vocabulary.padding)
                inputs = {"input_ids": torch.from_numpy(ids).to(device)}
                if not mask.all():
                    inputs["attention_mask"] = torch.from_numpy(mask).to(device)
                encoder(**inputs)
        wait(device)
    finally:
        encoder.config._attn_implementation = kept


def whole_pass(adapter: Any, items: Sequence[Item], device: torch.device, tokens: int) -> Tally:
    """Run the forward pass and count."""
    (tally,), _ = measure_items(
        adapter, items, [PROTEINNET], device, tokens, lambda _: None, lambda _: None
    )
    wait(device)
    return tally


def arcs_of(adapter: Any, item: Item, device: torch.device) -> set[tuple[int, ...]]:
    """List the arcs at 0.3 of one protein: layer, head, source, target."""
    encoding = adapter.encode(item.sequence)
    residues = torch.from_numpy(encoding.residues)[None].to(device)
    found: set[tuple[int, ...]] = set()

    def receive(layer: int, probabilities: torch.Tensor) -> None:
        arcs = find_arcs(probabilities, residues, 0.3)
        columns = (arcs.head, arcs.source, arcs.target)
        found.update(
            (layer, *arc) for arc in zip(*(column.tolist() for column in columns), strict=True)
        )

    adapter.attend([encoding], receive)
    return found
