"""Arcs as lines between C-alpha atoms, for every program that draws in 3D."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from dashboard.live.export.arcs import Export
from dashboard.live.protein import ResidueKey
from precompute.errors import AtlasError

CONTACT_COLOUR = "#d55e00"
OTHER_COLOUR = "#7f7f7f"
"""Okabe and Ito's vermilion, and a grey that is seen on white and on black."""

THINNEST, THICKER = 0.08, 0.42
"""Å: the radius of an arc of weight 0, and what a weight of 1 adds."""

_HARMLESS = str.maketrans({"\\": "/", ";": ",", "=": ":", "@": " "})
"""Signs that end or continue a comment, or set something in it, in one program or another."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Line(NamedTuple):
    """One arc that can be drawn.

    Attributes
    ----------
    first, second
        The residue that attends and the one that is attended to.
    start, end
        Their C-alpha atoms in Å.
    weight
        Attention.
    radius
        In Å.
    colour
        ``#rrggbb``.
    label
        For people: ``K52A → D90, 0.43``.
    """

    first: ResidueKey
    second: ResidueKey
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    weight: float
    radius: float
    colour: str
    label: str

    @property
    def rgb(self) -> tuple[float, float, float]:
        """Its colour as shares of red, green and blue."""
        red, green, blue = (int(self.colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
        return round(red, 4), round(green, 4), round(blue, 4)


def draw_lines(export: Export) -> tuple[Line, ...]:
    """Give the arcs between two resolved residues as lines.

    Raises
    ------
    AtlasError
        When the protein has no structure.
    """
    protein = export.protein
    chain = protein.chain
    if protein.structure is None or chain is None or chain.alpha_carbons is None:
        raise AtlasError(f"{protein.identifier} has no structure; the arcs are there as a table.")
    places = np.round(np.asarray(chain.alpha_carbons, dtype=np.float64), 3).tolist()
    arcs = export.arcs
    given = arcs["colour"].tolist() if "colour" in arcs else [None] * len(arcs)
    contacts = arcs["contact"].fillna(False).tolist()
    lines = []
    for i, j, weight, contact, colour in zip(
        arcs["i"], arcs["j"], arcs["weight"], contacts, given, strict=True
    ):
        one, other = int(i) - 1, int(j) - 1
        first, second = protein.residue_keys[one], protein.residue_keys[other]
        if first is None or second is None or one == other:
            continue
        shown = colour if isinstance(colour, str) and _COLOUR.fullmatch(colour) else None
        lines.append(
            Line(
                first,
                second,
                (places[one][0], places[one][1], places[one][2]),
                (places[other][0], places[other][1], places[other][2]),
                round(float(weight), 4),
                round(THINNEST + THICKER * float(weight), 3),
                shown or (CONTACT_COLOUR if contact else OTHER_COLOUR),
                f"{protein.label(one)} → {protein.label(other)}, {float(weight):.2f}",
            )
        )
    return tuple(lines)


def about(export: Export, lines: tuple[Line, ...]) -> tuple[str, ...]:
    """Say what a file shows, in plain lines that any script can hold as comments."""
    left = len(export.arcs) - len(lines)
    said = [
        export.title,
        "Protein Attention Atlas. An arc goes from a residue to one it attends to; its radius "
        f"is {THINNEST} + {THICKER} x attention, in angstrom.",
        "Residues are the authors' numbers.",
    ]
    if "colour" not in export.arcs:
        said.append("Orange: contacts (C-alpha nearer than 8 angstrom, 6 apart or more).")
    if left:
        said.append(f"{left} arcs are left out: an end is not resolved, or both are one residue.")
    return tuple(line.translate(_HARMLESS) for line in said)
