"""Two sources beside each other: plain loops, scipy, statsmodels, and what must not change."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, norm, spearmanr
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from precompute.differences import (
    BASES,
    DIFFERENCE_COLUMNS,
    DRAWN,
    INSIDE,
    TESTED,
    cumulative,
    difference_frame,
    distribution,
    largest_distance,
    spearman,
    summarise,
    two_sample_z,
    with_effective_arcs,
)
from precompute.heads import measured_heads, published_heads
from precompute.published import read_published
from precompute.tables import (
    PUBLISHED_HEADS,
    PUBLISHED_LAYER_MAXIMA,
    PUBLISHED_TOP_HEADS,
)
from tests import measured

FEATURES = ("binding_site", "amino_acid:P", "amino_acid:W")
TINY = 1e-9


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return published_heads(
        read_published(PUBLISHED_HEADS),
        read_published(PUBLISHED_TOP_HEADS),
        read_published(PUBLISHED_LAYER_MAXIMA),
    )


def paper(published: pd.DataFrame, model: str) -> pd.DataFrame:
    return published[published["model"] == model].reset_index(drop=True)


def make_run(name: str, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Measure a model of 3 × 4 heads; `shift` is added to binding sites of layer 1."""
    shares = measured.own_shares()[["binding_site", *measured.FEATURES[1:]]]
    shares.loc[shares.index.get_level_values("layer") == 1, "binding_site"] += shift
    shares["binding_site"] = shares["binding_site"].clip(0.02, 1)
    rows = measured.count_arcs(shares, seed)
    counts = measured.head_counts(rows[rows["feature"].isin(FEATURES)], name, measured.OWN_MODEL)
    counts = counts[counts["threshold"] == 0.3]
    heads = measured_heads(counts, measured.background(name), name, 3, 4)
    return with_effective_arcs(heads, counts)


@pytest.fixture(scope="module")
def runs() -> tuple[pd.DataFrame, pd.DataFrame]:
    return make_run("one", 11), make_run("two", 12, shift=-0.25)


