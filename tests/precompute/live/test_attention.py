"""What is kept of a model's attention, against the whole stack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from precompute.errors import AtlasError
from precompute.live.running.attention import (
    FLOOR,
    SCALE,
    SparseAttention,
    attend,
    to_units,
    units,
)
from precompute.models import MODELS
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from tests.checkpoints import make_checkpoint

SEQUENCE = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVKALPDAQ"


@pytest.fixture(scope="module", params=["prot_bert", "prot_xlnet", "esm2_t6_8m"])
def adapter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    folder = make_checkpoint(tmp_path_factory.mktemp("model") / "model", request.param)
    return Checkpoint(MODELS[request.param], Weights(folder, "test")).load()


def whole_stack(adapter: Adapter, sequence: str) -> np.ndarray:
    """All probabilities between residues, shape (layers, heads, residues, residues)."""
    encoding = adapter.encode(sequence)
    layers: list[np.ndarray] = []
    adapter.attend([encoding], lambda _, p: layers.append(p[0].numpy().copy()))
    placed = np.flatnonzero(encoding.residues >= 0)
    order = placed[np.argsort(encoding.residues[placed])]
    return np.stack(layers)[:, :, order][:, :, :, order]


def test_every_weight_above_the_floor_is_kept(adapter: Adapter) -> None:
    attention, whole = attend(adapter, SEQUENCE), whole_stack(adapter, SEQUENCE)
    assert attention.floor == FLOOR
    for layer in range(adapter.layers):
        for head in range(adapter.heads):
            arcs = attention.head(layer + 1, head + 1)
            expected = whole[layer, head]
            rows, columns = np.nonzero(expected >= np.float32(FLOOR))
            assert arcs.source.tolist() == rows.tolist()
            assert arcs.target.tolist() == columns.tolist()
            np.testing.assert_allclose(arcs.weight / SCALE, expected[rows, columns], atol=1 / SCALE)


@pytest.mark.parametrize("threshold", [0.02, 0.05, 0.1, 0.3, 0.35, 0.9])
def test_arcs_are_counted_as_the_engine_counts_them(adapter: Adapter, threshold: float) -> None:
    place, arcs = attend(adapter, SEQUENCE).all_arcs(threshold)
    whole = whole_stack(adapter, SEQUENCE)
    counts = np.bincount(place, minlength=adapter.layers * adapter.heads)
    expected = (whole >= np.float32(threshold)).sum(axis=(2, 3)).ravel()
    assert counts.tolist() == expected.tolist()
    assert len(arcs.source) == expected.sum()


def test_sums_hold_small_weights_too(adapter: Adapter) -> None:
    attention, whole = attend(adapter, SEQUENCE), whole_stack(adapter, SEQUENCE)
    np.testing.assert_allclose(attention.received, whole.sum(axis=2), atol=1e-5)
    np.testing.assert_allclose(attention.special, 1 - whole.sum(axis=3).mean(axis=2), atol=1e-5)
    assert attention.read.all()


def test_what_does_not_fit_raises_the_floor(adapter: Adapter) -> None:
    whole = attend(adapter, SEQUENCE)
    room = whole.nbytes - len(whole.weight) * 3
    less = attend(adapter, SEQUENCE, maximum_bytes=room)
    assert less.nbytes <= room
    assert less.floor > whole.floor
    _, expected = whole.all_arcs(less.floor)
    assert less.weight.tolist() == expected.weight.tolist()
    np.testing.assert_array_equal(less.received, whole.received)


def test_progress_by_layer_and_a_stop(adapter: Adapter) -> None:
    seen: list[tuple[int, int]] = []
    attend(adapter, SEQUENCE, lambda done, total: seen.append((done, total)))
    assert seen == [(layer + 1, adapter.layers) for layer in range(adapter.layers)]

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        attend(adapter, SEQUENCE, stop)
    assert attend(adapter, SEQUENCE).layers == adapter.layers


def test_a_head_that_is_not_there(adapter: Adapter) -> None:
    attention = attend(adapter, SEQUENCE)
    for layer, head in ((0, 1), (1, 0), (adapter.layers + 1, 1), (1, adapter.heads + 1)):
        with pytest.raises(AtlasError, match="There is no head"):
            attention.head(layer, head)


def test_a_sequence_that_is_too_long(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", "esm2_t6_8m", max_position_embeddings=40)
    adapter = Checkpoint(MODELS["esm2_t6_8m"], Weights(folder, "test")).load()
    with pytest.raises(AtlasError, match="reads at most"):
        attend(adapter, SEQUENCE)


@settings(deadline=None)
@given(arrays(np.float32, 40, elements=st.floats(0, 1, width=32)))
def test_units_keep_every_hundredth(weights: np.ndarray) -> None:
    kept = to_units(weights)
    for hundredth in range(1, 101):
        at_least = weights >= np.float32(hundredth / 100)
        assert ((kept >= units(hundredth / 100)) == at_least).all()
    assert np.abs(kept / SCALE - weights.astype(float)).max() <= 1.001 / SCALE


def test_the_largest_protein_of_the_largest_model_fits() -> None:
    """The promise is 40 MB; flat attention is the worst case."""
    from precompute.live.running.attention import MAXIMUM_BYTES
    from precompute.live.running.gathered import Gathered

    class Found:
        def __init__(self, heads: int, residues: int, a_row: int) -> None:
            import torch

            count = heads * residues * a_row
            self.head = torch.arange(count) // (residues * a_row)
            self.source = (torch.arange(count) // a_row) % residues
            self.target = (torch.arange(count) * 7) % residues
            self.weight = torch.linspace(0.02, 0.5, count)

    layers, heads, residues = 30, 16, 510
    kept = Gathered(layers, heads, residues, MAXIMUM_BYTES)
    for layer in range(layers):
        kept.add(layer, Found(heads, residues, 40), 0)  # type: ignore[arg-type]
    attention: SparseAttention = kept.finish(1.0)
    assert attention.nbytes <= 40_000_000
    assert attention.floor > FLOOR
