"""What is known of single heads beside their shares: label, target offsets, example proteins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.results.frames import offset_profile
from dashboard.results.head import Head
from dashboard.results.loaded import identity, measured, run_table
from dashboard.results.panels import Panel
from precompute.errors import AtlasError
from precompute.features import FEATURES, OFFSET_FEATURES
from precompute.head_labels import HeadLabel, label_heads
from precompute.heads import DENOMINATORS
from precompute.tables import HEAD_EXAMPLES, SPECIAL_ATTENTION


def head_label(panel: Panel, head: Head) -> HeadLabel | None:
    """Label one head by what the panel's source knows; None where it has no such head."""
    rows = pd.concat([_row(frame, head) for frame in _all_arcs(panel)])
    return label_heads(rows, _special(panel)).get((head.layer, head.head)) if len(rows) else None


def head_labels(panel: Panel) -> Mapping[tuple[int, int], HeadLabel]:
    """Label every head of a panel's source, once."""
    return _labels(_all_arcs(panel), _special(panel))


def offset_frame(panel: Panel, head: Head) -> pd.DataFrame:
    """Give a head's shares of the target offsets, −10 first and further ones last.

    Returns
    -------
    pandas.DataFrame
        Of `dashboard.results.frames.offset_profile`; empty where the source has no offsets or
        the head is grey.
    """
    return offset_profile(panel.several(OFFSET_FEATURES), head.layer, head.head)


def examples(panel: Panel, feature: str, head: Head) -> pd.DataFrame:
    """Give the proteins with most hits of a head, most first; empty where none are known.

    Raises
    ------
    AtlasError
        When the run's table cannot be read.
    """
    if panel.run is None:
        return pd.DataFrame(columns=list(HEAD_EXAMPLES.column_names))
    found = run_table(panel.run, HEAD_EXAMPLES, layer=head.layer, head=head.head)
    return found[found["feature"] == feature].sort_values("rank", ignore_index=True)


def both_denominators(panel: Panel, head: Head) -> list[dict[str, Any]]:
    """Give a head's row of the panel's property with each denominator; empty without a run.

    Raises
    ------
    AtlasError
        When the run's tables cannot be read any more.
    """
    if panel.run is None:
        return []
    key = (panel.model, str(panel.frame["feature"].iloc[0]))
    rows = [
        _row(measured(panel.run, panel.threshold, denominator)[key], head)
        for denominator in DENOMINATORS
    ]
    return [{str(name): value for name, value in row.iloc[0].items()} for row in rows if len(row)]


def _row(frame: pd.DataFrame, head: Head) -> pd.DataFrame:
    """Give one head's row: frames are ordered by layer and head."""
    at = np.flatnonzero((frame["layer"] == head.layer) & (frame["head"] == head.head))
    return frame.iloc[at]


def _all_arcs(panel: Panel) -> tuple[pd.DataFrame, ...]:
    """Head frames of every property as shares of all arcs: what the rule of labels reads."""
    if panel.run is None:
        return panel.several(FEATURES)
    return measured(panel.run, panel.threshold).several(FEATURES)


def _special(panel: Panel) -> pd.DataFrame | None:
    if panel.run is None:
        return None
    try:
        return run_table(panel.run, SPECIAL_ATTENTION)
    except AtlasError:
        return None  # the label then says nothing of special tokens


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs={pd.DataFrame: identity})
def _labels(
    frames: tuple[pd.DataFrame, ...], _special: pd.DataFrame | None
) -> dict[tuple[int, int], HeadLabel]:
    return label_heads(pd.concat(frames, ignore_index=True), _special)
