"""Sentences about figures: captions, alternative texts, definitions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard.page.links import DEFAULT, anchor_of
from dashboard.page.names import as_markdown
from dashboard.page.prose import read_prose
from dashboard.pages.heads.controls import HeadsChoice
from dashboard.results.head import Head
from dashboard.results.head_facts import head_shapes
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import highest, stamp_tables
from dashboard.results.shapes import SHAPES, ordered
from dashboard.results.sources import run_among
from precompute.features import FEATURES
from precompute.heads import SITE_FEATURES
from precompute.published import MINIMUM_ARCS
from precompute.tables import HEAD_SHAPE

MARKS = "; ** unlike the background by Bonferroni, * by false discovery rate, at 0.05"
"""What the marks of heads are."""


def panel_title(panel: Heads, panels: Sequence[Heads] = ()) -> str:
    """Name a panel: model and source."""
    one = "" if panel.run and panel.run.proteins == 1 else "s"
    proteins = f", {panel.run.proteins:,} protein{one}" if panel.run else ""
    return f"{panel.label}, {_run(panel, panels)}{panel.source.origin}{proteins}"


def figure_title(panel: Heads, panels: Sequence[Heads] = ()) -> tuple[str, str]:
    """Name a figure in two lines: property and model, source and n."""
    feature = FEATURES[panel.feature]
    below = f"{source(panel, panels)}{panel.settings}"
    return f"{feature.label} · {panel.label}", below


def _run(panel: Heads, panels: Sequence[Heads]) -> str:
    """Say a panel's run where another of its model over its dataset is among the panels."""
    run = run_among(panel.source, [one.source for one in panels])
    return f"{run}, " if run else ""


def published_settings(panels: list[Heads], choice: HeadsChoice) -> list[str]:
    """Say that published values do not follow the choices of measured ones."""
    default = (DEFAULT.threshold, DEFAULT.denominator)
    if (choice.threshold, choice.denominator) == default or all(panel.run for panel in panels):
        return []
    return [
        "Published values exist for attention of at least 0.30 with all arcs in the denominator "
        "only; they are shown so. The threshold and denominator chosen are those of measured runs."
    ]


@kept(512)
def panel_summary(panel: Heads) -> str:
    """Sum a heatmap up in one sentence: its highest head, its middle, what is grey."""
    frame = panel.frame
    kept = frame["percent"].notna()
    count = int(kept.sum())
    arcs = "eligible arcs" if panel.denominator == "corrected" else "arcs"
    grey = f"{len(frame) - count} of {len(frame)} heads grey (fewer than {MINIMUM_ARCS} {arcs})"
    if not count:
        return f"{grey}; {panel.source.sample}."
    best = highest(panel, 1).iloc[0]
    text = (
        f"Highest {int(best['layer'])}-{int(best['head'])}: {best['percent']:.2f} %; "
        f"median {frame['percent'].median():.2f} %"
    )
    if pd.notna(best["background_percent"]):
        text += f"; background {best['background_percent']:.3f} % (dotted)"
    return f"{text}; {grey}; {panel.source.sample}."


@kept(512)
def interval_summary(panel: Heads) -> str:
    """Say what the bars of the highest heads are, and n."""
    kept = int(panel.frame["kept"].max()) if panel.frame["kept"].notna().any() else 0
    if panel.run:
        bars = (
            f"Bars: interval with the protein as sampling unit at 0.05/m, m = {kept} heads; thin "
            "grey: the paper’s Wald interval, arcs as sampling unit"
        )
    elif panel.feature in SITE_FEATURES:
        bars = f"Bars: the paper’s Wald interval at 0.05/m, m = {kept} heads; arcs as sampling unit"
    else:
        bars = "Bars: what the drawing’s colours allow; the paper gives no interval"
    line = "" if panel.frame["background_percent"].isna().all() else "; dotted: background"
    return f"{bars}{line}{'' if panel.frame['z'].isna().all() else MARKS}; {panel.source.sample}."


def definition(panel: Heads) -> str:
    """Define what a panel shows, in Markdown of our own words only."""
    feature, prose = FEATURES[panel.feature], read_prose(Path(__file__).with_name("words.md"))
    as_paper = panel.denominator == "published"
    of = "all residue-to-residue arcs" if as_paper else "the arcs for which the property is defined"
    background = prose["background" if as_paper else "eligible"]
    return prose["definition"].format(
        label=feature.label,
        definition=feature.definition,
        of=of,
        threshold=panel.threshold,
        arcs=MINIMUM_ARCS,
        contacts=f" {prose['contacts']}" if as_paper else "",
        unit="the protein is" if panel.run else "arcs are",
        origin=f"{background}\n\n{prose['interval']}" if panel.run else prose["published"],
        anchor=anchor_of(feature.name),
    )


