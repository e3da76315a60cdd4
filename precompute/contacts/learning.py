"""What is learnt from a few proteins: the order of heads, and the weights of a regression.

Both come from proteins whose families are not scored. The regression is that of Rao et al.
(2021): logistic, L1, C = 0.15, liblinear, on all heads' corrected maps of 20 proteins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precompute.contacts.pairs import RANGES, Pairs
from precompute.contacts.scoring import PARTS, precision_of_most
from precompute.errors import AtlasError
from precompute.models.checkpoint import read_state
from precompute.models.fair_esm_file import published_file, read_published
from precompute.models.loading import Checkpoint

PROTEINS = 20
"""Proteins to learn from, as Rao et al. took."""
C = 0.15
RANKED_BY = ("long", "L/2")
"""Heads are ranked by the mean of this precision, as in arXiv 2606.21876."""
FEATURE_BYTES = 1024**3
"""Of all learnt proteins' features in float32; the fit takes about three times as much."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """What scoring needs.

    Attributes
    ----------
    heads
        The best heads, best first, by their places among all.
    weights
        Of each regression, by the name of its method: one a head, shape (heads,).
    """

    heads: tuple[int, ...]
    weights: dict[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Features:
    """One protein to learn from.

    Attributes
    ----------
    values
        Corrected maps of all heads, shape (pairs, heads), float32.
    contact
        Shape (pairs,).
    weight
        How many pairs of its kind each stands for, shape (pairs,).
    precision
        Of each head by `RANKED_BY`, shape (heads,); NaN where the protein is not scored.
    """

    values: NDArray[np.float32]
    contact: NDArray[np.bool_]
    weight: NDArray[np.float32]
    precision: NDArray[np.float64]


def make_features(maps: NDArray[np.float32], pairs: Pairs, atoms: str, seed: int) -> Features:
    """Make a protein's features; of very many pairs, all contacts and a draw of the others.

    Parameters
    ----------
    maps
        Of all heads, shape (heads, pairs).
    pairs
        The protein's pairs.
    atoms
        Key of `precompute.contacts.pairs.ATOMS`.
    seed
        Of the draw.
    """
    # A residue that is not read is read by no head.
    read = np.isfinite(maps[0])
    chosen = np.flatnonzero(pairs.eligible[atoms] & read)
    contact = pairs.contact[atoms][chosen]
    most = FEATURE_BYTES // (4 * len(maps) * PROTEINS)
    weight = np.ones(len(chosen), dtype=np.float32)
    others = np.flatnonzero(~contact)
    room = max(most - int(contact.sum()), 1)
    if len(others) > room:
        kept = np.random.default_rng(seed).choice(others, room, replace=False)
        weight[kept] = len(others) / room
        both = np.sort(np.concatenate([np.flatnonzero(contact), kept]))
        chosen, contact, weight = chosen[both], contact[both], weight[both]
    precision = _rank_precision(maps, pairs, atoms)
    values = np.ascontiguousarray(np.take(maps, chosen, axis=1).T)
    return Features(values, contact, weight, precision)


def _rank_precision(maps: NDArray[np.float32], pairs: Pairs, atoms: str) -> NDArray[np.float64]:
    """Give the precision that heads are ranked by, as `protein_scores` has it, and it alone."""
    separation, measure = RANKED_BY
    chosen = np.flatnonzero(pairs.eligible[atoms] & pairs.ranges[separation])
    contact, longest = pairs.contact[atoms][chosen], pairs.residues[atoms]
    if not contact.any() or len(contact) < longest:
        return np.full(len(maps), np.nan)
    most = max(longest // PARTS[measure], 1)
    return precision_of_most(np.take(maps, chosen, axis=1), contact, most)


def rank_heads(proteins: Sequence[Features]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Order heads by their mean precision, ties by layer and head.

    Returns
    -------
    tuple of numpy.ndarray
        The heads' places, best first, and the mean precision of each head in the model's order.

    Raises
    ------
    AtlasError
        When no protein is long enough.
    """
    every = np.array([one.precision for one in proteins])
    scored = every[np.isfinite(every).all(axis=1)]
    if not len(scored):
        raise AtlasError(
            f"None of the {len(proteins)} proteins that heads are chosen on has contacts "
            f"{RANGES['long'][0]} or more residues apart: give longer proteins, or more of them."
        )
    mean = scored.mean(axis=0)
    return np.argsort(-mean, kind="stable"), mean


def fit_regression(proteins: Sequence[Features]) -> tuple[NDArray[np.float32], float]:
    """Fit the regression; see above.

    Returns
    -------
    tuple
        Weights, shape (heads,), and bias.

    Raises
    ------
    AtlasError
        When the proteins have no contact.
    """
    from sklearn.linear_model import LogisticRegression

    contact = np.concatenate([one.contact for one in proteins])
    if contact.all() or not contact.any():
        raise AtlasError(
            "The proteins that the regression learns from have no contacts: give others."
        )
    model = LogisticRegression(l1_ratio=1, C=C, solver="liblinear", random_state=0)
    model.fit(
        np.concatenate([one.values for one in proteins]),
        contact,
        sample_weight=np.concatenate([one.weight for one in proteins]),
    )
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def published_weights(checkpoint: Checkpoint, heads: int) -> NDArray[np.float32] | None:
    """Read the regression that a checkpoint's authors fitted; None where it has none.

    ESM-1b and ESM-2 keep it among their weights, the MSA Transformer in a file beside them.

    Parameters
    ----------
    checkpoint
        Model and weights.
    heads
        Of all its layers.

    Returns
    -------
    numpy.ndarray or None
        One weight a head, in the order of layers; the bias changes no order of pairs.

    Raises
    ------
    AtlasError
        When it is of another number of heads.
    """
    folder = checkpoint.weights.folder
    whole = (folder / "config.json").is_file()
    published = None if whole else published_file(folder)
    state = read_state(folder) if published is None else read_published(published)
    found = [
        tensor for name, tensor in state.items() if name.endswith("contact_head.regression.weight")
    ]
    if not found:
        return None
    weights: NDArray[np.float32] = found[0].float().numpy().reshape(-1)
    if len(weights) != heads:
        raise AtlasError(
            f"{folder} has a regression of contacts over {len(weights)} heads, and the model has "
            f"{heads}: take the files of one checkpoint."
        )
    return weights
