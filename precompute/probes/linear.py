"""Linear probes: fitted by scikit-learn's logistic regression, on columns of one scale.

A probe of contacts gives a pair the margin Σ wₖ xᵢₖ xⱼₖ + b. That is one product of matrices,
(X diag(w)) Xᵀ + b: features of all pairs are never laid out.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STRENGTH = 0.1
"""scikit-learn's C, over all residues: an L2 penalty that hardly matters where there are many."""

STEPS, TOLERANCE = 300, 1e-3
"""Of lbfgs."""

MOST_NUMBERS = 2**28
"""Numbers of a matrix that is fitted, 1 GiB in float32: of more rows some are drawn."""

MOST_ROWS = 200_000
"""Rows that are fitted at most."""


@dataclass(frozen=True, eq=False)
class Linear:
    """A fitted probe.

    Attributes
    ----------
    weights, bias
        Shapes (classes, columns) and (classes,); what a class has that was not there to be
        learnt is −∞.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def margins(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Give the margin of each class, shape (rows, classes)."""
        found: NDArray[np.float32] = features.astype(np.float32) @ self.weights.T + self.bias
        return found

    def pair_margins(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """Give the margin of each pair of residues, of a probe of two classes on products.

        Parameters
        ----------
        vectors
            Shape (residues, columns).

        Returns
        -------
        numpy.ndarray
            Of class 1 against class 0, shape (residues, residues).
        """
        weight, bias = self.weights[1] - self.weights[0], self.bias[1] - self.bias[0]
        own = vectors.astype(np.float32)
        found: NDArray[np.float32] = (own * weight) @ own.T + bias
        return found


def most_rows(columns: int) -> int:
    """Give how many rows of some columns are fitted."""
    return min(MOST_ROWS, MOST_NUMBERS // max(columns, 1))


def fit(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: int,
    weights: NDArray[np.float64] | None = None,
) -> Linear | None:
    """Fit a probe.

    Parameters
    ----------
    features
        Shape (rows, columns); overwritten by columns of mean 0 and variance 1.
    labels
        Classes from 0, shape (rows,).
    classes
        How many there are.
    weights
        How much a row counts, shape (rows,); each once by default.

    Returns
    -------
    Linear or None
        In terms of the features as they were given; None where all rows are of one class.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    present = np.unique(labels)
    if len(present) < 2:
        return None
    mean = features.mean(axis=0, dtype=np.float64)
    spread = features.std(axis=0, dtype=np.float64)
    spread[spread == 0] = 1.0
    features -= mean.astype(np.float32)
    features /= spread.astype(np.float32)
    model = LogisticRegression(C=STRENGTH, max_iter=STEPS, tol=TOLERANCE)
    with warnings.catch_warnings():
        # What 300 steps have not brought to the tolerance is a probe all the same.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features, labels, sample_weight=weights)
    slopes, offsets = model.coef_.astype(np.float64), model.intercept_.astype(np.float64)
    if len(present) == 2:
        slopes, offsets = np.stack([0 * slopes[0], slopes[0]]), np.array([0.0, offsets[0]])
    slopes = slopes / spread
    found = Linear(
        np.zeros((classes, features.shape[1]), dtype=np.float32),
        np.full(classes, -np.inf, dtype=np.float32),
    )
    found.weights[present] = slopes
    found.bias[present] = offsets - slopes @ mean
    return found
