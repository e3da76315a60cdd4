"""Each figure of the page and its twin for print show the same cells, labels, units and n."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.heads.heads_screen import head_heatmap
from dashboard.figures.look.scale import find_scale
from tests.print_figures import heads_of, source
from tests.twins import Print, Screen, plain, sample_of

NAMES = ("Model <A> & co", "data set")


def same_header(screen: Screen, printed: Print) -> None:
    """Both say property, model, source and n above the figure."""
    assert sample_of(screen.texts) == sample_of(printed.texts) != set()


@pytest.mark.parametrize("measure", ["percent", "enrichment", "z"])
@pytest.mark.parametrize("model", ["tape_bert", "prot_xlnet"])
def test_heads(model: str, measure: str) -> None:
    frame: pd.DataFrame = heads_of(model).assign(z=lambda table: table["percent"] - 3)
    origin = replace(source(NAMES, "Contact"), models=NAMES[0])
    paper = heads_figure(frame, origin, measure)
    scale = find_scale([frame], measure)
    screen = Screen(head_heatmap(frame, scale, origin.header))
    printed = Print(paper)
    assert screen.cells == printed.cells
    assert screen.grey == printed.grey
    assert screen.bars == printed.bars
    assert screen.units == printed.units
    assert screen.texts[0] == plain(" ".join(origin.header))
    assert printed.texts[0].startswith(screen.texts[0])
    same_header(screen, printed)
