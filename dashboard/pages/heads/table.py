"""All heads of the panels as one table: to sort, to search, and to open a head without a mouse."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.page.address import Choices
from dashboard.page.controls import choose_one
from dashboard.page.export import download_buttons
from dashboard.page.opened import choose_row
from dashboard.page.opening import part
from dashboard.pages.heads.controls import HeadsChoice
from dashboard.results.frames import marks
from dashboard.results.head_facts import SHAPE_MEANS, head_labels, head_shapes
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import stamp_tables
from dashboard.results.shapes import SHAPES, ordered
from precompute.spreadsheet import as_cells
from precompute.tables import HEAD_SHAPE, SPECIAL_ATTENTION

KEY = "heads_table_rows"
_NUMBERS = (
    *("layer", "head", "percent", "interval_lower", "interval_upper", "wald_lower", "wald_upper"),
    *("resolution", "hits", "arcs", "eligible", "log2_enrichment", "z", "false_discovery", "rank"),
)


def _beside(panels: list[Heads], _: str) -> str:
    """Tell one state of what runs know of heads beside their counts from the next."""
    return "|".join(stamp_tables(panel.run, SPECIAL_ATTENTION, HEAD_SHAPE) for panel in panels)


@kept(64, _beside)
def heads_table(panels: list[Heads], which: str) -> pd.DataFrame:
    """Put the heads of every panel together.

    Parameters
    ----------
    panels
        Of one property.
    which
        ``all`` or ``marked``: those unlike the background at a false discovery rate of
        0.05.

    Returns
    -------
    pandas.DataFrame
        One row a head that is not grey, with its mark, its label and what it is like.
    """
    parts = []
    for panel in panels:
        frame = panel.frame[panel.frame["percent"].notna()]
        labels = head_labels(panel)
        places = zip(frame["layer"].tolist(), frame["head"].tolist(), strict=True)
        written = [str(labels[place]) if place in labels else "" for place in places]
        part = frame[["model", "source", *_NUMBERS]].assign(mark=marks(frame), label=written)
        shapes = head_shapes(panel).set_index(["layer", "head"])[[*SHAPE_MEANS]].astype(float)
        parts.append(part.join(shapes, on=["layer", "head"]))
    table = pd.concat(parts, ignore_index=True)
    if which == "marked":
        table = table[table["mark"] != ""]
    return table.sort_values(["rank", "layer", "head"], ignore_index=True)


@kept(64, _beside)
def _shown(panels: list[Heads], which: str) -> pd.DataFrame:
    """Leave out of the table what nobody reads: `_read`."""
    return _read(shape_table(panels, which) if which in SHAPES else heads_table(panels, which))


def _read(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out what is empty, and a source that is the same everywhere.

    Texts are as cells of a spreadsheet: the toolbar of the table saves what is shown as CSV.
    """
    empty = [name for name in table if table[name].isna().all()]
    same = ["source"] if table["source"].nunique() == 1 else []
    return as_cells(table.drop(columns=[*empty, *same]))


@kept(64, _beside)
def shape_table(panels: list[Heads], name: str) -> pd.DataFrame:
    """Put what the heads of every panel are like together, with their labels, highest first."""
    parts = []
    for panel in panels:
        frame, labels = head_shapes(panel.whole()), head_labels(panel)
        places = zip(frame["layer"].tolist(), frame["head"].tolist(), strict=True)
        written = [str(labels[place]) if place in labels else "" for place in places]
        from_ = {"model": panel.model, "source": panel.source.results}
        parts.append(frame.assign(**from_, label=written))
    table = ordered(pd.concat(parts, ignore_index=True), name)
    return table[["model", "source", "layer", "head", *SHAPE_MEANS, "residues", "label"]]


@part
def draw_heads_table(panels: list[Heads], choices: Choices, choice: HeadsChoice) -> None:
    """Draw the choice of a table, and the table where it is asked for."""
    choose_one(choices, "table", "Table of heads")
    if choice.table == "off":
        return
    like = choice.feature in SHAPES
    which = choice.feature if like else choice.table
    table = shape_table(panels, which) if like else heads_table(panels, which)
    if table.empty:
        st.caption(
            "Every head is grey: none has enough arcs."
            if choice.table == "all"
            else "No head is marked: for none is a difference from the background known to hold."
        )
        return
    shown = _shown(panels, which)
    heads = [
        f"{model}.{layer}.{head}"
        for model, layer, head in zip(table["model"], table["layer"], table["head"], strict=True)
    ]
    choose_row(shown, KEY, heads, partial(choices.set, "head"), _columns())
    use = "A column’s head sorts; the table’s own search finds text; a chosen row opens its head."
    st.caption(
        f"All {len(table):,} heads. {use}"
        if like
        else f"{len(table):,} heads that are not grey. {use} Interval: protein as sampling unit "
        "(published: the paper’s Wald). Marks: ** unlike the background by Bonferroni, * by false "
        "discovery rate, at 0.05, over the m heads of a model."
    )
    download_buttons(table, f"atlas_table_{choice.feature}", "Table", "heads_table_file")


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "percent": number("%", format="%.2f"),
        "interval_lower": number("from", format="%.2f", help="lower end of the interval, %"),
        "interval_upper": number("to", format="%.2f", help="upper end of the interval, %"),
        "wald_lower": number("Wald from", format="%.2f", help="the paper’s interval, %"),
        "wald_upper": number("Wald to", format="%.2f", help="the paper’s interval, %"),
        "resolution": number("±", format="%.2f", help="what the drawing’s colours allow, points"),
        "log2_enrichment": number("log₂ fold", format="%.2f", help="over the background"),
        "z": number("z", format="%.1f", help="against the background"),
        "entropy": number("entropy", format="%.2f", help="of its attention, bits"),
        "distance": number("distance", format="%.1f", help="mean distance attended, residues"),
        "diagonal_percent": number("diagonal", format="%.1f", help="attention to itself, %"),
        "special_percent": number("special", format="%.1f", help="to special tokens, %"),
        "false_discovery": number("q", format="%.2g", help="p adjusted by false discovery rate"),
    }
