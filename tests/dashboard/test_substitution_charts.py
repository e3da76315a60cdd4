"""Charts of the Substitution page: every pair at its place with its value, linked by its name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.figures.look import style, template
from dashboard.figures.matrices.matrices_screen import find_scale
from dashboard.figures.printing import shell
from dashboard.pages.substitution.matrix_screen import Matrix, matrix_chart
from dashboard.pages.substitution.pairs_screen import NAMED, apart, pairs_chart
from dashboard.results.amino_acids import amino_acid_frames
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.clustering import cluster
from precompute.features import AMINO_ACIDS
from precompute.pairs import pair_name
from precompute.similarity import correlation_matrix, head_vectors, matrix_pairs
from precompute.substitution import pair_frame, read_matrix

BLOSUM = Matrix(matrix_pairs(read_matrix("BLOSUM62")), "score", ("a <b>", "c"))
CHEMISTRY = [LETTERS.index(letter) for letter in BY_CHEMISTRY]


def test_every_pair_stands_twice_with_its_score() -> None:
    chart = matrix_chart([BLOSUM], CHEMISTRY)
    (cells,) = chart.data
    scores = read_matrix("BLOSUM62")
    assert list(chart.layout.xaxis.ticktext) == list(BY_CHEMISTRY)
    assert list(chart.layout.yaxis.ticktext) == list(BY_CHEMISTRY)
    assert chart.layout.yaxis.range == (19.5, -0.5)  # the first row is the topmost
    for row, one in enumerate(BY_CHEMISTRY):
        for column, other in enumerate(BY_CHEMISTRY):
            if one == other:
                assert np.isnan(cells.z[row][column])
                continue
            score = scores[LETTERS.index(one), LETTERS.index(other)]
            assert cells.z[row][column] == score
            assert cells.customdata[row][column] == pair_name(other, one)
            said = cells.text[row][column]
            assert said.startswith(f"{AMINO_ACIDS[one]} – {AMINO_ACIDS[other]}<br>")
            assert said.endswith(f"score {score:g}".replace("-", "−"))
    assert cells.meta == {"link": True}
    assert not cells.hoverongaps
    assert cells.colorbar.title.text == "score"
    assert "<b>a &lt;b&gt;</b><br>c" in [note.text for note in chart.layout.annotations]


def test_groups_are_parted_where_they_stand_together() -> None:
    chart = matrix_chart([BLOSUM], CHEMISTRY)
    upright = [line.x0 for line in chart.layout.shapes if line.x0 == line.x1]
    assert upright == [4.5, 7.5, 11.5, 16.5]
    assert {line.line.color for line in chart.layout.shapes} == {template.GROUND}
    assert not matrix_chart([BLOSUM], range(20)).layout.shapes


def test_two_matrices_have_scales_of_their_own() -> None:
    other = Matrix(matrix_pairs(read_matrix("MCLACHLAN")), "other", ("b", "c"))
    first, second = matrix_chart([BLOSUM, other], CHEMISTRY).data
    assert (first.zmin, first.zmax) == (-4, 4)
    assert (second.zmin, second.zmax) == (0, float(other.pairs.max()))
    assert [colour for _, colour in first.colorscale] == list(style.DIVERGING)
    assert [colour for _, colour in second.colorscale] == list(style.SEQUENTIAL)
    assert second.xaxis == "x2"
    assert second.colorbar.x > 0.5


def test_a_tree_stands_over_the_order_it_gives() -> None:
    frames = amino_acid_frames(shell.read_paper("tape_bert").frames)
    r = correlation_matrix(head_vectors(pd.concat(frames.values())).percent)
    tree = cluster(r)
    chart = matrix_chart([Matrix(matrix_pairs(r), "r", ("a", "b"))], tree.order, tree=tree)
    drawn = chart.data[1]
    assert list(chart.layout.xaxis.ticktext) == [LETTERS[leaf] for leaf in tree.order]
    assert drawn.xaxis in (None, "x")  # it zooms with its leaves
    leaves = drawn.x[np.asarray(drawn.y) == 0]
    assert sorted(leaves.tolist()) == list(range(20))
    assert np.nanmax(drawn.y) == pytest.approx(tree.branches[:, 1].max())
    assert drawn.meta == {"quiet": True}
    level = matrix_chart([BLOSUM], tree.order, crowned=True)
    assert level.layout.height == chart.layout.height


def test_a_matrix_without_negative_scores_has_no_middle() -> None:
    low, high = find_scale(matrix_pairs(read_matrix("MCLACHLAN")))
    assert low == 0
    assert find_scale(np.full(190, np.nan)) == (0, 1)
    low, high = find_scale(np.full(190, 2.0))
    assert high > low


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    scores = matrix_pairs(read_matrix("PAM250"))
    return pair_frame(np.random.default_rng(0).normal(size=190), scores)


def names_of(frame: pd.DataFrame) -> list[str]:
    both = zip(frame["amino_acid_1"], frame["amino_acid_2"], strict=True)
    return [pair_name(*pair) for pair in both]


def test_every_pair_is_a_dot_at_its_values(frame: pd.DataFrame) -> None:
    names = names_of(frame)
    says = {name: f"{name}: r 1, score 2" for name in names}
    chart = pairs_chart(frame, ("t <i>", "u"), ("PAM250 score", "r"), says)
    line, dots = chart.data
    np.testing.assert_allclose(dots.x, frame["score"])
    np.testing.assert_allclose(dots.y, frame["correlation"], rtol=1e-6)
    assert list(dots.customdata) == names
    assert dots.meta == {"link": True}
    assert chart.layout.meta["says"] == says
    assert (chart.layout.xaxis.title.text, chart.layout.yaxis.title.text) == ("PAM250 score", "r")
    slope = np.polyfit(frame["score"], frame["correlation"], 1)
    np.testing.assert_allclose(line.y, np.polyval(slope, line.x))
    assert list(line.x) == [frame["score"].min(), frame["score"].max()]


def test_the_pairs_furthest_from_the_line_are_named(frame: pd.DataFrame) -> None:
    names = names_of(frame)
    chart = pairs_chart(frame, ("t", "u"), ("x", "y"), dict.fromkeys(names, ""))
    order = frame["standardised_residual"].abs().sort_values(ascending=False).index[:NAMED]
    named = {note.text: note for note in chart.layout.annotations if note.name != "title"}
    assert set(named) == {names[place] for place in order}
    for place in order:
        note = named[names[place]]
        assert (note.x, note.y) == (frame["score"][place], frame["correlation"][place])


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 300)), max_size=12))
def test_names_never_stand_on_each_other(places: list[tuple[float, float]]) -> None:
    names = [(x, y, str(number)) for number, (x, y) in enumerate(places)]
    moved = apart(names, 24, 10)
    assert sorted(name for _, _, name in moved) == sorted(name for _, _, name in names)
    for number, (x, y, _) in enumerate(moved):
        for other_x, other_y, _ in moved[:number]:
            assert abs(x - other_x) >= 24 or abs(y - other_y) >= 10 - 1e-9
