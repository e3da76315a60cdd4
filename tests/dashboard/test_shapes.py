"""What heads are like, as maps: laid out, ordered, and the same on screen and in print."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.pages.heads.shapes_print import shape_figure
from dashboard.pages.heads.shapes_screen import scale_end, shape_map
from dashboard.results.shapes import SHAPES, layer_means, ordered, shape_grid
from tests.print_figures import source
from tests.twins import Print, Screen, plain

SIZE = (3, 2)
FRAME = pd.DataFrame(
    {
        "layer": [1, 1, 2],
        "head": [1, 2, 2],
        "residues": [40, 40, 40],
        "entropy": [1.0, 3.0, 2.5],
        "distance": [4.0, np.nan, 12.0],
        "diagonal_percent": [5.0, 0.0, 10.0],
        "special_percent": [90.0, 100.0, 1.0],
    }
)


def test_a_map_has_the_size_of_the_model_whatever_the_table_lacks() -> None:
    values = shape_grid(FRAME, "distance", SIZE)
    np.testing.assert_array_equal(values, [[4, np.nan], [np.nan, 12], [np.nan, np.nan]])
    np.testing.assert_array_equal(layer_means(values), [4, 12, np.nan])
    np.testing.assert_array_equal(layer_means(shape_grid(FRAME, "entropy", SIZE)), [2, 2.5, np.nan])


def test_equal_heads_stand_by_layer_and_head_and_unknown_ones_are_left_out() -> None:
    level = FRAME.assign(distance=[7.0, np.nan, 7.0])
    assert ordered(level, "distance")[["layer", "head"]].to_numpy().tolist() == [[1, 1], [2, 2]]
    assert ordered(FRAME, "entropy")["entropy"].tolist() == [3.0, 2.5, 1.0]


def test_a_scale_ends_at_the_highest_head_of_all_that_share_it() -> None:
    assert scale_end([FRAME, FRAME.assign(entropy=5.0)], "entropy") == 5.0
    assert scale_end([FRAME.assign(entropy=0.0)], "entropy") == 1.0  # a scale has a length
    assert scale_end([FRAME.iloc[:0]], "entropy") == 1.0


@pytest.mark.parametrize("name", SHAPES)
def test_screen_and_print_show_the_same(name: str) -> None:
    origin, end = source(("Model <A> & co", "data set")), scale_end([FRAME], name)
    title = (f"{SHAPES[name].label} · {origin.models}", origin.header[1])
    screen = Screen(shape_map(FRAME, name, SIZE, end, title))
    printed = Print(shape_figure(FRAME, name, SIZE, end, origin))
    assert screen.cells == printed.cells
    assert screen.grey == printed.grey == [np.isnan(shape_grid(FRAME, name, SIZE)).sum()]
    assert screen.units == printed.units
    assert [*filter(None, screen.bars)] == [*filter(None, printed.bars)] != []
    assert screen.texts[0] == plain(" ".join(title)) == printed.texts[0]
