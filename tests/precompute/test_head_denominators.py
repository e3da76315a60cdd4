"""Head frames with both denominators and their tests: statsmodels and loops are the judges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from precompute.heads import DENOMINATORS, choose_background, measured_heads, published_heads
from precompute.published import read_published
from precompute.tables import PUBLISHED_HEADS, PUBLISHED_LAYER_MAXIMA, PUBLISHED_TOP_HEADS

PROTEINS = 30
HEADS = 12


def by_protein(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw arcs, eligible arcs and hits; shape (heads, proteins). The last head has few arcs."""
    random = np.random.default_rng(seed)
    arcs = random.integers(0, 60, (HEADS, PROTEINS))
    arcs[-1] = random.integers(0, 3, PROTEINS)
    eligible = random.binomial(arcs, 0.6)
    share = random.beta(1, 6, (HEADS, PROTEINS)) * np.linspace(0.2, 3, HEADS)[:, None]
    return arcs, eligible, random.binomial(eligible, np.clip(share, 0, 1))


def counts(arcs: np.ndarray, eligible: np.ndarray, hits: np.ndarray) -> pd.DataFrame:
    """Sum over proteins into rows of ``head_counts``, in plain loops."""
    rows = []
    for head in range(HEADS):
        triples = [
            (int(a), int(e), int(h))
            for a, e, h in zip(arcs[head], eligible[head], hits[head], strict=True)
        ]
        rows.append(
            {
                "run": "r",
                "model": "m",
                "dataset": "d",
                "attention": "self",
                "feature": "contact",
                "threshold": 0.45,
                "layer": 1 + head // 4,
                "head": 1 + head % 4,
                "arcs": sum(a for a, _, _ in triples),
                "eligible": sum(e for _, e, _ in triples),
                "hits": sum(h for _, _, h in triples),
                "proteins": sum(a > 0 for a, _, _ in triples),
                "hits_squared": sum(h * h for _, _, h in triples),
                "hits_arcs": sum(h * a for a, _, h in triples),
                "arcs_squared": sum(a * a for a, _, _ in triples),
                "hits_eligible": sum(h * e for _, e, h in triples),
                "eligible_squared": sum(e * e for _, e, _ in triples),
            }
        )
    return pd.DataFrame(rows)


BACKGROUND = pd.DataFrame(
    {
        "feature": "contact",
        "definition": ["published", "corrected"],
        "positives": [1266, 45],
        "eligible": [100_000, 3000],
        "proteins": [500, PROTEINS],
    }
)


@pytest.mark.parametrize("denominator", list(DENOMINATORS))
def test_shares_and_backgrounds_go_together(denominator: str) -> None:
    arcs, eligible, hits = by_protein()
    frame = measured_heads(
        counts(arcs, eligible, hits), BACKGROUND, "r", 3, 4, denominator=denominator
    )
    of = arcs if denominator == "published" else eligible
    rate = 1266 / 100_000 if denominator == "published" else 45 / 3000
    for head, row in enumerate(frame.itertuples()):
        if of[head].sum() < 100:
            assert row.masked
            assert np.isnan(row.percent)
        else:
            assert row.percent == pytest.approx(100 * hits[head].sum() / of[head].sum())
    assert frame["background_percent"].unique() == pytest.approx([100 * rate])
    assert set(frame["threshold"]) == {0.45}
    assert (frame["eligible"] <= frame["arcs"]).all()
    kept = frame["percent"].notna().sum()
    assert set(frame["kept"]) == {kept}


@pytest.mark.parametrize("denominator", list(DENOMINATORS))
def test_intervals_and_z_against_a_loop(denominator: str) -> None:
    arcs, eligible, hits = by_protein(2)
    frame = measured_heads(
        counts(arcs, eligible, hits), BACKGROUND, "r", 3, 4, denominator=denominator
    )
    of = arcs if denominator == "published" else eligible
    b, size = (0.01266, 100_000) if denominator == "published" else (0.015, 3000)
    kept = int(frame["percent"].notna().sum())
    for head, row in enumerate(frame.itertuples()):
        if row.masked:
            assert np.isnan(row.p_value) or of[head].sum() < 100
            continue
        h, a = hits[head], of[head]
        n = int((arcs[head] > 0).sum())
        p = h.sum() / a.sum()
        variance = n / (n - 1) * ((h - p * a) ** 2).sum() / a.sum() ** 2
        effective = min(p * (1 - p) / variance, a.sum()) if 0 < p < 1 else min(n, a.sum())
        z, _ = proportions_ztest([p * effective, b * size], [effective, size])
        assert row.z == pytest.approx(z, rel=1e-9)
        assert row.p_value == pytest.approx(2 * stats.t.sf(abs(z), n - 1), rel=1e-9)
        wald = proportion_confint(h.sum(), a.sum(), alpha=0.05 / kept)
        assert [row.wald_lower, row.wald_upper] == pytest.approx(100 * np.array(wald))


def test_marks_are_those_of_statsmodels() -> None:
    frame = measured_heads(counts(*by_protein(3)), BACKGROUND, "r", 3, 4)
    known = frame[frame["percent"].notna()]
    for column, method in (("false_discovery", "fdr_bh"), ("bonferroni", "bonferroni")):
        _, adjusted, _, _ = multipletests(known["p_value"], method=method)
        np.testing.assert_allclose(known[column], adjusted, rtol=1e-12)
    grey = frame[frame["percent"].isna()]
    assert grey[["z", "p_value", "false_discovery", "bonferroni"]].isna().all(axis=None)


def test_without_ineligible_arcs_both_denominators_agree() -> None:
    arcs, _, hits = by_protein(4)
    frames = [
        measured_heads(
            counts(arcs, arcs, hits), BACKGROUND[1:], "r", 3, 4, denominator=denominator
        ).drop(columns="denominator")
        for denominator in DENOMINATORS
    ]
    pd.testing.assert_frame_equal(*frames)


def test_a_property_without_the_papers_background_has_its_own() -> None:
    only = BACKGROUND[1:].assign(feature="amino_acid:A")
    both = pd.concat([BACKGROUND, only])
    assert choose_background(both, "published")["percent"].to_dict() == pytest.approx(
        {"contact": 1.266, "amino_acid:A": 1.5}
    )
    assert choose_background(both, "corrected")["percent"].to_dict() == pytest.approx(
        {"contact": 1.5, "amino_acid:A": 1.5}
    )


def test_published_heads_have_z_where_their_arcs_are_known() -> None:
    frame = published_heads(
        read_published(PUBLISHED_HEADS),
        read_published(PUBLISHED_TOP_HEADS),
        read_published(PUBLISHED_LAYER_MAXIMA),
    )
    known = frame[frame["z"].notna()]
    assert (known["arcs"].notna() & known["background_percent"].notna()).all()
    assert len(known) == len(read_published(PUBLISHED_TOP_HEADS))
    for row in known.head(20).itertuples():
        b = row.background_percent / 100
        z, p = proportions_ztest(row.hits, row.arcs, value=b, prop_var=b)
        assert row.z == pytest.approx(z, rel=1e-4)
        assert row.p_value == pytest.approx(p, rel=0.05, abs=1e-300)
        assert row.p_value <= row.false_discovery <= row.bonferroni <= 1
    best = known[(known["model"] == "prot_bert_bfd") & (known["feature"] == "contact")]
    assert best["bonferroni"].max() < 0.05  # as the paper marks them
