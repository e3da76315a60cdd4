"""The corrected protocol: fitted on some families and scored on others, protein by protein."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.probes.control import pair_groups, seed_of, shuffle_within
from precompute.probes.features import ATTENTION, EMBEDDINGS, INCOMING, PAIRS, VECTORS, FeatureStore
from precompute.probes.linear import Linear, fit, most_rows
from precompute.probes.scoring import Score, mean_score, of_protein
from precompute.probes.tasks import UNKNOWN, Task

CONTROLS = ("none", "shuffled")


@dataclass(frozen=True, eq=False)
class Labelled:
    """The labels of one task, of all proteins, once as they are and once shuffled.

    Attributes
    ----------
    task
        What it is.
    labels
        By control: classes of all residues, or of all pairs, one after the other.
    """

    task: Task
    labels: dict[str, NDArray[np.int64]]


def label_residues(
    task: Task,
    labels: Sequence[NDArray[np.int64]],
    chains: Sequence[Chain],
    test: NDArray[np.bool_],
    seed: int,
) -> Labelled:
    """Lay the labels of residues out, and those of the control.

    Labels are exchanged among the residues of one amino acid, within the proteins that are
    fitted and within those that are scored.

    Parameters
    ----------
    task
        Of residues.
    labels
        Of each chain; `UNKNOWN` where the model has no token of a residue.
    chains, test
        Whose they are, and which are scored.
    seed
        Of the shuffle.
    """
    letters = np.frombuffer("".join(c.sequence for c in chains).encode("ascii"), dtype=np.uint8)
    scored = np.repeat(test, [len(chain) for chain in chains])
    real = np.concatenate(labels)
    shuffled = shuffle_within(
        real, letters.astype(np.int64) + 256 * scored, seed_of(seed, task.name)
    )
    return Labelled(task, {"none": real, "shuffled": shuffled})


def label_pairs(task: Task, store: FeatureStore, chains: Sequence[Chain], seed: int) -> Labelled:
    """Lay the labels of pairs out, and those of the control.

    Labels are exchanged within a protein among pairs of the same two amino acids, so that each
    protein keeps its number of contacts.
    """
    real, shuffled = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for chain, (first, second, labels) in zip(chains, store.places.pairs, strict=True):
        groups = pair_groups(chain.sequence, first, second)
        real.append(labels)
        shuffled.append(shuffle_within(labels, groups, seed_of(seed, task.name, chain.sequence)))
    return Labelled(task, {"none": np.concatenate(real), "shuffled": np.concatenate(shuffled)})


def score_layer(
    store: FeatureStore,
    source: str,
    layer: int,
    chains: Sequence[Chain],
    test: NDArray[np.bool_],
    every: Sequence[Labelled],
    seed: int,
) -> dict[tuple[str, str], Score]:
    """Fit and score all tasks on one layer.

    Parameters
    ----------
    store
        The features.
    source
        One of `precompute.probes.features.SOURCES`.
    layer
        From 0.
    chains, test
        The proteins, and which are scored.
    every
        The tasks.
    seed
        Of rows that are drawn, and of intervals.

    Returns
    -------
    dict
        A score by task and control.
    """
    found: dict[tuple[str, str], Score] = {}
    of_residues = [one for one in every if not one.task.of_pairs]
    if of_residues:
        features = store.read(VECTORS if source == EMBEDDINGS else INCOMING, layer)
        for one in of_residues:
            for control in CONTROLS:
                own = _score_residues(store, features, one, control, test, chains, seed)
                found[one.task.name, control] = own
    for one in every:
        if one.task.of_pairs:
            for control in CONTROLS:
                own = _score_pairs(store, source, layer, one, control, test, chains, seed)
                found[one.task.name, control] = own
    return found


def _score_residues(
    store: FeatureStore,
    features: NDArray[np.float16],
    one: Labelled,
    control: str,
    test: NDArray[np.bool_],
    chains: Sequence[Chain],
    seed: int,
) -> Score:
    labels = one.labels[control]
    scored = np.repeat(test, [len(chain) for chain in chains])
    rows = np.flatnonzero((labels != UNKNOWN) & ~scored)
    rows = _drawn(rows, most_rows(features.shape[1]), seed_of(seed, one.task.name, "rows"))
    probe = fit(features[rows].astype(np.float32), labels[rows], len(one.task.classes))
    values, sizes = [], []
    for number in np.flatnonzero(test).tolist() if probe else ():
        place = store.places.residues_of(number)
        own = labels[place]
        known = own != UNKNOWN
        margins = probe.margins(features[place][known]) if probe else np.zeros((0, 2))
        values.append(of_protein(one.task.score, margins, own[known], int(known.sum())))
        sizes.append(int(known.sum()))
    return mean_score(values, sizes, seed)


def _score_pairs(
    store: FeatureStore,
    source: str,
    layer: int,
    one: Labelled,
    control: str,
    test: NDArray[np.bool_],
    chains: Sequence[Chain],
    seed: int,
) -> Score:
    labels = one.labels[control]
    probe = _fit_pairs(store, source, layer, labels, test, seed_of(seed, one.task.name, "rows"))
    values, sizes = [], []
    for number in np.flatnonzero(test).tolist() if probe else ():
        assert probe is not None
        place, own = store.places.pairs_of(number), labels[store.places.pairs_of(number)]
        first, second, _ = store.places.pairs[number]
        if source == ATTENTION:
            margins = probe.margins(store.read(PAIRS, layer)[place])
        else:
            vectors = store.read(VECTORS, layer)[store.places.residues_of(number)]
            of_one = probe.pair_margins(vectors)[first, second]
            margins = np.stack([np.zeros_like(of_one), of_one], axis=1)
        resolved = chains[number].resolved
        residues = len(chains[number]) if resolved is None else int(resolved.sum())
        values.append(of_protein(one.task.score, margins, own, residues))
        sizes.append(len(own))
    return mean_score(values, sizes, seed)


def _fit_pairs(
    store: FeatureStore,
    source: str,
    layer: int,
    labels: NDArray[np.int64],
    test: NDArray[np.bool_],
    seed: int,
) -> Linear | None:
    """Fit a probe of pairs on contacts, and on as many others as there is room for.

    Those that are drawn stand for all others by their weight.
    """
    kind = PAIRS if source == ATTENTION else VECTORS
    columns = store.columns[kind]
    scored = np.repeat(test, np.diff(store.places.pair_ends))
    room = most_rows(columns)
    positive = _drawn(np.flatnonzero((labels == 1) & ~scored), room // 2, seed)
    others = np.flatnonzero((labels == 0) & ~scored)
    negative = _drawn(others, room - len(positive), seed)
    if not len(positive) or not len(negative):
        return None
    rows = np.sort(np.concatenate([positive, negative]))
    weights = np.where(labels[rows] == 1, 1.0, len(others) / len(negative))
    if source == ATTENTION:
        features = store.read(PAIRS, layer)[rows].astype(np.float32)
    else:
        features = np.empty((len(rows), columns), dtype=np.float32)
        vectors = store.read(VECTORS, layer)
        ends = np.searchsorted(rows, store.places.pair_ends)
        for number, (start, end) in enumerate(itertools.pairwise(ends)):
            if start < end:
                own = vectors[store.places.residues_of(number)].astype(np.float32)
                first, second, _ = store.places.pairs[number]
                place = rows[start:end] - store.places.pair_ends[number]
                np.multiply(own[first[place]], own[second[place]], out=features[start:end])
    return fit(features, labels[rows], 2, weights)


def _drawn(rows: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """Draw some rows where there are more than are fitted, in their order."""
    if len(rows) <= most:
        return rows
    drawn = np.random.default_rng(seed).choice(len(rows), most, replace=False)
    found: NDArray[np.int64] = rows[np.sort(drawn)]
    return found
