"""Turn what was measured of alignments into the frames of their tables."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.column_attention.kept import ColumnMatrices
from precompute.column_attention.measure import Family
from precompute.column_attention.regression import SCORES
from precompute.conservation import QUARTILES, residue_quartiles
from precompute.tables import (
    COLUMN_DISTANCE,
    COLUMN_FAMILIES,
    COLUMN_REGRESSION,
    CONSERVATION_COUNTS,
    Table,
)
from precompute.tables.column_tables import DEFINITIONS
from precompute.tally import THRESHOLDS, Tally

DRAWS = 2000
LEVEL = 0.95
_FEWEST = 2

Floats = NDArray[np.float64]


def column_frames(
    identity: dict[str, str],
    chains: Sequence[Chain],
    families: Sequence[Family],
    tally: Tally,
    nulls: Sequence[str],
) -> dict[Table, pd.DataFrame]:
    """Make the frames that a run over alignments has beside those of any run.

    Parameters
    ----------
    identity
        Run, model, dataset and attention.
    chains
        The queries with their alignments, in the order of the sample.
    families
        One for each of them, in any order.
    tally
        The counts of row attention.
    nulls
        Those that were measured, in order.
    """
    families = sorted(families, key=lambda family: family.place)
    controls = ("none", *nulls)
    return {
        COLUMN_DISTANCE: _distance(identity["run"], families, controls),
        COLUMN_FAMILIES: _by_family(identity["run"], chains, families, controls),
        COLUMN_REGRESSION: _regression(identity["run"], chains, families),
        CONSERVATION_COUNTS: _conservation(identity, chains, tally),
    }


def matrices_of(chain: Chain, family: Family) -> ColumnMatrices | None:
    """Give what is kept of an alignment; None where nothing is."""
    if family.attention is None or family.selectivity is None or chain.alignment is None:
        return None
    return ColumnMatrices(chain.identifier, chain.alignment, family.attention, family.selectivity)


def mean_interval(values: Floats, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Average over alignments, with the percentile interval of a bootstrap over them.

    Parameters
    ----------
    values
        Shape (alignments, …), NaN where an alignment has none; it then counts for nothing.
    seed
        Of the `DRAWS` samples of as many alignments.

    Returns
    -------
    tuple of numpy.ndarray
        Mean, lower and upper end, each of shape (…): NaN where no alignment has a value, and
        the ends where fewer than two have.
    """
    count, *shape = values.shape
    flat = values.reshape(count, -1)
    there = np.isfinite(flat)
    known = np.where(there, flat, 0.0)
    size = there.sum(0)
    picks = np.random.default_rng(seed).integers(count, size=(DRAWS, count))
    picks += count * np.arange(DRAWS)[:, None]
    weights = np.bincount(picks.ravel(), minlength=DRAWS * count).reshape(DRAWS, count)
    ends = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns in which nothing is defined
        mean = known.sum(0) / size
        drawn = (weights @ known) / (weights @ there)
        lower, upper = np.nanquantile(drawn, ends, axis=0)
    lower, upper = (np.where(size >= _FEWEST, end, np.nan) for end in (lower, upper))
    return mean.reshape(shape), lower.reshape(shape), upper.reshape(shape)


def _places(shape: Sequence[int], controls: Sequence[str]) -> dict[str, Any]:
    """Lay definition, control, layer and head out as columns, in the order of `np.ravel`."""
    control, definition, layer, head = (index.ravel() for index in np.indices(shape))
    return {
        "definition": np.array(list(DEFINITIONS), dtype=object)[definition],
        "control": np.array(controls, dtype=object)[control],
        "layer": (layer + 1).astype(np.int16),
        "head": (head + 1).astype(np.int16),
    }


def _distance(run: str, families: Sequence[Family], controls: Sequence[str]) -> pd.DataFrame:
    values = np.stack([family.correlations for family in families])
    mean, lower, upper = mean_interval(values)
    frame = {"run": run, **_places(mean[:, :, 0].shape, controls)}
    for number, name in enumerate(("spearman", "pearson")):
        for suffix, part in (("", mean), ("_lower", lower), ("_upper", upper)):
            frame[name + suffix] = part[:, :, number].ravel()
    frame["alignments"] = np.isfinite(values[:, :, :, 0]).sum(0).ravel()
    return pd.DataFrame(frame)


def _by_family(
    run: str, chains: Sequence[Chain], families: Sequence[Family], controls: Sequence[str]
) -> pd.DataFrame:
    parts = []
    for family in families:
        chain = chains[family.place]
        assert chain.alignment is not None
        rows, columns = chain.alignment.rows.shape
        spearman, pearson = np.moveaxis(family.correlations, 2, 0)
        parts.append(
            pd.DataFrame(
                {
                    "run": run,
                    "number": family.place + 1,
                    "alignment": chain.identifier,
                    "rows": rows,
                    "columns": columns,
                    "kept": family.attention is not None,
                    **_places(spearman.shape, controls),
                    "spearman": spearman.ravel(),
                    "pearson": pearson.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _regression(run: str, chains: Sequence[Chain], families: Sequence[Family]) -> pd.DataFrame:
    rows = [
        {
            "run": run,
            "number": family.place + 1,
            "alignment": chains[family.place].identifier,
            "definition": definition,
            "fitted": found.fitted,
            "judged": found.judged,
            **dict(zip(SCORES, found.scores, strict=True)),
            "problem": found.problem or None,
        }
        for family in families
        for definition, found in zip(("corrected", "published"), family.regressions, strict=False)
    ]
    return pd.DataFrame(rows, columns=list(COLUMN_REGRESSION.column_names))


def _conservation(identity: dict[str, str], chains: Sequence[Chain], tally: Tally) -> pd.DataFrame:
    layers, heads, _, levels = tally.quartile_hits.shape
    shape = (levels, QUARTILES, layers, heads)
    level, quartile, layer, head = (index.ravel() for index in np.indices(shape))
    positives = np.zeros(QUARTILES, dtype=np.int64)
    for chain in chains:
        assert chain.alignment is not None
        positives += np.bincount(residue_quartiles(chain.alignment), minlength=QUARTILES)
    by_quartile = {
        name: getattr(tally, f"quartile_{name}").permute(3, 2, 0, 1).reshape(-1).numpy()
        for name in ("hits", "hits_squared", "hits_arcs")
    }
    by_head = {
        name: getattr(tally, source).permute(2, 0, 1)[:, None].expand(shape).reshape(-1).numpy()
        for name, source in (
            ("arcs", "arcs"),
            ("alignments", "proteins"),
            ("arcs_squared", "arcs_squared"),
        )
    }
    return pd.DataFrame(
        {
            **identity,
            "threshold": np.array(THRESHOLDS)[level],
            "quartile": (quartile + 1).astype(np.int16),
            "layer": (layer + 1).astype(np.int16),
            "head": (head + 1).astype(np.int16),
            **by_quartile,
            **by_head,
            "positives": positives[quartile],
            "residues": positives.sum(),
        }
    )
