"""The paper's own loop beside ours: the same checkpoint, proteins and properties."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.chains import real_chains
from benchmarks.checkpoints import SHAPES, SMALL, make_random
from benchmarks.options import Options
from benchmarks.passes import PROTEINNET, whole_pass
from benchmarks.table import Absolute, Row, absent, compare
from benchmarks.timing import time_in_turn
from precompute.features import AMINO_ACIDS
from precompute.tally import THRESHOLDS, Tally

WHAT = "the paper's loop, TapeBert's shape"
_CODE = Path("protein_attention/attention_analysis")


def row(options: Options) -> Row:
    """Time the paper's ``compute_mean_attention`` beside the whole pass, and compare counts."""
    if options.provis is None:
        return absent("counting", WHAT, "needs --provis, a clone of salesforce/provis")
    options.say(f"counting: {WHAT}")
    paper = _load(options.provis / _CODE / "compute_edge_features.py")
    features = _load(options.provis / _CODE / "features.py")
    chains = real_chains(options.data, 2)
    shape = SMALL if options.quick else SHAPES["tape_bert"]
    with tempfile.TemporaryDirectory() as folder:
        adapter = make_random(Path(folder), "tape_bert", shape=shape)
    items = [
        {
            "id": chain.identifier,
            "primary": chain.sequence,
            "contact_map": np.asarray(chain.contact_states(), dtype=np.int64),
        }
        for chain in chains
    ]

    class Tokenizer:
        def encode(self, sequence: str) -> Any:
            return adapter.encode(sequence).tokens

    def model(tokens: torch.Tensor) -> tuple[Any, ...]:
        return (adapter.encoder(tokens, output_attentions=True).attentions,)

    model.eval = lambda: None  # type: ignore[attr-defined]
    counted: dict[str, Any] = {}

    def theirs() -> None:
        adapter.encoder.config._attn_implementation = "eager"
        counted["theirs"] = paper.compute_mean_attention(
            model,
            shape["layers"],
            shape["heads"],
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
        counted["ours"] = whole_pass(adapter, chains)

    seconds = time_in_turn({"theirs": theirs, "ours": ours}, options.repeats(5))
    hits, arcs = counted["theirs"]
    equal = same_counts(hits, arcs, counted["ours"])
    return compare(
        "counting",
        WHAT,
        Absolute("the paper's loop: contacts and amino acids at 0.3", seconds["theirs"]),
        Absolute("whole pass: every property and threshold", seconds["ours"]),
        note="The paper's counts and ours are "
        + ("equal for every head." if equal else "NOT equal."),
    )


def same_counts(hits: dict[str, torch.Tensor], arcs: torch.Tensor, ours: Tally) -> bool:
    """Tell whether the paper's counts at 0.3 are ours, for every head."""
    level, names = THRESHOLDS.index(0.3), PROTEINNET.names
    pairs = {"contact_map": "contact"} | {f"aa_to_{a}": f"amino_acid:{a}" for a in AMINO_ACIDS}
    if not bool((arcs.long() == ours.arcs[..., level]).all()):
        return False
    return all(
        bool((hits[theirs].long() == ours.hits[:, :, names.index(own), level]).all())
        for theirs, own in pairs.items()
    )


def _load(path: Path) -> Any:
    """Import one file of the paper's code by its path."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
