"""Heads as a reader sees them: one row a head and property, published or measured.

A *head frame* has the columns of `HEAD_COLUMNS`, whether its values are the paper's or
a run's; what is unknown is empty. Pages draw it, and the command line compares two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.errors import AtlasError
from precompute.features import FEATURES, SHOWN_FEATURES
from precompute.published import MINIMUM_ARCS, THRESHOLD
from precompute.significance import background_z, false_discovery, two_sided_p

PUBLISHED = "published"
"""The source of the paper's own values; every other source is the name of a run."""
SITE_FEATURES = ("contact", "binding_site", "modification")
"""The properties for which the paper gives background and intervals."""
ALPHA = 0.05
WALD = "Wald, 0.05/m"
PROTEIN = "protein as sampling unit, 0.05/m"
DENOMINATORS: dict[str, str] = {"published": "all arcs", "corrected": "eligible arcs"}
"""What a share is of: every arc of the head, as in the paper, or those that can have the
property at all; each with the background of the same definition."""

HEAD_COLUMNS: dict[str, str] = {
    "source": "published, or the name of the run",
    "model": "identifier of the model",
    "dataset": "identifier of the dataset; empty for published values",
    "feature": "identifier of the property",
    "threshold": "attention from which on a weight is an arc",
    "denominator": "published: all arcs; corrected: eligible arcs",
    "layer": "layer, counted from 1",
    "head": "head, counted from 1",
    "percent": "share of the denominator that has the property, %; empty where masked",
    "resolution": "half-width of what the paper's drawing allows, percentage points",
    "masked": f"fewer than {MINIMUM_ARCS} arcs of the denominator: not shown",
    "arcs": "arcs of the head, where known",
    "eligible": "arcs for which the property is defined, where known",
    "hits": "arcs that have the property, where known",
    "proteins": "proteins with at least one arc",
    "interval_lower": "lower bound, %",
    "interval_upper": "upper bound, %",
    "interval": "what the bounds are",
    "wald_lower": "lower bound of the paper's Wald interval at 0.05/m, %",
    "wald_upper": "upper bound of the paper's Wald interval at 0.05/m, %",
    "background_percent": "how often the property holds without regard to attention, %",
    "log2_enrichment": "log2 of percent over background_percent",
    "z": "two-proportion z against the background; sampling unit: protein (published: arc)",
    "p_value": "of z, two-sided",
    "false_discovery": "Benjamini-Hochberg adjusted p_value over the kept heads",
    "bonferroni": "p_value times kept, at most 1",
    "rank": "1 is the highest kept head; equal values share a rank",
    "layer_maximum": "the layer's highest percentage; read off a bar where published, so exact",
    "kept": f"m: the heads of the model with at least {MINIMUM_ARCS} arcs",
}
"""Columns of a head frame and what they hold."""

_SUMS_OF: dict[str, tuple[str, ...]] = {
    "published": ("hits", "arcs", "proteins", "hits_squared", "hits_arcs", "arcs_squared"),
    "corrected": (
        *("hits", "eligible", "proteins"),
        *("hits_squared", "hits_eligible", "eligible_squared"),
    ),
}
"""The sums that go with a denominator, in the order in which the statistics take them."""
_WHOLE = ("rank", "kept", "arcs", "hits", "eligible", "proteins")
"""Columns of whole numbers, which may be empty."""
_SUMS = list(dict.fromkeys([*_SUMS_OF["published"], *_SUMS_OF["corrected"]]))


