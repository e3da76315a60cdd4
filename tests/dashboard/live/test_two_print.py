"""Figures of two proteins for print: room and type, the line between them, the four shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard.figures.printing.figure import PaperFigure
from dashboard.pages.live.arcs.protein_print import arcs_figure, live_source, map_figure
from dashboard.pages.live.two.quadrants import quadrant_sentence
from dashboard.pages.live.two.soft_alignment_print import soft_alignment_figure
from precompute.live.arcs import Rule
from precompute.live.getting.inputs import open_source
from precompute.live.getting.pair import pair_proteins
from precompute.live.running.attention import SCALE, SparseAttention
from precompute.live.running.two import Together
from precompute.models import MODELS
from tests.printing import WIDTHS, check_print, drawn

FIRST, SECOND = open_source("example:1MVO"), open_source("example:1T8K")
PAIR = pair_proteins(FIRST, SECOND)
MODEL = MODELS["prot_bert"]


def attention() -> SparseAttention:
    """One head, every tenth residue of which attends to one of its own and one of the other."""
    n = len(PAIR)
    rows = np.arange(0, n, 10)
    source = np.repeat(rows, 2)
    target = np.stack([(rows + 7) % n, (rows + len(FIRST)) % n], 1).ravel()
    return SparseAttention(
        layers=1,
        heads=1,
        residues=n,
        floor=0.02,
        starts=np.array([0, len(source)]),
        source=source.astype(np.int16),
        target=target.astype(np.int16),
        weight=np.full(len(source), SCALE // 2, dtype=np.uint16),
        received=np.ones((1, 1, n), dtype=np.float32),
        special=np.full((1, 1), 0.1, dtype=np.float32),
        read=np.ones(n, dtype=bool),
        together=Together(np.array([[[[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]]]])),
    )


def whole_map() -> PaperFigure:
    return map_figure(PAIR, MODEL, attention(), (1, 1))


def arcs() -> PaperFigure:
    return arcs_figure(PAIR, MODEL, attention(), [(1, 1)], Rule(0.1), "contact")


def soft_alignment() -> PaperFigure:
    values = np.random.default_rng(0).random((len(FIRST), len(SECOND))).astype(np.float32)
    source = live_source(PAIR, MODEL, "Soft alignment")
    return soft_alignment_figure(values, ("1MVO", "1T8K"), source, pd.DataFrame({"x": [1]}))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("make", [whole_map, arcs, soft_alignment])
def test_there_is_room(make: Callable[[], PaperFigure], width: int) -> None:
    check_print(make(), width)


def test_shares_are_of_what_goes_to_residues_and_special_tokens_are_apart() -> None:
    said = quadrant_sentence(PAIR, attention(), (1, 1))
    assert "from residues of 1MVO to residues, 66.7 % stays in 1MVO and 33.3 % goes to 1T8K" in said
    assert "from residues of 1T8K, 50.0 % stays and 50.0 % goes to 1MVO" in said
    assert "10.0 % of all that 1MVO gives and 60.0 % of 1T8K's" in said
    assert said in whole_map().caption
    single = replace(attention(), together=None)
    assert quadrant_sentence(FIRST, single, (1, 1)) == ""


def test_a_line_stands_between_the_two() -> None:
    edge = len(FIRST) + 0.5
    with drawn(whole_map()) as (figure, _):
        down, across = figure.axes[0].lines
        assert set(down.get_xdata()) == {edge}
        assert set(across.get_ydata()) == {edge}
    with drawn(arcs()) as (figure, texts):
        for axes in figure.axes[:2]:
            assert any(set(line.get_xdata()) == {edge} for line in axes.lines)
        assert {"1MVO", "1T8K"} <= {text.text for text in texts}
