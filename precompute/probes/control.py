"""The control task: labels exchanged between residues of one amino acid.

A probe of such labels can learn no more than how often each amino acid has the property; what
it scores is what amino acids alone tell (after Hewitt and Liang, EMNLP 2019).
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from precompute.probes.tasks import UNKNOWN


def seed_of(*parts: object) -> int:
    """Make a seed of some names and numbers, the same on every machine."""
    text = ":".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big")


def shuffle_within(
    labels: NDArray[np.int64], groups: NDArray[np.integer], seed: int
) -> NDArray[np.int64]:
    """Exchange labels within groups; what is unknown stays so.

    Parameters
    ----------
    labels
        Classes, `UNKNOWN` where none is known, shape (n,).
    groups
        Such as the amino acid, or the two of a pair, shape (n,).
    seed
        Of the permutation.
    """
    generator = np.random.default_rng(seed)
    found = labels.copy()
    known = np.flatnonzero(labels != UNKNOWN)
    order = known[np.argsort(groups[known], kind="stable")]
    ends = np.flatnonzero(np.diff(groups[order])) + 1
    for part in np.split(order, ends):
        found[part] = labels[generator.permutation(part)]
    return found


def pair_groups(
    sequence: str, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give a number for the two amino acids of each pair, in either order; shape (pairs,)."""
    letters = np.frombuffer(sequence.encode("ascii"), dtype=np.uint8).astype(np.int64)
    one, other = letters[first], letters[second]
    return np.minimum(one, other) * 256 + np.maximum(one, other)