def published_heads(
    heads: pd.DataFrame, top_heads: pd.DataFrame, layer_maxima: pd.DataFrame
) -> pd.DataFrame:
    """Make the head frame of every published value.

    Parameters
    ----------
    heads, top_heads, layer_maxima
        The tables ``published_heads``, ``published_top_heads`` and
        ``published_layer_maxima``.

    Returns
    -------
    pandas.DataFrame
        Arcs, hits and intervals are known for the ten highest heads of contacts,
        binding sites and modifications, backgrounds for these properties. The rank of
        these ten is the paper's: a colour may read higher than an exact value.
    """
    # By arithmetic and columns as arrays, since joins by names take ten times as long.
    at = _Places(heads)
    cell = at.heads(heads)
    layer, pair = cell // at.shape[2], cell // math.prod(at.shape[1:])
    background = _spread(
        at.pairs(top_heads), top_heads["background_percent"].to_numpy(), at.shape[0]
    )
    top = at.heads(top_heads)
    known = {
        name: _spread(top, top_heads[name].to_numpy(), math.prod(at.shape))[cell]
        for name in ("arcs", "hits", "interval_half_width", "rank")
    }
    maxima = _spread(
        at.layers(layer_maxima), layer_maxima["max_percent"].to_numpy(), math.prod(at.shape[:2])
    )
    percent, half = heads["percent"].to_numpy(dtype=float), known.pop("interval_half_width")
    shown = np.bincount(layer[~np.isnan(percent)], minlength=len(maxima)) > 0
    lower, upper = np.maximum(percent - half, 0), np.minimum(percent + half, 100)
    columns: dict[str, Any] = {
        **{str(name): heads[name].array for name in heads.columns},
        "source": PUBLISHED,
        "dataset": "",
        "threshold": THRESHOLD,
        "denominator": "published",
        **known,
        "eligible": np.full(len(heads), np.nan),
        "proteins": np.full(len(heads), np.nan),
        "order": np.where(np.isnan(known["rank"]), percent, 1000.0 - known["rank"]),
        "interval_lower": lower,
        "interval_upper": upper,
        "interval": np.where(np.isnan(half), "", WALD),
        "wald_lower": lower,
        "wald_upper": upper,
        "background_percent": background[pair],
        "layer_maximum": np.where(shown, maxima, np.nan)[layer],
    }
    groups = (np.flatnonzero(pair == one) for one in range(at.shape[0]))
    # The paper gives no size of its background; that of the whole data file is in the millions.
    return _finish(columns, filter(len, groups), known["arcs"], np.inf, None)


class _Places:
    """The place of each row of some tables among all pairs of a model and a property.

    A row that belongs to none of the heads that it is made of has the place -1.
    """

    def __init__(self, heads: pd.DataFrame) -> None:
        self._names = [pd.Index(heads[name].unique()) for name in ("model", "feature")]
        ends = (heads[name].to_numpy(dtype=int).max(initial=0) + 1 for name in ("layer", "head"))
        self.shape = (math.prod(map(len, self._names)), *map(int, ends))

    def pairs(self, table: pd.DataFrame) -> NDArray[np.int64]:
        """Place each row by its model and property."""
        models, features = self._names
        model, feature = models.get_indexer(table["model"]), features.get_indexer(table["feature"])
        return np.where((model < 0) | (feature < 0), -1, model * len(features) + feature)

    def layers(self, table: pd.DataFrame) -> NDArray[np.int64]:
        """Place each row by its layer, too."""
        return self._further(self.pairs(table), table["layer"], self.shape[1])

    def heads(self, table: pd.DataFrame) -> NDArray[np.int64]:
        """Place each row by its layer and head, too."""
        return self._further(self.layers(table), table["head"], self.shape[2])

    @staticmethod
    def _further(place: NDArray[np.int64], values: pd.Series, end: int) -> NDArray[np.int64]:
        number = values.to_numpy(dtype=int)
        return np.where((place < 0) | (number >= end), -1, place * end + number)


def _spread(place: NDArray[np.int64], values: NDArray[Any], size: int) -> NDArray[np.float64]:
    """Give the value of every place, NaN where there is none."""
    spread = np.full(size, np.nan)
    spread[place[place >= 0]] = values[place >= 0]
    return spread


def measured_heads(
    counts: pd.DataFrame,
    background: pd.DataFrame,
    run: str,
    layers: int,
    heads: int,
    *,
    denominator: str = "published",
    features: Collection[str] = SHOWN_FEATURES,
) -> pd.DataFrame:
    """Make the head frame of a run from its counts at one threshold.

    Parameters
    ----------
    counts, background
        Rows of ``head_counts`` and ``background`` of this run.
    run
        Name of the run.
    layers, heads
        Shape of the model.
    denominator
        Key of `DENOMINATORS`.
    features
        The properties wanted; those that the run lacks are left out.

    Returns
    -------
    pandas.DataFrame
        With ``published``, the paper's statistic (all arcs in the denominator) and
        background (where the paper has none: that of the measured residues); with
        ``corrected``, shares of the eligible arcs and the background of the measured
        residues or pairs. Intervals and z take the protein for the sampling unit; the
        paper's interval stands beside them.

    Raises
    ------
    AtlasError
        When the counts are not there or contradict themselves.
    """
    counts = check_counts(counts, run, layers, heads)
    make = heads_by_features(counts, background, run, layers, heads, denominator=denominator)
    return make(features)


