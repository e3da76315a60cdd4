"""Fits are scikit-learn's, and a probe of pairs equals one on features laid out pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from precompute.probes.as_paper import _Probes
from precompute.probes.linear import STRENGTH, Linear, fit


def _data(classes: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(1)
    labels = generator.integers(classes, size=600)
    centres = generator.normal(size=(classes, 12))
    features = centres[labels] + generator.normal(size=(600, 12)) * np.linspace(0.1, 40, 12) + 3
    features[:, 4] = 7  # a column that says nothing
    return features.astype(np.float32), labels


@pytest.mark.parametrize("classes", [2, 3, 8])
def test_a_fit_is_that_of_a_pipeline(classes: int) -> None:
    features, labels = _data(classes)
    weights = np.where(labels == 0, 2.5, 1.0)
    probe = fit(features.copy(), labels, classes, weights)
    assert probe is not None
    pipeline = make_pipeline(
        StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=10_000, tol=1e-8)
    )
    pipeline.fit(features.astype(float), labels, logisticregression__sample_weight=weights)
    margins = probe.margins(features)
    own = np.exp(margins - margins.max(1, keepdims=True))
    own /= own.sum(1, keepdims=True)
    np.testing.assert_allclose(own, pipeline.predict_proba(features), atol=0.02)
    assert (margins.argmax(1) == pipeline.predict(features)).mean() > 0.99


def test_a_class_that_was_not_there_is_never_said_and_one_class_is_no_fit() -> None:
    features, labels = _data(3)
    probe = fit(features.copy(), labels, 5)
    assert probe is not None
    assert set(probe.margins(features).argmax(1).tolist()) <= {0, 1, 2}
    assert fit(features.copy(), np.zeros(600, dtype=int), 3) is None


def test_pairs_as_one_product_equal_pairs_laid_out() -> None:
    generator = np.random.default_rng(2)
    vectors = generator.normal(size=(23, 9)).astype(np.float32)
    probe = Linear(
        generator.normal(size=(2, 9)).astype(np.float32),
        generator.normal(size=2).astype(np.float32),
    )
    laid_out = np.einsum("ik,jk->ijk", vectors, vectors).reshape(-1, 9)
    margins = probe.margins(laid_out)
    expected = (margins[:, 1] - margins[:, 0]).reshape(23, 23)
    np.testing.assert_allclose(probe.pair_margins(vectors), expected, atol=1e-5)


def test_the_papers_probe_of_pairs_equals_its_tensor_of_products_and_differences() -> None:
    """[xᵢ·xⱼ, xᵢ−xⱼ] through a linear layer, averaged with its transpose, as TAPE's head does."""
    torch.manual_seed(0)
    x = torch.randn(2, 17, 6)
    probe = _Probes(1, 2, 6, torch.device("cpu"))
    with torch.no_grad():
        probe.bias.normal_()
    first, second = torch.triu_indices(17, 17, 6)
    own = probe.of_pairs(x, first, second, None)
    for layer in range(2):
        product = x[layer, :, None] * x[layer, None]
        difference = x[layer, :, None] - x[layer, None]
        pairs = torch.cat([product, difference], -1)  # (17, 17, 12)
        weight = torch.cat([probe.weights[0, layer], torch.randn(2, 6)], 1)
        logits = pairs @ weight.T + probe.bias[0, layer]
        logits = (logits + logits.transpose(0, 1)) / 2
        expected = (logits[..., 1] - logits[..., 0])[first, second]
        torch.testing.assert_close(own[layer], expected, atol=1e-5, rtol=1e-4)


def test_drawn_noise_has_the_spread_of_dropout() -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 8, 200)
    probe = _Probes(1, 1, 200, torch.device("cpu"))
    first, second = torch.tensor([0]), torch.tensor([7])
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        drawn = torch.stack([probe.of_pairs(x, first, second, generator) for _ in range(4000)])
        terms = (probe.weights[0, 0, 1] - probe.weights[0, 0, 0]) * x[0, 0] * x[0, 7]
        # Two directions with masks of their own, whose kept terms count double.
        masks = (torch.rand(4000, 2, 200, generator=generator) < 0.5) * 2.0
        dropped = (terms * masks).sum(-1).mean(-1)
    assert drawn.std().item() == pytest.approx(dropped.std().item(), rel=0.1)
    assert abs(drawn.mean().item() - dropped.mean().item()) < 4 * dropped.std().item() / 4000**0.5
