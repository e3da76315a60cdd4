"""Drawings of amino acids: every mark is where its value says, every cell has its colour."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import colormaps
from PIL import Image

from dashboard.figures.look import palette, style
from dashboard.figures.printing import shell
from dashboard.pages.amino_acids.shares_screen import say, shares_chart
from dashboard.pages.amino_acids.small_heatmaps_screen import (
    cells_of,
    map_size,
    row_width,
    small_heatmap_png,
    small_heatmaps_html,
    small_maps,
)
from dashboard.pages.amino_acids.top_by_model_screen import top_by_model_chart
from dashboard.results.amino_acids import (
    amino_acid_frames,
    backgrounds,
    head_shares,
)
from dashboard.results.frames import grid, interval_ends, top_heads
from precompute.chemistry import BY_CHEMISTRY, GROUPS, LETTERS
from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return amino_acid_frames(shell.read_paper("tape_bert").frames)


@pytest.fixture(scope="module")
def albert() -> dict[str, pd.DataFrame]:
    return amino_acid_frames(shell.read_paper("prot_albert").frames)


# Colours


@pytest.mark.parametrize(
    ("stops", "name"), [(style.SEQUENTIAL, "viridis"), (style.DIVERGING, "RdBu_r")]
)
def test_colours_are_those_of_the_named_scale(stops: tuple[str, ...], name: str) -> None:
    """A few stops come close to matplotlib's 256, and the ends are the same."""
    expected = (colormaps[name](np.linspace(0, 1, 256))[:, :3] * 255).astype(float)
    own = palette.colours(stops).astype(float)
    assert np.abs(own - expected).max() <= 16
    np.testing.assert_allclose(own[[0, -1]], expected[[0, -1]], atol=1)
    assert palette.hexadecimal(stops)[0] == stops[0]
    assert palette.hexadecimal(stops)[-1] == stops[-1]


@given(
    st.lists(st.floats(-50, 150), min_size=2, max_size=40),
    st.floats(-10, 10),
    st.floats(0.5, 100),
)
def test_a_higher_value_has_no_lower_colour(values: list[float], low: float, span: float) -> None:
    ordered = np.sort(np.array(values))
    steps = palette.levels(ordered, low, low + span)
    assert (np.diff(steps) >= 0).all()
    assert steps.min() >= 0
    assert steps.max() <= 255
    assert palette.levels(np.array([low, low + span]), low, low + span).tolist() == [0, 255]


# Small maps


@pytest.mark.parametrize("letter", ["A", "P", "W"])
def test_a_small_map_shows_every_head(letter: str, frames: dict[str, pd.DataFrame]) -> None:
    percent = grid(frames[letter], "percent")
    limit = float(np.nanmax(percent))
    image = Image.open(io.BytesIO(small_heatmap_png(percent, limit)))
    layers, heads = percent.shape
    assert image.size == (heads, layers)
    pixels = np.asarray(image.convert("RGBA"))[::-1]  # layer 1 is below
    grey = np.isnan(percent)
    assert grey.any()
    assert (pixels[grey] == [128, 128, 128, 115]).all()
    assert (pixels[~grey][:, 3] == 255).all()
    table = palette.colours(style.SEQUENTIAL)
    expected = table[np.maximum(np.rint(percent[~grey] / limit * 255).astype(int), 1)]
    np.testing.assert_array_equal(pixels[~grey][:, :3], expected)


def test_twenty_maps_are_buttons_with_words(frames: dict[str, pd.DataFrame]) -> None:
    markup = small_heatmaps_html(small_maps(cells_of(frames)), BY_CHEMISTRY, grouped=True)
    assert re.findall(r'<button data-pick="(\w)"', markup) == list(BY_CHEMISTRY)
    assert re.findall(r'<div class="group">(\w+)<', markup) == list(GROUPS)
    table = read_published(PUBLISHED_HEADS).query(
        "model == 'tape_bert' and feature == 'amino_acid:P'"
    )
    best = table.loc[table["percent"].idxmax()]
    said = dict(re.findall(r'data-pick="(\w)".*?<img alt="([^"]+)"', markup))
    assert list(said) == list(BY_CHEMISTRY)
    assert f"highest head {best['layer']}-{best['head']}, {best['percent']:.2f} %" in said["P"]


def test_a_shared_scale_ends_at_the_highest_of_all(frames: dict[str, pd.DataFrame]) -> None:
    def brightest(markup: str, letter: str) -> int:
        source = re.findall(rf'data-pick="{letter}".*?base64,([^"]+)"', markup)[0]
        return int(np.asarray(Image.open(io.BytesIO(base64.b64decode(source)))).max())

    own = small_heatmaps_html(small_maps(cells_of(frames)), LETTERS)
    shared = small_heatmaps_html(small_maps(cells_of(frames), shared=True), LETTERS)
    highest = {letter: frames[letter]["percent"].max() for letter in LETTERS}
    top = max(highest, key=lambda letter: highest[letter])
    for letter in LETTERS:
        assert brightest(own, letter) == 255
        expected = round(highest[letter] / highest[top] * 255)
        assert brightest(shared, letter) == pytest.approx(expected, abs=1)
    assert f"{highest[top]:.1f} %" in shared


@pytest.mark.parametrize("shape", [(12, 12), (12, 64), (30, 16), (33, 20), (6, 8), (1, 1)])
def test_cells_are_whole_pixels_and_a_row_fits_a_page(shape: tuple[int, int]) -> None:
    width, height = map_size(*shape)
    assert width % shape[1] == 0
    assert height % shape[0] == 0
    assert row_width(*shape) <= 985  # of a window of 1280 pixels, beside the menu