def heads_by_features(
    counts: pd.DataFrame,
    background: pd.DataFrame,
    run: str,
    layers: int,
    heads: int,
    *,
    denominator: str = "published",
) -> Callable[[Collection[str]], pd.DataFrame]:
    """Give what makes the head frame of some properties of a run.

    Parameters
    ----------
    counts
        As `check_counts` gives them.
    background, run, layers, heads, denominator
        As for `measured_heads`.
    """
    rates = choose_background(background, denominator)
    return partial(_measured_heads, counts, rates, run, layers, heads, denominator)


def _measured_heads(
    counts: pd.DataFrame,
    rates: pd.DataFrame,
    run: str,
    layers: int,
    heads: int,
    denominator: str,
    features: Collection[str],
) -> pd.DataFrame:
    # scipy takes a tenth of a second to import, and the published values need none of it.
    from precompute.statistics import effective_arcs, protein_interval, share, wald_interval

    counted = set(counts["feature"].unique())
    names = [name for name in FEATURES if name in counted and name in features]
    own = counts[counts["feature"].isin(names)]
    # By arithmetic, since a join by three columns takes ten times as long.
    cells = layers * heads
    row = pd.Index(names).get_indexer(pd.Index(own["feature"].astype("str"))) * cells
    row += (own["layer"].to_numpy(dtype=int) - 1) * heads + own["head"].to_numpy(dtype=int) - 1
    # Columns as arrays until the end: each that is set into a frame takes half a millisecond.
    sums = {}
    for name in _SUMS:
        sums[name] = np.zeros(len(names) * cells, dtype=np.int64)
        sums[name][row] = own[name].to_numpy()
    h, a, n, hh, ha, aa = (sums[name] for name in _SUMS_OF[denominator])
    masked = a < MINIMUM_ARCS
    kept = np.repeat((~masked).reshape(-1, cells).sum(axis=1), cells)
    alpha = ALPHA / np.maximum(kept, 1)
    percent = np.where(masked, np.nan, 100 * share(h, a))
    wald = wald_interval(h, a, alpha)
    by_protein = protein_interval(h, a, n, hh, ha, aa, alpha)
    ends = {
        "wald_lower": wald.lower,
        "wald_upper": wald.upper,
        "interval_lower": by_protein.lower,
        "interval_upper": by_protein.upper,
    }
    bounds = {name: np.where(masked, np.nan, 100 * bound) for name, bound in ends.items()}
    maxima = np.fmax.reduce(percent.reshape(-1, heads), axis=1)
    rates = rates.reindex(names)
    place = np.arange(len(percent))
    columns = {
        "source": run,
        "model": counts["model"].iloc[0],
        "dataset": counts["dataset"].iloc[0],
        "feature": pd.array(names, dtype="str").take(place // cells),
        "threshold": float(counts["threshold"].iloc[0]),
        "denominator": denominator,
        "layer": place // heads % layers + 1,
        "head": place % heads + 1,
        **sums,
        "masked": masked,
        "percent": percent,
        "order": percent,
        "resolution": np.nan,
        **bounds,
        "interval": np.where(np.isnan(bounds["interval_lower"]), "", PROTEIN),
        "layer_maximum": np.repeat(maxima, heads),
        "background_percent": np.repeat(rates["percent"].to_numpy(), cells),
    }
    size = np.repeat(rates["eligible"].to_numpy(dtype=float), cells)
    return _finish(columns, place.reshape(-1, cells), effective_arcs(h, a, n, hh, ha, aa), size, n)


def check_counts(counts: pd.DataFrame, run: str, layers: int, heads: int) -> pd.DataFrame:
    """Check the counts of a run at one threshold, and keep one kind of attention of them.

    Parameters
    ----------
    counts, run, layers, heads
        As for `measured_heads`.

    Returns
    -------
    pandas.DataFrame
        The rows of self-attention; for models that have none, of the first other kind.

    Raises
    ------
    AtlasError
        When there are none, or they contradict themselves.
    """
    if counts.empty:
        raise AtlasError(f"The run {run} has no counts at threshold 0.3; count it anew with it.")
    kinds = sorted(counts["attention"].unique(), key=lambda kind: (kind != "self", kind))
    if len(kinds) > 1:
        counts = counts[counts["attention"] == kinds[0]]
    outside = ~counts["layer"].between(1, layers) | ~counts["head"].between(1, heads)
    wrong = (counts["hits"] < 0) | (counts["hits"] > counts["arcs"])
    if counts.duplicated(["feature", "layer", "head"]).any() or outside.any() or wrong.any():
        raise AtlasError(
            f"The counts of the run {run} contradict themselves (a head twice or outside the "
            "model, or more hits than arcs); measure it anew."
        )
    return counts


def choose_background(background: pd.DataFrame, denominator: str) -> pd.DataFrame:
    """Choose each property's background: that which goes with a denominator.

    Parameters
    ----------
    background
        Rows of ``background`` of one run.
    denominator
        Key of `DENOMINATORS`: the paper's definition where there is one, or the
        corrected one.

    Returns
    -------
    pandas.DataFrame
        ``percent`` and ``eligible`` (residues or pairs), by feature.
    """
    usable = background[background["eligible"] > 0].set_index("feature")
    paper = usable["definition"] == "published"
    chosen = usable[~paper]
    if denominator == "published":
        chosen = pd.concat([usable[paper], chosen[~chosen.index.isin(usable.index[paper])]])
    return pd.DataFrame(
        {
            "percent": 100 * chosen["positives"] / chosen["eligible"],
            "eligible": chosen["eligible"],
        }
    )


def _finish(
    columns: dict[str, Any],
    groups: Iterable[NDArray[np.int64]],
    size: NDArray[np.float64],
    background_size: NDArray[np.float64] | float,
    proteins: NDArray[np.int64] | None,
) -> pd.DataFrame:
    """Add ranks, enrichment and tests; `size` is what z rests on, in arcs.

    `groups` are the rows of each property; ranks are by the column ``order``.
    """
    percent, rate, order = (
        np.asarray(columns[name], dtype=float)
        for name in ("percent", "background_percent", "order")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        enrichment = np.log2(percent / rate)
    z = background_z(percent / 100, size, rate / 100, background_size)
    p = two_sided_p(z, proteins)
    rank, adjusted = np.full(len(p), np.nan), np.full(len(p), np.nan)
    kept = np.zeros(len(p), dtype=np.int64)
    for rows in groups:
        known = rows[~np.isnan(order[rows])]
        falling = -order[known]
        rank[known] = np.searchsorted(np.sort(falling), falling) + 1
        kept[rows] = np.count_nonzero(~np.isnan(percent[rows]))
        # The m heads are the family, also where only some of their p-values are known.
        adjusted[rows] = false_discovery(p[rows], int(kept[rows[0]]))
    columns |= {
        "rank": rank,
        "kept": kept,
        "log2_enrichment": enrichment,
        "z": z,
        "p_value": p,
        "bonferroni": np.minimum(p * kept, 1),
        "false_discovery": adjusted,
    }
    columns |= {name: pd.Series(columns[name], dtype="Int64") for name in _WHOLE}
    return pd.DataFrame({name: columns[name] for name in HEAD_COLUMNS})


def meets(percent: Any, resolution: Any, lower: Any, upper: Any) -> Any:
    """Tell whether a published value ± its resolution meets a measured interval; all in %."""
    return (percent - resolution <= upper) & (percent + resolution >= lower)


def compare(published: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Set measured values beside published ones.

    Parameters
    ----------
    published, measured
        Head frames of the same model.

    Returns
    -------
    pandas.DataFrame
        A row for every head and property that both have: ``published_percent`` ±
        ``resolution``, ``measured_percent`` with its protein interval,
        ``difference`` (measured − published, percentage points),
        ``within_resolution`` (|difference| ≤ resolution) and ``within_interval``
        (published ± resolution meets the interval); the verdicts are empty where
        either value is.
    """
    key = ["model", "feature", "layer", "head"]
    both = published[[*key, "percent", "resolution"]].merge(
        measured[[*key, "percent", "interval_lower", "interval_upper", "source", "dataset"]],
        on=key,
        suffixes=("_published", "_measured"),
    )
    frame = both[key].copy()
    frame["run"] = both["source"]
    frame["dataset"] = both["dataset"]
    frame["published_percent"] = both["percent_published"]
    frame["resolution"] = both["resolution"]
    frame["measured_percent"] = both["percent_measured"]
    frame["interval_lower"] = both["interval_lower"]
    frame["interval_upper"] = both["interval_upper"]
    frame["difference"] = frame["measured_percent"] - frame["published_percent"]
    known = frame["difference"].notna()
    names = ("published_percent", "resolution", "interval_lower", "interval_upper")
    inside = meets(*(frame[name] for name in names))
    drawn = frame["difference"].abs() <= frame["resolution"]
    frame["within_resolution"] = drawn.astype("boolean").where(known)
    frame["within_interval"] = inside.astype("boolean").where(
        known & frame["interval_lower"].notna()
    )
    return frame
