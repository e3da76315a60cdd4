"""How much counting costs beside the forward pass, and beside the paper's own loop.

    python benchmarks/counting.py --data proteinnet.lmdb [--provis CLONE] [--repeats 7]

On real chains of 150 to 300 residues and checkpoints of the real shapes whose attention
is peaked (random weights: about one arc ≥ 0.1 a row; weights made for it: about seven),
the three things are timed in turn, repeat by repeat, in one process:

- bare: the forward pass with the fused kernel (sdpa) and no attention output;
- eager, kept: the forward pass that returns all attentions, and keeps them;
- whole run: forward pass and counting, all features and thresholds, as `precompute run`.

Ratios are taken within each repeat; the table gives their median, minimum and maximum.
``--provis`` names a clone of the paper's repository (salesforce/provis): its
``compute_mean_attention`` is run on the same checkpoint and proteins with the same
property, and the counts are compared. ``--memory`` measures peak memory at 510 residues
for each architecture instead, each in a process of its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from precompute.chain import Chain  # noqa: E402
from precompute.datasets import DATASETS  # noqa: E402
from precompute.features import AMINO_ACIDS  # noqa: E402
from precompute.labels import FeatureSet  # noqa: E402
from precompute.measure import collect_items, measure_items  # noqa: E402
from precompute.models import MODELS, capture  # noqa: E402
from precompute.models.loading import Checkpoint  # noqa: E402
from precompute.models.weights import Weights  # noqa: E402
from precompute.tally import THRESHOLDS, Tally  # noqa: E402
from tests.checkpoints import make_checkpoint  # noqa: E402

SHAPES = {
    "tape_bert": {"layers": 12, "heads": 12, "width": 768, "intermediate_size": 3072},
    "prot_bert": {"layers": 30, "heads": 16, "width": 1024, "intermediate_size": 4096},
    "prot_albert": {
        "layers": 12,
        "heads": 64,
        "width": 4096,
        "intermediate_size": 16384,
        "embedding_size": 128,
    },
    "prot_xlnet": {"layers": 30, "heads": 16, "width": 1024, "d_inner": 4096},
    "esm2_t33_650m": {"layers": 33, "heads": 20, "width": 1280, "intermediate_size": 5120},
}
CPU = torch.device("cpu")
MEGABYTE = 1 << 20


def make_random(
    folder: Path, model: str, sharpness: float = 16.0, shape: dict[str, int] | None = None
) -> Any:
    """Load a random checkpoint of a model's real shape: about one arc a row."""
    make_checkpoint(folder, model, sharpness=sharpness, **(shape or SHAPES[model]))
    return Checkpoint(MODELS[model], Weights(folder, "benchmark")).load()


