"""Frames against plain loops over the tables, and against the paper's numbers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from dashboard.results import frames
from precompute import heads
from precompute.errors import AtlasError
from precompute.features import PAPER_FEATURES
from precompute.published import read_published
from precompute.tables import (
    BACKGROUND,
    HEAD_COUNTS,
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_TOP_HEADS,
    read_table,
)
from tests import measured

BEST = {
    ("tape_bert", "contact"): ("12-4", 44.67),
    ("prot_albert", "contact"): ("11-3", 55.67),
    ("prot_bert", "contact"): ("30-14", 58.50),
    ("prot_bert_bfd", "contact"): ("30-9", 63.25),
    ("prot_xlnet", "contact"): ("26-6", 44.49),
    ("tape_bert", "binding_site"): ("11-6", 48.78),
    ("prot_albert", "binding_site"): ("2-26", 57.49),
    ("prot_bert", "binding_site"): ("24-7", 50.66),
    ("prot_bert_bfd", "binding_site"): ("26-1", 45.57),
    ("prot_xlnet", "binding_site"): ("11-16", 15.15),
    ("tape_bert", "modification"): ("11-6", 63.54),
    ("prot_albert", "modification"): ("2-28", 46.64),
    ("prot_bert", "modification"): ("26-2", 38.15),
    ("prot_bert_bfd", "modification"): ("12-12", 42.34),
    ("prot_xlnet", "modification"): ("11-16", 7.24),
}
BACKGROUNDS = {"contact": 1.266, "binding_site": 4.828, "modification": 0.843}


@pytest.fixture(scope="module")
def published() -> dict[tuple[str, str], pd.DataFrame]:
    return frames.by_feature(
        heads.published_heads(
            read_published(PUBLISHED_HEADS),
            read_published(PUBLISHED_TOP_HEADS),
            read_published(PUBLISHED_LAYER_MAXIMA),
        )
    )


@pytest.fixture(scope="module")
def counts(results_folder: Path) -> pd.DataFrame:
    table = read_table(results_folder, HEAD_COUNTS, run=measured.TAPE_RUN)
    return table[table["threshold"] == 0.3]


@pytest.fixture(scope="module")
def run_heads(results_folder: Path, counts: pd.DataFrame) -> pd.DataFrame:
    background = read_table(results_folder, BACKGROUND, run=measured.TAPE_RUN)
    return heads.measured_heads(counts, background, measured.TAPE_RUN, 12, 12)


def test_published_frames_hold_every_value_once(
    published: dict[tuple[str, str], pd.DataFrame],
) -> None:
    assert set(published) == {(m, f) for m, _ in BEST for f in PAPER_FEATURES}
    together = pd.concat(published.values())
    table = read_published(PUBLISHED_HEADS)
    key = ["model", "feature", "layer", "head"]
    both = together.merge(table, on=key, suffixes=("", "_table"), validate="1:1")
    assert len(both) == len(table) == 63_504
    for name in ("percent", "resolution", "masked"):
        pd.testing.assert_series_equal(both[name], both[f"{name}_table"], check_names=False)
    assert list(together.columns) == list(heads.HEAD_COLUMNS)


def test_published_frames_are_the_tables_joined_by_name(
    published: dict[tuple[str, str], pd.DataFrame],
) -> None:
    tops, maxima = read_published(PUBLISHED_TOP_HEADS), read_published(PUBLISHED_LAYER_MAXIMA)
    key = ["model", "feature", "layer", "head"]
    joined = pd.concat(published.values()).merge(
        tops.drop(columns="percent"), on=key, how="left", suffixes=("", "_table"), validate="1:1"
    )
    for name in ("arcs", "hits"):
        ours = joined[name].to_numpy(dtype=float, na_value=np.nan)
        np.testing.assert_array_equal(ours, joined[f"{name}_table"])
    assert joined["arcs"].notna().sum() == len(tops) == 150
    half = joined["percent"] - joined["interval_half_width"]
    np.testing.assert_array_equal(joined["wald_lower"], half.clip(lower=0))
    layers = joined.merge(maxima, on=key[:3], how="left", validate="m:1")
    drawn = layers.groupby(key[:3])["percent"].transform("count") > 0
    np.testing.assert_array_equal(layers["layer_maximum"], layers["max_percent"].where(drawn))


def test_what_belongs_to_other_heads_changes_nothing(
    published: dict[tuple[str, str], pd.DataFrame],
) -> None:
    table = read_published(PUBLISHED_HEADS)
    for model, feature in (("prot_bert", "contact"), ("tape_bert", "amino_acid:W")):
        own = table[(table["model"] == model) & (table["feature"] == feature)]
        alone = heads.published_heads(
            own,
            read_published(PUBLISHED_TOP_HEADS).sample(frac=1, random_state=0),
            read_published(PUBLISHED_LAYER_MAXIMA).sample(frac=1, random_state=0),
        )
        expected = published[model, feature].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, expected, check_exact=True)


@pytest.mark.parametrize(("key", "expected"), BEST.items())
def test_the_papers_best_heads(
    key: tuple[str, str],
    expected: tuple[str, float],
    published: dict[tuple[str, str], pd.DataFrame],
) -> None:
    best = frames.top_heads(published[key], 1).iloc[0]
    assert (f"{best['layer']}-{best['head']}", round(best["percent"], 2)) == expected
    assert best["rank"] == 1
    assert best["interval_lower"] < best["percent"] < best["interval_upper"]
    assert best["background_percent"] == pytest.approx(BACKGROUNDS[key[1]], abs=5e-4)
    assert 100 * best["hits"] / best["arcs"] == pytest.approx(best["percent"], abs=1e-4)


def test_best_heads_of_home(published: dict[tuple[str, str], pd.DataFrame]) -> None:
    best = frames.best_heads(published)
    found = {
        (row.model, row.feature): (f"{row.layer}-{row.head}", round(float(row.percent), 2))
        for row in best.itertuples()
    }
    assert found == BEST


def test_top_heads_are_the_published_ten(published: dict[tuple[str, str], pd.DataFrame]) -> None:
    table = read_published(PUBLISHED_TOP_HEADS)
    for key, group in table.groupby(["model", "feature"]):
        ours = frames.top_heads(published[key])  # type: ignore[index]
        theirs = group.sort_values("rank")
        assert ours["layer"].tolist() == theirs["layer"].tolist()
        assert ours["head"].tolist() == theirs["head"].tolist()
        assert ours["rank"].tolist() == list(range(1, 11))
        half = (ours["interval_upper"] - ours["interval_lower"]) / 2
        np.testing.assert_allclose(half, theirs["interval_half_width"], atol=1e-9)


def test_rows_are_those_of_pandas(published: dict[tuple[str, str], pd.DataFrame]) -> None:
    frame = (
        published["tape_bert", "contact"]
        .head(20)
        .assign(
            known=pd.array([True, None] * 10, dtype="boolean"), kind=pd.Categorical(["a", "b"] * 10)
        )
    )
    pd.testing.assert_frame_equal(
        pd.DataFrame(frames.rows_of(frame), dtype=object),
        pd.DataFrame(frame.to_dict("records"), dtype=object),
    )
    assert {type(value) for row in frames.rows_of(frame) for value in row.values()} == {
        type(value) for row in frame.to_dict("records") for value in row.values()
    }
    assert frames.rows_of(frame.head(0)) == frames.rows_of(pd.DataFrame()) == []


def test_layer_maxima_are_the_published_ones(
    published: dict[tuple[str, str], pd.DataFrame],
) -> None:
    table = read_published(PUBLISHED_LAYER_MAXIMA)
    compared = 0
    for key, group in table.groupby(["model", "feature"]):
        ours = frames.layer_maxima(published[key]).set_index("layer")  # type: ignore[index]
        theirs = group.set_index("layer")["max_percent"]
        known = ours["max_percent"].notna()
        assert (theirs[~known.reindex(theirs.index)] == 0).all()  # a layer without a kept head
        np.testing.assert_allclose(
            ours.loc[known, "max_percent"], theirs[known.reindex(theirs.index)], atol=1e-5
        )
        compared += int(known.sum())
    assert compared > 3000


def test_ranks_and_kept_heads_by_a_loop(published: dict[tuple[str, str], pd.DataFrame]) -> None:
    frame = published["tape_bert", "amino_acid:P"]
    values = [value for value in frame["percent"] if not math.isnan(value)]
    for row in frame.itertuples():
        if math.isnan(row.percent):  # type: ignore[arg-type]
            assert row.masked
            assert pd.isna(row.rank)
        else:
            assert row.rank == 1 + sum(value > row.percent for value in values)
            layer = frame.loc[frame["layer"] == row.layer, "percent"].max()
            assert row.layer_maximum == pytest.approx(layer, abs=row.resolution + 1e-5)
        assert row.kept == len(values)
    assert frame["background_percent"].isna().all()
    assert frame["log2_enrichment"].isna().all()


def test_a_profile_has_the_27_properties(published: dict[tuple[str, str], pd.DataFrame]) -> None:
    features = [frame for (model, _), frame in published.items() if model == "prot_bert_bfd"]
    profile = frames.head_profile(reversed(features), 30, 9)
    assert profile["feature"].tolist() == list(PAPER_FEATURES)
    table = read_published(PUBLISHED_HEADS).query(
        "model == 'prot_bert_bfd' and layer == 30 and head == 9"
    )
    expected = table.set_index("feature")["percent"].reindex(list(PAPER_FEATURES))
    np.testing.assert_allclose(profile["percent"], expected)
    assert frames.head_profile(features, 31, 1).empty
    assert frames.head_profile([], 1, 1).empty


def test_the_grid_has_layer_one_first(published: dict[tuple[str, str], pd.DataFrame]) -> None:
    frame = published["prot_albert", "contact"]
    grid = frames.grid(frame, "percent")
    assert grid.shape == (12, 64)
    row = frame.query("layer == 11 and head == 3").iloc[0]
    assert grid[10, 2] == np.float32(row["percent"])
    assert np.isnan(grid).sum() == frame["masked"].sum()


def test_measured_shares_by_a_loop(run_heads: pd.DataFrame, counts: pd.DataFrame) -> None:
    assert list(run_heads.columns) == list(heads.HEAD_COLUMNS)
    assert set(run_heads["feature"]) == set(measured.FEATURES)
    by_key = counts.set_index(["feature", "layer", "head"])
    sites = counts[counts["feature"] == "binding_site"]
    kept = int((sites["arcs"] >= 100).sum())
    z = norm.ppf(1 - 0.05 / kept / 2)
    for row in run_heads.sample(400, random_state=0).itertuples():
        count = by_key.loc[(row.feature, row.layer, row.head)]
        arcs, hits = int(count["arcs"]), int(count["hits"])
        assert (row.arcs, row.hits, row.proteins) == (arcs, hits, int(count["proteins"]))
        assert row.masked == (arcs < 100)
        assert row.kept == kept
        if arcs < 100:
            assert math.isnan(row.percent)  # type: ignore[arg-type]
            assert math.isnan(row.interval_lower)  # type: ignore[arg-type]
            continue
        p = hits / arcs
        assert row.percent == pytest.approx(100 * p)
        half = z * math.sqrt(p * (1 - p) / arcs)
        assert row.wald_lower == pytest.approx(100 * max(p - half, 0))
        assert row.wald_upper == pytest.approx(100 * min(p + half, 1))
        assert row.interval_lower <= row.percent <= row.interval_upper  # type: ignore[operator]
        rate = 5.0 if row.feature == "binding_site" else 4.0
        assert row.background_percent == pytest.approx(rate)
        expected = -math.inf if hits == 0 else math.log2(100 * p / rate)
        assert row.log2_enrichment == pytest.approx(expected)


def test_a_head_without_rows_is_grey(counts: pd.DataFrame, results_folder: Path) -> None:
    background = read_table(results_folder, BACKGROUND, run=measured.TAPE_RUN)
    fewer = counts[~((counts["layer"] == 3) & (counts["head"] == 5))]
    frame = heads.measured_heads(fewer, background, "run", 12, 12)
    gone = frame[(frame["layer"] == 3) & (frame["head"] == 5)]
    assert len(gone) == len(measured.FEATURES)
    assert gone["masked"].all()
    assert (gone["arcs"] == 0).all()


@pytest.mark.parametrize("harm", ["twice", "outside", "more hits", "nothing"])
def test_counts_that_contradict_themselves(
    harm: str, counts: pd.DataFrame, results_folder: Path
) -> None:
    background = read_table(results_folder, BACKGROUND, run=measured.TAPE_RUN)
    bad = counts.copy()
    if harm == "twice":
        bad = pd.concat([bad, bad.head(1)])
    elif harm == "outside":
        bad.loc[bad.index[0], "head"] = 13
    elif harm == "more hits":
        bad.loc[bad.index[0], "hits"] = bad["arcs"].iloc[0] + 1
    else:
        bad = bad.head(0)
    with pytest.raises(AtlasError, match="run"):
        heads.measured_heads(bad, background, "run", 12, 12)


def test_comparison_by_a_loop(
    published: dict[tuple[str, str], pd.DataFrame], run_heads: pd.DataFrame
) -> None:
    paper = published["tape_bert", "binding_site"]
    ours = run_heads[run_heads["feature"] == "binding_site"]
    compared = heads.compare(paper, ours)
    assert len(compared) == 144
    theirs, mine = (f.set_index(["layer", "head"]) for f in (paper, ours))
    seen = set()
    for row in compared.itertuples():
        p, m = theirs.loc[(row.layer, row.head)], mine.loc[(row.layer, row.head)]
        if p["masked"] or m["masked"]:
            assert pd.isna(row.within_resolution)
            assert pd.isna(row.within_interval)
            seen.add("unknown")
            continue
        assert row.difference == pytest.approx(m["percent"] - p["percent"])
        drawn = abs(m["percent"] - p["percent"]) <= p["resolution"]
        points = np.linspace(p["percent"] - p["resolution"], p["percent"] + p["resolution"], 2001)
        inside = ((points >= m["interval_lower"]) & (points <= m["interval_upper"])).any()
        assert row.within_resolution == drawn
        assert row.within_interval == inside
        seen.add(drawn)
    assert seen == {True, False, "unknown"}


def test_a_far_value_lies_within_nothing(
    published: dict[tuple[str, str], pd.DataFrame], run_heads: pd.DataFrame
) -> None:
    paper = published["tape_bert", "binding_site"].copy()
    paper["percent"] = 100 - paper["percent"] / 2
    compared = heads.compare(paper, run_heads[run_heads["feature"] == "binding_site"])
    known = compared["difference"].notna()
    assert not compared.loc[known, "within_resolution"].any()
    assert not compared.loc[known, "within_interval"].any()
