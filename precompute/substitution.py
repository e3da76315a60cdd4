"""Amino acids' attention beside substitution matrices: one statistic for 190 pairs.

The matrices are those Biopython carries (Bio.Align.substitution_matrices). Pairs share
amino acids, so they are not 190 independent values: the p-value is Mantel's, which
permutes amino acids and not pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.chemistry import LETTERS
from precompute.errors import AtlasError
from precompute.ranks import mean_ranks_of_rows
from precompute.similarity import FIRST, SECOND, SEED, matrix_pairs

Floats = NDArray[np.float64]

DEFAULT_MATRIX = "BLOSUM62"
PERMUTATIONS = 9999
LEVEL = 0.95
"""Coverage of the percentile intervals."""
PRINTED: dict[str, float] = {"tape_bert": 0.73}
"""Pearson's r to BLOSUM62 that the paper prints (Vig et al., 2021, section 4.3)."""


@lru_cache(maxsize=1)
def list_matrices() -> tuple[str, ...]:
    """Name Biopython's symmetric matrices that score all 20 amino acids."""
    names = []
    for name in _load():
        matrix = _load(name)
        if set(LETTERS) <= set(matrix.alphabet):
            values = _values(matrix)
            if (values == values.T).all():
                names.append(name)
    return tuple(names)


@lru_cache(maxsize=64)
def read_matrix(name: str) -> Floats:
    """Read a matrix; do not change it.

    Returns
    -------
    numpy.ndarray
        Scores, shape (20, 20), in the order of `precompute.chemistry.LETTERS`.

    Raises
    ------
    AtlasError
        When Biopython has no such matrix of all 20 amino acids.
    """
    if name not in list_matrices():
        raise AtlasError(f"Biopython has no matrix {name} that scores all 20 amino acids.")
    values = _values(_load(name))
    values.setflags(write=False)
    return values


def describe_matrix(name: str) -> str:
    """Give the lines with which a matrix's file says what it is."""
    lines = getattr(_load(name), "header", None) or []
    return "\n".join(line.strip() for line in lines if line.strip())


def is_log_odds(matrix: Floats) -> bool:
    """Tell whether scores lie on both sides of 0, which then stands for chance."""
    pairs = matrix_pairs(matrix)
    return bool(pairs.min() < 0 < pairs.max())


def pearson(rows: NDArray[np.floating], pairs: NDArray[np.floating]) -> Floats:
    """Correlate each row with one vector.

    Parameters
    ----------
    rows
        Shape (rows, 190) or (190,).
    pairs
        Shape (190,).

    Returns
    -------
    numpy.ndarray
        Pearson's r, one a row; NaN where a row has an empty value.
    """
    r: Floats = standardise(rows) @ standardise(pairs)[0]
    return r


def standardise(rows: NDArray[np.floating]) -> Floats:
    """Move and scale each row so that its mean is 0 and its sum of squares 1.

    The product of two such rows is their Pearson's r.

    Parameters
    ----------
    rows
        Shape (rows, 190) or (190,).

    Returns
    -------
    numpy.ndarray
        Shape (rows, 190); NaN in a row that has an empty value or is the same throughout.
    """
    x = np.atleast_2d(np.asarray(rows, dtype=float))
    x = x - x.mean(axis=1, keepdims=True)
    size = np.sqrt((x**2).sum(axis=1, keepdims=True))
    unit: Floats = np.divide(x, size, out=np.full_like(x, np.nan), where=size > 0)
    return unit


def ranks(rows: Floats) -> Floats:
    """Rank each row's values from 1; equal values share the mean of their ranks."""
    return mean_ranks_of_rows(np.atleast_2d(np.asarray(rows, dtype=float)))


def spearman(rows: Floats, pairs: Floats) -> Floats:
    """Correlate the ranks of each row with those of one vector; as `pearson`."""
    return pearson(ranks(rows), ranks(pairs)[0])


def percentile_interval(values: Floats) -> tuple[float, float]:
    """Give the middle `LEVEL` of some values; NaN when more than a tenth are empty."""
    known = values[np.isfinite(values)]
    if len(known) < 0.9 * len(values) or not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def mantel(
    rows: Floats, matrix: Floats, permutations: int = PERMUTATIONS, seed: int = SEED
) -> Floats:
    """Test correlations with a matrix by permuting its amino acids, two-sided.

    Mantel, Cancer Research 27, 1967; with one added above and below, so that no p is 0
    (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010).

    Parameters
    ----------
    rows
        Pairs of one or more models, shape (rows, 190).
    matrix
        Scores, shape (20, 20).
    permutations, seed
        How many random orders of the 20 amino acids, and the seed they come from.

    Returns
    -------
    numpy.ndarray
        For each row (1 + number of orders with |r| at least that observed) /
        (1 + permutations).
    """
    (p,) = mantel_each([(rows, matrix)], permutations, seed)
    return p


