"""Turn what was measured into the frames of the tables of contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.contacts.learning import Learnt
from precompute.contacts.means import kept_means
from precompute.contacts.pairs import ATOMS, RANGES, atom_places
from precompute.contacts.scoring import MEASURES, mean_over_proteins
from precompute.tables import (
    CONTACT_HEADS,
    CONTACT_MAPS,
    CONTACT_PRECISION,
    CONTACT_PROTEINS,
    CONTACT_RUNS,
    Table,
)

Floats = NDArray[np.float64]


def contact_frames(
    row: dict[str, Any],
    chains: Sequence[Chain],
    kept: Sequence[int],
    scored: Mapping[int, Mapping[str, NDArray[Any]]],
    order: NDArray[np.int64],
    precision: Floats,
    learnt: Learnt,
) -> tuple[pd.DataFrame, dict[Table, pd.DataFrame]]:
    """Make all frames of one run.

    Parameters
    ----------
    row
        The run's row of `CONTACT_RUNS`.
    chains
        Those scored, and which of them are kept.
    scored
        What was measured of each, by place.
    order, precision
        Heads best first, and the precision of each in the model's order.
    learnt
        What proteins were scored with.

    Returns
    -------
    tuple
        The frame of `CONTACT_RUNS`, and the others by table.
    """
    identity = {name: row[name] for name in ("run", "model", "dataset")}
    methods = _methods(learnt, scored)
    frame = pd.DataFrame([row], columns=list(CONTACT_RUNS.column_names))
    frame["seed"] = frame["seed"].astype("Int64")
    maps = [
        {"run": row["run"], "protein": chains[place].identifier, "method": method, "heads": heads}
        | {"scores": values}
        for place in kept
        for (method, heads), values in zip(
            _kept(methods, learnt), _finite(scored[place]["maps"]), strict=True
        )
    ]
    return frame, {
        CONTACT_PRECISION: _with(identity, _precision(methods, scored), CONTACT_PRECISION),
        CONTACT_HEADS: _with(
            identity, _heads(order, precision, learnt, int(row["heads"])), CONTACT_HEADS
        ),
        CONTACT_PROTEINS: pd.DataFrame(
            [{"run": row["run"], **_protein(chains[place])} for place in kept],
            columns=list(CONTACT_PROTEINS.column_names),
        ),
        CONTACT_MAPS: pd.DataFrame(maps, columns=list(CONTACT_MAPS.column_names)),
    }


def _methods(
    learnt: Learnt, scored: Mapping[int, Mapping[str, NDArray[Any]]]
) -> list[tuple[str, int]]:
    """Name the rows of scores: method and heads; the last is chance."""
    found = [("mean", count) for count in range(1, len(learnt.heads) + 1)]
    found += [(name, 0) for name in learnt.weights]
    rows = len(next(iter(next(iter(scored.values())).values())))
    if rows > len(found) + 1:
        found.append(("jacobian", 0))
    return [*found, ("chance", 0)]


def _kept(methods: Sequence[tuple[str, int]], learnt: Learnt) -> list[tuple[str, int]]:
    means = [methods[place] for place in kept_means(len(learnt.heads))]
    return [*means, *methods[len(learnt.heads) : -1]]


def _finite(maps: NDArray[np.float16]) -> NDArray[np.float16]:
    """Give pairs without a score the lowest that there is."""
    found = maps.astype(np.float32)
    for values in found:
        known = np.isfinite(values)
        values[~known] = values[known].min(initial=0.0)
    return found.astype(np.float16)


def _precision(
    methods: Sequence[tuple[str, int]], scored: Mapping[int, Mapping[str, NDArray[Any]]]
) -> pd.DataFrame:
    frames = []
    for atoms in ATOMS:
        own = [
            arrays[f"scores/{atoms}"] for arrays in scored.values() if f"scores/{atoms}" in arrays
        ]
        if not own:
            continue
        columns = [column.ravel() for column in mean_over_proteins(np.array(own))]
        index = pd.MultiIndex.from_product(
            [range(len(methods)), RANGES, MEASURES], names=["place", "separation", "measure"]
        )
        frame = pd.DataFrame(
            dict(zip(("precision", "lower", "upper", "proteins"), columns, strict=True)), index
        ).reset_index()
        frame["method"] = [methods[place][0] for place in frame["place"]]
        frame["heads"] = [methods[place][1] for place in frame["place"]]
        frames.append(frame.assign(atoms=atoms).drop(columns="place"))
    return pd.concat(frames, ignore_index=True)


def _heads(order: NDArray[np.int64], precision: Floats, learnt: Learnt, heads: int) -> pd.DataFrame:
    places = np.arange(len(order))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = places + 1
    published = learnt.weights.get("published_regression")
    return pd.DataFrame(
        {
            "layer": places // heads + 1,
            "head": places % heads + 1,
            "rank": rank,
            "precision": precision,
            "weight": learnt.weights["regression"].astype(np.float64),
            "published_weight": np.full(len(order), np.nan)
            if published is None
            else published.astype(np.float64),
        }
    )


def _protein(chain: Chain) -> dict[str, Any]:
    found: dict[str, Any] = {"protein": chain.identifier, "sequence": chain.sequence}
    places = atom_places(chain)
    for atoms in ATOMS:
        own = places.get(atoms, np.empty((0, 3)))
        known: NDArray[np.bool_] = np.asarray(np.isfinite(own).all(axis=1))
        found[atoms] = np.where(known[:, None], own, 0.0).astype(np.float32).ravel()
        found[f"{atoms}_known"] = known
    return found


def _with(identity: dict[str, str], frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    return frame.assign(**identity)[list(table.column_names)]
