"""How much `precompute contacts` costs beside the counting of the same proteins."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from benchmarks.chains import real_chains
from benchmarks.checkpoints import SMALL, load, make_random
from benchmarks.options import Options
from benchmarks.passes import whole_pass
from benchmarks.table import Absolute, Limit, Row, compare
from benchmarks.timing import time_in_turn
from precompute.contacts.learning import Learnt
from precompute.contacts.means import MOST_HEADS
from precompute.contacts.measuring import ContactItem, ContactMeasurer, ContactWork
from precompute.models import MODELS
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.settings import Settings

GROUP = "contacts"
MODEL = "esm2_t6_8m"
SHAPE = {"layers": 6, "heads": 20, "width": 320, "intermediate_size": 1280}
"""The smallest ESM-2: the less a forward pass takes, the more weighs what comes after it."""
LIMIT = Limit(1.3)
DEFINITION = (
    "`precompute contacts` of ESM-2 8M's shape / the whole counting pass over the same chains: a "
    "protein learnt from (all heads' maps, the precision of each, the features of the regression), "
    "and one scored (means of 1 to 50 heads and the regression, each range and measure)."
)


def rows(options: Options) -> Iterator[Row]:
    """Time proteins learnt from and proteins scored, each beside their counting."""
    chains = real_chains(options.data, 4)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_random(place, MODEL, shape=SMALL if options.quick else SHAPE)
        adapter = load(place, MODEL)
        work = ContactWork(
            *(Checkpoint(MODELS[MODEL], Weights(place, "benchmark")), "", Settings(), ""),
            atoms="alpha",
            seed=0,
            jacobian=False,
        )
        measurer = work.load(torch.device("cpu"))
    items = [ContactItem(c.sequence, ((c, n),), place=n) for n, c in enumerate(chains)]
    every = adapter.layers * adapter.heads
    weights = torch.linspace(-1, 1, every).numpy()
    learnt = Learnt(tuple(range(min(MOST_HEADS, every))), {"regression": weights})
    for what, own in (
        ("a protein learnt from", items),
        ("a protein scored", [replace(item, learnt=learnt) for item in items]),
    ):
        options.say(f"contacts: {what}")
        seconds = time_in_turn(
            {
                "counting": partial(whole_pass, adapter, chains),
                "contacts": partial(_measure, measurer, own),
            },
            options.repeats(7),
        )
        yield compare(
            GROUP,
            what,
            Absolute("contacts", seconds["contacts"]),
            Absolute("whole pass of counting", seconds["counting"]),
            LIMIT,
            "Two layers of two heads instead of the real shape." if options.quick else "",
        )


def _measure(measurer: ContactMeasurer, items: list[ContactItem]) -> None:
    measurer.measure(items, lambda _: None, lambda _: None)
