"""Two sources' heads beside each other: differences, whether they mean something, distributions.

A source is published or a run; its heads are a *head frame* (`precompute.heads`) of any
number of properties. Frames of runs also need ``effective_arcs``
(`precompute.statistics.effective_arcs`), which `with_effective_arcs` adds. Differences
are the second source minus the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from precompute.heads import ALPHA, PUBLISHED, meets
from precompute.ranks import mean_ranks

TESTED = "two-sample z, protein as sampling unit"
INSIDE = "published ± resolution meets the measured interval"
DRAWN = "difference at most both resolutions"
BASES = {
    (False, False): DRAWN,
    (True, False): INSIDE,
    (False, True): INSIDE,
    (True, True): TESTED,
}
"""What a verdict rests on, by whether the first and the second source are measured."""
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)

_KEY = ["feature", "layer", "head"]
_VALUES = [
    "percent",
    "resolution",
    "interval_lower",
    "interval_upper",
    "proteins",
    "rank",
    "effective_arcs",
]

_COMPARED = ("percent", "resolution", "interval", "effective_arcs", "proteins")
"""Columns that differences are worked out of begin like this."""

DIFFERENCE_COLUMNS: dict[str, str] = {
    "model_1": "model of the first source",
    "source_1": "published, or the name of the first run",
    "model_2": "model of the second source",
    "source_2": "published, or the name of the second run",
    "feature": "identifier of the property",
    "layer": "layer, counted from 1",
    "head": "head, counted from 1",
    "percent_1": "share of the head's arcs that have the property, first source, %",
    "percent_2": "the same, second source, %",
    "resolution_1": "half-width of what the paper's drawing allows, percentage points",
    "resolution_2": "the same, second source",
    "interval_lower_1": "lower bound, %",
    "interval_upper_1": "upper bound, %",
    "interval_lower_2": "lower bound, second source, %",
    "interval_upper_2": "upper bound, second source, %",
    "rank_1": "1 is the highest kept head",
    "rank_2": "the same, second source",
    "difference": "percent_2 − percent_1, percentage points; empty where a head is masked",
    "z": "two-sample z of the difference, the protein as sampling unit; two runs only",
    "p_value": "its two-sided p-value by Student's t",
    "q_value": "p-value adjusted for the property's heads by the false discovery rate",
    "false_discovery": f"q_value at most {ALPHA:g}",
    "bonferroni": f"p_value at most {ALPHA:g} over the property's heads tested",
    "agrees": "whether the two values agree, by basis",
    "basis": "what agrees rests on",
}
"""Columns of a difference frame and what they hold."""


def with_effective_arcs(heads: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Add to a run's head frame how many independent arcs its shares are worth.

    Parameters
    ----------
    heads
        Head frame of a run.
    counts
        Its rows of ``head_counts``, of one threshold and kind of attention.

    Returns
    -------
    pandas.DataFrame
        The head frame with ``effective_arcs``; empty where a head is masked.
    """
    from precompute.statistics import effective_arcs

    sums = ("hits", "arcs", "proteins", "hits_squared", "hits_arcs", "arcs_squared")
    found = counts[_KEY].assign(
        effective_arcs=effective_arcs(*(counts[name].to_numpy() for name in sums))
    )
    frame = heads.merge(found, on=_KEY, how="left", validate="1:1")
    frame["effective_arcs"] = frame["effective_arcs"].where(frame["percent"].notna())
    return frame


