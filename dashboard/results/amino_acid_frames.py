"""Cut amino acids' head frames into what figures draw: pure functions, no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from precompute.chemistry import GROUPS, LETTERS


def amino_acid_frames(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Pick the head frames of amino acids out of those of all properties, by letter."""
    names = {letter: f"amino_acid:{letter}" for letter in LETTERS}
    return {letter: frames[name] for letter, name in names.items() if name in frames}


def backgrounds(frames: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Give how frequent each amino acid is, %; nothing unless all 20 are known."""
    rates = {
        letter: float(frame["background_percent"].iloc[0])
        for letter, frame in frames.items()
        if frame["background_percent"].notna().any()
    }
    return rates if len(rates) == len(LETTERS) else {}


def head_shares(
    frames: Mapping[str, pd.DataFrame], layer: int, head: int, background: Mapping[str, float]
) -> pd.DataFrame:
    """Give one head's share of each amino acid beside the background.

    Parameters
    ----------
    frames
        Head frames of one model and source by amino acid.
    layer, head
        The head, counted from 1.
    background
        How frequent each amino acid is, %; may be empty.

    Returns
    -------
    pandas.DataFrame
        ``amino_acid``, ``group``, ``percent``, ``lower``, ``upper`` (the interval of a
        run, what the drawing allows of published values), ``background_percent``,
        ``enrichment`` (percent / background) and ``arcs``; in the order of `frames`. What
        is not known is empty.
    """
    groups = {letter: name for name, letters in GROUPS.items() for letter in letters}
    rows = []
    for letter, frame in frames.items():
        at = frame[(frame["layer"] == layer) & (frame["head"] == head)]
        row: Mapping[Any, Any] = at.iloc[0].to_dict() if len(at) else {}
        known = bool(row) and pd.notna(row["percent"])
        lower, upper = interval_ends(row) if known else (None, None)
        percent = float(row["percent"]) if known else float("nan")
        rate = background.get(letter)
        fold = percent / rate if rate else None
        arcs = row.get("arcs") if row else pd.NA
        rows.append((letter, groups[letter], percent, lower, upper, rate, fold, arcs))
    names = [
        *("amino_acid", "group", "percent", "lower", "upper"),
        *("background_percent", "enrichment", "arcs"),
    ]
    types = {**dict.fromkeys(names[2:7], "float64"), "arcs": "Int64"}
    return pd.DataFrame(rows, columns=names).astype(types)


def interval_ends(row: Mapping[Any, Any]) -> tuple[float, float]:
    """Give both ends of a share, %: its interval where it has one, else what the drawing allows.

    Parameters
    ----------
    row
        Row of a head frame whose ``percent`` is known.
    """
    percent = float(row["percent"])
    if pd.notna(row["interval_lower"]):
        return float(row["interval_lower"]), float(row["interval_upper"])
    half = float(row["resolution"]) if pd.notna(row["resolution"]) else 0.0
    return max(percent - half, 0.0), min(percent + half, 100.0)