def attend_to_neighbours(adapter: Any, window: int = 3, sharpness: float = 40.0) -> None:
    """Make every head of a BERT attend evenly to the residues within a window.

    Positions become waves of 32 frequencies; the query weighs them so that the score
    is flat for |i − j| ≤ window and low elsewhere. What else a layer adds is made small,
    so that all layers see these positions.
    """
    encoder = adapter.encoder
    width, heads = encoder.config.hidden_size, adapter.heads
    size = width // heads
    random = np.random.default_rng(0)
    frequency = random.uniform(0.05, np.pi, size // 2)
    distance = np.arange(512)
    target = (distance <= window).astype(float)
    importance = np.where(distance <= window, 100.0, 1.0)
    waves = np.cos(distance[:, None] * frequency)
    amplitude, *_ = np.linalg.lstsq(waves * importance[:, None], target * importance, rcond=None)
    positions = np.arange(encoder.config.max_position_embeddings)[:, None] * frequency
    table = np.zeros((len(positions), width), dtype=np.float32)
    table[:, : size // 2], table[:, size // 2 : size] = np.cos(positions), np.sin(positions)
    # Layer normalisation divides by the standard deviation, the same for every position.
    scale = 1 / np.sqrt((size / 2) / width)
    strength = np.concatenate([amplitude, amplitude]) * sharpness * np.sqrt(size) / scale**2
    with torch.no_grad():
        embeddings = encoder.embeddings
        embeddings.position_embeddings.weight.copy_(torch.from_numpy(table))
        embeddings.word_embeddings.weight.mul_(0.01)
        embeddings.token_type_embeddings.weight.zero_()
        for layer in encoder.encoder.layer:
            own = layer.attention.self
            for part, diagonal in ((own.query, strength), (own.key, np.ones(size))):
                block = np.zeros((size, width), dtype=np.float32)
                block[:, :size] = np.diag(diagonal)
                part.weight.copy_(torch.from_numpy(np.tile(block, (heads, 1))))
                part.bias.zero_()
            for part in (layer.attention.output.dense, layer.output.dense):
                part.weight.mul_(0.01)
                part.bias.zero_()


def bare_pass(adapter: Any, chains: Sequence[Chain]) -> None:
    """Run the forward pass with the fused kernel."""
    adapter.encoder.config._attn_implementation = "sdpa"
    with torch.inference_mode():
        for chain in chains:
            adapter.encoder(torch.from_numpy(adapter.encode(chain.sequence).tokens)[None])


def eager_pass(adapter: Any, chains: Sequence[Chain]) -> None:
    """Run the forward pass that returns every layer's attention."""
    adapter.encoder.config._attn_implementation = "eager"
    with torch.inference_mode():
        for chain in chains:
            tokens = torch.from_numpy(adapter.encode(chain.sequence).tokens)[None]
            kept = adapter.encoder(tokens, output_attentions=True).attentions
            assert len(kept) == adapter.layers


def whole_run(adapter: Any, chains: Sequence[Chain]) -> Tally:
    """Run the forward pass and count, as `precompute run` does."""
    adapter.encoder.config._attn_implementation = capture.ATTENTION_NAME
    features = [FeatureSet(DATASETS["proteinnet"].features)]
    items = collect_items([chains])
    tallies, _ = measure_items(adapter, items, features, CPU, 0, lambda _: None, lambda _: None)
    return tallies[0]


def time_in_turn(actions: dict[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Time some actions A B C A B C …, after one round that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for repeat in range(repeats + 1):
        for name, action in actions.items():
            clock = time.perf_counter()
            action()
            if repeat:
                seconds[name].append(time.perf_counter() - clock)
    return seconds


def arcs_a_row(tally: Tally, chains: Sequence[Chain]) -> float:
    """Mean arcs at 0.1 for each attending residue and head."""
    layers, heads, _ = tally.arcs.shape
    return float(tally.arcs[..., 0].sum()) / (layers * heads * sum(map(len, chains)))


def print_overhead(chains: Sequence[Chain], repeats: int) -> None:
    """Print the whole run beside the bare pass, at about one and about seven arcs a row."""
    residues = sum(map(len, chains))
    print(
        f"{len(chains)} chains, {residues} residues, {repeats} repeats, "
        f"{torch.get_num_threads()} threads; seconds are medians, ratios median (min–max)\n"
    )
    print("| model shape | arcs a row | bare, s | eager, kept | whole run | whole run / bare |")
    print("|---|---|---|---|---|---|")
    for model in ("tape_bert", "prot_bert"):
        for peaked in ("random", "neighbours"):
            with tempfile.TemporaryDirectory() as folder:
                adapter = make_random(Path(folder), model)
                if peaked == "neighbours":
                    attend_to_neighbours(adapter)
                density = arcs_a_row(whole_run(adapter, chains), chains)
                seconds = time_in_turn(
                    {
                        "bare": lambda a=adapter: bare_pass(a, chains),
                        "eager": lambda a=adapter: eager_pass(a, chains),
                        "whole": lambda a=adapter: whole_run(a, chains),
                    },
                    repeats,
                )
            ratios = [w / b for w, b in zip(seconds["whole"], seconds["bare"], strict=True)]
            kept = [e / b for e, b in zip(seconds["eager"], seconds["bare"], strict=True)]
            print(
                f"| {MODELS[model].label} | {density:.2f} "
                f"| {statistics.median(seconds['bare']):.2f} "
                f"| {statistics.median(kept):.2f} ({min(kept):.2f}–{max(kept):.2f}) × "
                f"| {statistics.median(seconds['whole']):.2f} s "
                f"| {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}) |",
                flush=True,
            )


def print_against_paper(chains: Sequence[Chain], clone: Path, repeats: int) -> None:
    """Print the paper's loop beside ours: ProteinNet's properties, TapeBert's shape."""
    paper = _load(clone / "protein_attention/attention_analysis/compute_edge_features.py")
    features = _load(clone / "protein_attention/attention_analysis/features.py")
    with tempfile.TemporaryDirectory() as folder:
        adapter = make_random(Path(folder), "tape_bert")
        items = [
            {
                "id": chain.identifier,
                "primary": chain.sequence,
                "contact_map": np.asarray(chain.contact_states(), dtype=np.int64),
            }
            for chain in chains
        ]

        class Tokenizer:
            def encode(self, sequence: str) -> np.ndarray:
                return adapter.encode(sequence).tokens

        def model(tokens: torch.Tensor) -> tuple[Any, ...]:
            return (adapter.encoder(tokens, output_attentions=True).attentions,)

        model.eval = lambda: None  # type: ignore[attr-defined]
        counted: dict[str, Any] = {}

        def theirs() -> None:
            adapter.encoder.config._attn_implementation = "eager"
            counted["theirs"] = paper.compute_mean_attention(
                model,
                12,
                12,
                items,
                [features.ContactMapFeature(), features.AminoAcidFeature()],
                Tokenizer(),
                "bert",
                "tape",
                cuda=False,
                max_seq_len=512,
                min_attn=0.3,
            )

        def ours() -> None:
            counted["ours"] = whole_run(adapter, chains)

        seconds = time_in_turn({"theirs": theirs, "ours": ours}, repeats)
    ratios = [t / o for t, o in zip(seconds["theirs"], seconds["ours"], strict=True)]
    hits, arcs = counted["theirs"]
    level = THRESHOLDS.index(0.3)
    names = FeatureSet(DATASETS["proteinnet"].features).names
    our_arcs = counted["ours"].arcs[..., level]
    pairs = {"contact_map": "contact"} | {f"aa_to_{a}": f"amino_acid:{a}" for a in AMINO_ACIDS}
    our_hits = {name: counted["ours"].hits[:, :, names.index(name), level] for name in names}
    equal = bool((arcs.long() == our_arcs).all()) and all(
        bool((hits[name].long() == our_hits[own]).all()) for name, own in pairs.items()
    )
    print(
        "\nThe paper's loop over ProteinNet's properties (contacts, amino acids), "
        f"{len(chains)} chains, {repeats} repeats:"
    )
    print(
        f"theirs {statistics.median(seconds['theirs']):.1f} s, ours with all "
        f"{len(names)} features and {len(THRESHOLDS)} thresholds "
        f"{statistics.median(seconds['ours']):.1f} s: {statistics.median(ratios):.1f} × "
        f"({min(ratios):.1f}–{max(ratios):.1f})"
    )
    their_sum = sum(int(hits[name].sum()) for name in pairs)
    our_sum = sum(int(our_hits[own].sum()) for own in pairs.values())
    print(
        f"arcs at 0.3: theirs {int(arcs.sum())}, ours {int(our_arcs.sum())}; "
        f"hits: theirs {their_sum}, ours {our_sum}; "
        f"equal for every head: {'yes' if equal else 'NO'}"
    )


def _load(path: Path) -> Any:
    """Import one file of the paper's code by its path."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def print_memory() -> None:
    """Print each architecture's peak memory at 510 residues, in a process of its own."""
    print("\n| model shape | weights, MB | peak above weights and libraries, MB |")
    print("|---|---|---|")
    for model in SHAPES:
        done = subprocess.run(
            [sys.executable, __file__, "--peak", model], capture_output=True, text=True, check=True
        )
        found = json.loads(done.stdout.strip().splitlines()[-1])
        print(
            f"| {MODELS[model].label} | {found['weights']:.0f} | {found['above']:.0f} |", flush=True
        )


def measure_peak(model: str) -> None:
    """Print the peak of one model's run, as JSON."""
    import transformers  # noqa: F401 - counted with the libraries

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        made = [sys.executable, __file__, "--make", model, str(path)]
        subprocess.run(made, check=True)
        base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        adapter = Checkpoint(MODELS[model], Weights(path, "benchmark")).load()
        weights = sum(p.numel() * 4 for p in adapter.encoder.parameters()) / MEGABYTE  # type: ignore[attr-defined]
        random = np.random.default_rng(0)
        letters = "".join(random.choice(list("ACDEFGHIKLMNPQRSTVWY"), 510))
        chain = Chain("510", letters, random.normal(0, 15, (510, 3)), np.ones(510, dtype=bool))
        whole_run(adapter, [chain, chain])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"weights": weights, "above": peak - base - weights}))


def read_chains(path: Path, count: int) -> list[Chain]:
    """Read the first chains of 150 to 300 residues of a ProteinNet file."""
    with DATASETS["proteinnet"].open(path) as chains:
        fitting = (c for number in range(len(chains)) if 150 <= len(c := chains[number]) <= 300)
        return [chain for chain, _ in zip(fitting, range(count), strict=False)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="ProteinNet in TAPE's layout")
    parser.add_argument("--chains", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--provis", type=Path, help="clone of the paper's repository")
    parser.add_argument("--memory", action="store_true", help="measure peak memory only")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    parser.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make_checkpoint(Path(options.make[1]), options.make[0], **SHAPES[options.make[0]])
    elif options.peak:
        measure_peak(options.peak)
    elif options.memory:
        print_memory()
    elif options.data is None:
        parser.error("give --data, a ProteinNet file in TAPE's layout")
    else:
        chains = read_chains(options.data, options.chains)
        print_overhead(chains, options.repeats)
        if options.provis:
            print_against_paper(chains[:2], options.provis, max(options.repeats // 2, 1))


if __name__ == "__main__":
    main()