def difference_frame(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Set two sources beside each other, head by head.

    Parameters
    ----------
    first, second
        Head frames of the same shape, each of one model and source; only properties
        and heads that both have are compared.

    Returns
    -------
    pandas.DataFrame
        `DIFFERENCE_COLUMNS`, ordered by property, layer and head. Of two runs each
        head's difference is tested (`two_sample_z`), and its p-value corrected for the
        property's heads. A published value and a measured one agree where published ±
        resolution meets the measured interval (`precompute.heads.compare`); two
        published ones where they differ by no more than both resolutions.

    Notes
    -----
    The test takes the two runs' proteins for different ones. Where they share proteins
    the differences are paired, and the tables hold no covariance: where a protein that
    is high in one run is high in the other, the test finds too little, not too much.
    """
    # Worked out as arrays: pandas takes a millisecond for each column that it is given.
    places = _common(first, second)
    feature, layer, head = (first[name].array.take(places[0]) for name in _KEY)
    columns: dict[str, Any] = {"feature": feature, "layer": layer, "head": head}
    for number, (frame, own) in enumerate(zip((first, second), places, strict=True), start=1):
        columns[f"model_{number}"] = frame["model"].iloc[0]
        columns[f"source_{number}"] = frame["source"].iloc[0]
        for name in _VALUES:  # a published frame has no effective number of arcs
            found = frame[name].array if name in frame else pd.array(np.full(len(frame), np.nan))
            columns[f"{name}_{number}"] = found.take(own)
    values = {
        name: columns[name].to_numpy(dtype=float, na_value=np.nan)
        for name in columns
        if name.startswith(_COMPARED)
    }
    columns["difference"] = values["percent_2"] - values["percent_1"]
    measured = tuple(bool(frame["source"].iloc[0] != PUBLISHED) for frame in (first, second))
    columns["basis"] = BASES[measured[0], measured[1]]
    if all(measured):
        columns |= _test(_groups(pd.Series(feature)), values)
    else:
        known = ~np.isnan(columns["difference"])
        if any(measured):
            paper, run = ("2", "1") if measured[0] else ("1", "2")
            lower, upper = (values[f"interval_{end}_{run}"] for end in ("lower", "upper"))
            agrees = meets(values[f"percent_{paper}"], values[f"resolution_{paper}"], lower, upper)
            known &= ~np.isnan(lower)
        else:
            allowed = values["resolution_1"] + values["resolution_2"]
            agrees = np.abs(columns["difference"]) <= allowed
        columns |= dict.fromkeys(("z", "p_value", "q_value"), np.nan)
        never = np.ones(len(known), bool)
        columns |= {name: _where(never, ~never) for name in ("false_discovery", "bonferroni")}
        columns["agrees"] = _where(agrees, known)
    return pd.DataFrame({name: columns[name] for name in DIFFERENCE_COLUMNS}, range(len(feature)))


def two_sample_z(
    share_1: Any, effective_1: Any, share_2: Any, effective_2: Any
) -> np.ndarray[Any, Any]:
    """Standardise the difference of two shares, the protein as the sampling unit.

    The two-proportion z with pooled variance at the effective numbers of arcs (Rao and
    Scott, Biometrics 48, 1992); 0 where both shares are 0 or both 1.

    Parameters
    ----------
    share_1, share_2
        Fractions.
    effective_1, effective_2
        How many independent arcs each rests on.

    Returns
    -------
    numpy.ndarray
        Positive where the second is larger; NaN where a value is unknown.
    """
    from precompute.significance import background_z

    one, two = (np.asarray(share, dtype=float) for share in (share_1, share_2))
    z = background_z(two, effective_2, one, effective_1)
    known = np.isfinite(np.asarray(effective_1, float)) & np.isfinite(
        np.asarray(effective_2, float)
    )
    return np.where(known & (one == two), 0.0, z)


def summarise(differences: pd.DataFrame) -> pd.DataFrame:
    """Sum a difference frame up, one row a property.

    Returns
    -------
    pandas.DataFrame
        ``feature``, ``heads`` (with both values), ``median_difference``,
        ``median_absolute`` and ``largest`` (the difference of largest size; percentage
        points), ``largest_layer``, ``largest_head``, ``spearman`` (of the two values
        over the heads), ``agree`` (share of the heads), ``false_discovery`` and
        ``bonferroni`` (numbers of heads; empty unless two runs are compared).
    """
    # Columns are taken out of the frame once: to do it for each property took twice the time.
    columns = {name: differences[name].to_numpy(dtype=float, na_value=np.nan) for name in _SUMMED}
    rows = [
        {"feature": feature} | _sum_up({name: values[places] for name, values in columns.items()})
        for feature, places in _groups(differences["feature"])
    ]
    frame = pd.DataFrame(rows, columns=["feature", *_SUMMARY])
    whole = ("heads", "largest_layer", "largest_head", "false_discovery", "bonferroni")
    return frame.astype({**dict.fromkeys(whole, "Int64"), "agree": "Float64"})


def spearman(one: ArrayLike, other: ArrayLike) -> float:
    """Rank correlation of two values over the same heads: Pearson's of the mean ranks.

    Returns
    -------
    float
        NaN with fewer than two heads or where all values of one are equal.
    """
    both = np.stack([np.asarray(values, dtype=float) for values in (one, other)])
    both = both[:, ~np.isnan(both).any(axis=0)]
    ranks = [mean_ranks(values) for values in both]
    if both.shape[1] < 2 or any(values.min() == values.max() for values in ranks):
        return float("nan")
    about = np.stack(ranks) - np.mean(ranks, axis=1, keepdims=True)
    products = about @ about.T
    size = np.sqrt(products[0, 0] * products[1, 1])
    return float(np.clip(products[0, 1] / size, -1, 1))


def distribution(heads: pd.DataFrame) -> pd.DataFrame:
    """Give the quantiles of each property's kept heads.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``source``, ``feature``, ``kept`` and one column a quantile of
        `QUANTILES`, named ``q0``, ``q5``, …, in percent.
    """
    codes, names = pd.factorize(heads["feature"])
    percent = heads["percent"].to_numpy(dtype=float, na_value=np.nan)
    known = [percent[(codes == number) & ~np.isnan(percent)] for number in range(len(names))]
    none = np.full(len(QUANTILES), np.nan)
    levels = np.array([np.quantile(own, QUANTILES) if len(own) else none for own in known])
    return pd.DataFrame(
        {
            "model": heads["model"].iloc[0],
            "source": heads["source"].iloc[0],
            "feature": names,
            "kept": [len(own) for own in known],
            **{f"q{round(100 * level)}": levels[:, at] for at, level in enumerate(QUANTILES)},
        }
    )


def cumulative(heads: pd.DataFrame) -> pd.DataFrame:
    """Give the cumulative distribution of one property over the kept heads.

    Returns
    -------
    pandas.DataFrame
        ``percent``, ascending and without repeats, and ``share``: of the kept heads,
        those at or below it.
    """
    values = kept_values(heads)
    percent, counts = np.unique(values, return_counts=True)
    return pd.DataFrame({"percent": percent, "share": np.cumsum(counts) / max(len(values), 1)})


def largest_distance(first: pd.DataFrame, second: pd.DataFrame) -> float:
    """Give the largest vertical distance of two cumulative distributions.

    The statistic of Kolmogorov and Smirnov, as a description: heads of one model are
    no independent draws, so that it has no p-value here.

    Parameters
    ----------
    first, second
        Head frames of one property each.

    Returns
    -------
    float
        Between 0 and 1; NaN where a source has no kept head.
    """
    one, two = (kept_values(frame) for frame in (first, second))
    return distance_of(one, two)


def kept_values(heads: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Give the percentages of one property's kept heads, ascending."""
    values = heads["percent"].to_numpy(dtype=float, na_value=np.nan)
    return np.sort(values[~np.isnan(values)])


def kept_by_property(heads: pd.DataFrame) -> dict[str, np.ndarray[Any, Any]]:
    """Give `kept_values` of each property of a head frame, in the order in which they come."""
    percent = heads["percent"].to_numpy(dtype=float, na_value=np.nan)
    each = {name: percent[places] for name, places in _groups(heads["feature"])}
    return {name: np.sort(own[~np.isnan(own)]) for name, own in each.items()}


def distance_of(one: np.ndarray[Any, Any], two: np.ndarray[Any, Any]) -> float:
    """Give `largest_distance` of two of `kept_values`."""
    if not len(one) or not len(two):
        return float("nan")
    points = np.concatenate([one, two])
    below = [np.searchsorted(values, points, side="right") / len(values) for values in (one, two)]
    return float(np.abs(below[0] - below[1]).max())


def _common(
    first: pd.DataFrame, second: pd.DataFrame
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Give the rows of what both have, in each, ordered by property, layer and head."""
    features = pd.concat([first["feature"], second["feature"]])
    codes = np.split(pd.factorize(features, sort=True)[0], [len(first)])
    one, two = (
        (code << 32) + (frame["layer"].to_numpy(dtype=np.int64) << 16) + frame["head"].to_numpy()
        for code, frame in zip(codes, (first, second), strict=True)
    )
    if any((np.diff(np.sort(keys)) == 0).any() for keys in (one, two)):
        raise ValueError("A head frame has a head of one property twice.")
    _, *places = np.intersect1d(one, two, assume_unique=True, return_indices=True)
    return places[0], places[1]


def _where(verdict: np.ndarray[Any, Any], known: np.ndarray[Any, Any]) -> pd.arrays.BooleanArray:
    """Give verdicts, empty where they are not known."""
    return pd.arrays.BooleanArray(verdict & known, ~known)


_SUMMARY = (
    *("heads", "median_difference", "median_absolute", "largest", "largest_layer"),
    *("largest_head", "spearman", "agree", "false_discovery", "bonferroni"),
)


_SUMMED = (
    *("difference", "agrees", "layer", "head", "percent_1", "percent_2"),
    *("false_discovery", "bonferroni"),
)


def _groups(names: pd.Series) -> list[tuple[str, np.ndarray[Any, Any]]]:
    """Give each name with its rows, in the order in which they come."""
    codes, each = pd.factorize(names)
    return [(str(name), np.flatnonzero(codes == number)) for number, name in enumerate(each)]


def _sum_up(part: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
    """Sum one property's differences up; see `summarise`."""
    difference = part["difference"]
    places = np.flatnonzero(~np.isnan(difference))
    row: dict[str, Any] = dict.fromkeys(_SUMMARY, pd.NA)
    row["heads"] = len(places)
    if not len(places):
        return {**row, **dict.fromkeys(_SUMMARY[1:4], np.nan), "spearman": np.nan}
    size = np.abs(difference[places])
    largest = places[int(size.argmax())]
    agree = part["agrees"][places]
    row |= {
        "median_difference": float(np.median(difference[places])),
        "median_absolute": float(np.median(size)),
        "largest": float(difference[largest]),
        "largest_layer": int(part["layer"][largest]),
        "largest_head": int(part["head"][largest]),
        "spearman": spearman(part["percent_1"][places], part["percent_2"][places]),
        "agree": pd.NA if np.isnan(agree).all() else float(np.nanmean(agree)),
    }
    for name in ("false_discovery", "bonferroni"):
        marks = part[name][places]
        row[name] = pd.NA if np.isnan(marks).all() else int(np.nansum(marks))
    return row


def _test(
    groups: Iterable[tuple[str, np.ndarray[Any, Any]]], values: Mapping[str, np.ndarray[Any, Any]]
) -> dict[str, Any]:
    """Test the differences of two runs, and correct for each property's heads."""
    from precompute.significance import false_discovery, two_sided_p

    z = two_sample_z(
        values["percent_1"] / 100,
        values["effective_arcs_1"],
        values["percent_2"] / 100,
        values["effective_arcs_2"],
    )
    # the run with fewer proteins says how well the variance is known
    p = two_sided_p(z, np.minimum(values["proteins_1"], values["proteins_2"]))
    q, tests = np.full(len(p), np.nan), np.zeros(len(p))
    for _, places in groups:
        q[places] = false_discovery(p[places])
        tests[places] = np.count_nonzero(~np.isnan(p[places]))
    known = ~np.isnan(p)
    return {
        "z": z,
        "p_value": p,
        "q_value": q,
        "false_discovery": _where(q <= ALPHA, known),
        "bonferroni": _where(p * tests <= ALPHA, known),
        "agrees": _where(~(q <= ALPHA), known),
    }
