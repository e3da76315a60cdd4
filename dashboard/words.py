"""Sentences about figures: captions, alternative texts, definitions."""

from __future__ import annotations

import pandas as pd

from dashboard.frames import top_heads
from dashboard.panels import Panel
from dashboard.permalink import Head, HeadsChoice
from precompute.features import FEATURES
from precompute.heads import SITE_FEATURES
from precompute.published import MINIMUM_ARCS

PUBLISHED_PROTEINS = 5000


def panel_title(panel: Panel) -> str:
    """Name a panel: model and source."""
    return f"{panel.label}, {panel.source_label}"


def figure_title(panel: Panel) -> tuple[str, str]:
    """Name a figure in two lines: property and model, source and n."""
    feature = FEATURES[str(panel.frame["feature"].iloc[0])]
    source = f"measured, {panel.run.dataset}" if panel.run else "published"
    return f"{feature.label} · {panel.label}", f"{source}, {sample(panel)}"


def sample(panel: Panel) -> str:
    """Say how many proteins the values rest on."""
    if panel.run:
        return f"n = {panel.run.proteins:,} proteins"
    if panel.model == "prot_xlnet":
        return f"n ≤ {PUBLISHED_PROTEINS:,} proteins"
    return f"n = {PUBLISHED_PROTEINS:,} proteins"


def panel_summary(panel: Panel) -> str:
    """Sum a heatmap up in one sentence: its highest head, its middle, what is grey."""
    frame = panel.frame
    kept = frame["percent"].notna()
    count = int(kept.sum())
    grey = f"{len(frame) - count} of {len(frame)} heads grey (fewer than {MINIMUM_ARCS} arcs)"
    if not count:
        return f"{grey}; {sample(panel)}."
    best = top_heads(frame, 1).iloc[0]
    text = (
        f"Highest {int(best['layer'])}-{int(best['head'])}: {best['percent']:.2f} %; "
        f"median {frame['percent'].median():.2f} %"
    )
    if pd.notna(best["background_percent"]):
        text += f"; background {best['background_percent']:.3f} % (dotted)"
    return f"{text}; {grey}; {sample(panel)}."


def interval_summary(panel: Panel) -> str:
    """Say what the bars of the highest heads are, and n."""
    kept = int(panel.frame["kept"].max()) if panel.frame["kept"].notna().any() else 0
    if panel.run:
        bars = f"Bars: interval with the protein as sampling unit at 0.05/m, m = {kept} heads"
    elif panel.frame["feature"].iloc[0] in SITE_FEATURES:
        bars = f"Bars: the paper’s Wald interval at 0.05/m, m = {kept} heads; arcs as sampling unit"
    else:
        bars = "Bars: what the drawing’s colours allow; the paper gives no interval"
    line = "" if panel.frame["background_percent"].isna().all() else "; dotted: background"
    return f"{bars}{line}; {sample(panel)}."


def definition(panel: Panel) -> str:
    """Define what a panel shows, in Markdown of our own words only."""
    feature = FEATURES[str(panel.frame["feature"].iloc[0])]
    lines = [
        f"**{feature.label}**: {feature.definition}.",
        "**Percent**: arcs that have the property over all residue-to-residue arcs of the head, "
        "pooled over proteins. An arc is one directed attention weight of at least 0.3. "
        f"Heads with fewer than {MINIMUM_ARCS} arcs are grey.",
        "**Enrichment**: percent over the background, the share of all residues (for contacts: "
        "of all resolved pairs at least 6 apart) that have the property. For contacts this is "
        "the paper’s definition: the two denominators differ.",
    ]
    if panel.run:
        lines.append(
            "**Background**: over every chain of the data file, as in the paper; for amino acids, "
            "of which the paper gives none, over the residues measured."
        )
        lines.append(
            "**Interval**: Wilson’s at the effective sample size when proteins, not arcs, are "
            "the independent draws, at 0.05/m with m the heads shown. The paper’s Wald interval "
            "is in the table."
        )
    else:
        lines.append(
            "**Source**: read off the vector figures of Vig et al., ICLR 2021 (arXiv "
            "2006.15222). Colours are exact to ± the resolution in the table; cells of the "
            "lowest colour read high by up to that much. Layer maxima and the ten highest heads "
            "are exact. Intervals are the paper’s Wald intervals at 0.05/m, given for contacts, "
            "binding sites and modifications."
        )
    return "\n\n".join(lines)


def no_enrichment(panel: Panel) -> str:
    """Say why a panel has no enrichment."""
    label = FEATURES[str(panel.frame["feature"].iloc[0])].label
    if panel.run:
        return (
            f"{panel_title(panel)}: the run has no background of the property {label}, so there "
            "is no enrichment; percent is shown."
        )
    return (
        f"{panel_title(panel)}: the paper gives no background of the property {label}, so there "
        "is no enrichment; percent is shown."
    )


def agreement(comparison: pd.DataFrame, label: str) -> str:
    """Say how many heads' measured values agree with the published ones."""
    known = comparison[comparison["difference"].notna()]
    if known.empty:
        return f"{label}: no head has both a published and a measured value."
    drawn = int(known["within_resolution"].sum())
    inside = int(known["within_interval"].sum())
    return (
        f"{label}: of {len(known)} heads with both values, {drawn} differ by no more than the "
        f"drawing’s resolution, and for {inside} the published value lies within the measured "
        f"interval; median absolute difference {known['difference'].abs().median():.2f} "
        "percentage points."
    )


def no_comparison(published: Panel, measured: Panel) -> str:
    """Say why a run is not compared with the published values of its model."""
    shapes = [
        f"{int(panel.frame['layer'].max())} × {int(panel.frame['head'].max())}"
        for panel in (measured, published)
    ]
    return (
        f"{panel_title(measured)}: the measured model has {shapes[0]} heads and the published one "
        f"{shapes[1]}, so it is not the same model, and nothing is compared."
    )


def live_parameters(head: Head) -> dict[str, list[str]]:
    """Give the query parameters that open a head on the Live page."""
    return {"model": [head.model], "layer": [str(head.layer)], "head": [str(head.head)]}


def file_name(panel: Panel, choice: HeadsChoice, what: str) -> str:
    """Name a file after what it holds."""
    return f"atlas_{what}_{panel.model}_{choice.feature}_{panel.source}"
