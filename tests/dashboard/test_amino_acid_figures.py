"""Drawings of amino acids: every mark is where its value says, every cell has its colour."""

from __future__ import annotations

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import colormaps
from PIL import Image

from dashboard.figures.look import palette, style
from dashboard.figures.printing import shell
from dashboard.pages.amino_acids.shares_screen import shares_svg
from dashboard.pages.amino_acids.small_heatmaps_screen import (
    map_size,
    row_width,
    small_heatmap_png,
    small_heatmaps_html,
)
from dashboard.pages.amino_acids.top_by_model_screen import top_by_model_svg
from dashboard.results.amino_acid_frames import (
    amino_acid_frames,
    backgrounds,
    head_shares,
    interval_ends,
)
from dashboard.results.frames import grid, top_heads
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return amino_acid_frames(shell.read_paper("tape_bert").frames)


@pytest.fixture(scope="module")
def albert() -> dict[str, pd.DataFrame]:
    return amino_acid_frames(shell.read_paper("prot_albert").frames)


def parse(text: str) -> ElementTree.Element:
    assert "\n" not in text  # a blank line would end it in a page's Markdown
    return ElementTree.fromstring(text)


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
    markup = small_heatmaps_html(frames, BY_CHEMISTRY, grouped=True)
    root = parse(f"<div>{markup}</div>".replace("></button>", "/></button>"))
    buttons = root.findall(".//button")
    assert [button.get("data-choose") for button in buttons] == list(BY_CHEMISTRY)
    assert [group.text for group in root.findall(".//div[@class='group']")] == [
        *("hydrophobic", "aromatic", "polar", "charged", "special")
    ]
    table = read_published(PUBLISHED_HEADS).query(
        "model == 'tape_bert' and feature == 'amino_acid:P'"
    )
    best = table.loc[table["percent"].idxmax()]
    proline = next(button for button in buttons if button.get("data-choose") == "P")
    words = proline.find("img").get("alt", "")  # type: ignore[union-attr]
    assert f"highest head {best['layer']}-{best['head']}, {best['percent']:.2f} %" in words
    assert all(button.find("img").get("alt") for button in buttons)  # type: ignore[union-attr]


def test_a_shared_scale_ends_at_the_highest_of_all(frames: dict[str, pd.DataFrame]) -> None:
    def brightest(markup: str, letter: str) -> int:
        source = re.findall(rf'data-choose="{letter}".*?base64,([^"]+)"', markup)[0]
        return int(np.asarray(Image.open(io.BytesIO(base64.b64decode(source)))).max())

    own = small_heatmaps_html(frames, LETTERS)
    shared = small_heatmaps_html(frames, LETTERS, shared=True)
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
    markup = small_heatmaps_html(grey, LETTERS)
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


def test_bars_of_a_head_are_as_high_as_their_shares(frames: dict[str, pd.DataFrame]) -> None:
    rates = dict.fromkeys(LETTERS, 5.0)
    frame = head_shares(frames, 12, 4, rates)
    drawing = parse(shares_svg(frame, BY_CHEMISTRY, "A & <b>", grouped=True))
    assert drawing.get("aria-label") == "A & <b>"
    heights = {}
    for group in drawing.findall("g"):
        letter = group.findall("text")[-1].text
        bar = next(r for r in group.findall("rect") if r.get("fill") == style.VALUE)
        heights[letter] = float(bar.get("height", ""))
    percent = frame.set_index("amino_acid")["percent"]
    unit = heights["L"] / percent["L"]
    for letter in LETTERS:
        assert heights[letter] == pytest.approx(percent[letter] * unit, abs=0.1)
    assert list(heights) == list(BY_CHEMISTRY)
    marks = [line for line in drawing.iter("line") if line.get("stroke") == style.OTHER]
    assert len(marks) == 20
    assert len({line.get("y1") for line in marks}) == 1


# Highest heads of each model


def test_small_bars_share_one_axis(
    frames: dict[str, pd.DataFrame], albert: dict[str, pd.DataFrame]
) -> None:
    units = []
    for source in (frames, albert):
        top = top_heads(source["P"], 5)
        drawing = parse(top_by_model_svg(top, ("<b>Model</b> & co", "published"), 100.0))
        bars = [r for r in drawing.iter("rect") if r.get("fill") == style.VALUE]
        assert len(bars) == 5
        units += [
            float(bar.get("width", "")) / percent
            for bar, percent in zip(bars, top["percent"], strict=True)
        ]
        names = [group.findall("text")[0].text for group in drawing.findall("g")]
        assert names == [f"{a}-{b}" for a, b in zip(top["layer"], top["head"], strict=True)]
    assert max(units) - min(units) < 0.01


def test_ends_of_a_share() -> None:
    row = {"percent": 2.0, "interval_lower": None, "interval_upper": None, "resolution": 3.0}
    assert interval_ends(row) == (0.0, 5.0)
    assert interval_ends({**row, "resolution": None}) == (2.0, 2.0)
    assert interval_ends({**row, "interval_lower": 1.5, "interval_upper": 2.5}) == (1.5, 2.5)
