"""Cut amino acids' head frames into what figures draw: pure functions, no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from dashboard.results.frames import interval_ends
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
    rows = pd.concat(
        [
            frame[(frame["layer"] == layer) & (frame["head"] == head)].assign(amino_acid=letter)
            for letter, frame in frames.items()
        ]
    )
    rows = rows.set_index("amino_acid").reindex(list(frames)).reset_index()
    percent = rows["percent"].astype(float)
    rate = rows["amino_acid"].map(background).astype(float)
    shares = pd.DataFrame(
        {
            "amino_acid": rows["amino_acid"],
            "group": rows["amino_acid"].map(groups),
            "percent": percent,
        }
    )
    for name, ends in zip(("lower", "upper"), interval_ends(rows), strict=True):
        shares[name] = pd.Series(ends).where(percent.notna())
    return shares.assign(
        background_percent=rate,
        enrichment=percent / rate.where(rate > 0),
        arcs=rows["arcs"].astype("Int64"),
    )
