"""Arcs over a protein's sequence, with what is known of its residues below, for print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look import style as screen
from dashboard.figures.printing import style
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.legend import draw_legend, legend_height
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.types import Axes, Figure
from dashboard.pages.live.arcs.arc_diagram_screen import arc_heights, residue_tracks
from dashboard.pages.live.words import residue_labels
from precompute.live.arc_colours import Key
from precompute.live.getting.protein import Protein

_LEFT, _RIGHT, _ARCS, _TRACK, _BELOW = 10.5, 2.0, 26.0, 2.6, 6.5
"""Millimetres: beside the sequence, the highest arc, a track, and the axis below."""
_BAR = 1.6
_LETTERS_FROM = 2.0
"""Millimetres a residue must have for its letter to be written."""
_POINTS_OF_AN_ARC = 48


def arc_diagram_figure(
    arcs: pd.DataFrame,
    protein: Protein,
    read: NDArray[Any],
    keys: Sequence[Key],
    source: Source,
    rule: str,
    found: int | None = None,
) -> PaperFigure:
    """Make the diagram of the arcs that are drawn.

    Parameters
    ----------
    arcs
        With `precompute.live.programs.arc_frame.ARC_COLUMNS` and ``colour``.
    protein
        Whose sequence, numbers and labels they are.
    read
        Whether the model read each residue; shape (residues,).
    keys
        What the colours mean.
    source
        What is drawn, and of which model.
    rule
        Which arcs are drawn, in words.
    found
        How many keep the rule, where the strongest of them are drawn; by default all.
    """
    tracks = [name for name, _ in residue_tracks(protein.chain, read)]
    below = f" Below: {', '.join(tracks)}." if tracks else ""
    some = f"{len(arcs):,} {'arc' if len(arcs) == 1 else 'arcs'}"
    if found is not None and len(arcs) < found:
        each = " (of each head so many)" if arcs["head"].nunique() > 1 else ""
        some = f"the strongest {len(arcs):,} of {found:,} arcs{each}"
    caption = (
        f"{source.feature}, {source.models}: {some} "
        f"over the sequence, each between a residue and one that it attends to; {rule}. "
        f"Thicker and darker: more attention.{below} Numbers are the authors', or after # places "
        "in the sequence."
    )

    def draw(canvas: Canvas) -> Figure:
        """Axes 0 the arcs, axes 1 the tracks with the sequence's axis, axes 2 the legend."""
        residues, labels = len(protein), residue_labels(protein)
        room = canvas.width - _LEFT - _RIGHT
        tracks = residue_tracks(protein.chain, read)
        letters = room / residues >= max(_LETTERS_FROM, style.widest(set(protein.sequence)) + 0.1)
        rows = len(tracks) + letters
        legend = legend_height(keys, canvas.width - 2.0)
        deep = max(rows * _TRACK, 0.2)
        figure = canvas.figure(_ARCS + deep + _BELOW + legend + 1.0, source.header)
        upper = place_axes(figure, _LEFT, legend + _BELOW + deep, room, _ARCS)
        lower = place_axes(figure, _LEFT, legend + _BELOW, room, deep)
        _draw_arcs(upper, arcs, residues)
        _draw_tracks(lower, tracks, protein.sequence if letters else "", residues)
        if protein.boundary is not None:
            for axes in (upper, lower):
                axes.axvline(protein.boundary + 0.5, color=style.INK, linewidth=style.THIN)
            for (side, at), tag in zip((("left", 0), ("right", 1)), protein.tags, strict=True):
                upper.text(at, 1, tag, transform=upper.transAxes, ha=side, va="top")
        marks = style.ticks(residues, room, max(6.0, style.widest(labels) + 1.0))
        lower.set_xticks(marks, labels=[labels[place - 1] for place in marks])
        lower.set_xlabel("residue")
        draw_legend(figure, keys, 1.0, 0.4, canvas.width - 2.0)
        return figure

    return PaperFigure(f"arcs_{source.feature}_{source.models}", draw, caption, source, arcs)


def _draw_arcs(axes: Axes, arcs: pd.DataFrame, residues: int) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    first, second = (arcs[end].to_numpy(dtype=float) for end in ("i", "j"))
    weight = arcs["weight"].to_numpy(dtype=float)
    colours = [
        to_rgba(str(colour), min(0.35 + one, 1.0))
        for colour, one in zip(arcs["colour"], weight, strict=True)
    ]
    angle = np.linspace(0, np.pi, _POINTS_OF_AN_ARC)
    middle, half = (first + second) / 2, np.abs(second - first) / 2
    across = middle[:, None] - half[:, None] * np.cos(angle)
    up = arc_heights(arcs)[:, None] * np.sin(angle)
    axes.add_collection(
        LineCollection(
            list(np.stack([across, up], axis=2)),
            colors=colours,
            linewidths=0.3 + 0.9 * weight,
            capstyle="butt",
        )
    )
    itself = first == second
    dots = [colour for colour, one in zip(colours, itself, strict=True) if one]
    axes.scatter(first[itself], np.full(int(itself.sum()), 0.02), s=1.2, c=dots, linewidths=0)
    axes.set(xlim=(0.5, residues + 0.5), ylim=(0, 1.03))
    axes.set_axis_off()


def _draw_tracks(
    axes: Axes,
    tracks: list[tuple[str, list[tuple[int, int, str]]]],
    letters: str,
    residues: int,
) -> None:
    from matplotlib.patches import Rectangle

    places = []
    row = 0.5
    for place, letter in enumerate(letters, 1):
        axes.text(place, row, letter, fontsize=style.TICK_SIZE, ha="center", va="center_baseline")
    row += bool(letters)
    for _, runs in tracks:
        for start, end, colour in runs:
            corner = (start + 0.5, row - _BAR / _TRACK / 2)
            face = style.MASKED if colour == screen.MASKED else colour
            axes.add_patch(Rectangle(corner, end - start, _BAR / _TRACK, facecolor=face))
        places.append(row)
        row += 1
    axes.set(xlim=(0.5, residues + 0.5), ylim=(max(row - 0.5, 0.1), 0))
    axes.set_yticks(places, labels=[name for name, _ in tracks])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
