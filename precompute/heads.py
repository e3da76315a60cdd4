"""Heads as a reader sees them: one row a head and property, published or measured.

A *head frame* has the columns of `HEAD_COLUMNS`, whether its values are the paper's or
a run's; what is unknown is empty. Pages draw it, and the command line compares two.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from precompute.errors import AtlasError
from precompute.features import PAPER_FEATURES
from precompute.published import MINIMUM_ARCS

PUBLISHED = "published"
"""The source of the paper's own values; every other source is the name of a run."""
SITE_FEATURES = ("contact", "binding_site", "modification")
"""The properties for which the paper gives background and intervals."""
ALPHA = 0.05
WALD = "Wald, 0.05/m"
PROTEIN = "protein as sampling unit, 0.05/m"

HEAD_COLUMNS: dict[str, str] = {
    "source": "published, or the name of the run",
    "model": "identifier of the model",
    "dataset": "identifier of the dataset; empty for published values",
    "feature": "identifier of the property",
    "layer": "layer, counted from 1",
    "head": "head, counted from 1",
    "percent": "share of the head's arcs that have the property, %; empty where masked",
    "resolution": "half-width of what the paper's drawing allows, percentage points",
    "masked": f"fewer than {MINIMUM_ARCS} arcs: not shown",
    "arcs": "arcs of the head, where known",
    "hits": "arcs that have the property, where known",
    "proteins": "proteins with at least one arc",
    "interval_lower": "lower bound, %",
    "interval_upper": "upper bound, %",
    "interval": "what the bounds are",
    "wald_lower": "lower bound of the paper's Wald interval at 0.05/m, %",
    "wald_upper": "upper bound of the paper's Wald interval at 0.05/m, %",
    "background_percent": "how often the property holds without regard to attention, %",
    "log2_enrichment": "log2 of percent over background_percent",
    "rank": "1 is the highest kept head; equal values share a rank",
    "layer_maximum": "the layer's highest percentage; read off a bar where published, so exact",
    "kept": f"m: the heads of the model with at least {MINIMUM_ARCS} arcs",
}
"""Columns of a head frame and what they hold."""

_KEY = ["source", "model", "feature"]


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
    key = ["model", "feature", "layer", "head"]
    tops = top_heads[[*key, "arcs", "hits", "interval_half_width", "rank"]]
    background = top_heads.groupby(["model", "feature"], as_index=False)[
        "background_percent"
    ].first()
    frame = heads.merge(tops, on=key, how="left", validate="1:1").merge(
        background, on=["model", "feature"], how="left", validate="m:1"
    )
    maxima = layer_maxima.rename(columns={"max_percent": "layer_maximum"})
    frame = frame.merge(maxima, on=["model", "feature", "layer"], how="left", validate="m:1")
    shown = frame.groupby(["model", "feature", "layer"])["percent"].transform("count") > 0
    frame["layer_maximum"] = frame["layer_maximum"].where(shown)
    frame["order"] = (1000.0 - frame["rank"]).fillna(frame["percent"])
    frame["source"] = PUBLISHED
    frame["dataset"] = ""
    frame["proteins"] = pd.NA
    half = frame["interval_half_width"]
    frame["wald_lower"] = (frame["percent"] - half).clip(lower=0)
    frame["wald_upper"] = (frame["percent"] + half).clip(upper=100)
    frame["interval_lower"] = frame["wald_lower"]
    frame["interval_upper"] = frame["wald_upper"]
    frame["interval"] = np.where(half.notna(), WALD, "")
    return _finish(frame)