def test_two_runs_by_a_loop(runs: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    frame = difference_frame(*runs)
    assert list(frame.columns) == list(DIFFERENCE_COLUMNS)
    assert len(frame) == len(FEATURES) * 12
    assert frame["basis"].unique().tolist() == [TESTED]
    one, two = (run.set_index(["feature", "layer", "head"]) for run in runs)
    for row in frame.itertuples():
        a, b = (run.loc[(row.feature, row.layer, row.head)] for run in (one, two))
        if (row.layer, row.head) == (3, 4):  # the head without an arc
            assert math.isnan(row.difference)  # type: ignore[arg-type]
            assert math.isnan(row.p_value)  # type: ignore[arg-type]
            assert pd.isna(row.agrees)
            assert pd.isna(row.false_discovery)
            continue
        assert row.difference == pytest.approx(b["percent"] - a["percent"])
        p, q = a["percent"] / 100, b["percent"] / 100
        n, m = a["effective_arcs"], b["effective_arcs"]
        pooled = (p * n + q * m) / (n + m)
        z = (q - p) / math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        assert row.z == pytest.approx(z)
        assert row.p_value >= 2 * norm.sf(abs(z)) - TINY  # type: ignore[operator]


def test_marks_are_those_of_statsmodels(runs: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    frame = difference_frame(*runs)
    seen = set()
    for _, part in frame.groupby("feature"):
        known = part[part["p_value"].notna()]
        for name, method in (("false_discovery", "fdr_bh"), ("bonferroni", "bonferroni")):
            rejected, adjusted, _, _ = multipletests(known["p_value"], 0.05, method)
            assert known[name].tolist() == rejected.tolist()
            if method == "fdr_bh":
                np.testing.assert_allclose(known["q_value"], adjusted)
            seen |= set(rejected.tolist())
        assert (known["agrees"] == ~known["false_discovery"]).all()
    assert seen == {True, False}


def test_the_shifted_heads_are_found(runs: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    frame = difference_frame(*runs)
    sites = frame[frame["feature"] == "binding_site"].dropna(subset="difference")
    moved = sites["layer"] == 1
    assert (sites.loc[moved, "difference"] < -10).all()
    assert sites.loc[moved, "bonferroni"].all()
    assert not sites.loc[~moved, "bonferroni"].any()


@settings(max_examples=30)
@given(st.integers(5, 4000), st.integers(5, 4000), st.floats(0, 1), st.floats(0, 1))
def test_z_at_whole_numbers_is_that_of_two_proportions(n: int, m: int, p: float, q: float) -> None:
    hits = [round(p * n), round(q * m)]
    found = float(two_sample_z(hits[0] / n, n, hits[1] / m, m))
    if sum(hits) in (0, n + m):
        assert found == 0
        return
    expected, _ = proportions_ztest([hits[1], hits[0]], [m, n])
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_equal_shares_are_seldom_told_apart() -> None:
    """Without any difference about one test in twenty finds one, though arcs cluster."""
    random = np.random.default_rng(5)
    heads, proteins = 600, 60
    rates = []
    for run in range(2):
        arcs = random.poisson(20, (heads, proteins)) + 1
        hits = random.binomial(arcs, random.beta(3, 7, (heads, proteins)))
        counts = pd.DataFrame(
            {
                "feature": "contact",
                "layer": np.arange(heads) // 20 + 1,
                "head": np.arange(heads) % 20 + 1,
                "hits": hits.sum(1),
                "arcs": arcs.sum(1),
                "proteins": proteins,
                "hits_squared": (hits**2).sum(1),
                "hits_arcs": (hits * arcs).sum(1),
                "arcs_squared": (arcs**2).sum(1),
            }
        )
        frame = counts[["feature", "layer", "head", "arcs", "proteins"]].assign(
            model="m", source=f"r{run}", percent=100 * counts["hits"] / counts["arcs"]
        )
        frame = frame.assign(
            resolution=np.nan, interval_lower=np.nan, interval_upper=np.nan, rank=1
        )
        rates.append(with_effective_arcs(frame, counts))
    frame = difference_frame(*rates)
    assert 0.025 < (frame["p_value"] <= 0.05).mean() < 0.08
    # arcs for independent draws would find far too many
    z = two_sample_z(
        frame["percent_1"] / 100, rates[0]["arcs"], frame["percent_2"] / 100, rates[1]["arcs"]
    )
    assert (2 * norm.sf(np.abs(z)) <= 0.05).mean() > 0.2


def test_a_run_and_itself_do_not_differ(runs: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    frame = difference_frame(runs[0], runs[0])
    known = frame["difference"].notna()
    assert (frame.loc[known, "difference"] == 0).all()
    assert (frame.loc[known, "p_value"] == 1).all()
    assert frame.loc[known, "agrees"].all()
    assert not frame.loc[known, "false_discovery"].any()
    assert not frame.loc[known, "bonferroni"].any()
    summary = summarise(frame).set_index("feature")
    assert (summary["agree"] == 1).all()
    assert (summary["false_discovery"] == 0).all()
    np.testing.assert_allclose(summary["spearman"], 1)


@pytest.mark.parametrize("pair", ["runs", "published", "mixed"])
def test_the_other_way_round_only_the_sign_changes(
    pair: str, runs: tuple[pd.DataFrame, pd.DataFrame], published: pd.DataFrame
) -> None:
    first, second = {
        "runs": runs,
        "published": (paper(published, "prot_bert"), paper(published, "prot_bert_bfd")),
        "mixed": (paper(published, "tape_bert"), runs[0]),
    }[pair]
    there, back = difference_frame(first, second), difference_frame(second, first)
    assert there["basis"].unique().tolist() == back["basis"].unique().tolist()
    np.testing.assert_allclose(there["difference"], -back["difference"])
    np.testing.assert_allclose(there["z"], -back["z"])
    for name in ("p_value", "q_value", "agrees", "false_discovery", "bonferroni"):
        pd.testing.assert_series_equal(there[name], back[name])
    np.testing.assert_allclose(there["percent_1"], back["percent_2"])
    one, other = summarise(there), summarise(back)
    np.testing.assert_allclose(one["median_difference"], -other["median_difference"])
    for name in ("median_absolute", "spearman"):
        np.testing.assert_allclose(one[name], other[name])


def test_a_constant_shifts_every_difference(
    runs: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    moved = runs[1].assign(percent=runs[1]["percent"] + 3)
    before, after = difference_frame(*runs), difference_frame(runs[0], moved)
    np.testing.assert_allclose(after["difference"], before["difference"] + 3)
    np.testing.assert_allclose(summarise(after)["spearman"], summarise(before)["spearman"])


def test_published_values_agree_within_both_resolutions(published: pd.DataFrame) -> None:
    first, second = (paper(published, name) for name in ("prot_bert", "prot_bert_bfd"))
    frame = difference_frame(first, second)
    assert frame["basis"].unique().tolist() == [DRAWN]
    assert frame["p_value"].isna().all()
    one, two = (source.set_index(["feature", "layer", "head"]) for source in (first, second))
    seen = set()
    for row in frame.sample(500, random_state=0).itertuples():
        a, b = (source.loc[(row.feature, row.layer, row.head)] for source in (one, two))
        if a["masked"] or b["masked"]:
            assert pd.isna(row.agrees)
            continue
        allowed = a["resolution"] + b["resolution"]
        assert row.agrees == (abs(b["percent"] - a["percent"]) <= allowed)
        seen.add(row.agrees)
    assert seen == {True, False}
    summary = summarise(frame)
    assert len(summary) == 27
    assert summary["false_discovery"].isna().all()


def test_published_beside_measured(
    published: pd.DataFrame, runs: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    # the same numbers as a run, drawn exactly: all must agree with it
    drawn = runs[0].assign(source="published", resolution=0.0)
    frame = difference_frame(drawn, runs[0])
    assert frame["basis"].unique().tolist() == [INSIDE]
    known = frame["difference"].notna()
    assert frame.loc[known, "agrees"].all()
    far = difference_frame(drawn.assign(percent=drawn["percent"] / 2 + 60), runs[0])
    assert not far.loc[known, "agrees"].any()
    assert far["false_discovery"].isna().all()
    assert set(BASES.values()) == {DRAWN, INSIDE, TESTED}


def test_a_summary_by_a_loop(runs: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    frame = difference_frame(*runs)
    for row in summarise(frame).itertuples():
        own = [r for r in frame.itertuples() if r.feature == row.feature and r.p_value == r.p_value]
        differences = sorted(r.difference for r in own)  # type: ignore[type-var]
        assert row.heads == len(own) == 11
        assert row.median_difference == differences[5]
        assert row.largest in (differences[0], differences[-1])
        assert abs(row.largest) == max(abs(d) for d in differences)  # type: ignore[arg-type, operator]
        assert row.agree == pytest.approx(sum(bool(r.agrees) for r in own) / len(own))
        assert row.bonferroni == sum(bool(r.bonferroni) for r in own)
        expected = spearmanr([r.percent_1 for r in own], [r.percent_2 for r in own]).statistic
        assert row.spearman == pytest.approx(expected)


values = st.lists(st.one_of(st.integers(0, 5), st.floats(0, 100)), min_size=2, max_size=40)


@settings(max_examples=60)
@given(values, values)
def test_rank_correlation_and_distance_are_those_of_scipy(
    one: list[float], other: list[float]
) -> None:
    frames = [pd.DataFrame({"percent": np.array(v, dtype=float)}) for v in (one, other)]
    assert largest_distance(*frames) == pytest.approx(
        ks_2samp(one, other, method="asymp").statistic
    )
    n = min(len(one), len(other))
    a, b = pd.Series(one[:n], dtype=float), pd.Series(other[:n], dtype=float)
    found = spearman(a, b)
    if a.nunique() == 1 or b.nunique() == 1:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(spearmanr(a, b).statistic)
    steps = cumulative(frames[0])
    for row in steps.itertuples():
        assert row.share == pytest.approx(sum(v <= row.percent for v in one) / len(one))  # type: ignore[operator]
    assert steps["share"].iloc[-1] == 1


def test_quantiles_are_numpys(published: pd.DataFrame) -> None:
    own = paper(published, "prot_albert")
    table = distribution(own).set_index("feature")
    assert len(table) == 27
    for feature, part in own.groupby("feature"):
        kept = part["percent"].dropna()
        row = table.loc[feature]
        assert row["kept"] == len(kept)
        expected = np.quantile(kept, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
        found = row[["q0", "q5", "q25", "q50", "q75", "q95", "q100"]].astype(float)
        np.testing.assert_allclose(found, expected)


def test_a_source_without_a_kept_head(runs: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    empty = runs[0].assign(percent=np.nan, effective_arcs=np.nan)
    frame = difference_frame(empty, runs[1])
    assert frame["difference"].isna().all()
    assert frame["agrees"].isna().all()
    summary = summarise(frame)
    assert (summary["heads"] == 0).all()
    assert summary["largest"].isna().all()
    one = empty[empty["feature"] == "binding_site"]
    assert math.isnan(largest_distance(one, runs[1]))
    assert cumulative(one).empty
    assert (distribution(empty)["kept"] == 0).all()


def test_proteins_in_both_runs_need_two(runs: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    single = runs[0].assign(proteins=1)
    assert difference_frame(single, runs[1])["p_value"].isna().all()


def test_a_head_that_stands_twice_is_not_compared(
    runs: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    one, other = runs
    with pytest.raises(ValueError, match="twice"):
        difference_frame(one, pd.concat([other, other.iloc[:1]], ignore_index=True))


def test_heads_are_found_in_any_order(runs: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    one, other = runs
    shuffled = other.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(difference_frame(one, shuffled), difference_frame(one, other))


def test_no_property_in_common(
    published: pd.DataFrame, runs: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    own = paper(published, "tape_bert")
    frame = difference_frame(own[own["feature"] == "contact"], runs[0])
    assert frame.empty
    assert list(frame.columns) == list(DIFFERENCE_COLUMNS)
    assert summarise(frame).empty
