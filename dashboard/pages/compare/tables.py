"""The tables of the Compare page, as HTML."""

from __future__ import annotations

import pandas as pd

from dashboard.page.tables import html_table
from dashboard.pages.compare.differences_screen import signed
from dashboard.pages.compare.frames import Comparison
from dashboard.results.frames import rows_of
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from precompute.differences import distribution
from precompute.features import FEATURES

_QUANTILES = {
    "q0": "lowest",
    "q5": "5 %",
    "q25": "25 %",
    "q50": "median",
    "q75": "75 %",
    "q95": "95 %",
    "q100": "highest",
}


@kept(512)
def quantiles(heads: Heads) -> pd.DataFrame:
    """Give the quantiles of a source's heads, of the property that is shown."""
    return distribution(heads.frame)


@kept(512)
def quantile_table(comparison: Comparison) -> str:
    """Write the quantiles of both sources' heads, and their differences."""
    one, other = (rows_of(quantiles(heads))[0] for heads in comparison.heads)
    rows = [["kept heads", f"{one['kept']}", f"{other['kept']}", ""]]
    rows += [
        [
            label,
            number(one[name]),
            number(other[name]),
            number(other[name] - one[name], sign=True),
        ]
        for name, label in _QUANTILES.items()
    ]
    return html_table(("quantile, %", *comparison.pair.names, "second − first"), rows)


@kept(512)
def property_table(comparison: Comparison) -> str:
    """Write every property that both have: medians, distance, and how far heads agree."""
    frame = comparison.properties
    by_head = comparison.differences is not None
    tested = by_head and frame["false_discovery"].notna().any()
    columns = ["property", "median, first", "median, second", "second − first", "largest distance"]
    if by_head:
        columns += ["heads", "median difference", "median size", "agree", "Spearman"]
    if tested:
        columns += ["FDR 0.05", "Bonferroni"]
    rows = []
    for row in rows_of(frame):
        cells = [
            FEATURES[row["feature"]].label,
            number(row["median_1"]),
            number(row["median_2"]),
            number(row["median_2"] - row["median_1"], sign=True),
            number(row["distance"]),
        ]
        if by_head:
            share = row["agree"]
            cells += [
                f"{row['heads']}",
                number(row["median_difference"], sign=True),
                number(row["median_absolute"]),
                "–" if pd.isna(share) else f"{100 * share:.0f} %",
                number(row["spearman"]),
            ]
        if tested:
            cells += [
                "–" if pd.isna(row[name]) else f"{row[name]}"
                for name in ("false_discovery", "bonferroni")
            ]
        rows.append(cells)
    chosen = frame["feature"].tolist().index(comparison.feature)
    return html_table(columns, rows, chosen=chosen)


def number(value: float, *, sign: bool = False) -> str:
    """Write a number with two digits, a dash where there is none."""
    if pd.isna(value):
        return "–"
    return signed(value) if sign else signed(value).lstrip("+")
