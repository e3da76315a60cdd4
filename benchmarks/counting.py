"""How much counting costs beside the forward pass, for each model's shape."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import alignments, paper_loop
from benchmarks.chains import real_chains
from benchmarks.checkpoints import SHAPES, SMALL, attend_to_neighbours, make_random
from benchmarks.options import Options
from benchmarks.passes import arcs_a_row, bare_pass, whole_pass
from benchmarks.table import Absolute, Row, compare
from benchmarks.timing import time_in_turn
from precompute.models import MODELS

GROUP = "counting"
DEFINITION = (
    "whole: the forward pass that shows its attention and the counting of every head, property "
    "of ProteinNet and threshold, as `precompute run` does, one sequence at a time; bare: the "
    "forward pass alone with the fused kernel (sdpa; XLNet has none, so its own). Random "
    "checkpoints of the real shapes in float32, real chains, the two in turn, a ratio a repeat. "
    f"{alignments.DEFINITION}"
)
_CHAINS = {"tape_bert": 4, "prot_albert": 1}
"""Fewer chains of larger models, so that every row takes about a minute; two otherwise."""


def rows(options: Options) -> Iterator[Row]:
    """Measure every shape, and the paper's own loop where its code is there."""
    for model in SHAPES:
        yield _overhead(options, model, neighbours=False)
        if MODELS[model].architecture == "bert" and not options.quick:
            yield _overhead(options, model, neighbours=True)
    yield from alignments.counting_rows(options)
    yield paper_loop.row(options)


def _overhead(options: Options, model: str, *, neighbours: bool) -> Row:
    chains = real_chains(options.data, _CHAINS.get(model, 2))
    with tempfile.TemporaryDirectory() as folder:
        adapter = make_random(Path(folder), model, shape=SMALL if options.quick else None)
    if neighbours:
        attend_to_neighbours(adapter)
    density = arcs_a_row(whole_pass(adapter, chains), chains)
    what = f"{MODELS[model].label}, {density:.1f} arcs ≥ 0.1 a row"
    options.say(f"counting: {what}")
    seconds = time_in_turn(
        {"bare": lambda: bare_pass(adapter, chains), "whole": lambda: whole_pass(adapter, chains)},
        options.repeats(7 if model == "tape_bert" else 5),
    )
    note = "Two layers of two heads instead of the real shape." if options.quick else ""
    return compare(
        GROUP,
        what,
        Absolute("whole pass", seconds["whole"]),
        Absolute("bare forward pass", seconds["bare"]),
        note=note,
    )
