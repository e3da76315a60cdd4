"""Sentences of the Compare page: what two sources are to each other, and what verdicts mean."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from dashboard.page.prose import read_prose
from dashboard.pages.compare.differences_screen import signed
from dashboard.pages.compare.distributions_screen import LOWEST
from dashboard.pages.compare.pair import Pair
from dashboard.results.sources import HeadSource
from precompute.differences import DRAWN, INSIDE, TESTED
from precompute.features import FEATURES
from precompute.heads import ALPHA, SITE_FEATURES
from precompute.published import MINIMUM_ARCS


def kind(pair: Pair) -> str:
    """Say what the two sources are to each other, and so what is compared."""
    shapes = [f"{layers} × {heads}" for layers, heads in (one.shape for one in pair.both)]
    if pair.first == pair.second:
        return "Both sides are the same source: no head can differ."
    if not pair.same_shape:
        same = " under one name" if pair.same_model else ""
        return (
            f"These are two models{same}, of {shapes[0]} and {shapes[1]} heads: no head of one "
            "corresponds to one of the other, so there are no differences head by head and no "
            "rank correlation. Their distributions and highest heads are compared."
        )
    if not pair.same_model:
        return (
            f"Both models have {shapes[0]} heads, but the same shape does not mean the same head: "
            f"head 1-1 of {pair.first.label} has no counterpart in {pair.second.label}. Their "
            "distributions and highest heads are compared; “Head by head too” sets equal numbers "
            "side by side all the same."
        )
    if pair.first.run and pair.second.run:
        weights = (
            "the same weights"
            if pair.first.run.weights_sha256 == pair.second.run.weights_sha256
            else "different weights"
        )
        said = f"Two runs of {pair.first.label} with {weights} (SHA-256), at {pair.threshold}"
        if pair.shared is not None:
            said += f"; {pair.shared:,} proteins are in both" + (
                ", and the test takes them for different ones: where a protein is high in "
                "both, it finds too little, not too much"
                if pair.shared
                else ""
            )
        return f"{said}."
    return f"Published and measured values of {pair.first.label}, head by head."


def missing_property(
    pair: Pair, feature: str, first: Collection[str], second: Collection[str]
) -> str:
    """Say which source lacks a property; empty where none does."""
    lacking = [
        source.long_title
        for source, own in ((pair.first, first), (pair.second, second))
        if feature not in own
    ]
    if not lacking:
        return ""
    both = [FEATURES[name].label for name in FEATURES if name in first and name in second]
    return (
        f"There are no values of {FEATURES[feature].label} in {' nor in '.join(lacking)}; both "
        f"sources have {', '.join(both) or 'no property'}."
    )


def no_common_threshold(
    first: HeadSource, second: HeadSource, threshold: str, both: list[str]
) -> str:
    """Say why two runs are not compared at a threshold."""
    rest = (
        f"both have {', '.join(both)}" if both else "they have none in common and are not compared"
    )
    return (
        f"The runs {first.results} and {second.results} do not both have the threshold "
        f"{threshold}; {rest}."
    )


def verdict(pair: Pair, row: pd.Series) -> str:
    """Say how far the heads of one property agree, and what the marks are."""
    share = f"{100 * row['agree']:.0f} %" if pd.notna(row["agree"]) else "none"
    said = (
        f"n = {row['heads']} heads with both values; {pair.sample}. Median difference "
        f"{signed(row['median_difference'])}, median size {row['median_absolute']:.2f} percentage "
        f"points; largest {signed(row['largest'])} at head {row['largest_layer']}-"
        f"{row['largest_head']}. Grey: fewer than {MINIMUM_ARCS} arcs in either."
    )
    if pair.basis == TESTED:
        if pd.isna(row["false_discovery"]):
            return f"{said} No head can be tested: a run has fewer than two proteins."
        return (
            f"{said} {row['false_discovery']} heads differ at a false discovery rate of {ALPHA:g} "
            f"(rings and dots), {row['bonferroni']} of them by Bonferroni’s correction too (dots); "
            f"{share} show no difference."
        )
    if pair.basis == INSIDE:
        return (
            f"{said} {share} agree: published ± resolution meets the measured interval at 0.05/m. "
            "Dots: heads that do not."
        )
    return (
        f"{said} {share} differ by no more than both drawings’ resolutions; whether the "
        "others differ by chance is not known, as the paper gives no sums by protein."
    )


def distributions(pair: Pair, frames: tuple[pd.DataFrame, pd.DataFrame], distance: float) -> str:
    """Say what the cumulative distributions show, and n."""
    counts = [int(frame["percent"].count()) for frame in frames]
    far = "" if pd.isna(distance) else f" Largest vertical distance {distance:.2f}."
    return (
        "Share of the kept heads that have at most so many percent; the axis begins at "
        f"{LOWEST:g} %, and heads below stand there. n = "
        f"{counts[0]} and {counts[1]} heads; {pair.sample}.{far} Heads of one model are no "
        "independent draws, so there is no p-value. Dotted: each source’s background, where known."
    )


def intervals(pair: Pair, feature: str, frames: tuple[pd.DataFrame, pd.DataFrame]) -> str:
    """Say what the bars of the highest heads are, and n."""
    said = []
    for source, frame in zip((pair.first, pair.second), frames, strict=True):
        kept = int(frame["percent"].count())
        if source.run:
            bars = f"interval at 0.05/m, the protein as sampling unit, m = {kept}"
        elif feature in SITE_FEATURES:
            bars = f"the paper’s Wald interval at 0.05/m, arcs as sampling unit, m = {kept}"
        else:
            bars = "what the drawing’s colours allow; the paper gives no interval"
        said.append(f"{source.title}: {bars}; {source.sample}")
    unique = list(dict.fromkeys(said))
    return f"Bars: {'. '.join(unique)}. Dotted: background, where known. Names are layer-head."


def properties(pair: Pair, by_head: bool) -> str:
    """Say what the columns of the table of all properties are."""
    said = (
        "Medians over the kept heads, % of arcs. Largest distance: of the cumulative distributions."
    )
    if not by_head:
        return said
    agree = {
        TESTED: f"no false discovery at {ALPHA:g} among the property’s heads",
        INSIDE: "published ± resolution meets the measured interval",
        DRAWN: "the difference is at most both resolutions",
    }[pair.basis]
    marks = (
        " FDR and Bonferroni: numbers of heads that differ, corrected for the property’s heads."
        if pair.basis == TESTED
        else " Significance is tested between two runs only."
    )
    return (
        f"{said} Head by head: median difference and median size, percentage points; agree: {agree}"
        f"; Spearman’s rank correlation.{marks}"
    )


def definition(pair: Pair) -> str:
    """Define the differences and their tests, in Markdown of our own words only."""
    prose = read_prose(Path(__file__).with_name("words.md"))
    way = {TESTED: "tested", INSIDE: "inside", DRAWN: "drawn"}[pair.basis]
    return f"{prose['difference']}\n\n{prose[way]}".format(threshold=pair.threshold, alpha=ALPHA)
