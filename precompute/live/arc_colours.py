"""The colours of arcs, the same in 3D, in the map and over the sequence."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

COLOURINGS: dict[str, str] = {"contact": "Contact", "separation": "Separation", "one": "One colour"}
CONTACT, NO_CONTACT, UNDEFINED = "#2a78b8", "#d55e00", "#8a8a8a"
"""The first two are the pages' own colours of values (`dashboard.figures.look.style`)."""
BETWEEN = "#cc79a7"
"""Of arcs between two proteins whose contacts, or distance in a sequence, nobody knows."""
HEAD_COLOURS = ("#2a78b8", "#d55e00", "#009e73", "#cc79a7")
"""Of several heads at once: Okabe and Ito's, told apart with any colour vision."""
SEPARATIONS: tuple[tuple[int, str, str], ...] = (
    (0, "under 6", "#8a8a8a"),
    (6, "6 to 11", "#3b528b"),
    (12, "12 to 23", "#21918c"),
    (24, "24 and more", "#c9b31d"),
)
"""Smallest |i − j|, words, colour: the short, medium and long ranges of contact prediction."""


@dataclass(frozen=True)
class Key:
    """One entry of a legend."""

    colour: str
    label: str


def colour_arcs(arcs: pd.DataFrame, colouring: str, one: str = CONTACT) -> list[str]:
    """Give each arc's colour.

    Parameters
    ----------
    arcs
        With the columns of `precompute.live.programs.arc_frame.ARC_COLUMNS`.
    colouring
        A key of `COLOURINGS`.
    one
        The colour where all have the same.
    """
    if colouring == "contact":
        states = arcs["contact"].map({True: CONTACT, False: NO_CONTACT})
        found = [str(colour) for colour in states.astype(object).fillna(UNDEFINED)]
    elif colouring == "separation":
        found = [
            next(colour for least, _, colour in reversed(SEPARATIONS) if value >= least)
            for value in arcs["separation"].tolist()
        ]
    else:
        return [one] * len(arcs)
    if "between" not in arcs:
        return found
    known = arcs["contact"].notna() & (colouring == "contact")
    unknown = (arcs["between"] & ~known).tolist()
    return [BETWEEN if here else colour for here, colour in zip(unknown, found, strict=True)]


def legend(colouring: str, *, two: bool = False) -> tuple[Key, ...]:
    """Say what the colours mean; of two proteins also that of arcs between them."""
    between = {
        "contact": "between the two, contact not known",
        "separation": "between the two",
    }
    if two and colouring in between:
        return (*legend(colouring), Key(BETWEEN, between[colouring]))
    if colouring == "contact":
        return (
            Key(CONTACT, "contact"),
            Key(NO_CONTACT, "no contact"),
            Key(UNDEFINED, "closer than 6 in sequence, or not resolved"),
        )
    if colouring == "separation":
        return tuple(Key(colour, f"|i − j| {words}") for _, words, colour in SEPARATIONS)
    return ()


def legend_html(keys: tuple[Key, ...]) -> str:
    """Write a legend as one line."""
    items = "".join(
        f'<span style="white-space:nowrap"><span style="display:inline-block;width:10px;'
        f'height:10px;background:{key.colour};margin-right:4px"></span>{escape(key.label)}</span>'
        for key in keys
    )
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:2px 12px;font-size:0.75rem;opacity:0.85">'
        f"{items}</div>"
    )
