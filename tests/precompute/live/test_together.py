"""The mean of heads' maps on one protein, against a plain count from the whole attention."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from precompute.contacts.causal import CAUSAL
from precompute.contacts.pairs import RANGES
from precompute.errors import AtlasError
from precompute.live.getting.inputs import open_source
from precompute.live.getting.protein import Protein
from precompute.live.getting.sequences import read_records
from precompute.live.running import together as running
from precompute.live.running.together import HeadsTogether, attend_together, heads_to_ask
from precompute.live.running.two import Two
from precompute.live.together import predict, rank_of_pair
from precompute.models import MODELS
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from tests.checkpoints import make_checkpoint, own_checkpoint
from tests.precompute.contacts.test_maps import corrected
from tests.precompute.live.test_attention import whole_stack

RANKED = (5, 0, 7, 2, 6, 1, 4, 3)


@pytest.fixture(scope="module")
def protein() -> Protein:
    return open_source("example:1MVO")


@pytest.fixture(scope="module", params=["prot_bert", "esm2_t6_8m"])
def adapter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    folder = tmp_path_factory.mktemp("model") / "model"
    weights = Weights(make_checkpoint(folder, request.param, layers=2, heads=4), "test")
    return Checkpoint(MODELS[request.param], weights).load()


def naive(adapter: Adapter, sequence: str, heads: tuple[int, ...]) -> np.ndarray:
    """The mean of some heads' corrected maps, every pair of residues, in float64."""
    whole = whole_stack(adapter, sequence).astype(float)
    maps = whole.reshape(-1, len(sequence), len(sequence))
    return np.mean([corrected(maps[head]) for head in heads], axis=0)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_the_mean_is_that_of_a_plain_computation(
    adapter: Adapter, protein: Protein, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(protein)
    expected = naive(adapter, protein.sequence, RANKED[:count])
    expected[np.abs(np.subtract.outer(np.arange(size), np.arange(size))) < 6] = np.nan
    layers: list[tuple[int, int]] = []
    every = attend_together(
        adapter, protein.sequence, RANKED, lambda *done: layers.append(done) or None
    )
    assert layers == [(1, 2), (2, 2)]
    assert len(every.means) == len(RANKED)
    np.testing.assert_allclose(
        predict(every, protein, count).scores, expected, rtol=2e-3, atol=2e-6
    )
    # A long protein's means are too much to be kept: the one that is asked for comes alone.
    monkeypatch.setattr(running, "MAXIMUM_BYTES", 3)
    asked = heads_to_ask(RANKED, count, size)
    assert asked == RANKED[:count]
    alone = attend_together(adapter, protein.sequence, asked)
    assert len(alone.means) == 1
    np.testing.assert_allclose(alone.mean(count), every.mean(count), rtol=2e-3, atol=2e-6)


def test_one_head_together_is_the_head(adapter: Adapter, protein: Protein) -> None:
    found = attend_together(adapter, protein.sequence, RANKED).mean(1)
    single = attend_together(adapter, protein.sequence, (RANKED[0],))
    np.testing.assert_array_equal(found, single.mean(1))
    own = corrected(whole_stack(adapter, protein.sequence)[1, 1].astype(float))
    np.testing.assert_allclose(found, own[np.triu_indices(len(protein), 6)], rtol=2e-3, atol=2e-6)


def test_short_proteins_have_every_mean_at_once_and_long_ones_do_not() -> None:
    ranked = tuple(range(480))
    assert heads_to_ask(ranked, 10, 300) == ranked[:50]
    assert heads_to_ask(ranked, 10, 2000) == ranked[:10]
    assert heads_to_ask(ranked[:7], 7, 300) == ranked[:7]


def test_pairs_and_precision_are_those_of_a_plain_count(protein: Protein) -> None:
    size = len(protein)
    assert protein.chain is not None
    resolved, places = protein.chain.resolved, protein.chain.alpha_carbons
    assert resolved is not None
    assert places is not None
    generator = np.random.default_rng(1)
    distance = np.linalg.norm(places[:, None] - places, axis=-1)
    square = np.exp(-distance / 10) + 0.05 * generator.random((size, size))
    pairs = [(i, j) for i in range(size) for j in range(i + 6, size)]
    scores = np.array([square[i, j] for i, j in pairs], dtype=np.float32)
    predicted = predict(HeadsTogether((0,), scores[None], size, 0.0), protein, 1)
    length = int(resolved.sum())
    ordered = [
        (i, j)
        for _, i, j in sorted((-score, *pair) for score, pair in zip(scores, pairs, strict=True))
        if resolved[i] and resolved[j]
    ]
    assert list(zip(predicted.pairs["i"] - 1, predicted.pairs["j"] - 1, strict=True)) == [
        *ordered[:length]
    ]
    for row in predicted.precision.to_dict("records"):
        least, most = RANGES[row["separation"]]
        own = [(i, j) for i, j in ordered if least <= j - i < (most or size)]
        touching = [bool(distance[i, j] < 8) for i, j in own]
        for name, part in (("L", 1), ("L/2", 2), ("L/5", 5)):
            assert row[name] == pytest.approx(sum(touching[: length // part]) / (length // part))
        assert row["chance"] == pytest.approx(np.mean(touching))
    assert predicted.pairs["contact"].mean() == pytest.approx(
        predicted.precision.set_index("separation")["L"]["all"]
    )
    best = ordered[0]
    assert rank_of_pair(predicted, *best) == rank_of_pair(predicted, *best[::-1])
    assert rank_of_pair(predicted, *best) == (pytest.approx(float(scores.max())), 1, len(pairs))
    assert rank_of_pair(predicted, 3, 8) is None


def test_without_a_structure_nothing_is_right_or_wrong() -> None:
    protein = read_records("MKTAYIAKQRQISFVKSHFS").records[0].protein()
    scores = np.arange(len(np.triu_indices(20, 6)[0]), dtype=np.float32)
    predicted = predict(HeadsTogether((0,), scores[None], 20, 0.0), protein, 1)
    assert predicted.precision.empty
    assert len(predicted.pairs) == 20
    assert predicted.pairs["contact"].isna().all()
    assert predicted.pairs["distance"].isna().all()


def test_residues_that_are_not_read_have_no_score(protein: Protein) -> None:
    first, second = np.triu_indices(len(protein), 6)
    scores = np.where((first < 20) | (second < 20), -np.inf, first + second).astype(np.float32)
    predicted = predict(HeadsTogether((0,), scores[None], len(protein), 0.0), protein, 1)
    assert predicted.pairs["i"].min() > 20
    assert rank_of_pair(predicted, 3, 60) is None


def test_a_causal_model_is_refused(tmp_path: Path) -> None:
    adapter = own_checkpoint(make_checkpoint(tmp_path / "model", "zymctrl"), "gpt2").load()
    with pytest.raises(AtlasError, match=CAUSAL[:30]):
        attend_together(adapter, "MKTAYIAKQRQISFVKSHFS", (0, 1))


def test_two_proteins_are_refused(adapter: Adapter) -> None:
    with pytest.raises(AtlasError, match="choose one protein alone"):
        attend_together(adapter, Two("MKTAYIAKQR", "MKTAYIAKQR"), (0,))
