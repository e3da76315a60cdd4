"""A chain longer than a model reads, on Live: what is kept of it, against a loop over windows."""

from __future__ import annotations

import numpy as np
import pytest

from precompute.chain import Chain
from precompute.errors import AtlasError
from precompute.labels import FeatureSet, background_counts
from precompute.live.arcs import background, heads_by_feature
from precompute.live.running.attention import SCALE, attend
from precompute.live.running.windowed import reads_windows
from precompute.live.running.worker import reading_notes
from precompute.models import MODELS
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.models.weights import Weights
from precompute.windows import count_pairs_apart, pairs_together
from tests.checkpoints import make_checkpoint
from tests.precompute.test_windows import whole_attention

WINDOW = 40
SEQUENCE = "".join(np.random.default_rng(3).choice(list("ACDEFGHIKLMNPQRSTVWY"), 130))


@pytest.fixture(scope="module", params=["prot_bert", "esm2_t6_8m"])
def adapter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    # ESM counts its positions from behind the padding token's id, which is 1.
    positions = WINDOW + 2 + 2 * (request.param == "esm2_t6_8m")
    folder = make_checkpoint(
        tmp_path_factory.mktemp("model") / "model",
        request.param,
        heads=2,
        width=16,
        sharpness=20,
        max_position_embeddings=positions,
    )
    return Checkpoint(MODELS[request.param], Weights(folder, "test")).load()


def test_what_is_kept_is_that_of_a_loop_over_windows(adapter: Adapter) -> None:
    window = (adapter.max_tokens or 0) - 2
    whole, special = whole_attention(adapter, SEQUENCE, window)
    seen: list[tuple[int, int]] = []
    found = attend(adapter, SEQUENCE, lambda *step: seen.append(step), windows=True)
    assert found.window == window < len(SEQUENCE) / 2
    for layer, head in np.ndindex(adapter.layers, adapter.heads):
        arcs = found.head(layer + 1, head + 1)
        rows, columns = np.nonzero(whole[layer, head] >= np.float32(0.02))
        assert len(rows) > 100
        assert list(zip(arcs.source, arcs.target, strict=True)) == [
            *zip(rows, columns, strict=True)
        ]
        expected = whole[layer, head, rows, columns]
        np.testing.assert_allclose(arcs.weight / SCALE, expected, atol=1 / SCALE)
    np.testing.assert_allclose(found.received, whole.sum(axis=2), atol=1e-4)
    assert found.special.sum() * len(SEQUENCE) == pytest.approx(special, abs=0.01)
    assert found.read.all()
    steps = seen[-1][1]
    assert seen == [(step + 1, steps) for step in range(steps)]
    assert steps % adapter.layers == 0 < steps // adapter.layers - 3


def test_pairs_apart_are_eligible_for_nothing_and_said(adapter: Adapter) -> None:
    found = attend(adapter, SEQUENCE, windows=True)
    assert found.window is not None
    apart = count_pairs_apart(len(SEQUENCE), found.window)
    notes = reading_notes(adapter, SEQUENCE, found)
    assert f"{apart:,} of 16,900 ordered pairs stand together in none" in notes[0]
    random = np.random.default_rng(0)
    chain = Chain(
        "x",
        SEQUENCE,
        alpha_carbons=np.cumsum(random.normal(size=(130, 3)), axis=0) * 2,
        resolved=np.ones(130, dtype=bool),
    )
    positives, eligible = background_counts([chain], FeatureSet(("contact",), window=found.window))
    shown = background(chain, "contact", found)
    assert shown == pytest.approx(100 * positives[0] / eligible[0])
    assert shown != pytest.approx(background(chain, "contact"))
    frame = heads_by_feature(found, chain, "contact", 0.02)
    together = pairs_together(len(SEQUENCE), found.window)
    assert 0 < frame["eligible"].max() <= together.sum()


def test_what_fits_is_read_at_once_and_a_family_never_in_windows(adapter: Adapter) -> None:
    window = (adapter.max_tokens or 0) - 2
    whole = attend(adapter, SEQUENCE[:window], windows=True)
    assert whole.window is None
    plain = attend(adapter, SEQUENCE[:window])
    for name in ("source", "target", "weight", "received", "special"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(plain, name))
    assert not reads_windows(MODELS["demo"])
    assert not reads_windows(MODELS["esm_msa1b"])
    with pytest.raises(AtlasError, match="reads at most"):
        attend(adapter, SEQUENCE)