def mantel_each(
    tests: Sequence[tuple[Floats, Floats]], permutations: int = PERMUTATIONS, seed: int = SEED
) -> list[Floats]:
    """Test several sets of rows, each with a matrix of its own, by the same orders.

    Where an order puts the pairs is looked up once for all of them, which is most of the work.

    Parameters
    ----------
    tests
        ``rows`` and ``matrix`` of each, as `mantel` takes them.
    permutations, seed
        As of `mantel`.

    Returns
    -------
    list of numpy.ndarray
        Of each, as `mantel` gives it.
    """
    scores, weights, least = [], [], []
    for rows, matrix in tests:
        # Another order moves the pairs about: their mean and spread stay as they are.
        mean = matrix_pairs(matrix).mean()
        pairs = matrix_pairs(matrix) - mean
        x = standardise(rows) / np.sqrt((pairs**2).sum())
        scores.append(np.asarray(matrix, dtype=float).ravel() - mean)
        weights.append(x.T)
        # Rounding must not tell an order that gives the same sum from the observed one.
        least.append(np.abs(x @ pairs) - 1e-12)
    ends = np.cumsum([one.shape[1] for one in weights])
    table = np.stack(scores, axis=1)
    # Each pair's scores stand beside each other; a row's weights are 0 at the others' matrices.
    beside = np.zeros((len(FIRST), len(tests), ends[-1]))
    for number, (end, own) in enumerate(zip(ends, weights, strict=True)):
        beside[:, number, end - own.shape[1] : end] = own
    beside = beside.reshape(-1, ends[-1])
    limits, reached = np.concatenate(least), np.zeros(ends[-1], dtype=int)
    parts = _permuted_pairs(permutations, seed)
    # One for all parts, which a cache then holds.
    moved = np.empty((*max(parts, key=len).shape, len(tests)))
    for places in parts:
        room = moved[: len(places)]
        found = table.take(places, axis=0, out=room, mode="clip")  # all are within
        reached += (np.abs(found.reshape(len(places), -1) @ beside) >= limits).sum(axis=0)
    return np.split((1 + reached) / (1 + permutations), ends[:-1])


@lru_cache(maxsize=1)
def _permuted_pairs(permutations: int, seed: int) -> list[NDArray[np.uint16]]:
    """Give where the 190 pairs stand in a flat matrix in each order, (orders, 190).

    In parts that a processor's cache holds with what is read there; as small numbers, which take
    4 MB and are looked up in half the time of those that numpy counts places by.
    """
    random = np.random.default_rng(seed)
    orders = random.permuted(np.tile(np.arange(len(LETTERS)), (permutations, 1)), axis=1)
    places = (orders[:, FIRST] * len(LETTERS) + orders[:, SECOND]).astype(np.uint16)
    return np.array_split(places, max(1, permutations // 100))


def compare_with_matrix(
    pairs: Floats,
    matrix: Floats,
    resampled: NDArray[np.floating],
    resampled_ranks: NDArray[np.floating],
    drawn: NDArray[np.floating] | None,
) -> dict[str, float]:
    """Compare one model's pairs with a matrix.

    Parameters
    ----------
    pairs
        The correlations, shape (190,).
    matrix
        Scores, shape (20, 20).
    resampled, resampled_ranks
        The same over heads drawn with replacement, and their `ranks`, both `standardise`d;
        shape (draws, 190).
    drawn
        The same over what the drawing allows, standardised; None where values were counted.

    Returns
    -------
    dict
        ``pearson`` and ``spearman``, each with ``_heads_lower`` and ``_heads_upper`` (the
        middle 95 % over the resampled heads), and ``drawing_lower`` and
        ``drawing_upper`` (the middle 95 % of Pearson's r over the drawn values).
    """
    scores = matrix_pairs(matrix)
    r, rho = float(pearson(pairs, scores)[0]), float(spearman(pairs, scores)[0])
    # In the draws' own precision: to widen hundreds of thousands of values would take longer.
    own, own_ranks = (
        standardise(one)[0].astype(resampled.dtype) for one in (scores, ranks(scores)[0])
    )
    over_heads = percentile_interval(resampled @ own)
    over_ranks = percentile_interval(resampled_ranks @ own_ranks)
    drawing = (float("nan"), float("nan")) if drawn is None else percentile_interval(drawn @ own)
    return {
        "pearson": r,
        "drawing_lower": drawing[0],
        "drawing_upper": drawing[1],
        "pearson_heads_lower": over_heads[0],
        "pearson_heads_upper": over_heads[1],
        "spearman": rho,
        "spearman_heads_lower": over_ranks[0],
        "spearman_heads_upper": over_ranks[1],
    }


def pair_frame(correlations: Floats, scores: Floats) -> pd.DataFrame:
    """Set the 190 pairs' correlations beside their scores, with the regression line.

    Parameters
    ----------
    correlations, scores
        Shape (190,) each, in the order of `precompute.similarity.FIRST` and `SECOND`.

    Returns
    -------
    pandas.DataFrame
        ``amino_acid_1``, ``amino_acid_2``, ``score``, ``correlation``, ``expected`` (on
        the least-squares line of correlation on score), ``residual``, and
        ``standardised_residual``, residual / (s √(1 − leverage)) (Cook and Weisberg,
        Residuals and Influence in Regression, 1982, eq. 2.1.3).
    """
    x = scores - scores.mean()
    slope = (x @ correlations) / (x @ x)
    expected = correlations.mean() + slope * x
    residual = correlations - expected
    s = np.sqrt((residual @ residual) / (len(x) - 2))
    leverage = 1 / len(x) + x**2 / (x @ x)
    return pd.DataFrame(
        {
            "amino_acid_1": [LETTERS[place] for place in FIRST],
            "amino_acid_2": [LETTERS[place] for place in SECOND],
            "score": scores,
            "correlation": correlations,
            "expected": expected,
            "residual": residual,
            "standardised_residual": residual / (s * np.sqrt(1 - leverage)),
        }
    )


@lru_cache(maxsize=64)
def _load(name: str | None = None) -> Any:
    """Give one of Biopython's matrices, or the names of all."""
    from Bio.Align import substitution_matrices

    load: Any = substitution_matrices.load
    return load(name)


def _values(matrix: Any) -> Floats:
    rows = [[float(matrix[one, other]) for other in LETTERS] for one in LETTERS]
    return np.array(rows, dtype=np.float64)
