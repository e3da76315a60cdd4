"""Precision of scored pairs, ties never in favour, and its mean over proteins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from precompute.contacts.pairs import RANGES, WHOLE, Pairs

Floats = NDArray[np.float64]

MEASURES = {
    "L": "share of contacts among the L pairs scored highest, L being the residues with a place",
    "L/2": "among the L/2 highest",
    "L/5": "among the L/5 highest",
    "average": "average precision: mean over the contacts of the precision down to each",
}
PARTS = {"L": 1, "L/2": 2, "L/5": 5}
"""What L is divided by."""
RESAMPLES = 1000
LEVEL = 0.95
_SEED = 123


def contact_ranks(
    parts: Sequence[NDArray[np.float32]], touching: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Rank the contacts among all pairs, after every other pair of the same score.

    Parameters
    ----------
    parts
        Scores of all pairs, in one part or several, each ascending; shapes (methods, pairs).
    touching
        Scores of the contacts among them, ascending; shape (methods, contacts).

    Returns
    -------
    numpy.ndarray
        From 1, ascending; shape (methods, contacts).
    """
    places = np.arange(touching.shape[1])
    ranks = np.empty(touching.shape, dtype=np.int64)
    for row, own in enumerate(touching):
        # As many pairs score at least as high; of contacts of one score the last has that rank.
        at_least = sum(part.shape[1] - np.searchsorted(part[row], own, "left") for part in parts)
        ranks[row] = at_least - (places - np.searchsorted(own, own, "left"))
    return ranks[:, ::-1]


def precision_of_most(scores: NDArray[np.float32], contact: NDArray[np.bool_], most: int) -> Floats:
    """Give the share of contacts among the pairs scored highest, ties after every other pair.

    What `contact_ranks` gives at one place, without ranking all.

    Parameters
    ----------
    scores
        Shape (methods, pairs).
    contact
        Shape (pairs,).
    most
        How many pairs.

    Returns
    -------
    numpy.ndarray
        Shape (methods,).
    """
    least = np.partition(scores, -most, axis=1)[:, [-most]]
    above, at = scores > least, scores == least
    # Those of the last score that are no contacts come first.
    room = most - above.sum(axis=1) - (at & ~contact).sum(axis=1)
    hits = (above & contact).sum(axis=1) + np.maximum(room, 0)
    found: Floats = hits / most
    return found


def protein_scores(scores: NDArray[np.float32], pairs: Pairs) -> dict[str, Floats]:
    """Score one protein by every kind of atoms.

    Parameters
    ----------
    scores
        The higher the likelier a contact, shape (methods, pairs).
    pairs
        The protein's pairs.

    Returns
    -------
    dict
        By kind of atoms, shape (methods + 1, ranges, measures): `RANGES`, `MEASURES`. The last
        row is chance: the share of contacts among the pairs. NaN where a range has no contact,
        or fewer pairs than L.
    """
    found = {}
    for atoms, eligible in pairs.eligible.items():
        longest = pairs.residues[atoms]
        values = np.full((len(scores) + 1, len(RANGES), len(MEASURES)), np.nan)
        contact = pairs.contact[atoms]
        # Sorting is most of the work: each pair is sorted once, in the range it is of.
        parts = {
            name: np.sort(scores[:, eligible & pairs.ranges[name]], axis=1)
            for name in RANGES
            if name != WHOLE
        }
        for place, name in enumerate(RANGES):
            own = [*parts.values()] if name == WHOLE else [parts[name]]
            count = sum(part.shape[1] for part in own)
            touching = eligible & contact & pairs.ranges[name]
            if touching.any() and count >= longest:
                ranks = contact_ranks(own, np.sort(scores[:, touching], axis=1))
                values[:-1, place] = _measures(ranks, longest)
                values[-1, place] = touching.sum() / count
        found[atoms] = values
    return found


def _measures(ranks: NDArray[np.int64], longest: int) -> Floats:
    """Give `MEASURES` of each row of ascending ranks, shape (methods, measures)."""
    cut = [max(longest // part, 1) for part in PARTS.values()]
    shares = [np.count_nonzero(ranks <= most, axis=1) / most for most in cut]
    average = (np.arange(1, ranks.shape[1] + 1) / ranks).mean(axis=1)
    return np.stack([*shares, average], axis=1)


def mean_over_proteins(values: Floats) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Give means over proteins with the ends of their intervals.

    The protein is the unit: the interval is the middle 95 % of the mean over proteins drawn
    with replacement (percentile bootstrap, Efron, 1979), the same draws for all columns.

    Parameters
    ----------
    values
        Shape (proteins, …); NaN where a protein is not scored.

    Returns
    -------
    tuple of numpy.ndarray
        Mean, lower end, upper end, and proteins counted, each of the shape behind proteins; ends
        are NaN with fewer than two proteins.
    """
    shape = values.shape[1:]
    flat = values.reshape(len(values), -1)
    known = np.isfinite(flat)
    held = np.where(known, flat, 0.0)
    count = known.sum(axis=0)
    generator = np.random.default_rng(_SEED)
    share = np.full(len(flat), 1 / max(len(flat), 1))
    drawn = generator.multinomial(len(flat), share, size=RESAMPLES).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = held.sum(axis=0) / count
        means = (drawn @ held) / (drawn @ known)
    lower, upper = np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    enough = count > 1
    ends = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    if enough.any():
        # A draw may miss every protein that a column scores.
        lower[enough], upper[enough] = np.nanquantile(means[:, enough], ends, axis=0)
    return (
        mean.reshape(shape),
        lower.reshape(shape),
        upper.reshape(shape),
        count.reshape(shape),
    )
