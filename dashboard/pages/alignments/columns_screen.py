"""Which columns of an alignment a head reads: a bar a column."""

from __future__ import annotations

import numpy as np

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace
from dashboard.results.alignments import HeadMatrices

PLOT, LEFT, RIGHT, TOP, BOTTOM = 110, 48, 8, 42, 40
MEASURE = "selectivity"


def columns_chart(matrices: HeadMatrices, title: tuple[str, str], width: int = 720) -> Chart:
    """Draw how much each column takes part in a head, a bar a column, from the first.

    Parameters
    ----------
    matrices
        Of the head.
    title
        The two lines above the figure.
    width
        Pixels at which it looks best.
    """
    columns = len(matrices.selectivity)
    highest = float(matrices.selectivity.max(initial=0.0))
    figure = template.new_figure(
        *(TOP + PLOT + BOTTOM, width, 240),
        margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM},
        bargap=0 if columns > 120 else 0.2,
        xaxis={"range": [0.5, columns + 0.5], "title": "column", "nticks": 12},
        yaxis={"range": [0, 1.05 * highest or 1], "title": MEASURE, "nticks": 4},
    )
    figure.add_trace(
        trace(
            "bar",
            x=np.arange(1, columns + 1),
            y=matrices.selectivity,
            marker={"color": style.VALUE, "line": {"width": 0}},
            text=["gap" if letter == "-" else letter for letter in matrices.query],
            textposition="none",
            hovertemplate="column %{x}, query %{text}<br>" + MEASURE + " %{y:.3f}<extra></extra>",
            showlegend=False,
        )
    )
    template.title(figure, *title, xshift=-LEFT)
    return figure.finish()
