"""Arcs as lines between C-alpha atoms, for every program that draws in 3D."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from precompute.errors import AtlasError
from precompute.live.arc_colours import colour_arcs, legend
from precompute.live.getting.protein import ResidueKey
from precompute.live.programs.arc_frame import Export

CHAIN_COLOUR, OTHER_CHAINS = "#b8b8b8", "#dcdcdc"
"""Greys of the chain that is looked at and of the others; arcs have the colours."""

THINNEST, THICKER = 0.08, 0.42
"""Å: the radius of an arc of weight 0, and what a weight of 1 adds."""

_DEFAULT = "contact"
_HARMLESS = str.maketrans({"\\": "/", ";": ",", "=": ":", "@": " "})
"""Signs that end or continue a comment, or set something in it, in one program or another."""

_CODE = re.compile(r"[A-Za-z]?")
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
    ValueError
        When a colour is none.
    """
    protein = export.protein
    chain = protein.chain
    if protein.structure is None or chain is None or chain.alpha_carbons is None:
        raise AtlasError(f"{protein.identifier} has no structure; the arcs are there as a table.")
    places = np.round(np.asarray(chain.alpha_carbons, dtype=np.float64), 3).tolist()
    arcs = export.arcs
    colours = arcs["colour"].tolist() if "colour" in arcs else colour_arcs(arcs, _DEFAULT)
    lines = []
    for i, j, weight, colour in zip(arcs["i"], arcs["j"], arcs["weight"], colours, strict=True):
        one, other = int(i) - 1, int(j) - 1
        first, second = protein.residue_keys[one], protein.residue_keys[other]
        if first is None or second is None or one == other:
            continue
        # Any other sign means something to ChimeraX or PyMOL, and a digit goes on the number.
        if not (_CODE.fullmatch(first.insertion) and _CODE.fullmatch(second.insertion)):
            continue
        if not _COLOUR.fullmatch(str(colour)):
            raise ValueError(f"{colour!r} is no colour of the form #rrggbb")
        lines.append(
            Line(
                first,
                second,
                (places[one][0], places[one][1], places[one][2]),
                (places[other][0], places[other][1], places[other][2]),
                round(float(weight), 4),
                round(THINNEST + THICKER * float(weight), 3),
                str(colour),
                f"{protein.label(one)} → {protein.label(other)}, {float(weight):.2f}",
            )
        )
    return tuple(lines)


def colour_key(export: Export) -> tuple[tuple[str, str], ...]:
    """Give what the colours mean: colour and words."""
    if "colour" in export.arcs:
        return export.key
    return tuple((entry.colour, entry.label) for entry in legend(_DEFAULT))


def about(export: Export, lines: tuple[Line, ...]) -> tuple[str, ...]:
    """Say what a file shows, in plain lines that any script can hold as comments."""
    left = len(export.arcs) - len(lines)
    said = [
        export.title,
        "Protein Attention Atlas. An arc goes from a residue to one it attends to; its radius "
        f"is {THINNEST} + {THICKER} x attention, in angstrom.",
        "Residues have the authors' numbers. A contact: C-alpha atoms nearer than 8 angstrom.",
        *(f"{colour}: {words}" for colour, words in colour_key(export)),
    ]
    if left:
        said.append(
            f"{left} arcs are left out: an end is not resolved or has an insertion code that is no "
            "letter, or both are one residue."
        )
    return tuple(line.translate(_HARMLESS) for line in said)
