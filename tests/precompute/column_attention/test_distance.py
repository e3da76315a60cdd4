"""Column attention against distance: scipy and plain loops are the judges, and planted truths."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from precompute.alignment import Alignment
from precompute.column_attention.distance import STATISTICS, Distances, pearson, ranks
from precompute.column_attention.hamming import hamming_distances, why_undefined
from precompute.tables.column_tables import DEFINITIONS
from tests.msa_checkpoints import random_alignment


def naive_distance(one: str, other: str) -> float:
    return sum(a != b for a, b in zip(one, other, strict=True)) / len(one)


def naive_correlations(
    mean: np.ndarray, special: np.ndarray, texts: list[str]
) -> dict[tuple[str, str], float]:
    """Correlate one head pair by pair."""
    columns = len(texts[0])
    found = {}
    for definition in DEFINITIONS:
        x, y = [], []
        for i in range(len(texts)):
            for j in range(len(texts)):
                if definition == "corrected" and j <= i:
                    continue
                one = mean[i, j] + mean[j, i]
                if definition == "published_cls":
                    one = (columns * one + special[i, j] + special[j, i]) / (columns + 1)
                x.append(one)
                y.append(naive_distance(texts[i], texts[j]))
        found[definition, "spearman"] = scipy.stats.spearmanr(x, y).statistic
        found[definition, "pearson"] = np.corrcoef(x, y)[0, 1]
    return found


@pytest.mark.parametrize("rows", [3, 4, 17, 40])
def test_correlations_are_scipys_over_plainly_built_pairs(rows: int) -> None:
    texts = random_alignment(rows, 23, seed=rows)
    random = np.random.default_rng(rows)
    mean, special = random.dirichlet(np.ones(rows), (2, 5, rows)).astype(np.float32)
    mean[1] = np.round(mean[1], 1)  # many ties
    alignment = Alignment.of(texts)
    beside = Distances(hamming_distances(alignment.rows), alignment.columns)
    found = beside.correlate(torch.from_numpy(mean), torch.from_numpy(special)).numpy()
    assert found.shape == (3, 2, 5)
    for head in range(5):
        own = naive_correlations(mean[head].astype(float), special[head].astype(float), texts)
        for (definition, statistic), value in own.items():
            place = list(DEFINITIONS).index(definition), STATISTICS.index(statistic), head
            assert found[place] == pytest.approx(value, abs=1e-9, nan_ok=True)


def test_a_planted_head_has_its_own_correlation() -> None:
    """Attention that falls with distance gives −1, any monotone one the ranks' ±1."""
    alignment = Alignment.of(random_alignment(30, 50, seed=4))
    distances = hamming_distances(alignment.rows)
    planted = torch.from_numpy(np.stack([1 - distances, distances, np.exp(-9 * distances)]))
    found = Distances(distances, 50).correlate(planted, planted)
    corrected = list(DEFINITIONS).index("corrected")
    spearman, r = found[corrected]
    np.testing.assert_allclose(spearman, [-1, 1, -1], atol=1e-12)
    np.testing.assert_allclose(r[:2], [-1, 1], atol=1e-12)
    assert -0.99 < r[2] < -0.5


def test_the_diagonal_alone_makes_a_correlation() -> None:
    """Why it is corrected: heads that follow nothing but themselves look as if they followed."""
    random = np.random.default_rng(0)
    alignment = Alignment.of(random_alignment(40, 60, seed=5))
    noise = torch.from_numpy(random.random((50, 40, 40)))
    with_self = noise + 40 * torch.eye(40)
    found = Distances(hamming_distances(alignment.rows), 60).correlate(with_self, with_self)
    size = found.abs().mean(2)[:, STATISTICS.index("pearson")]
    assert size[list(DEFINITIONS).index("corrected")] < 0.05
    assert size[list(DEFINITIONS).index("published")] > 0.5


def test_many_rows_at_once_or_few_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    alignment = Alignment.of(random_alignment(20, 30))
    beside = Distances(hamming_distances(alignment.rows), 30)
    mean = torch.rand(7, 20, 20)
    expected = beside.correlate(mean, mean.flip(0))
    for some in (1, 900, 400):
        monkeypatch.setattr("precompute.column_attention.distance._AT_ONCE", some)
        torch.testing.assert_close(beside.correlate(mean, mean.flip(0)), expected, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["ACD"], "fewer than 3 rows"),
        (["ACD", "ACE"], "fewer than 3 rows"),
        (["ACD"] * 3, "same distance"),
        (["AC", "DE", "FG"], "same distance"),
        (["ACD", "ACE", "AFE"], ""),
    ],
)
def test_what_is_not_defined_is_said(texts: list[str], said: str) -> None:
    why = why_undefined(hamming_distances(Alignment.of(texts).rows))
    assert said in why
    assert bool(why) == bool(said)


def test_attention_that_does_not_vary_has_no_correlation() -> None:
    alignment = Alignment.of(random_alignment(9, 30))
    mean = torch.rand(2, 9, 9)
    mean[0] = 1 / 9
    found = Distances(hamming_distances(alignment.rows), 30).correlate(mean, mean)
    assert found[:, :, 0].isnan().all()
    assert found[:, :, 1].isfinite().all()


def test_distances_are_those_of_a_plain_loop() -> None:
    texts = [*random_alignment(12, 31, seed=9), "-" * 31, "X" * 31]
    found = hamming_distances(Alignment.of(texts).rows)
    for i, one in enumerate(texts):
        for j, other in enumerate(texts):
            assert found[i, j] == pytest.approx(naive_distance(one, other), abs=1e-15)


def test_ranks_are_scipys() -> None:
    values = np.random.default_rng(3).integers(0, 9, (6, 50)).astype(float)
    found = ranks(torch.from_numpy(values)).numpy()
    np.testing.assert_array_equal(found, scipy.stats.rankdata(values, axis=1))
    assert pearson(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 1.0])).isnan()
