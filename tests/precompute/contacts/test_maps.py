"""Corrected maps as they are defined, whatever stands between residues; causal ones refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from precompute.contacts.learning import published_weights
from precompute.contacts.maps import PairMaps, refuse_causal, show
from precompute.errors import AtlasError
from precompute.models.adapter import Encoding
from tests.checkpoints import change_state, make_checkpoint, own_checkpoint

CPU = torch.device("cpu")
SEQUENCE = "MKVLAAGIVGLLLAQWERTYIPASDFGHKLCVNM"


def attention(layers: int, heads: int, tokens: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.softmax(4 * torch.randn(layers, heads, tokens, tokens, generator=generator), -1)


def corrected(matrix: np.ndarray) -> np.ndarray:
    """A + Aᵀ and its average product correction, as they are written down."""
    both = matrix + matrix.T
    return both - np.outer(both.sum(1), both.sum(0)) / both.sum()


@pytest.mark.parametrize(
    "residues",
    [
        [-1, *range(12), -1],
        [*range(12), -1, -1],
        [-1, 0, 1, 2, -1, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        [-1, 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, -1, -1],  # residue 3 has no token
    ],
)
def test_maps_and_sums_are_as_defined(residues: list[int]) -> None:
    layers, heads = 3, 4
    weights = attention(layers, heads, len(residues))
    first, second = np.triu_indices(12, 6)
    regressions = np.random.default_rng(0).normal(size=(2, layers * heads)).astype(np.float32)
    encoding = Encoding(np.zeros(len(residues), dtype=np.int64), np.array(residues))
    tokens = np.flatnonzero(np.array(residues) >= 0)
    dense = np.full((layers * heads, 12, 12), -np.inf)
    for number, matrix in enumerate(weights.reshape(-1, *weights.shape[2:]).numpy()):
        own = corrected(matrix[np.ix_(tokens, tokens)])
        dense[number][np.ix_(np.array(residues)[tokens], np.array(residues)[tokens])] = own
    for chosen in (None, [7, 0, 11]):
        maps = PairMaps(encoding, first, second, chosen, regressions, CPU)
        for layer in range(layers):
            maps.take(layer, weights[layer][None])
        refuse_causal(maps)
        expected = dense[:, first, second]
        np.testing.assert_allclose(
            maps.heads(), expected if chosen is None else expected[chosen], rtol=2e-4, atol=1e-6
        )
        read = np.isfinite(expected[0])
        sums = regressions @ expected[:, read]
        np.testing.assert_allclose(maps.sums()[:, read], sums, rtol=1e-3, atol=1e-5)
        assert (maps.sums()[:, ~read] == -np.inf).all()


def test_causal_attention_is_refused_with_its_reason() -> None:
    encoding = Encoding(np.zeros(9, dtype=np.int64), np.arange(9))
    first, second = np.triu_indices(9, 6)
    maps = PairMaps(encoding, first, second, None, np.empty((0, 4), dtype=np.float32), CPU)
    scores = torch.full((9, 9), -torch.inf).triu(1)
    maps.take(0, torch.softmax(torch.randn(1, 4, 9, 9) + scores, -1))
    with pytest.raises(AtlasError, match=r"attention is causal: .* mean of heads collapses"):
        refuse_causal(maps)


def test_a_head_that_gives_residues_nothing_has_an_empty_map() -> None:
    encoding = Encoding(np.zeros(10, dtype=np.int64), np.array([-1, *range(9)]))
    first, second = np.triu_indices(9, 6)
    maps = PairMaps(encoding, first, second, None, np.ones((1, 2), dtype=np.float32), CPU)
    weights = attention(1, 2, 10)
    weights[0, 0] = 0
    weights[0, 0, :, 0] = 1
    maps.take(0, weights)
    assert (maps.heads()[0] == 0).all()
    assert np.isfinite(maps.sums()).all()


def test_a_checkpoint_s_own_regression_is_transformers(tmp_path: Path) -> None:
    from transformers import EsmModel

    folder = make_checkpoint(tmp_path / "esm", "esm2_t6_8m", layers=3, heads=4, width=32)
    change_state(
        folder, lambda state: {name: t for name, t in state.items() if "decoder" not in name}
    )
    checkpoint = own_checkpoint(folder, "esm")
    weights = published_weights(checkpoint, 12)
    assert weights is not None
    adapter = checkpoint.load()
    encoding = adapter.encode(SEQUENCE)
    first, second = np.triu_indices(len(SEQUENCE), 6)
    maps = PairMaps(encoding, first, second, [], weights[None], CPU)
    show(adapter, encoding, maps)
    network = EsmModel.from_pretrained(folder, attn_implementation="eager")
    tokens = torch.from_numpy(encoding.tokens)[None]
    with torch.no_grad():
        expected = network.predict_contacts(tokens, torch.ones_like(tokens))[0]
        logits = torch.logit(expected) - network.contact_head.regression.bias
    assert maps.sums()[0] == pytest.approx(logits.numpy()[first, second], abs=2e-4)
    with pytest.raises(AtlasError, match="over 12 heads, and the model has 13"):
        published_weights(checkpoint, 13)


def test_a_checkpoint_without_a_regression_has_none(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "bert", "prot_bert")
    assert published_weights(own_checkpoint(folder, "bert"), 6) is None
