"""Live's figures of the page and their twins for print show the same cells, units and n."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from dashboard.pages.live.arcs.arc_diagram_print import arc_diagram_figure
from dashboard.pages.live.arcs.attention_map_print import attention_map_figure
from dashboard.pages.live.arcs.attention_map_screen import attention_map
from dashboard.pages.live.heads.protein_heads_screen import heads_map
from dashboard.pages.live.words import heads_title, map_title, residue_names
from precompute.live.arc_colours import colour_arcs
from precompute.live.arcs import labelled_chain
from tests.dashboard.live.test_drawings import FRAME
from tests.dashboard.live.test_print import ARCS, KEYS, READ, SOURCE, heads
from tests.precompute.live.test_arcs import PROTEIN, RESIDUES
from tests.twins import Print, Screen, sample_of


@pytest.mark.parametrize(("layers", "count"), [(1, 16), (12, 12), (30, 16)])
def test_heads(layers: int, count: int) -> None:
    paper = heads(layers, count)
    title = heads_title(PROTEIN, "Contact")
    screen = Screen(heads_map(paper.frame, title, "% of the head's arcs"))
    printed = Print(paper)
    assert screen.cells == printed.cells
    assert screen.grey == printed.grey
    assert screen.units == printed.units
    assert sample_of(screen.texts) == sample_of(printed.texts) != set()


@pytest.mark.parametrize("known", [True, False])
def test_attention_map(known: bool) -> None:
    contacts = labelled_chain(PROTEIN).contact_states() if known else None
    paper = attention_map_figure(FRAME, contacts, RESIDUES, SOURCE, 0.02)
    figure = attention_map(FRAME, residue_names(PROTEIN), contacts, map_title(PROTEIN, "x", 0.02))
    screen, printed = Screen(figure), Print(paper)
    squares = [
        np.rint(path.vertices[:4].mean(axis=0)).astype(int)
        for one in printed.axes[0].collections
        if isinstance(one, PolyCollection)
        for path in one.get_paths()
    ]
    rows, columns = np.nonzero(figure.data[0].z)
    assert {(y, x) for x, y in squares} == set(zip(rows + 1, columns + 1, strict=True))
    assert screen.units == printed.units
    assert sample_of(screen.texts) == sample_of(printed.texts) != set()
    assert "at least 0.02" in paper.caption
    assert "at least 0.02" in screen.texts[0]


def test_the_diagram_for_print_has_the_colours_of_the_page() -> None:
    paper = arc_diagram_figure(ARCS, PROTEIN, READ, KEYS, SOURCE, "all")
    assert paper.frame["colour"].tolist() == colour_arcs(ARCS, "contact")
