"""One head's attention from each residue to each, with the contacts beneath."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, Draft, trace
from precompute.live.arc_colours import colour_arcs

LEFT, TOP, RIGHT, BOTTOM = 54, 44, 8, 44
PIXELS = 360
"""Side of the map."""
STEPS: tuple[tuple[float, float], ...] = (
    *((0.02, 0.2), (0.05, 0.35), (0.1, 0.55)),
    *((0.2, 0.8), (0.3, 1.0)),
)
"""Smallest weight of each shade, and its opacity."""
CONTACT_GREY, CONTACT_OPACITY = 128, 0.32
STATES = {True: "contact", False: "no contact"}
UNDEFINED = "closer than 6 in sequence, or not resolved"
BETWEEN = "between the two, contact not known"
_GREY = 1


def attention_map(
    arcs: pd.DataFrame,
    names: Sequence[str],
    contacts: NDArray[np.int8] | None,
    title: tuple[str, str],
    *,
    colouring: str = "contact",
    marked: int | None = None,
    zoom: str = "",
    add: Callable[[Draft], None] | None = None,
) -> Chart:
    """Draw the map; rows attend to columns, the first residue at the top left.

    Parameters
    ----------
    arcs
        Every arc that was kept of the head, with `ARC_COLUMNS`, strongest first.
    names
        Of the residues, each another; length (residues,).
    contacts
        1 where two residues are in contact, shape (residues, residues); None where that
        is not known.
    title
        The two lines above the figure.
    colouring
        A key of `precompute.live.arc_colours.COLOURINGS`.
    marked
        A residue, from 0, whose row and column are marked.
    zoom
        The part that is zoomed into stays while this is the same.
    add
        Draws more into the figure.

    Returns
    -------
    plotly.graph_objects.Figure
        A heatmap with a colour a kind and shade of arc, grey for a contact without attention;
        and, not drawn, the arcs that the pointer finds near it and the keyboard reads.
        What a click gives are the names of the attending and the attended residue.
    """
    residues = len(names)
    rows, columns = arcs["i"].to_numpy() - 1, arcs["j"].to_numpy() - 1
    codes, colours = _paint(arcs, rows, columns, contacts, residues, colouring)
    between = arcs["between"].tolist() if "between" in arcs else [False] * len(arcs)
    said = [
        f": {weight:.2f}, {STATES.get(contact, BETWEEN if across else UNDEFINED)}"
        for weight, contact, across in zip(
            arcs["weight"].tolist(), arcs["contact"].astype(object).tolist(), between, strict=True
        )
    ]
    texts = np.full((residues, residues), "", dtype=object)
    if contacts is not None:
        texts[contacts == 1] = ": contact, no attention"
    texts[rows, columns] = said
    figure = template.new_figure(TOP + PIXELS + BOTTOM, LEFT + PIXELS + RIGHT, 240)
    reads = {
        "hovertemplate": "%{y} attends to %{x}%{text}<extra></extra>",
        "showlegend": False,
    }
    figure.add_trace(
        trace(
            "heatmap",
            z=codes,
            x=list(names),
            y=list(names),
            zmin=-0.5,
            zmax=len(colours) - 0.5,
            colorscale=_steps(colours),
            showscale=False,
            text=texts,
            meta={"pick": True, "quiet": True},
            **reads,
        )
    )
    listed = np.array(names, dtype=object)
    figure.add_trace(
        trace(
            "scatter",
            x=listed[columns],
            y=listed[rows],
            text=np.array(said, dtype=object),
            mode="none",
            hoveron="points",
            meta={"pick": True},
            **reads,
        )
    )
    axis: dict[str, Any] = {"type": "category", "showline": True, "mirror": True, "nticks": 8}
    ends = [-0.5, residues - 0.5]
    figure.update_layout(
        margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM},
        hoverdistance=6,
        xaxis={
            **axis,
            "range": ends,
            "title": "attended residue",
            "tickangle": 0,
            "constrain": "domain",
        },
        yaxis={
            **axis,
            "range": ends[::-1],
            "title": "attending residue",
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
        },
    )
    if marked is not None:
        line = {"color": style.INK, "width": 1, "dash": "3px,2px"}
        figure.add_shape(
            name="row", type="line", xref="x domain", x0=0, x1=1, y0=marked, y1=marked, line=line
        )
        figure.add_shape(
            name="column", type="line", yref="y domain", y0=0, y1=1, x0=marked, x1=marked, line=line
        )
    if zoom:
        figure.update_layout(uirevision=zoom)
    template.title(figure, *title)
    if add is not None:
        add(figure)
    return figure.finish()


def _paint(
    arcs: pd.DataFrame,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    contacts: NDArray[np.int8] | None,
    residues: int,
    colouring: str,
) -> tuple[NDArray[np.uint8], list[str]]:
    """Give the place of each cell's colour, shape (residues, residues), and the colours."""
    kinds = colour_arcs(arcs, colouring)
    own = list(dict.fromkeys(kinds))
    colours = ["rgba(0,0,0,0)", _rgba("#808080", CONTACT_OPACITY)]
    for beneath in (0.0, CONTACT_OPACITY):
        colours += [_rgba(kind, opacity, beneath) for kind in own for _, opacity in STEPS]
    grey = np.zeros((residues, residues), dtype=bool) if contacts is None else contacts == 1
    least = [weight for weight, _ in STEPS]
    shade = np.searchsorted(least, arcs["weight"].to_numpy() + 1e-7, side="right") - 1
    kind = np.array([own.index(one) for one in kinds], dtype=int)
    code = 1 + _GREY + kind * len(STEPS) + np.maximum(shade, 0)
    code += grey[rows, columns] * len(own) * len(STEPS)
    codes = np.zeros((residues, residues), dtype=np.uint8)
    below, right = np.nonzero(grey)
    _put(codes, below, right, np.full(len(below), _GREY))
    _put(codes, rows, columns, code)
    return codes, colours


def _put(
    codes: NDArray[np.uint8],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    code: NDArray[np.int64],
) -> None:
    """Colour cells, the first ones over the last; several residues wide where a pixel has more."""
    last = len(codes) - 1
    wide = -(-len(codes) // PIXELS)
    offsets = range(-(wide // 2), wide - wide // 2)
    # The cell itself comes last, so that it has its own colour.
    for down, right in sorted(product(offsets, repeat=2), key=lambda one: -sum(map(abs, one))):
        places = np.clip(rows + down, 0, last), np.clip(columns + right, 0, last)
        codes[places[0][::-1], places[1][::-1]] = code[::-1]


def _rgba(colour: str, opacity: float, beneath: float = 0.0) -> str:
    """Lay a colour over the grey of contacts that stands beneath it."""
    whole = opacity + beneath * (1 - opacity)
    parts = [
        (int(colour[place : place + 2], 16) * opacity + CONTACT_GREY * beneath * (1 - opacity))
        / whole
        for place in (1, 3, 5)
    ]
    return f"rgba({','.join(f'{part:.0f}' for part in parts)},{whole:.3g})"


def _steps(colours: Sequence[str]) -> list[list[Any]]:
    """Give each whole number a colour of its own."""
    count = len(colours)
    return [
        [(place + side) / count, colour] for place, colour in enumerate(colours) for side in (0, 1)
    ]
