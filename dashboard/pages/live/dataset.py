"""What a head does over whole datasets, so that one protein is not taken for the rule."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from dashboard.page.names import as_markdown
from dashboard.page.opening import part
from dashboard.page.tables import html_table
from dashboard.results.frames import rows_of
from dashboard.results.head import Asked
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import Loaded, profile_of_head
from dashboard.results.panels import choose_panels
from precompute.features import FEATURES
from precompute.models import Model

MOST_TABLES = 3


@part
def draw_dataset(model: Model, head: tuple[int, int], loaded: Loaded, feature: str) -> None:
    """Say what a head does in the tables.

    Parameters
    ----------
    model, head
        Whose head, and which: layer and head from 1.
    loaded
        The tables that are here.
    feature
        The property that comes first.
    """
    layer, number = head
    st.markdown(f"**Head {layer}-{number} over whole datasets**")
    if model.name not in loaded.labels:
        st.caption(f"No table of {as_markdown(model.label)} is loaded.")
        return
    panels, _ = choose_panels(loaded, Asked(feature=feature, models=(model.name,)))
    if not panels:
        label = as_markdown(model.label)
        st.caption(f"No loaded table of {label} has {FEATURES[feature].label}.")
    for panel in panels[:MOST_TABLES]:
        st.html(dataset_table(panel, layer, number))


@kept(512)
def dataset_table(panel: Heads, layer: int, head: int) -> str:
    """Write what a head does in one source's table: `dataset_html`."""
    profile = profile_of_head(panel, layer, head)
    return dataset_html(profile, panel.feature, panel.source.basis)


def dataset_html(profile: pd.DataFrame, feature: str, source: str, most: int = 6) -> str:
    """Write one head's values: the chosen property, then those furthest above background."""
    if profile.empty:
        return f'<p style="font-size:0.8rem">{escape(source)}: no such head.</p>'
    first = profile["feature"] == feature
    rest = profile[~first & profile["percent"].notna()].sort_values(
        ["log2_enrichment", "percent"], ascending=False, na_position="last"
    )
    rows = []
    for row in rows_of(pd.concat([profile[first], rest]).head(most)):
        known = pd.notna(row["percent"])
        fold = f"{2 ** row['log2_enrichment']:.1f}" if pd.notna(row["log2_enrichment"]) else ""
        n = f"{int(row['arcs']):,}" if pd.notna(row["arcs"]) else ""
        value = f"{row['percent']:.1f}" if known else "grey"
        rows.append((FEATURES[str(row["feature"])].label, value, fold, n))
    table = html_table(("property", "%", "× background", "arcs"), rows)
    return f'<i style="font-size:0.8rem">{escape(source)}</i>{table}'
