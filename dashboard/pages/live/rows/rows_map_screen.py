"""Sequences × residues: which rows one head of the query reads in each column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace

LEFT, TOP, RIGHT, BOTTOM = 150, 44, 8, 100
ROW_PIXELS, WIDTH = 9.0, 820
_LONGEST = 20


def rows_map(
    values: NDArray[np.float32],
    residues: Sequence[str],
    sequences: Sequence[str],
    title: tuple[str, str],
    marked: int | None = None,
) -> Chart:
    """Draw a cell for each sequence and residue.

    Parameters
    ----------
    values
        Shares of the query's attention in a column, in %, shape (sequences, residues).
    residues, sequences
        Their names, each another.
    title
        The two lines above the figure.
    marked
        A residue, from 0, whose column is marked.

    Returns
    -------
    plotly.graph_objects.Figure
        A heatmap, the first sequence at the top; a click gives sequence and residue.
    """
    rows = len(values)
    down = max(ROW_PIXELS * rows, 40.0)
    figure = template.new_figure(round(TOP + down + BOTTOM), WIDTH, 300)
    figure.add_trace(
        trace(
            "heatmap",
            z=values.astype(np.float32),
            x=[template.plain(name) for name in residues],
            y=[template.plain(name) for name in sequences],
            colorscale=template.scale(style.SEQUENTIAL),
            zmin=0,
            zmax=float(values.max(initial=0.0)) or 1.0,
            hovertemplate="%{y} at %{x}: %{z:.1f} %<extra></extra>",
            meta={"pick": True},
            colorbar=template.bar_below(
                *("", down, 40),
                title={"text": "% of the query's attention", "side": "bottom"},
                lenmode="pixels",
                len=220,
                nticks=5,
            ),
        )
    )
    shown = [template.plain(f"{n[:_LONGEST]}…" if len(n) > _LONGEST else n) for n in sequences]
    figure.update_layout(
        margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM},
        xaxis={"type": "category", "title": "residue of the query", "nticks": 16, "tickangle": 0},
        yaxis={
            "type": "category",
            "autorange": "reversed",
            "tickmode": "array",
            "tickvals": list(range(rows)),
            "ticktext": shown,
            "tickfont": {"size": 8},
        },
    )
    if marked is not None:
        line = {"color": style.INK, "width": 1, "dash": "3px,2px"}
        figure.add_shape(type="line", yref="y domain", y0=0, y1=1, x0=marked, x1=marked, line=line)
    template.title(figure, *title)
    return figure.finish()
