"""PLUS-RNN's soft alignment of two proteins: residues of the first × residues of the second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace

LEFT, TOP, RIGHT, BOTTOM = 64, 44, 8, 104
LONGER = 360
"""Pixels of the longer protein; the shorter has its share of them, and enough to be seen."""
_LEAST = 180


def soft_alignment_map(
    values: NDArray[np.float32],
    names: tuple[Sequence[str], Sequence[str]],
    parts: tuple[str, str],
    title: tuple[str, str],
) -> Chart:
    """Draw a cell for each two residues.

    Parameters
    ----------
    values
        In [0, 1], shape (residues of the first, of the second).
    names
        Of the residues of both.
    parts
        What to call the two proteins.
    title
        The two lines above the figure.
    """
    longest = max(values.shape)
    down, across = (max(LONGER * size / longest, _LEAST) for size in values.shape)
    figure = template.new_figure(round(TOP + down + BOTTOM), round(LEFT + across + RIGHT), 240)
    figure.add_trace(
        trace(
            "heatmap",
            z=values.astype(np.float32).round(4),
            x=[template.plain(name) for name in names[1]],
            y=[template.plain(name) for name in names[0]],
            colorscale=template.scale(style.SEQUENTIAL),
            zmin=0,
            zmax=float(values.max(initial=0.0)) or 1.0,
            hovertemplate="%{y} with %{x}: %{z:.3f}<extra></extra>",
            colorbar=template.bar_below(
                *("", down, 44),
                title={"text": "soft alignment", "side": "bottom"},
                lenmode="pixels",
                len=160,
                nticks=4,
            ),
        )
    )
    axis = {"type": "category", "showline": True, "mirror": True, "nticks": 6}
    figure.update_layout(
        margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM},
        xaxis={**axis, "title": f"residue of {template.plain(parts[1])}", "tickangle": 0},
        yaxis={
            **axis,
            "title": f"residue of {template.plain(parts[0])}",
            "autorange": "reversed",
        },
    )
    template.title(figure, *title)
    return figure.finish()
