"""Scores of probes: of single proteins and their mean, and those that the paper pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
"""Bootstrap draws of an interval."""
LEVEL = 0.95


@dataclass(frozen=True)
class Score:
    """One value of the table `probe_scores`.

    Attributes
    ----------
    value, lower, upper
        It and its interval; None where there is none.
    proteins, residues
        What it rests on; pairs for contacts.
    """

    value: float | None
    lower: float | None
    upper: float | None
    proteins: int
    residues: int


def share_right(predicted: NDArray[np.int64], classes: NDArray[np.int64]) -> float | None:
    """Give the share of residues whose class is right; None without a residue."""
    return float((predicted == classes).mean()) if len(classes) else None


def f1(predicted: NDArray[np.int64], classes: NDArray[np.int64]) -> float | None:
    """Give F1 of class 1: 0 where none is predicted, None where none is there to be found."""
    there = int((classes == 1).sum())
    if not there:
        return None
    hits = int(((predicted == 1) & (classes == 1)).sum())
    return 2 * hits / (there + int((predicted == 1).sum()))


def precision_at(
    margins: NDArray[np.floating], classes: NDArray[np.int64], count: int
) -> float | None:
    """Give the share of class 1 among the highest, ties counted as their own share.

    Of those that tie at the last place as many as fit are taken, and each is worth the share of
    class 1 among all of them: the expected value when ties are drawn.

    Parameters
    ----------
    margins
        The higher the likelier, shape (n,).
    classes
        0 or 1, shape (n,).
    count
        How many are taken; at least one, and no more than there are.

    Returns
    -------
    float or None
        None without anything to take.
    """
    if not len(margins):
        return None
    taken = min(max(count, 1), len(margins))
    last = np.partition(margins, -taken)[-taken]
    above, tied = margins > last, margins == last
    hits = classes[above].sum() + (taken - above.sum()) * classes[tied].mean()
    return float(hits / taken)


def of_protein(
    score: str, margins: NDArray[np.floating], classes: NDArray[np.int64], residues: int
) -> float | None:
    """Score one protein.

    Parameters
    ----------
    score
        As in `precompute.probes.tasks.Task`.
    margins
        What the probe gives each class, shape (n, classes).
    classes
        Shape (n,).
    residues
        L of ``precision at L/20`` and ``L/5``: the residues that are resolved.

    Returns
    -------
    float or None
        None where the protein has nothing to be scored on: no residue, or none of the class.
    """
    if score in ("accuracy", "F1"):
        predicted = margins.argmax(axis=1).astype(np.int64)
        return (share_right if score == "accuracy" else f1)(predicted, classes)
    if not classes.any():
        return None
    parts = int(score.rpartition("/")[2])
    return precision_at(margins[:, 1] - margins[:, 0], classes, round(residues / parts))


def mean_score(values: Sequence[float | None], sizes: Sequence[int], seed: int) -> Score:
    """Give the mean over proteins with its bootstrap interval, each protein counting once.

    Parameters
    ----------
    values
        Of each protein; None for one that has nothing to be scored on.
    sizes
        Residues, or pairs, of each.
    seed
        Of the draws.
    """
    kept = np.array([value for value in values if value is not None])
    residues = sum(size for value, size in zip(values, sizes, strict=True) if value is not None)
    if not len(kept):
        return Score(None, None, None, 0, 0)
    value, lower, upper = float(kept.mean()), None, None
    if len(kept) > 1:
        generator = np.random.default_rng(seed)
        means = [kept[generator.integers(len(kept), size=len(kept))].mean() for _ in range(DRAWS)]
        lower, upper = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return Score(value, lower, upper, len(kept), residues)


def pooled_f1(
    predicted: Sequence[NDArray[np.int64]], classes: Sequence[NDArray[np.int64]]
) -> float | None:
    """Give F1 of all proteins' residues together, as the paper's code; None where it gives NaN."""
    own, real = np.concatenate(predicted), np.concatenate(classes)
    hits = int(((own == 1) & (real == 1)).sum())
    if not hits:
        return None
    return 2 * hits / int((own == 1).sum() + (real == 1).sum())


def pooled_precision(
    margins: Sequence[NDArray[np.floating]],
    classes: Sequence[NDArray[np.int64]],
    counts: Sequence[int],
    copies: int = 1,
) -> float | None:
    """Give the share of class 1 among each protein's highest, all counted together.

    As the paper's code: of those that tie the positive ones are taken first, and pairs stand
    twice in its list, once for each direction.

    Parameters
    ----------
    margins, classes
        Of each protein, shape (n,).
    counts
        How many are taken of each.
    copies
        How often each stands in the list.
    """
    hits = taken = 0
    for own, real, count in zip(margins, classes, counts, strict=True):
        wanted = min(count, copies * len(own))
        if wanted < 1:
            continue
        places = -(-wanted // copies)
        last = np.partition(own, -places)[-places]
        above, tied = own > last, own == last
        room = wanted - copies * int(above.sum())
        hits += copies * int(real[above].sum()) + min(room, copies * int(real[tied].sum()))
        taken += wanted
    return hits / taken if taken else None
