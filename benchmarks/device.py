"""Counting on an accelerator: beside the forward pass, for each model, in both number types.

    python benchmarks/device.py --data proteinnet.lmdb [--device cuda] [--models prot_bert,…]

For random checkpoints of the real shapes, batches by length as in `precompute run`:

- the whole run beside the forward pass with the fused kernel, same batches (ratio by
  repeat; median, minimum, maximum);
- proteins a second of the whole run;
- the share of the arcs at 0.3 that bfloat16 gains or loses against float32.

`--small` runs tiny models, to see that the script works where there is no accelerator.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.counting import SHAPES, make_random, read_chains  # noqa: E402
from precompute.datasets import DATASETS  # noqa: E402
from precompute.labels import FeatureSet  # noqa: E402
from precompute.measure import Item, collect_items, make_batches, measure_items  # noqa: E402
from precompute.models import MODELS, capture  # noqa: E402
from precompute.models.adapter import pad_batch  # noqa: E402
from precompute.run import describe_device  # noqa: E402
from precompute.tally import Tally, find_arcs  # noqa: E402


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


def whole_run(adapter: Any, items: Sequence[Item], device: torch.device, tokens: int) -> Tally:
    """Run the forward pass and count."""
    features = [FeatureSet(DATASETS["proteinnet"].features)]
    (tally,), _ = measure_items(
        adapter, items, features, device, tokens, lambda _: None, lambda _: None
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument(
        "--models", default="tape_bert,prot_albert,prot_bert,prot_bert_bfd,prot_xlnet"
    )
    parser.add_argument("--chains", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batch-tokens", type=int, default=8192)
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    device = torch.device(options.device)
    chains = read_chains(options.data, options.chains)
    items = collect_items([chains])
    print(
        f"{describe_device(device)}; {len(chains)} chains, {sum(map(len, chains))} residues, "
        f"batches of {options.batch_tokens} tokens, {options.repeats} repeats\n"
    )
    print(
        "| model shape | number type | arcs ≥ 0.1 a row | whole run / bare | proteins/s "
        "| arcs at 0.3 moved |"
    )
    print("|---|---|---|---|---|---|")
    for model in options.models.split(","):
        shape = SHAPES.get(model, SHAPES["prot_bert"])
        if options.small:
            shape = {"layers": 2, "heads": 2, "width": 16}
        exact: list[set[tuple[int, ...]]] = []
        for number_type in (torch.float32, torch.bfloat16):
            with tempfile.TemporaryDirectory() as folder:
                adapter = make_random(Path(folder), model, shape=shape)
                adapter.to(device, number_type)
                bare, whole = [], []
                tally = whole_run(adapter, items, device, options.batch_tokens)
                for _ in range(options.repeats):
                    clock = time.perf_counter()
                    bare_pass(adapter, items, device, options.batch_tokens)
                    bare.append(time.perf_counter() - clock)
                    clock = time.perf_counter()
                    whole_run(adapter, items, device, options.batch_tokens)
                    whole.append(time.perf_counter() - clock)
                arcs = [arcs_of(adapter, item, device) for item in items[:8]]
            if number_type == torch.float32:
                exact, moved = arcs, "—"
            else:
                changed = sum(len(a ^ b) for a, b in zip(arcs, exact, strict=True))
                moved = f"{100 * changed / max(sum(map(len, exact)), 1):.2f} %"
            layers, heads, _ = tally.arcs.shape
            density = float(tally.arcs[..., 0].sum()) / layers / heads / sum(map(len, chains))
            ratios = [w / b for w, b in zip(whole, bare, strict=True)]
            print(
                f"| {MODELS[model].label} | {str(number_type).removeprefix('torch.')} "
                f"| {density:.2f} | {statistics.median(ratios):.2f} "
                f"({min(ratios):.2f}–{max(ratios):.2f}) "
                f"| {len(chains) / statistics.median(whole):.1f} | {moved} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
