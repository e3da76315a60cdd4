"""What a head does over whole datasets, so that one protein is not taken for the rule."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from dashboard.page.caption import caption_html
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
    title = f'<b style="display:block">Head {layer}-{number} over whole datasets</b>'
    if model.name not in loaded.labels:
        said = caption_html(f"No table of {model.label} is loaded.")
    elif panels := choose_panels(loaded, Asked(feature=feature, models=(model.name,)))[0]:
        said = "".join(dataset_table(panel, layer, number) for panel in panels[:MOST_TABLES])
    else:
        said = caption_html(f"No loaded table of {model.label} has {FEATURES[feature].label}.")
    st.html(title + said, width=320)


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
