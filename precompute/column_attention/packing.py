"""What was measured of an alignment as plain arrays, and back: for files that are not pickles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.column_attention.measure import Family
from precompute.column_attention.regression import Regression


def family_arrays(family: Family) -> dict[str, NDArray[Any]]:
    """Give a family's parts as arrays by name."""
    found: dict[str, NDArray[Any]] = {
        "place": np.array([family.dataset, family.place]),
        "correlations": family.correlations,
        "scores": np.array([one.scores for one in family.regressions]),
        "rows": np.array([(one.fitted, one.judged) for one in family.regressions]),
        "problems": np.array([one.problem for one in family.regressions], dtype=np.str_),
    }
    if family.attention is not None and family.selectivity is not None:
        found |= {"attention": family.attention, "selectivity": family.selectivity}
    return found


def family_of(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Family:
    """Read what `family_arrays` gave.

    Parameters
    ----------
    arrays
        Among others.
    prefix
        What its names begin with.

    Raises
    ------
    KeyError
        When a part is missing.
    """
    dataset, place = arrays[f"{prefix}place"].tolist()
    regressions = tuple(
        Regression(scores, int(fitted), int(judged), str(problem))
        for scores, (fitted, judged), problem in zip(
            arrays[f"{prefix}scores"],
            arrays[f"{prefix}rows"],
            arrays[f"{prefix}problems"],
            strict=True,
        )
    )
    kept = f"{prefix}attention" in arrays
    return Family(
        dataset,
        place,
        arrays[f"{prefix}correlations"],
        regressions,
        arrays[f"{prefix}attention"] if kept else None,
        arrays[f"{prefix}selectivity"] if kept else None,
    )
