"""How much counting costs beside the forward pass, for each model's shape."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import paper_loop
from benchmarks.chains import real_chains
from benchmarks.checkpoints import SHAPES, SMALL, attend_to_neighbours, make_random
from benchmarks.options import Options
from benchmarks.passes import arcs_a_row, bare_pairs, bare_pass, whole_pairs, whole_pass
from benchmarks.table import Absolute, Limit, Row, compare
from benchmarks.timing import time_in_turn
from precompute.chain import Chain
from precompute.datasets.chains import SAME_FAMILY
from precompute.models import MODELS
from precompute.models.plus_network import Shape
from precompute.protein_pairs.cutting import cut_pair
from precompute.protein_pairs.item import Pair
from tests.plus_checkpoints import REAL, load, random_state, write_published

GROUP = "counting"
DEFINITION = (
    "whole: the forward pass that shows its attention and the counting of every head, property "
    "of ProteinNet and threshold, as `precompute run` does, one sequence at a time; bare: the "
    "forward pass alone with the fused kernel (sdpa; XLNet has none, so its own). Random "
    "checkpoints of the real shapes in float32, real chains, the two in turn, a ratio a repeat. "
    "Of PLUS-TFM also pairs, as `precompute run --pairs` counts them."
)
_CHAINS = {"tape_bert": 4, "prot_albert": 1}
"""Fewer chains of larger models, so that every row takes about a minute; two otherwise."""


def rows(options: Options) -> Iterator[Row]:
    """Measure every shape, and the paper's own loop where its code is there."""
    for model in SHAPES:
        yield _overhead(options, model, neighbours=False)
        if MODELS[model].architecture == "bert" and not options.quick:
            yield _overhead(options, model, neighbours=True)
    yield from _plus(options)
    yield paper_loop.row(options)


def _plus(options: Options) -> Iterator[Row]:
    """Measure PLUS-TFM, which has a network of its own, on single proteins and on pairs."""
    shape = Shape(2, 2, 16, 16) if options.quick else REAL
    with tempfile.TemporaryDirectory() as folder:
        state = random_state(shape, sharpness=30.0)
        adapter = load(write_published(Path(folder), shape, state=state))
    label = MODELS["plus_tfm"].label
    chains = real_chains(options.data, 4)
    density = arcs_a_row(whole_pass(adapter, chains), chains)
    pairs = [_pair(number, *chains[2 * number : 2 * number + 2]) for number in (0, 1)]
    for what, bare, whole, inputs in (
        (f"{label}, {density:.1f} arcs ≥ 0.1 a row", bare_pass, whole_pass, chains),
        (f"{label}, pairs of proteins", bare_pairs, whole_pairs, pairs),
    ):
        options.say(f"counting: {what}")
        timed = {"bare": partial(bare, adapter, inputs), "whole": partial(whole, adapter, inputs)}
        seconds = time_in_turn(timed, options.repeats(7))
        yield compare(
            GROUP,
            what,
            Absolute("whole pass", seconds["whole"]),
            Absolute("bare forward pass", seconds["bare"]),
            limit=Limit(1.15),
            note="Two layers of two heads instead of the real shape." if options.quick else "",
        )


def _pair(number: int, first: Chain, second: Chain) -> Pair:
    """Make a pair of two chains, as if all of the shorter one were aligned."""
    lengths = cut_pair(len(first), len(second), 509)
    aligned = np.repeat(np.arange(min(lengths))[:, None], 2, 1)
    texts = first.sequence[: lengths[0]], second.sequence[: lengths[1]]
    names = first.identifier, second.identifier
    return Pair(number, names, *texts, (0, 0), SAME_FAMILY, aligned)


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
