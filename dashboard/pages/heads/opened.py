"""An opened head: its value for every property, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from dashboard.page.tables import html_table
from dashboard.results.frames import marks, rows_of
from dashboard.results.head import Head
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import profile_of_head
from precompute.features import FEATURES
from precompute.heads import HEAD_COLUMNS, PUBLISHED, compare


def opened_panels(panels: list[Heads], head: Head) -> list[Heads]:
    """Give the panels of the opened head's model, published first."""
    return [panel for panel in panels if panel.model == head.model]


def same_shape(one: Heads, other: Heads) -> bool:
    """Tell whether two panels' models have as many layers and heads as each other."""
    return one.source.shape == other.source.shape


def profile_frame(panels: list[Heads], head: Head) -> pd.DataFrame:
    """Give the head's rows of every property and source: what its table shows."""
    profiles = [profile_of_head(panel, head.layer, head.head) for panel in panels]
    filled = [rows for rows in profiles if len(rows)]
    if not filled:
        return pd.DataFrame(columns=list(HEAD_COLUMNS))
    return pd.concat(filled, ignore_index=True)


def comparison_frame(panels: list[Heads], head: Head) -> pd.DataFrame:
    """Set the head's measured values beside its published ones, where both exist."""
    published = [panel for panel in panels if panel.run is None]
    measured = [
        panel
        for panel in panels
        if panel.run is not None and published and same_shape(published[0], panel)
    ]
    if not measured:
        return pd.DataFrame()
    measured = [panel for panel in measured if panel.as_the_paper]
    if not measured:
        return pd.DataFrame()
    paper = profile_of_head(published[0], head.layer, head.head)
    parts = [compare(paper, profile_of_head(panel, head.layer, head.head)) for panel in measured]
    return pd.concat(parts, ignore_index=True)


class Opened(NamedTuple):
    """An opened head: its rows of every property and source, their comparison, and their table."""

    profile: pd.DataFrame
    comparison: pd.DataFrame
    html: str


@kept(256, of=Heads.each_whole)
def open_head(panels: list[Heads], head: Head) -> Opened:
    """Give what is known of a head, worked out once whatever property is shown; none may be."""
    profile, comparison = profile_frame(panels, head), comparison_frame(panels, head)
    return Opened(profile, comparison, profile_html(profile, comparison))


def profile_html(profile: pd.DataFrame, comparison: pd.DataFrame) -> str:
    """Write an opened head's table; `chosen_css` marks a row of it.

    Parameters
    ----------
    profile
        Rows of `profile_frame`.
    comparison
        Rows of `comparison_frame`; empty when there is nothing to compare.

    Returns
    -------
    str
        One table when results are compared, else one for structure and function and
        one for the amino acids, side by side where there is room.
    """
    sources = list(dict.fromkeys(profile["source"]))
    rows: dict[str, list[str]] = {}
    marked = profile.assign(mark=marks(profile))
    values = {(row["source"], row["feature"]): row for row in rows_of(marked)}
    verdicts = {(row["run"], row["feature"]): row for row in rows_of(comparison)}
    compared = {run for run, _ in verdicts}
    for feature in FEATURES:
        if not any((name, feature) in values for name in sources):
            continue
        cells = []
        for name in sources:
            cells += _value_cells(values.get((name, feature)), name != PUBLISHED)
            if name in compared:
                cells += _verdict_cells(verdicts.get((name, feature)))
        rows[feature] = cells
    columns = {name: _columns(name, name in compared) for name in sources}
    spans = [("", 1), *((_source(name), len(columns[name])) for name in sources)]
    wide = len(sources) > 1
    sets: Sequence[Sequence[str]] = (
        [list(rows)]
        if wide
        else [
            [name for name in rows if not name.startswith("amino_acid:")],
            [name for name in rows if name.startswith("amino_acid:")],
        ]
    )
    tables = "".join(
        html_table(
            ("property", *(column for name in sources for column in columns[name])),
            [(FEATURES[name].label, *rows[name]) for name in names],
            groups=spans if wide else (),
            names=names,
        )
        for names in sets
        if names
    )
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:8px 24px;align-items:flex-start">'
        f"{tables}</div>"
    )


def chosen_css(feature: str) -> str:
    """Write the style that sets a property's row of an opened head's table in bold.

    A style and not a part of the table: the table stays as it is when the property
    changes, and the browser does not build it anew.
    """
    row = f'.atlas-table tr[data-row="{feature}"]'
    return f"{row} th, {row} td {{font-weight: 700; background: rgba(128,128,128,0.15)}}"


def _columns(source: str, compared: bool) -> list[str]:
    """Name the columns of one source's values."""
    columns = ["%", "± or interval"]
    if source != PUBLISHED:
        columns.append("Wald interval")
    columns += ["hits / arcs", "× background", "z", "rank of m"]
    return columns + (["difference", "within ±", "within interval"] if compared else [])


def _source(name: str) -> str:
    return PUBLISHED if name == PUBLISHED else f"measured (run {name})"


def _value_cells(row: dict[Any, Any] | None, wald: bool) -> list[str]:
    """Write one source's values of a property; `wald` adds the paper's interval."""
    columns = 7 if wald else 6
    if row is None:
        return ["–"] * columns
    if pd.isna(row["percent"]):
        return ["grey", *[""] * (columns - 5), _hits(row), "", "", ""]
    if pd.notna(row["interval_lower"]):
        spread = f"{row['interval_lower']:.2f} to {row['interval_upper']:.2f}"
    elif pd.notna(row["resolution"]):
        spread = f"± {row['resolution']:.2f}" if row["resolution"] >= 0.005 else "exact"
    else:
        spread = ""
    fold = 2 ** row["log2_enrichment"] if pd.notna(row["log2_enrichment"]) else None
    paper = f"{row['wald_lower']:.2f} to {row['wald_upper']:.2f}" if wald else ""
    return [
        f"{row['percent']:.2f}",
        spread,
        *([paper] if wald else []),
        _hits(row),
        "" if fold is None else f"{fold:.1f}",
        "" if pd.isna(row["z"]) else f"{row['z']:.1f} {row['mark']}".strip().replace("-", "−"),
        f"{int(row['rank'])} of {int(row['kept'])}",
    ]


def _verdict_cells(row: dict[Any, Any] | None) -> list[str]:
    if row is None or pd.isna(row["difference"]):
        return ["", "", ""]
    return [
        f"{row['difference']:+.2f}".replace("-", "−"),
        _yes(row["within_resolution"]),
        _yes(row["within_interval"]),
    ]


def _hits(row: dict[Any, Any]) -> str:
    of = "eligible" if row["denominator"] == "corrected" else "arcs"
    return "" if pd.isna(row[of]) else f"{int(row['hits']):,} / {int(row[of]):,}"


def _yes(value: Any) -> str:
    return "" if pd.isna(value) else "yes" if value else "no"
