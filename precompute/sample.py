"""Which proteins are measured: a choice that depends on dataset and seed alone."""

from __future__ import annotations

import hashlib


def sample_records(size: int, proteins: int | None, seed: int | None) -> list[int]:
    """Choose the records to measure.

    The records are ordered by the SHA-256 of seed and number: the same on every
    machine, for every model and every version of every library, and a smaller sample
    is the beginning of a larger one.

    Parameters
    ----------
    size
        Records in the dataset.
    proteins
        How many to take; all when None or more than there are.
    seed
        Seed; None takes the first ones in stored order.

    Returns
    -------
    list of int
        Record numbers, from 0, in the order of the sample.
    """
    order = list(range(size))
    if seed is not None:
        order.sort(key=lambda number: hashlib.sha256(f"{seed}:{number}".encode()).digest())
    return order if proteins is None else order[:proteins]
