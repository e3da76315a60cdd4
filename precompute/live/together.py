"""The contacts that the mean of heads predicts of one protein, and how many of them are right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.contacts.pairs import RANGES, atom_places, find_pairs
from precompute.contacts.scoring import MEASURES, protein_scores
from precompute.live.getting.protein import Protein
from precompute.live.programs.arc_frame import arcs_frame
from precompute.live.remember import remember
from precompute.live.running.together import HeadsTogether, contact_pairs

ATOMS = "alpha"
"""Contacts on Live are between C-alpha atoms, as of its arcs."""


@dataclass(frozen=True, eq=False)
class Predicted:
    """What a mean of heads predicts.

    Attributes
    ----------
    pairs
        The L pairs scored highest, highest first, with the columns of
        `precompute.live.programs.arc_frame.ARC_COLUMNS` (``weight`` is the score) and
        ``distance``, in Å between C-alpha atoms, missing where a residue has no place.
    scores
        Of all pairs, shape (residues, residues), NaN where two residues are closer than 6 or not
        read.
    precision
        A row a range: ``separation``, the measures of `precompute.contacts.scoring.MEASURES` and
        ``chance``; NaN where a range cannot be scored, and no row without a structure.
    """

    pairs: pd.DataFrame
    scores: NDArray[np.float32]
    precision: pd.DataFrame


@remember
def predict(together: HeadsTogether, protein: Protein, count: int) -> Predicted:
    """Take the pairs that the mean of the best heads scores highest.

    Those of residues with a place, where there is a structure, so that each is right or wrong;
    L is their number, else that of the residues read.

    Parameters
    ----------
    together
        The means.
    protein
        Of which they are.
    count
        Heads of the mean.
    """
    scores = together.mean(count)
    first, second = contact_pairs(together.residues)
    square = np.full((together.residues, together.residues), np.nan, dtype=np.float32)
    square[first, second] = square[second, first] = np.where(np.isfinite(scores), scores, np.nan)
    chain = protein.chain
    places = atom_places(chain).get(ATOMS) if chain is not None else None
    precision = pd.DataFrame(columns=["separation", *MEASURES, "chance"])
    allowed = np.isfinite(scores)
    length = int(np.isfinite(square).any(axis=0).sum())
    distances = np.full(len(scores), np.nan)
    if chain is not None and places is not None:
        pairs = find_pairs(chain)
        distances = np.linalg.norm(places[first] - places[second], axis=1)
        allowed &= pairs.eligible[ATOMS]
        length = pairs.residues[ATOMS]
        own, chance = protein_scores(scores[None], pairs)[ATOMS]
        precision = pd.DataFrame(own, columns=list(MEASURES)).assign(
            separation=list(RANGES), chance=chance[:, 0]
        )[list(precision.columns)]
    order = np.flatnonzero(allowed)
    order = order[np.argsort(-scores[order], kind="stable")][:length]
    frame = arcs_frame(protein, first[order], second[order], scores[order])
    frame["distance"] = distances[order]
    return Predicted(frame, square, precision)


def rank_of_pair(predicted: Predicted, first: int, second: int) -> tuple[float, int, int] | None:
    """Give the score of a pair, its rank among all, and how many there are; None without one.

    Parameters
    ----------
    predicted
        Of `predict`.
    first, second
        Residues, from 0.
    """
    score = float(predicted.scores[first, second])
    if score != score:
        return None
    every = predicted.scores[np.triu_indices(len(predicted.scores), 1)]
    known = every[np.isfinite(every)]
    return score, int((known > score).sum()) + 1, len(known)
