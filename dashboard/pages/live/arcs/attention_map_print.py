"""One head's attention on one protein, with its contacts, for print."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.printing import style
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.legend import draw_legend, legend_height
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.types import Figure
from precompute.live.arc_colours import Key

_FULL = 0.3
"""Weight from which on a cell has its full colour."""
_CONTACT, _UNDEFINED = "#d9d9d9", "#6e6e6e"
_LEFT, _RIGHT, _BELOW = 9.5, 1.5, 6.5
"""Millimetres around the cells."""


def attention_map_figure(
    arcs: pd.DataFrame,
    contacts: NDArray[np.int8] | None,
    residues: int,
    source: Source,
    floor: float,
    two: tuple[int, Sequence[str]] | None = None,
    share: str = "",
) -> PaperFigure:
    """Make the map of one head.

    Parameters
    ----------
    arcs
        Every arc that was kept, with `precompute.live.programs.arc_frame.ARC_COLUMNS`.
    contacts
        1 where two residues are in contact, shape (residues, residues); None where
        that is not known.
    residues
        Length of the chain.
    source
        What is drawn, and of which model.
    floor
        Smallest weight that was kept.
    two, share
        Of two proteins, where the second begins and what to call them; and what crosses over.
    """
    if two is not None:
        share = (
            f" Lines part {two[1][0]} (left and above) from {two[1][1]}, whose numbers are behind "
            f"those of the first. {share}"
        )
    grey = " Grey: contacts (C-alpha < 8 Å, at least 6 apart)." if contacts is not None else ""
    caption = (
        f"{source.feature}, {source.models}: attention of each residue (row) to each residue "
        f"(column), weights of at least {floor:g}; full colour from {_FULL:g} on.{grey} Blue: "
        "the two residues are in contact; orange: they are not; dark grey: closer than 6 in "
        f"the sequence or not resolved. Numbers are places in the sequence.{share}"
    )

    def draw(canvas: Canvas) -> Figure:
        from matplotlib.collections import PolyCollection
        from matplotlib.colors import to_rgba

        keys = [
            Key(style.VALUE, "contact"),
            Key(style.OTHER, "no contact"),
            Key(_UNDEFINED, "closer than 6 in sequence, or not resolved"),
            *([] if contacts is None else [Key(_CONTACT, "contact, no attention")]),
        ]
        room = canvas.width - 2.0
        legend = legend_height(keys, room)
        side = canvas.width - _LEFT - _RIGHT
        figure = canvas.figure(side + _BELOW + legend + 1.0, source.header)
        axes = place_axes(figure, _LEFT, legend + _BELOW, side, side)
        draw_legend(figure, keys, 1.0, 0.4, room)
        if contacts is not None:
            rows, columns = np.nonzero(contacts == 1)
            axes.add_collection(
                PolyCollection(cell_corners(rows, columns), facecolors=_CONTACT, linewidths=0)
            )
        known = arcs["contact"]
        colours = np.where(
            known.isna(), _UNDEFINED, np.where(known.fillna(False), style.VALUE, style.OTHER)
        )
        opacity = np.clip(0.15 + 0.85 * arcs["weight"].to_numpy(dtype=float) / _FULL, 0, 1)
        faces = [to_rgba(str(colour), float(a)) for colour, a in zip(colours, opacity, strict=True)]
        cells = cell_corners(arcs["i"].to_numpy() - 1, arcs["j"].to_numpy() - 1)
        axes.add_collection(PolyCollection(cells, facecolors=faces, linewidths=0))
        if two is not None:
            for line in (axes.axvline, axes.axhline):
                line(two[0] + 0.5, color=style.INK, linewidth=style.THIN)
        axes.set(
            xlim=(0.5, residues + 0.5),
            ylim=(residues + 0.5, 0.5),
            xlabel="attended residue",
            ylabel="attending residue",
            aspect="equal",
        )
        return figure

    return PaperFigure(f"map_{source.feature}_{source.models}", draw, caption, source, arcs)


def cell_corners(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    """Give the corners of cells, each of shape (4, 2); rows and columns from 0."""
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) + 1
    return list(np.stack([columns, rows], axis=1)[:, None, :] + corners)
