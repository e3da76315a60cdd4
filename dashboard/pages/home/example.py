"""The demo model on one protein, as it ships: structure, the arcs of one head, and their scene."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from dashboard.results.head import Head
from dashboard.structure.molecule import Arcs, Scene
from precompute.examples import Example, load_arcs, load_example
from precompute.live.arc_colours import Key, colour_arcs, legend
from precompute.live.writing import Structure, view_atoms

DEMO = "demo"
_GROUND = "#d8d4d0"
_THIN, _THICK = 0.08, 0.42
"""Å: radius of an arc of weight 0, and how much a weight of 1 adds."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What the page shows of the example.

    Attributes
    ----------
    example
        The protein.
    head
        The head of the demo model with most contacts among its arcs.
    arcs
        Its arcs: rows of `precompute.examples.schema.EXAMPLE_ARCS`.
    structure, scene
        As the 3D view takes them.
    """

    example: Example
    head: Head
    arcs: pd.DataFrame
    structure: Structure
    scene: Scene

    @property
    def keys(self) -> list[Key]:
        """What the colours of the arcs mean, of those that are there."""
        there = {arcs.colour for arcs in self.scene.arcs}
        return [key for key in legend("contact") if key.colour in there]

    @property
    def sentence(self) -> str:
        """Say how many arcs there are, and how many of them are contacts."""
        known = self.arcs["contact"].dropna()
        return (
            f"{len(self.arcs)} arcs; of the {len(known)} between resolved residues at least 6 "
            f"apart, {int(known.sum())} are contacts. Attention of at least 0.3, n = 1 protein."
        )


@lru_cache(maxsize=1)
def read_shown() -> Shown:
    """Read the example and choose the head.

    Raises
    ------
    AtlasError
        When a table that ships is missing or damaged.
    """
    import gemmi

    every = load_arcs()
    hits = every[every["contact"].fillna(False)]
    contacts = Counter(zip(hits["layer"].tolist(), hits["head"].tolist(), strict=True))
    ((layer, head), _), *_ = contacts.most_common(1)
    arcs = every[(every["layer"] == layer) & (every["head"] == head)].reset_index(drop=True)
    example = load_example(str(arcs["name"].iloc[0]))
    chain = example.find_chain(str(arcs["chain"].iloc[0]))
    structure = view_atoms(gemmi.read_pdb_string(example.structure_text)[0])
    numbers = {
        f"{number}{insertion}": written
        for (own, number, insertion), written in structure.numbers.items()
        if own == chain.name
    }
    colours = colour_arcs(arcs, "contact")
    ends = [
        (i - 1, j - 1, round(_THIN + _THICK * weight, 3))
        for i, j, weight in arcs[["i", "j", "weight"]].astype(object).to_numpy().tolist()
    ]
    scene = Scene(
        chain=chain.name,
        keys=tuple(
            f"{chain.name}|{numbers[number]}" if number in numbers else ""
            for number in chain.numbers
        ),
        palette=(_GROUND,),
        colours=(0,) * len(chain),
        arcs=tuple(
            Arcs(one, 1.0, tuple(end for end, own in zip(ends, colours, strict=True) if own == one))
            for one in dict.fromkeys(colours)
        ),
        file=f"{example.entry.name}_{chain.name}",
    )
    return Shown(example, Head(DEMO, layer, head), arcs, structure, scene)