def measured_heads(
    counts: pd.DataFrame, background: pd.DataFrame, run: str, layers: int, heads: int
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

    Returns
    -------
    pandas.DataFrame
        The paper's statistic (all arcs in the denominator) and background (where the
        paper has none: that of the measured residues), with intervals that take the
        protein for the sampling unit beside the paper's.

    Raises
    ------
    AtlasError
        When the counts are not there or contradict themselves.
    """
    # scipy takes a tenth of a second to import, and the published values need none of it.
    from precompute.statistics import bonferroni, protein_interval, share, wald_interval

    if counts.empty:
        raise AtlasError(f"The run {run} has no counts at threshold 0.3; count it anew with it.")
    kinds = set(counts["attention"])
    kind = "self" if "self" in kinds else sorted(kinds)[0]
    counts = counts[counts["attention"] == kind]
    key = ["feature", "layer", "head"]
    outside = ~counts["layer"].between(1, layers) | ~counts["head"].between(1, heads)
    wrong = (counts["hits"] < 0) | (counts["hits"] > counts["arcs"])
    if counts.duplicated(key).any() or outside.any() or wrong.any():
        raise AtlasError(
            f"The counts of the run {run} contradict themselves (a head twice or outside the "
            "model, or more hits than arcs); measure it anew."
        )
    grid = pd.MultiIndex.from_product(
        [
            [name for name in PAPER_FEATURES if name in set(counts["feature"])],
            range(1, layers + 1),
            range(1, heads + 1),
        ],
        names=key,
    )
    frame = counts.set_index(key).reindex(grid).reset_index()
    sums = ["arcs", "hits", "proteins", "hits_squared", "hits_arcs", "arcs_squared"]
    frame[sums] = frame[sums].fillna(0).astype("int64")
    frame["source"] = run
    frame["model"] = counts["model"].iloc[0]
    frame["dataset"] = counts["dataset"].iloc[0]
    frame["masked"] = frame["arcs"] < MINIMUM_ARCS
    kept = int((~frame["masked"]).sum() // max(frame["feature"].nunique(), 1))
    alpha = bonferroni(ALPHA, kept)
    h, a, n = (frame[name].to_numpy() for name in ("hits", "arcs", "proteins"))
    frame["percent"] = np.where(frame["masked"], np.nan, 100 * share(h, a))
    frame["resolution"] = np.nan
    wald = wald_interval(h, a, alpha)
    by_protein = protein_interval(
        h,
        a,
        n,
        frame["hits_squared"].to_numpy(),
        frame["hits_arcs"].to_numpy(),
        frame["arcs_squared"].to_numpy(),
        alpha,
    )
    for name, bound in (
        ("wald_lower", wald.lower),
        ("wald_upper", wald.upper),
        ("interval_lower", by_protein.lower),
        ("interval_upper", by_protein.upper),
    ):
        frame[name] = np.where(frame["masked"], np.nan, 100 * bound)
    frame["interval"] = np.where(frame["interval_lower"].notna(), PROTEIN, "")
    frame["order"] = frame["percent"]
    frame["layer_maximum"] = frame.groupby(["feature", "layer"])["percent"].transform("max")
    usable = background[background["eligible"] > 0].set_index("feature")
    rate = 100 * usable["positives"] / usable["eligible"]
    paper = usable["definition"] == "published"
    rates = rate[paper].combine_first(rate[~paper])
    frame["background_percent"] = frame["feature"].map(rates)
    return _finish(frame)


def _finish(frame: pd.DataFrame) -> pd.DataFrame:
    groups = frame.groupby(_KEY)
    frame["rank"] = groups["order"].rank(method="min", ascending=False).astype("Int64")
    frame["kept"] = groups["percent"].transform("count").astype("Int64")
    with np.errstate(divide="ignore"):
        frame["log2_enrichment"] = np.log2(
            (frame["percent"] / frame["background_percent"]).to_numpy(dtype=float)
        )
    for name in ("arcs", "hits", "proteins"):
        frame[name] = frame[name].astype("Int64")
    return frame[list(HEAD_COLUMNS)]


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
    low = frame["published_percent"] - frame["resolution"]
    high = frame["published_percent"] + frame["resolution"]
    inside = (low <= frame["interval_upper"]) & (high >= frame["interval_lower"])
    drawn = frame["difference"].abs() <= frame["resolution"]
    frame["within_resolution"] = drawn.astype("boolean").where(known)
    frame["within_interval"] = inside.astype("boolean").where(
        known & frame["interval_lower"].notna()
    )
    return frame
