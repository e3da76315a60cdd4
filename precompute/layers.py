"""Layers: what a model's heads follow on average and at most, layer by layer.

Everything here takes one property's *head frame* of one model and source
(`precompute.heads`) and is a pure function of it.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEVEL = 0.95
"""Coverage of the bootstrap interval."""
DRAWS = 2000
SEED = 0

LAYER_COLUMNS: dict[str, str] = {
    "source": "published, or the name of the run",
    "model": "identifier of the model",
    "dataset": "identifier of the dataset; empty for published values",
    "feature": "identifier of the property",
    "layer": "layer, counted from 1",
    "depth": "layer over the number of layers",
    "heads": "heads of the layer",
    "kept": "of these, heads with enough arcs",
    "mean_percent": "mean over the kept heads of the share of arcs that have the property, %",
    "resolution": "half-width of what the paper's drawing allows for the mean, percentage points",
    "read_from": "what the mean was read from: arcs, cells or bar",
    "max_percent": "the largest share of the layer's kept heads, %",
    "max_head": "the head that has it, counted from 1",
    "background_percent": "how often the property holds without regard to attention, %",
}
"""Columns of a layer frame and what they hold."""

BAR_RESOLUTION = 1e-4
"""Accuracy of a layer mean that the paper draws as a bar, percentage points."""


class Bounds(NamedTuple):
    """Lower and upper end; NaN where there is none."""

    lower: float
    upper: float


def layer_frame(heads: pd.DataFrame, exact: pd.DataFrame | None = None) -> pd.DataFrame:
    """Summarise a property's heads by layer.

    Parameters
    ----------
    heads
        Head frame of one property, model and source.
    exact
        Rows of ``published_layer_means``; where they have every layer of this model and
        property and the values are the paper's, its bars stand in place of means over
        cells, which are known to half a colour step only.

    Returns
    -------
    pandas.DataFrame
        `LAYER_COLUMNS`, one row a layer; a layer without a kept head has no mean.
    """
    layers = np.arange(1, int(heads["layer"].max()) + 1)
    ordered = heads.sort_values(["layer", "head"], kind="stable")
    layer, head = (ordered[name].to_numpy(dtype=np.int64) for name in ("layer", "head"))
    percent, half, maximum = (
        ordered[name].to_numpy(dtype=float, na_value=np.nan)
        for name in ("percent", "resolution", "layer_maximum")
    )
    known = ~np.isnan(percent)
    resolution = _layer_means(layer, np.where(known, half, np.nan), len(layers))
    drawn = bool((~np.isnan(resolution)).any())
    counts, kept = (
        np.bincount(own, minlength=len(layers) + 1)[1:] for own in (layer, layer[known])
    )
    # Each layer's first row is that of its highest head, the lower number of equal ones.
    highest = np.lexsort((np.where(known, -percent, np.inf), layer))
    best = head[highest][np.searchsorted(layer[highest], layers).clip(max=len(head) - 1)]
    first = {
        name: heads[name].iloc[0]
        for name in ("source", "model", "dataset", "feature", "background_percent")
    }
    frame = pd.DataFrame(
        {
            **first,
            "layer": layers,
            "depth": layers / len(layers),
            "heads": counts,
            "kept": kept,
            "mean_percent": _layer_means(layer, percent, len(layers)),
            "resolution": resolution,
            "read_from": "cells" if drawn else "arcs",
            "max_percent": _first_known(layer, maximum, len(layers)),
            "max_head": pd.Series(best, dtype="Int64").where(kept > 0),
        }
    )
    if drawn and exact is not None:
        own = exact[(exact["model"] == first["model"]) & (exact["feature"] == first["feature"])]
        bars = own.set_index("layer")["mean_percent"].reindex(layers)
        if bars.notna().all():
            frame["mean_percent"] = bars.to_numpy()
            frame["resolution"] = BAR_RESOLUTION
            frame["read_from"] = "bar"
    return frame[list(LAYER_COLUMNS)]


def _layer_means(layer: NDArray[np.int64], values: Floats, layers: int) -> Floats:
    """Average each layer's known values; NaN where there is none."""
    known = ~np.isnan(values)
    sums = np.bincount(layer[known], values[known], minlength=layers + 1)[1:]
    counts = np.bincount(layer[known], minlength=layers + 1)[1:]
    means = np.full(layers, np.nan)
    means[counts > 0] = sums[counts > 0] / counts[counts > 0]
    return means


