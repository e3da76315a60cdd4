"""Cut head frames into what figures draw and visitors download: pure functions, no Streamlit.

A head frame is `precompute.heads`': one row a head and property, published or measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.features import FEATURES
from precompute.heads import ALPHA, HEAD_COLUMNS, SITE_FEATURES

OFFSET_COLUMNS = (
    *("feature", "percent", "interval_lower", "interval_upper", "background_percent", "arcs"),
)


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a frame's rows as dictionaries of plain values: ``to_dict`` in half the time."""
    names = [str(name) for name in frame]
    columns = (
        [None if value is pd.NA else value for value in values.tolist()]
        if getattr(values.dtype, "na_value", None) is pd.NA
        else values.tolist()
        for _, values in frame.items()
    )
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def by_feature(frame: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Split a head frame by model and feature, rows by layer and head."""
    rank = np.empty(len(frame), dtype=np.intp)
    rank[np.lexsort((frame["head"].to_numpy(), frame["layer"].to_numpy()))] = np.arange(len(frame))
    found = frame.groupby(["model", "feature"], sort=False).indices
    groups: dict[Any, NDArray[np.intp]] = {key: np.asarray(rows) for key, rows in found.items()}
    parts = {}
    for key in sorted(groups, key=lambda key: rank[groups[key]].min()):
        (model, feature), rows = key, groups[key]
        rows = rows[np.argsort(rank[rows], kind="stable")]
        # A slice copies nothing, and most frames have a property's rows together and in order.
        together = (np.diff(rows) == 1).all()
        part = frame[rows[0] : rows[-1] + 1] if together else frame.take(rows)
        part.index = pd.RangeIndex(len(part))
        parts[str(model), str(feature)] = part
    return parts


def grid(
    frame: pd.DataFrame, column: str, dtype: type[np.floating[Any]] = np.float32
) -> NDArray[np.floating[Any]]:
    """Lay a column of one property's head frame out as layers × heads.

    Returns
    -------
    numpy.ndarray
        Row 0 is layer 1, column 0 is head 1; NaN where empty.
    """
    layer, head = frame["layer"].to_numpy(), frame["head"].to_numpy()
    values = np.full((int(layer.max()), int(head.max())), np.nan, dtype=dtype)
    values[layer - 1, head - 1] = frame[column].to_numpy(dtype=dtype, na_value=np.nan)
    return values


def layer_maxima(frame: pd.DataFrame) -> pd.DataFrame:
    """Give each layer's highest kept head: ``layer``, ``max_percent``, ``head``."""
    percent = grid(frame, "percent", np.float64)
    shown = ~np.isnan(percent).all(axis=1)
    best = np.where(np.isnan(percent), -1.0, percent).argmax(axis=1) + 1
    return pd.DataFrame(
        {
            "layer": np.arange(1, len(percent) + 1, dtype=np.int16),
            "max_percent": grid(frame, "layer_maximum", np.float64)[:, 0],
            "head": pd.Series(best, dtype="Int64").where(shown),
        }
    )


def top_heads(frame: pd.DataFrame, count: int = 10) -> pd.DataFrame:
    """Give the highest kept heads of one property's head frame, highest first."""
    return frame.take(_highest_first(frame)[:count]).reset_index(drop=True)


def highest_head(frame: pd.DataFrame) -> tuple[int, int, float] | None:
    """Give the highest kept head of one property: layer, head and percent; None without any."""
    percent = frame["percent"].to_numpy(dtype=float, na_value=np.nan)
    kept = np.flatnonzero(~np.isnan(percent))
    if not len(kept):
        return None
    # All heads need not be put in order for it: twenty small maps ask at once.
    rank = frame["rank"].to_numpy(dtype=float, na_value=np.inf)[kept]
    first = kept[rank == rank.min()]
    first = first[percent[first] == percent[first].max()]
    layer, head = (frame[name].to_numpy()[first] for name in ("layer", "head"))
    row = np.lexsort((head, layer))[0]
    return int(layer[row]), int(head[row]), float(percent[first[row]])


def _highest_first(frame: pd.DataFrame) -> NDArray[np.intp]:
    """Give the rows of the kept heads, highest first."""
    percent = frame["percent"].to_numpy(dtype=float, na_value=np.nan)
    rank = frame["rank"].to_numpy(dtype=float, na_value=np.inf)
    order = np.lexsort((frame["head"], frame["layer"], -percent, rank))
    kept: NDArray[np.intp] = order[~np.isnan(percent[order])]
    return kept


def head_names(frame: pd.DataFrame) -> list[str]:
    """Name each row's head as the paper does: layer-head, both from 1."""
    return [f"{layer}-{head}" for layer, head in zip(frame["layer"], frame["head"], strict=True)]


def marks(frame: pd.DataFrame) -> list[str]:
    """Mark the heads unlike the background: two asterisks by Bonferroni, one by discovery rate."""
    return [
        "**" if strict <= ALPHA else "*" if found <= ALPHA else ""
        for strict, found in zip(
            frame["bonferroni"].tolist(), frame["false_discovery"].tolist(), strict=True
        )
    ]


def interval_ends(
    frame: pd.DataFrame,
) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Give both ends of each head's interval; what the drawing allows where there is none.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper ends in percent, one a row.
    """
    percent, resolution, lower, upper = (
        frame[name].to_numpy(dtype=float, na_value=np.nan)
        for name in ("percent", "resolution", "interval_lower", "interval_upper")
    )
    drawn = np.nan_to_num(resolution)
    lower = np.where(np.isnan(lower), percent - drawn, lower)
    upper = np.where(np.isnan(upper), np.minimum(percent + drawn, 100), upper)
    return np.maximum(lower, 0), upper


def row_of(frame: pd.DataFrame, layer: int, head: int) -> pd.DataFrame:
    """Give one head's row of a property's head frame; no row where there is none."""
    at = np.flatnonzero((frame["layer"].to_numpy() == layer) & (frame["head"].to_numpy() == head))
    # A slice copies nothing: to take rows is ten times as long, and pages ask property by property.
    return frame[at[0] : at[0] + 1] if len(at) == 1 else frame.iloc[at]


def head_profile(features: Iterable[pd.DataFrame], layer: int, head: int) -> pd.DataFrame:
    """Give one head's row of every property.

    Parameters
    ----------
    features
        Head frames of one model and source, one a property.
    layer, head
        The head, counted from 1.

    Returns
    -------
    pandas.DataFrame
        Rows in the order of `FEATURES`; empty when the model has no such head.
    """
    rows = [row_of(frame, layer, head) for frame in features if len(frame)]
    if not rows:
        return pd.DataFrame(columns=list(HEAD_COLUMNS))
    order = {name: index for index, name in enumerate(FEATURES)}
    profile = pd.concat(rows, ignore_index=True)
    return profile.sort_values("feature", key=lambda names: names.map(order), ignore_index=True)


def offset_profile(offsets: Iterable[pd.DataFrame], layer: int, head: int) -> pd.DataFrame:
    """Give a head's shares of the target offsets.

    Parameters
    ----------
    offsets
        Head frames of `precompute.features.OFFSET_FEATURES`, one an offset, in its order.
    layer, head
        The head, counted from 1.

    Returns
    -------
    pandas.DataFrame
        `OFFSET_COLUMNS`, a row an offset; empty where there are none or the head is grey.
    """
    rows = [row_of(frame, layer, head) for frame in offsets]
    if not rows:
        return pd.DataFrame(columns=list(OFFSET_COLUMNS))
    frame = pd.concat(rows, ignore_index=True)
    return frame.loc[frame["percent"].notna(), list(OFFSET_COLUMNS)]


def best_heads(
    published: dict[tuple[str, str], pd.DataFrame], features: Iterable[str] = SITE_FEATURES
) -> pd.DataFrame:
    """Give each model's highest head for each property: rows of the head frame."""
    wanted = set(features)
    rows = [top_heads(frame, 1) for (_, name), frame in published.items() if name in wanted]
    return pd.concat(rows, ignore_index=True)
