"""Which proteins a probe is fitted on and which it is scored on, in either protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precompute.errors import AtlasError
from precompute.families_split import find_families
from precompute.probes.control import seed_of

SCORED = 0.2
"""Share of proteins that are scored."""

FEWEST_PROTEINS, FEWEST_FAMILIES = 8, 5


@dataclass(frozen=True, eq=False)
class Split:
    """Two splits of the same proteins.

    Attributes
    ----------
    test
        Which proteins the corrected protocol scores: whole families; shape (proteins,).
    validation
        Which the paper's scores: drawn without regard to families; shape (proteins,).
    described
        How families were found, and how many there are.
    """

    test: NDArray[np.bool_]
    validation: NDArray[np.bool_]
    described: str


def split_proteins(sequences: Sequence[str], seed: int) -> Split:
    """Split proteins by family, and once more at random.

    What is drawn depends on sequences and seed alone, not on their order.

    Parameters
    ----------
    sequences
        Each different from the others.
    seed
        Of both draws.

    Raises
    ------
    AtlasError
        When there are too few proteins or families.
    """
    if len(sequences) < FEWEST_PROTEINS:
        raise AtlasError(
            f"There {'is 1 protein' if len(sequences) == 1 else f'are {len(sequences)} proteins'} "
            "with labels and a sequence of its own, and a probe is fitted on some and scored on "
            f"others: give at least {FEWEST_PROTEINS}."
        )
    families = find_families(sequences)
    if families.count < FEWEST_FAMILIES:
        raise AtlasError(
            f"These {len(sequences)} proteins are of {families.count} "
            f"famil{'y' if families.count == 1 else 'ies'} ({families.method}), and a probe is "
            f"scored on others than it is fitted on: give proteins of at least {FEWEST_FAMILIES}."
        )
    scored = max(round(SCORED * len(sequences)), 1)
    order = sorted(range(len(sequences)), key=lambda one: seed_of(seed, sequences[one]))
    validation = np.zeros(len(sequences), dtype=bool)
    validation[order[:scored]] = True
    test = np.zeros(len(sequences), dtype=bool)
    for family in dict.fromkeys(families.labels[order].tolist()):
        own = families.labels == family
        # A family that would make most of the rest the smaller part is fitted on.
        if test.sum() < scored and test.sum() + own.sum() <= 2 * scored:
            test |= own
    if not test.any():
        raise AtlasError(
            f"Nearly all of these {len(sequences)} proteins are of one family "
            f"({families.method}), and a probe is scored on others than it is fitted on: give "
            "proteins of more families."
        )
    described = (
        f"{families.count} families: {families.method}; {int(test.sum())} proteins of "
        f"{len(set(families.labels[test].tolist()))} families are scored"
    )
    return Split(test, validation, described)