def _first_known(layer: NDArray[np.int64], values: Floats, layers: int) -> Floats:
    """Give each layer's first known value; NaN where there is none."""
    known = np.flatnonzero(~np.isnan(values))
    numbers, first = np.unique(layer[known], return_index=True)
    found = np.full(layers, np.nan)
    found[numbers - 1] = values[known[first]]
    return found


def centre(layers: ArrayLike, means: ArrayLike) -> float:
    """Centre of gravity of a property over the layers: Σ i·w_i, w_i = mean_i / Σ mean.

    Vig et al., ICLR 2021, after Tenney et al., ACL 2019. Layers count from 1. A layer
    without a mean takes no part; NaN where no layer has one above 0.
    """
    i, m = np.asarray(layers, dtype=float), np.asarray(means, dtype=float)
    known = ~np.isnan(m)
    total = float(m[known].sum())
    return float((i[known] * m[known]).sum()) / total if total > 0 else float("nan")


def drawing_bounds(layers: ArrayLike, means: ArrayLike, resolution: ArrayLike) -> Bounds:
    """Give the least and greatest centre that means within their resolution can have.

    The centre is a ratio of linear functions of the means, so it is extreme where the
    means up to some layer stand at one end of what is allowed and the others at the
    other: all of these are tried.

    Parameters
    ----------
    layers
        Layer numbers, shape (layers,).
    means, resolution
        Layer means and their half-widths, same shape and unit; a mean is at least 0.

    Returns
    -------
    Bounds
        In layers; NaN where nothing is known.
    """
    i, m, half = (np.asarray(values, dtype=float) for values in (layers, means, resolution))
    known = ~np.isnan(m)
    i, m, half = i[known], m[known], np.nan_to_num(half[known])
    order = np.argsort(i)
    i, low, high = i[order], np.maximum(m - half, 0)[order], (m + half)[order]
    first_part = np.tri(len(i) + 1, len(i), -1, dtype=bool)  # row k: the first k layers
    weights = np.stack([np.where(first_part, low, high), np.where(first_part, high, low)])
    totals = weights.sum(axis=-1)
    if not len(i) or not (totals > 0).any():
        return Bounds(float("nan"), float("nan"))
    with np.errstate(invalid="ignore", divide="ignore"):
        centres = np.where(totals > 0, (weights * i).sum(axis=-1) / totals, np.nan)
    return Bounds(float(np.nanmin(centres)), float(np.nanmax(centres)))


def bootstrap_centres(
    heads: pd.DataFrame,
    means: pd.Series | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Floats:
    """Draw each layer's kept heads anew, with replacement, and give the centre each time.

    A bootstrap stratified by layer: the layers are all there are and stay, the heads of
    a layer are taken for a sample of heads that it might have learnt. It says nothing
    about proteins.

    Parameters
    ----------
    heads
        Head frame of one property, model and source.
    means
        Exact layer means by layer, %, about which the drawn ones scatter; by default
        those of the heads.
    draws, seed
        How many, and of what random stream.

    Returns
    -------
    numpy.ndarray
        Shape (draws,), in layers; NaN where no mean is above 0.
    """
    random = np.random.default_rng(seed)
    kept = heads[heads["percent"].notna()].sort_values(["layer", "head"], kind="stable")
    total, weighted = np.zeros(draws), np.zeros(draws)
    numbers, first = np.unique(kept["layer"].to_numpy(dtype=int), return_index=True)
    parts = np.split(kept["percent"].to_numpy(dtype=float), first[1:])
    for layer, values in zip(numbers.tolist(), parts if len(numbers) else [], strict=True):
        drawn = values[random.integers(0, len(values), (draws, len(values)), np.uint16)].mean(
            axis=1
        )
        if means is not None and not np.isnan(means.get(layer, np.nan)):
            drawn = np.maximum(drawn + float(means[layer]) - values.mean(), 0)
        total += drawn
        weighted += layer * drawn
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, weighted / total, np.nan)


