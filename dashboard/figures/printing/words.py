"""Texts of figures for print: headers, captions, file names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.figures.look.citation import works_of
from dashboard.figures.look.scale import is_corrected
from dashboard.figures.printing.figure import Source
from dashboard.results.frames import top_heads
from precompute.features import FEATURES
from precompute.heads import SITE_FEATURES
from precompute.published import MINIMUM_ARCS

if TYPE_CHECKING:
    from dashboard.results.amino_acids import Correlations
    from dashboard.results.heads import Heads


def file_name(what: str, frame: pd.DataFrame, source: Source) -> str:
    """Name a figure's file after what it holds."""
    row = frame.iloc[0]
    parts = ("atlas", what, str(row["model"]), str(row["feature"]), source.results)
    return "_".join(part for part in parts if part)


def print_source(
    shown: Iterable[Heads | Correlations], features: Iterable[str] = (), permalink: str = ""
) -> Source:
    """Say where a figure's values come from; what differs is separated by commas.

    Parameters
    ----------
    shown
        Whose values they are.
    features
        The properties shown, where they are to be named.
    permalink
        Address of the page that shows the same.
    """
    there, features = list(shown), tuple(features)
    sources = [heads.source for heads in there]

    def join(values: Iterable[str]) -> str:
        return ", ".join(dict.fromkeys(value for value in values if value))

    return Source(
        models=join(source.label for source in sources),
        results=join(source.results for source in sources),
        dataset=join(source.dataset for source in sources),
        feature=join(FEATURES[name].label for name in features),
        threshold=join(f"{heads.threshold:g}" for heads in there),
        n=join(source.sample for source in sources),
        permalink=permalink,
        cite=works_of(
            (source.model for source in sources),
            (source.dataset for source in sources if source.run),
            features if any(source.run is None for source in sources) else (),
        ),
    )


def header(frame: pd.DataFrame, source: Source) -> tuple[str, str]:
    """Give the two lines above a figure, with what its dotted line is."""
    first, second = source.header
    background = frame["background_percent"].dropna()
    if len(background):
        second += f"; dotted: background {float(background.iloc[0]):.2f} %"
    return first, second


def heads_caption(frame: pd.DataFrame, source: Source, measure: str) -> str:
    """Write the caption of a heatmap."""
    count = int(frame["percent"].notna().sum())
    sentences = [
        f"{_shown(frame, source)}, for each head",
        "Columns are heads, rows layers, both counted from 1",
    ]
    if measure == "enrichment":
        sentences.append(
            "Colours show the share over the background on a logarithmic scale whose middle is "
            "the background"
        )
    if measure == "z":
        sentences.append(
            "Colours show the two-proportion z of the share against the background, which is the "
            "middle of the scale"
        )
    arcs = "eligible arcs" if is_corrected(frame) else "arcs"
    sentences.append(
        f"Grey: {len(frame) - count} of {len(frame)} heads, which have fewer than "
        f"{MINIMUM_ARCS} {arcs}"
    )
    sentences.append("Bars: the highest head of each layer")
    if count:
        best = top_heads(frame, 1).iloc[0]
        sentences.append(
            f"Highest: head {int(best['layer'])}-{int(best['head'])} (layer-head), "
            f"{best['percent']:.2f} %"
        )
    return ". ".join([*sentences, *_background(frame)]) + "."


def top_heads_caption(frame: pd.DataFrame, source: Source) -> str:
    """Write the caption of the highest heads."""
    count = len(frame)
    sentences = [
        f"{_shown(frame, source)}, for the {count} highest heads (layer-head)",
        intervals(frame, source),
    ]
    return ". ".join([*sentences, *_background(frame)]) + "."


def intervals(frame: pd.DataFrame, source: Source) -> str:
    """Say what the error bars of some heads are."""
    kept = int(frame["kept"].max()) if frame["kept"].notna().any() else 0
    if source.is_measured:
        return (
            "Error bars: Wilson interval with the protein as sampling unit at 0.05/m, "
            f"m = {kept} heads"
        )
    if frame["feature"].iloc[0] in SITE_FEATURES:
        return (
            f"Error bars: the paper’s Wald interval at 0.05/m, m = {kept} heads, with the arc as "
            "sampling unit"
        )
    return "Error bars: what the colours of the paper’s drawing allow; it gives no interval"


def at_least(source: Source) -> str:
    """Say from which attention on a weight is an arc, in brackets, where that is known."""
    return f" (attention of at least {source.threshold})" if source.threshold else ""


def from_to(counts: pd.Series) -> str:
    """Write the least and the greatest of some counts, or the one that all are."""
    low, high = int(counts.min()), int(counts.max())
    return f"{low}" if low == high else f"{low} to {high}"


def _shown(frame: pd.DataFrame, source: Source) -> str:
    feature = FEATURES[str(frame["feature"].iloc[0])]
    of = "eligible attention arcs" if is_corrected(frame) else "attention arcs"
    what = f"{source.models}, {feature.label}: share of {of}{at_least(source)}"
    return f"{what} for which {feature.definition}"


def _background(frame: pd.DataFrame) -> list[str]:
    background = frame["background_percent"].dropna()
    if background.empty:
        return []
    return [
        "Dotted line: background, how often the property holds without regard to attention, "
        f"{float(background.iloc[0]):.3f} %"
    ]
