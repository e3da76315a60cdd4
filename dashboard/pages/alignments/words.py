"""Sentences and tables of the Alignments page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.page.prose import read_prose
from dashboard.page.tables import html_table
from dashboard.pages.alignments.controls import DEFINITIONS, READ, AlignmentsChoice
from dashboard.pages.alignments.distance_map_screen import SIGNS, UNDEFINED, legend, signed
from dashboard.results import loaded as results
from dashboard.results.alignments import DistanceMap, HeadMatrices, head_values, published_values
from dashboard.results.kept import kept
from dashboard.results.loaded import Run
from precompute.tables import COLUMN_DISTANCE


def prose(part: str) -> str:
    """Give a part of ``words.md``, in Markdown of our own words only."""
    return read_prose(Path(__file__).with_name("words.md"))[part]


def missing(control: str) -> str:
    """Say that a run measured no such null, and how one does."""
    return (
        f"This run has no values of this null: --nulls {control} measures it. The published "
        "values are shown."
    )


@kept(256)
def summary(shown: DistanceMap) -> str:
    """Sum a map up: the mean size, the sign, the strongest head, what is grey."""
    frame, sign = shown.frame, SIGNS[shown.measure.statistic]
    known = frame[frame["correlation"].notna()]
    if known.empty:
        return f"{sign} is {UNDEFINED} for any of {len(frame)} heads."
    best = known.iloc[int(known["correlation"].abs().to_numpy().argmax())]
    said = (
        f"Mean |{sign}| {signed(known['correlation'].abs().mean(), 3)}; "
        f"{int((known['correlation'] < 0).sum())} of {len(frame)} heads negative; furthest from 0: "
        f"{int(best['layer'])}-{int(best['head'])}, {signed(best['correlation'])}"
    )
    grey = len(frame) - len(known)
    return f"{said}; {grey} grey ({UNDEFINED})." if grey else f"{said}."


def alt(shown: DistanceMap, title: tuple[str, str]) -> str:
    """Say what a map shows to readers who do not see it."""
    return f"Map of layers and heads: {', '.join(title)}; {legend(shown)}. {summary(shown)}"


@kept(64)
def agreement(one: DistanceMap, other: DistanceMap) -> str:
    """Say how alike two maps are over their heads; empty where heads do not correspond."""
    if one.grid.shape != other.grid.shape:
        shapes = [f"{layers} × {heads}" for layers, heads in (one.grid.shape, other.grid.shape)]
        return (
            f"The measured model has {shapes[0]} heads and the published one {shapes[1]}: no head "
            "of one corresponds to one of the other."
        )
    both = pd.DataFrame({"one": one.grid.ravel(), "other": other.grid.ravel()}).dropna()
    if len(both) < 3 or both.nunique().min() < 2:
        return ""
    r = float(both["one"].corr(both["other"]))
    return f"Measured and published over {len(both)} heads: r = {signed(r)}."


@kept(64)
def nulls_html(maps: Sequence[tuple[str, DistanceMap | None, DistanceMap]], chosen: str) -> str:
    """Write what is left of the correlation under each control, measured and published.

    Parameters
    ----------
    maps
        For each control its key, the measured map if there is one, and the published one.
    chosen
        The control that is shown.
    """
    measured = any(own is not None for _, own, _ in maps)
    columns = ("mean size", "negative")
    rows = []
    for name, own, published in maps:
        cells = [READ[name]]
        for shown in (own, published) if measured else (published,):
            known = shown.frame["correlation"].dropna() if shown is not None else pd.Series()
            if known.empty:
                cells += [UNDEFINED, ""]
            else:
                of = len(known)
                cells += [signed(known.abs().mean(), 3), f"{int((known < 0).sum())} of {of}"]
        rows.append(cells)
    groups = [("", 1), *([("measured", 2)] if measured else []), ("published", 2)]
    return html_table(
        ("shuffled", *(columns * (2 if measured else 1))),
        rows,
        groups=groups,
        chosen=[name for name, _, _ in maps].index(chosen),
    )


@kept(128, lambda run, *_: results.stamp_tables(run, COLUMN_DISTANCE))
def head_html(run: Run | None, layer: int, head: int, statistic: str) -> str:
    """Write a head's values, a row a control: of a run that has it, and published."""
    measured = head_values(run, layer, head) if run else None
    published = published_values(layer, head)
    rows = []
    for control, read in READ.items():
        cells = [read]
        if measured is not None:
            for definition in DEFINITIONS:
                own = measured[
                    (measured["definition"] == definition) & (measured["control"] == control)
                ]
                cells.append(_with_ends(own, statistic, f"{statistic}_lower", f"{statistic}_upper"))
        for tree in ("ml", "nj"):
            own = published[(published["tree"] == tree) & (published["control"] == control)]
            cells.append(_with_ends(own, "spearman", "lowest", "highest"))
        rows.append(cells)
    columns: tuple[str, ...] = ("ML trees", "NJ trees")
    groups = [("", 1), ("published ρ", 2)]
    if measured is not None:
        columns = (*(name.lower() for name in DEFINITIONS.values()), *columns)
        groups.insert(1, (f"measured {SIGNS[statistic]}", len(DEFINITIONS)))
    return html_table(("shuffled", *columns), rows, groups=groups)


def head_title(matrices: HeadMatrices, choice: AlignmentsChoice) -> tuple[str, str]:
    """Name a head's matrix in two lines: head and family, what was read."""
    layer, head = choice.head or (0, 0)
    run = choice.run
    read = f"{len(matrices.names)} rows × {len(matrices.query)} columns"
    return (
        f"Head {layer}-{head} in {matrices.alignment} · {choice.label}",
        f"measured, {run.dataset if run else ''}, {read} ({run.rows if run else ''})",
    )


@kept(64)
def columns_summary(matrices: HeadMatrices) -> str:
    """Say which columns take most part, and how much one does in the middle."""
    order = np.argsort(-matrices.selectivity, kind="stable")[:3]
    best = ", ".join(f"{place + 1} ({matrices.selectivity[place]:.2f})" for place in order)
    return f"Most: columns {best}; median {np.median(matrices.selectivity):.2f}."


def _with_ends(own: pd.DataFrame, value: str, lower: str, upper: str) -> str:
    if own.empty:
        return ""
    row = own.iloc[0]
    said = signed(row[value])
    if pd.isna(row[lower]):
        return said
    return f"{said} ({signed(row[lower])} to {signed(row[upper])})"