CENTRE_COLUMNS: dict[str, str] = {
    "source": "published, or the name of the run",
    "model": "identifier of the model",
    "dataset": "identifier of the dataset; empty for published values",
    "feature": "identifier of the property",
    "layers": "layers of the model",
    "kept": "heads with enough arcs",
    "centre": "centre of gravity, layers from 1",
    "lower": f"lower end of the {LEVEL:.0%} bootstrap interval over heads, layers",
    "upper": f"upper end of the {LEVEL:.0%} bootstrap interval over heads, layers",
    "drawn_lower": "least centre that the paper's drawing allows, layers",
    "drawn_upper": "greatest centre that the paper's drawing allows, layers",
    "relative": "centre over the number of layers",
    "read_from": "what the layer means were read from: arcs, cells or bar",
    "highest_layer": "the layer whose mean is largest",
    "highest_mean_percent": "its mean, %",
    "max_layer": "the layer of the highest head",
    "max_head": "the highest head",
    "max_percent": "its share, %",
    "background_percent": "how often the property holds without regard to attention, %",
}
"""Columns of a centre row and what they hold."""


def centre_row(
    heads: pd.DataFrame, layers: pd.DataFrame, draws: int = DRAWS, seed: int = SEED
) -> dict[str, Any]:
    """Give the centre of gravity of a property with its interval, and where it is highest.

    Parameters
    ----------
    heads
        Head frame of one property, model and source.
    layers
        Its layer frame, of `layer_frame`.
    draws, seed
        Of the bootstrap.

    Returns
    -------
    dict
        `CENTRE_COLUMNS`; empty values (NaN) where every head is masked.
    """
    first = layers.iloc[0]
    number, means = layers["layer"], layers["mean_percent"]
    exact = layers.set_index("layer")["mean_percent"] if first["read_from"] == "bar" else None
    found = bootstrap_centres(heads, exact, draws, seed)
    tail = (1 - LEVEL) / 2
    ends = (
        Bounds(*(float(end) for end in np.nanquantile(found, (tail, 1 - tail))))
        if np.isfinite(found).any()
        else Bounds(np.nan, np.nan)
    )
    drawn = Bounds(np.nan, np.nan)
    if first["read_from"] != "arcs":
        drawn = drawing_bounds(number, means, layers["resolution"])
    middle = centre(number, means)
    top, peak = (_highest(layers, name) for name in ("mean_percent", "max_percent"))
    return {
        **{name: first[name] for name in ("source", "model", "dataset", "feature")},
        "layers": len(layers),
        "kept": int(layers["kept"].sum()),
        "centre": middle,
        "lower": ends.lower,
        "upper": ends.upper,
        "drawn_lower": drawn.lower,
        "drawn_upper": drawn.upper,
        "relative": middle / len(layers),
        "read_from": first["read_from"],
        "highest_layer": top["layer"],
        "highest_mean_percent": top["mean_percent"],
        "max_layer": peak["layer"],
        "max_head": peak["max_head"],
        "max_percent": peak["max_percent"],
        "background_percent": float(first["background_percent"]),
    }


def _highest(layers: pd.DataFrame, column: str) -> dict[Hashable, Any]:
    """Give the row with the largest value; empty values where there is none."""
    if layers[column].isna().all():
        return dict.fromkeys(layers.columns, np.nan)
    row = int(layers[column].to_numpy(dtype=float, na_value=-1).argmax())
    return {name: values.iat[row] for name, values in layers.items()}