def no_measure(panel: Heads, measure: str, panels: Sequence[Heads] = ()) -> str:
    """Say why a panel has no enrichment or z."""
    label, title = FEATURES[panel.feature].label, panel_title(panel, panels)
    if measure == "z" and panel.frame["background_percent"].notna().any():
        return (
            f"{title}: z needs the heads’ arcs, which the paper gives of the ten "
            "highest heads only (see their table); percent is shown."
        )
    what = "z" if measure == "z" else "enrichment"
    if panel.run:
        return (
            f"{title}: the run has no background of the property {label}, so there "
            f"is no {what}; percent is shown."
        )
    return (
        f"{title}: the paper gives no background of the property {label}, so there "
        f"is no {what}; percent is shown."
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


def no_comparison(published: Heads, measured: Heads, panels: Sequence[Heads] = ()) -> str:
    """Say why a run is not compared with the published values of its model."""
    shapes = [
        f"{int(panel.frame['layer'].max())} × {int(panel.frame['head'].max())}"
        for panel in (measured, published)
    ]
    return (
        f"{panel_title(measured, panels)}: the measured model has {shapes[0]} heads and the "
        f"published one {shapes[1]}, so it is not the same model, and nothing is compared."
    )


def not_compared(measured: Heads, panels: Sequence[Heads] = ()) -> str:
    """Say why a run at other settings is not compared with the published values."""
    return (
        f"{panel_title(measured, panels)}: compared with the published values only for attention "
        "of at least 0.30 with all arcs in the denominator."
    )


def denominators(published: dict[str, Any], corrected: dict[str, Any]) -> str:
    """Say a head's share with both denominators and their backgrounds, in one line.

    Parameters
    ----------
    published, corrected
        The head's rows of one property, as `precompute.heads.measured_heads` gives them
        for either denominator.
    """
    label = FEATURES[str(published["feature"])].label
    parts = []
    for row, of, name in ((published, "arcs", "paper"), (corrected, "eligible", "corrected")):
        if pd.isna(row["percent"]):
            parts.append(f"{name}: fewer than {MINIMUM_ARCS} {of}")
            continue
        rate = row["background_percent"]
        against = "" if pd.isna(rate) else f", background {rate:.3f} %"
        parts.append(
            f"{name}: {int(row['hits']):,} of {int(row[of]):,} {'arcs' if of == 'arcs' else ''}"
            f"{'eligible arcs' if of == 'eligible' else ''} = {row['percent']:.2f} %{against}"
        )
    return f"{label}, {'; '.join(parts)}."


def head_shape(row: dict[Any, Any]) -> str:
    """Say what a head is like, of a row of `head_shapes`, in one line."""
    reached = "no residue" if pd.isna(row["distance"]) else f"{row['distance']:.1f} residues"
    return (
        f"Attention of any weight, over {int(row['residues']):,} residues: "
        f"entropy {row['entropy']:.2f} bits; mean distance attended {reached}; "
        f"{row['diagonal_percent']:.1f} % on the diagonal (the residue itself); "
        f"{row['special_percent']:.1f} % on special tokens."
    )


def shape_title(panel: Heads, name: str, panels: Sequence[Heads] = ()) -> tuple[str, str]:
    """Name a map of what heads are like in two lines; no threshold is in it."""
    return f"{SHAPES[name].label} · {panel.label}", source(panel, panels)


@kept(512, lambda panel, _: stamp_tables(panel.run, HEAD_SHAPE))
def shape_summary(panel: Heads, name: str) -> str:
    """Sum up what heads are like in one sentence: the ends, the middle, n."""
    frame, shape = head_shapes(panel), SHAPES[name]
    known = ordered(frame, name)
    if known.empty:
        return f"{shape.label} is known of no head."
    high, low = known.iloc[0], known.iloc[-1]
    layers, heads = panel.source.shape
    grey = layers * heads - len(known)
    unknown = f"; {grey} of {layers * heads} heads grey (not known)" if grey else ""
    return (
        f"Highest {int(high['layer'])}-{int(high['head'])}: {shape.say(high[name])}; "
        f"lowest {int(low['layer'])}-{int(low['head'])}: {shape.say(low[name])}; "
        f"median {shape.say(known[name].median())}{unknown}; attention of any weight, "
        f"{int(frame['residues'].max()):,} residues, {panel.source.sample}."
    )


def source(panel: Heads, panels: Sequence[Heads] = ()) -> str:
    """Name a panel's source with its n, and its run where it is one of several panels' alike."""
    return f"{_run(panel, panels)}{panel.source.basis}"


def offset_title(panel: Heads, head: Head, panels: Sequence[Heads] = ()) -> tuple[str, str]:
    """Name an offset profile in two lines: head and model, source and n."""
    return (
        f"Target offsets of head {head.label} · {panel.label}",
        f"{source(panel, panels)}{panel.settings}",
    )


def offset_summary(panel: Heads, offsets: pd.DataFrame) -> str:
    """Sum an offset profile up: where most arcs land, and what its marks are."""
    best = offsets.sort_values("percent").iloc[-1]
    where = FEATURES[str(best["feature"])].label.lower()
    return (
        f"Most arcs: {where}, {best['percent']:.1f} %. Thin: interval with the protein as sampling "
        f"unit at 0.05/m; orange: background; {int(best['arcs']):,} arcs, {panel.source.sample}."
    )


def examples_title(panel: Heads) -> str:
    """Say what the proteins under it are."""
    label = FEATURES[panel.feature].label.lower()
    return f"Proteins with most hits of this head, {label}, attention ≥ 0.30; see them live:"


def example(protein: str, hits: int, arcs: int) -> str:
    """Name a protein that shows a head; a name that holds Markdown stays text."""
    return f"{as_markdown(protein)}, {hits:,} of {arcs:,} arcs"


def file_name(panel: Heads, choice: HeadsChoice, what: str) -> str:
    """Name a file after what it holds."""
    return f"atlas_{what}_{panel.model}_{choice.feature}_{panel.source.results}"