def test_a_model_without_a_single_kept_head(frames: dict[str, pd.DataFrame]) -> None:
    grey = {letter: frame.assign(percent=np.nan) for letter, frame in frames.items()}
    markup = small_heatmaps_html(small_maps(cells_of(grey)), LETTERS)
    assert markup.count("every head is grey") == 40  # title and alternative text


# A head's shares


def test_shares_of_a_head_are_the_table(albert: dict[str, pd.DataFrame]) -> None:
    frame = head_shares(albert, 2, 27, {})
    table = read_published(PUBLISHED_HEADS).query(
        "model == 'prot_albert' and layer == 2 and head == 27"
    )
    percent = dict(zip(table["feature"], table["percent"], strict=True))
    half = dict(zip(table["feature"], table["resolution"], strict=True))
    for row in frame.itertuples():
        name = f"amino_acid:{row.amino_acid}"
        assert row.percent == percent[name]
        assert row.lower == pytest.approx(max(percent[name] - half[name], 0))
        assert row.upper == pytest.approx(min(percent[name] + half[name], 100))
    assert frame["background_percent"].isna().all()
    assert 95 < frame["percent"].sum() < 106  # every arc goes to one amino acid


def test_enrichment_is_over_the_background(frames: dict[str, pd.DataFrame]) -> None:
    rates = {letter: 1.0 + place for place, letter in enumerate(LETTERS)}
    frame = head_shares(frames, 12, 4, rates)
    np.testing.assert_allclose(frame["enrichment"] * frame["background_percent"], frame["percent"])


def test_a_head_that_is_not_there(frames: dict[str, pd.DataFrame]) -> None:
    assert head_shares(frames, 99, 1, {})["percent"].isna().all()
    assert backgrounds(frames) == {}


def test_bars_of_a_head_are_its_shares(frames: dict[str, pd.DataFrame]) -> None:
    rates = dict.fromkeys(LETTERS, 5.0)
    frame = head_shares(frames, 12, 4, rates)
    chart = shares_chart(frame, BY_CHEMISTRY, ("A & <b>", "n = 5"))
    bars, background = chart.data
    rows = frame.set_index("amino_acid").loc[list(BY_CHEMISTRY)]
    assert list(chart.layout.xaxis.ticktext) == list(BY_CHEMISTRY)
    np.testing.assert_array_equal(bars.y, rows["percent"])
    np.testing.assert_allclose(bars.y + bars.error_y.array, rows["upper"])
    np.testing.assert_allclose(bars.y - bars.error_y.arrayminus, rows["lower"])
    assert list(background.y) == [5.0] * 20
    assert bars.text[2] == say("L", rows.loc["L"])
    assert chart.layout.yaxis.title.text == "% of the head's arcs"
    notes = {note.text for note in chart.layout.annotations}
    assert {*GROUPS, "<b>A &amp; &lt;b&gt;</b><br>n = 5"} == notes
    plain = shares_chart(frame, LETTERS, ("a", "b"))
    assert [note.name for note in plain.layout.annotations] == ["title"]
    assert list(plain.layout.xaxis.ticktext) == list(LETTERS)


def test_a_head_that_nothing_is_known_of(frames: dict[str, pd.DataFrame]) -> None:
    chart = shares_chart(head_shares(frames, 99, 1, {}), LETTERS, ("a", "b"))
    assert chart.layout.yaxis.range == (0, 1)
    assert chart.data[0].text[0] == "Alanine: not shown"


# Highest heads of each model


def test_small_bars_share_one_axis(
    frames: dict[str, pd.DataFrame], albert: dict[str, pd.DataFrame]
) -> None:
    tops = [top_heads(source["P"], 5) for source in (frames, albert)]
    tops[1] = tops[1].assign(background_percent=4.0)
    chart = top_by_model_chart([(("<b>Model</b> & co", "published"), top) for top in tops])
    bars = [trace for trace in chart.data if trace.type == "bar"]
    names = [chart.layout.yaxis.ticktext, chart.layout.yaxis2.ticktext]
    for one, shown, top in zip(bars, names, tops, strict=True):
        np.testing.assert_array_equal(one.x, top["percent"])
        assert list(shown) == [f"{a}-{b}" for a, b in zip(top["layer"], top["head"], strict=True)]
        lower, upper = interval_ends(top)
        np.testing.assert_allclose(one.x + one.error_x.array, upper)
        np.testing.assert_allclose(one.x - one.error_x.arrayminus, lower)
        assert one.text[0].startswith(f"head {shown[0]}: {top['percent'].iloc[0]:.2f} %, ")
    assert chart.layout.xaxis.range == chart.layout.xaxis2.range
    assert chart.layout.xaxis.title.text == "% of the head's arcs"
    titles = [note.text for note in chart.layout.annotations if note.name == "title"]
    assert titles == ["<b>&lt;b&gt;Model&lt;/b&gt; &amp; co</b><br>published"] * 2
    (background,) = chart.layout.shapes  # the first model's is not known
    assert (background.x0, background.xref) == (4.0, "x2")


def test_ends_of_a_share() -> None:
    frame = pd.DataFrame(
        {
            "percent": [2.0, 2.0, 2.0, 99.0],
            "interval_lower": [np.nan, np.nan, 1.5, np.nan],
            "interval_upper": [np.nan, np.nan, 2.5, np.nan],
            "resolution": [3.0, np.nan, 3.0, 3.0],
        }
    )
    lower, upper = interval_ends(frame)
    assert lower.tolist() == [0, 2, 1.5, 96]
    assert upper.tolist() == [5, 2, 2.5, 100]
