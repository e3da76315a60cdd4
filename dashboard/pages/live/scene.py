"""What the 3D view draws: residues' colours, arcs, marks, labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look import palette, style
from dashboard.pages.live.arcs.arc_diagram_screen import CLASS_COLOURS
from dashboard.structure.molecule import Arcs, Ball, Scene
from precompute.features import SECONDARY_STRUCTURES
from precompute.live.getting.protein import Protein
from precompute.live.remember import remember

RECEIVED: tuple[str, ...] = ("#d8d4d0", "#d9a0c8", "#cf5fae", "#b5178c")
"""Residues from no attention received to most: from the structure's own grey to purple,
light enough on black and dark enough on white, and no colour of arcs."""
NOT_READ = "#8a8a8a"
RECEIVED_GREY: tuple[str, ...] = ("#dedad6", "#6e6a66")
"""The same beside arcs of several heads, whose colours are taken."""
NOT_READ_SAND = "#efe0a8"
MARK, SITE, OWN = "#f0e442", "#009e73", "#d55e00"
_STEPS = 32
_THIN, _THICK = 0.08, 0.42
"""Å: radius of an arc of weight 0, and how much a weight of 1 adds."""
_HAIR = 0.3
"""Of its thickness an arc keeps so much that the marked residue has no part in."""


@dataclass(frozen=True)
class Look:
    """How the structure is drawn; see `dashboard.pages.live.choices`."""

    residues: str = "attention"
    arrows: bool = False
    sites: bool = True
    labels: int = 0


@remember
def viewer_keys(protein: Protein) -> tuple[str, ...]:
    """Name each residue as the 3D view's text has it, ``chain|number``; empty if unresolved."""
    numbers = protein.view.numbers if protein.view is not None else {}
    return tuple(
        f"{key.chain}|{numbers[key]}" if key is not None and key in numbers else ""
        for key in protein.residue_keys
    )


def received_colours(several: bool) -> tuple[str, tuple[str, ...]]:
    """Give the colour of residues that were not read, and the scale of attention received.

    Parameters
    ----------
    several
        Whether several heads have arcs, each in its own colour.
    """
    return (NOT_READ_SAND, RECEIVED_GREY) if several else (NOT_READ, RECEIVED)


def residue_colours(
    protein: Protein,
    received: NDArray[np.float32],
    read: NDArray[np.bool_],
    by: str,
    several: bool = False,
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Give colours, and which of them each residue has.

    Parameters
    ----------
    received
        Attention that each residue receives, shape (residues,).
    read
        Whether the model read it, shape (residues,).
    by
        A key of `dashboard.pages.live.choices.RESIDUES`.
    several
        As for `received_colours`.
    """
    length = len(protein)
    if by == "attention":
        not_read, ends = received_colours(several)
        scale = palette.hexadecimal(ends)
        colours = [scale[round(step * (len(scale) - 1) / (_STEPS - 1))] for step in range(_STEPS)]
        top = float(received.max(initial=0.0)) or 1.0
        step = np.rint(received / top * (_STEPS - 1)).astype(int)
        return (not_read, *colours), tuple(np.where(read, step + 1, 0).tolist())
    classes = protein.chain.secondary_structure if protein.chain is not None else None
    if by == "structure" and classes is not None:
        names = [CLASS_COLOURS.get(name, NOT_READ) for name in SECONDARY_STRUCTURES]
        return (NOT_READ, *names), tuple((np.asarray(classes) + 1).tolist())
    if by == "chain":
        colours_of = protein.view.colours if protein.view is not None else {}
        chains = protein.shown_chains or ("",)
        second = length - (protein.boundary or length) if len(chains) > 1 else 0
        own = tuple(colours_of.get(chain, NOT_READ) for chain in chains)
        return own, (0,) * (length - second) + (1,) * second
    return (NOT_READ,), (0,) * length


def group_arcs(
    frame: pd.DataFrame, colours: Sequence[str], arrows: bool, marked: int | None
) -> tuple[Arcs, ...]:
    """Put arcs of one colour together; those that a marked residue has no part in are thin.

    Thin and not translucent: on a transparent ground 3Dmol's translucent shapes all but vanish.

    Parameters
    ----------
    frame
        With `precompute.live.programs.arc_frame.ARC_COLUMNS`.
    colours
        Of each arc.
    arrows
        Whether they show their direction.
    marked
        The marked residue, from 0.
    """
    groups: dict[str, list[tuple[int, int, float]]] = {}
    for first, second, weight, colour in zip(
        frame["i"].tolist(), frame["j"].tolist(), frame["weight"].tolist(), colours, strict=True
    ):
        own = marked is None or marked + 1 in (first, second)
        radius = (_THIN + _THICK * weight) * (1 if own else _HAIR)
        groups.setdefault(colour, []).append((first - 1, second - 1, round(radius, 3)))
    return tuple(Arcs(colour, 1.0, tuple(ends), arrows) for colour, ends in groups.items())


def find_balls(protein: Protein, sites: bool, marked: int | None) -> tuple[Ball, ...]:
    """Mark binding sites, the visitor's own list, and the marked residue."""
    balls = []
    labels = protein.chain.binding_site if protein.chain is not None else None
    if sites and labels is not None:
        balls = [Ball(int(place), SITE, 0.8, 1.0) for place in np.flatnonzero(labels)]
    own = protein.chain.own_site if protein.chain is not None else None
    if own is not None:
        balls += [Ball(int(place), OWN, 1.0, 1.0) for place in np.flatnonzero(own == 1)]
    if marked is not None:
        balls.append(Ball(marked, MARK, 1.3, 1.0))
    return tuple(balls)


def find_labels(
    protein: Protein, received: NDArray[np.float32], count: int, marked: int | None
) -> tuple[tuple[int, str], ...]:
    """Name the most attended residues, and the marked one."""
    most = np.argsort(-received, kind="stable")[:count].tolist()
    places = dict.fromkeys([*most, *([] if marked is None else [marked])])
    return tuple((int(place), protein.label(int(place))) for place in places)


def build_scene(
    protein: Protein,
    received: NDArray[np.float32],
    read: NDArray[np.bool_],
    drawn: Sequence[tuple[pd.DataFrame, Sequence[str]]],
    look: Look,
    marked: int | None,
) -> Scene:
    """Put everything together that the viewer draws.

    Parameters
    ----------
    drawn
        For each head its arcs and their colours.
    """
    colours, places = residue_colours(
        protein, received, read, look.residues, several=len(drawn) > 1
    )
    return Scene(
        chain=protein.chain_name or next(iter(protein.shown_chains), ""),
        other="".join(protein.shown_chains[1:]),
        keys=viewer_keys(protein),
        palette=colours,
        colours=places,
        by_chain=look.residues == "chain",
        arcs=tuple(
            group
            for frame, arc_colours in drawn
            for group in group_arcs(frame, arc_colours, look.arrows, marked)
        ),
        balls=find_balls(protein, look.sites, marked),
        labels=find_labels(protein, received, look.labels, marked),
        file=style.file_name(f"{protein.identifier}_{protein.chain_name}"),
    )
