"""Layers: the paper's centres of gravity, plain loops, all corners of what a drawing allows."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.heads import published_heads
from precompute.layers import (
    CENTRE_COLUMNS,
    LAYER_COLUMNS,
    bootstrap_centres,
    centre,
    centre_row,
    drawing_bounds,
    layer_frame,
)
from precompute.published import read_published
from precompute.tables import (
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_LAYER_MEANS,
    PUBLISHED_TOP_HEADS,
)

PAPER_CENTRES = {
    "secondary_structure:helix": 6.59,
    "secondary_structure:turn_bend": 6.91,
    "secondary_structure:strand": 7.05,
    "binding_site": 7.46,
    "contact": 8.22,
}


@pytest.fixture(scope="module")
def published() -> dict[tuple[str, str], pd.DataFrame]:
    heads = published_heads(
        read_published(PUBLISHED_HEADS),
        read_published(PUBLISHED_TOP_HEADS),
        read_published(PUBLISHED_LAYER_MAXIMA),
    )
    return dict(iter(heads.groupby(["model", "feature"])))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def exact() -> pd.DataFrame:
    return read_published(PUBLISHED_LAYER_MEANS)


def head_frame(percent: np.ndarray, resolution: float = float("nan")) -> pd.DataFrame:
    """Make a head frame of layers × heads percentages; NaN is masked."""
    layers, heads = percent.shape
    frame = pd.DataFrame(
        {
            "source": "run",
            "model": "made_up",
            "dataset": "none",
            "feature": "contact",
            "layer": np.repeat(np.arange(1, layers + 1), heads),
            "head": np.tile(np.arange(1, heads + 1), layers),
            "percent": percent.ravel(),
            "resolution": resolution,
            "background_percent": 1.0,
        }
    )
    frame["layer_maximum"] = frame.groupby("layer")["percent"].transform("max")
    return frame


@pytest.mark.parametrize(("feature", "expected"), PAPER_CENTRES.items())
def test_the_papers_centres_of_gravity(
    feature: str,
    expected: float,
    published: dict[tuple[str, str], pd.DataFrame],
    exact: pd.DataFrame,
) -> None:
    heads = published["tape_bert", feature]
    row = centre_row(heads, layer_frame(heads, exact))
    assert row["read_from"] == "bar"
    assert round(row["centre"], 2) == expected
    table = exact.loc[exact["feature"] == feature, "centre_of_gravity"].iloc[0]
    assert row["centre"] == pytest.approx(table, abs=1e-4)
    assert row["lower"] < row["centre"] < row["upper"]


@pytest.mark.parametrize("feature", PAPER_CENTRES)
def test_cells_allow_the_papers_bars(
    feature: str, published: dict[tuple[str, str], pd.DataFrame], exact: pd.DataFrame
) -> None:
    heads = published["tape_bert", feature]
    cells = layer_frame(heads)
    bars = exact[exact["feature"] == feature].set_index("layer")["mean_percent"]
    off = (cells.set_index("layer")["mean_percent"] - bars).abs()
    assert (off <= cells.set_index("layer")["resolution"]).all()
    assert off.max() > 0
    row = centre_row(heads, cells)
    assert row["read_from"] == "cells"
    own = exact.loc[exact["feature"] == feature, "centre_of_gravity"].iloc[0]
    assert row["drawn_lower"] <= own <= row["drawn_upper"]
    assert row["drawn_lower"] < row["centre"] < row["drawn_upper"]


@pytest.mark.parametrize("key", [("prot_albert", "contact"), ("prot_xlnet", "amino_acid:W")])
def test_a_layer_frame_by_a_loop(
    key: tuple[str, str], published: dict[tuple[str, str], pd.DataFrame], exact: pd.DataFrame
) -> None:
    heads = published[key]
    frame = layer_frame(heads.sample(frac=1, random_state=0), exact)
    assert list(frame.columns) == list(LAYER_COLUMNS)
    assert frame["read_from"].unique().tolist() == ["cells"]  # the paper's bars are TapeBert's
    total = heads["layer"].max()
    assert len(frame) == total
    for row in frame.itertuples():
        own = [h for h in heads.itertuples() if h.layer == row.layer]
        kept = [h for h in own if not math.isnan(h.percent)]  # type: ignore[arg-type]
        assert (row.heads, row.kept) == (len(own), len(kept))
        assert row.depth == row.layer / total  # type: ignore[operator]
        assert row.mean_percent == pytest.approx(sum(h.percent for h in kept) / len(kept))  # type: ignore[misc]
        assert row.max_percent == pytest.approx(
            max(h.percent for h in kept),  # type: ignore[type-var]
            abs=max(h.resolution for h in kept) + 1e-4,  # type: ignore[type-var, operator]
        )
        assert row.max_head in [h.head for h in kept]


# A percentage is 0 or far from where products of floats underflow.
percentage = st.just(0.0) | st.floats(1e-9, 100)
small = st.lists(percentage, min_size=1, max_size=7)


@given(small, st.just(0.0) | st.floats(1e-6, 20))
def test_the_bounds_are_the_extremes_of_all_corners(means: list[float], half: float) -> None:
    layers = np.arange(1, len(means) + 1)
    corners = []
    for ends in itertools.product((-1, 1), repeat=len(means)):
        weights = [max(m + e * half, 0) for m, e in zip(means, ends, strict=True)]
        if sum(weights) > 0:
            corners.append(sum(i * w for i, w in zip(layers, weights, strict=True)) / sum(weights))
    bounds = drawing_bounds(layers, means, [half] * len(means))
    if not corners:
        return
    assert bounds.lower == pytest.approx(min(corners), abs=1e-6)
    assert bounds.upper == pytest.approx(max(corners), abs=1e-6)


@given(small, st.floats(0.01, 100), st.integers(0, 5))
def test_a_centre_is_a_mean_of_positions(means: list[float], factor: float, shift: int) -> None:
    layers = np.arange(1, len(means) + 1)
    found = centre(layers, means)
    if sum(means) == 0:
        assert math.isnan(found)
        return
    assert 1 - 1e-9 <= found <= len(means) + 1e-9
    assert centre(layers, np.array(means) * factor) == pytest.approx(found)
    assert centre(layers + shift, means) == pytest.approx(found + shift)
    assert centre(layers, means[::-1]) == pytest.approx(len(means) + 1 - found)
    with_gap = [*means, float("nan")]
    assert centre(np.arange(1, len(means) + 2), with_gap) == pytest.approx(found)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_bootstrap_scatters_as_the_delta_method_says(seed: int) -> None:
    percent = np.random.default_rng(seed).gamma(4, 3, (12, 16))
    means, layers = percent.mean(axis=1), np.arange(1, 13)
    middle = centre(layers, means)
    spread = percent.var(axis=1) / percent.shape[1]  # of a mean of heads drawn with replacement
    expected = math.sqrt((((layers - middle) / means.sum()) ** 2 * spread).sum())
    drawn = bootstrap_centres(head_frame(percent), draws=4000, seed=seed)
    assert drawn.std() == pytest.approx(expected, rel=0.06)
    assert drawn.mean() == pytest.approx(middle, abs=4 * expected / math.sqrt(4000) + 0.01)


@settings(max_examples=20)
@given(st.lists(st.floats(0.5, 90), min_size=1, max_size=6), st.integers(1, 5))
def test_heads_that_agree_leave_no_doubt(levels: list[float], heads: int) -> None:
    frame = head_frame(np.repeat(np.array(levels)[:, None], heads, axis=1))
    row = centre_row(frame, layer_frame(frame), draws=50)
    assert list(row) == list(CENTRE_COLUMNS)
    assert row["lower"] == pytest.approx(row["centre"])
    assert row["upper"] == pytest.approx(row["centre"])
    assert math.isnan(row["drawn_lower"])  # counted, not drawn
    assert row["highest_mean_percent"] == pytest.approx(max(levels))


def test_the_interval_is_the_same_every_time_and_whatever_the_order_of_rows() -> None:
    frame = head_frame(np.random.default_rng(3).gamma(2, 5, (6, 8)))
    one, other = bootstrap_centres(frame), bootstrap_centres(frame.sample(frac=1, random_state=1))
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, bootstrap_centres(frame, seed=1))


def test_masked_heads_and_layers_take_no_part() -> None:
    percent = np.array([[2.0, 4.0], [np.nan, 6.0], [np.nan, np.nan]])
    frame = head_frame(percent)
    layers = layer_frame(frame)
    assert layers["kept"].tolist() == [2, 1, 0]
    assert layers["mean_percent"].tolist()[:2] == [3.0, 6.0]
    assert math.isnan(layers["mean_percent"].iloc[2])
    row = centre_row(frame, layers)
    assert row["centre"] == pytest.approx((1 * 3 + 2 * 6) / 9)
    assert (row["max_layer"], row["max_head"], row["max_percent"]) == (2, 2, 6.0)


@pytest.mark.parametrize("value", [float("nan"), 0.0])
def test_nothing_to_weigh(value: float) -> None:
    frame = head_frame(np.full((3, 2), value), resolution=0.0 if value == 0 else value)
    row = centre_row(frame, layer_frame(frame))
    for name in ("centre", "lower", "upper", "drawn_lower", "relative"):
        assert math.isnan(row[name])
    assert row["kept"] == (6 if value == 0 else 0)
