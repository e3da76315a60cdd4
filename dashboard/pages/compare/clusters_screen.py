"""A model's layers × heads coloured by the cluster that each head is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.ticks import place_ticks
from dashboard.results.frames import grid
from precompute.published import MINIMUM_ARCS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 44, 12, 42, 92
_STEPS = 20
"""How often a colour stands in the scale: it then changes in steps."""


def cluster_map(frame: pd.DataFrame, names: Sequence[str], title: tuple[str, str]) -> go.Figure:
    """Draw one model.

    Parameters
    ----------
    frame
        Its rows of `dashboard.results.head_clusters.HeadClusters.frame`.
    names
        Of all clusters, the first's first.
    title
        The two lines above the figure.
    """
    values = grid(frame, "cluster")
    layers, heads = values.shape
    across = max((15 if heads <= 12 else 11.4 if heads <= 24 else 8) * heads, 190)
    down = max((18 if layers <= 12 else style.LAYER_PIXELS) * layers, 60)
    width, count = MARGIN_LEFT + round(across) + MARGIN_RIGHT, len(names)
    grey = f"in no cluster: fewer than {MINIMUM_ARCS} arcs, or a value is not known"
    said = {
        number: f"cluster {number}: {template.plain(name)}" for number, name in enumerate(names, 1)
    }
    of = np.nan_to_num(values).astype(int).tolist()
    texts = [[said.get(number, grey) for number in row] for row in of]
    figure = template.new_figure(
        *(MARGIN_TOP + round(down) + MARGIN_BOTTOM, width, min(width, 300)),
        margin={"l": MARGIN_LEFT, "r": MARGIN_RIGHT, "t": MARGIN_TOP, "b": MARGIN_BOTTOM},
        showlegend=False,
        xaxis={"range": [0.5, heads + 0.5], "title": "head", **place_ticks(heads)},
        yaxis={"range": [0.5, layers + 0.5], "title": "layer", **place_ticks(layers, 16)},
    )
    colours = tuple(colour for colour in style.categories(count) for _ in range(_STEPS))
    numbers = list(range(1, count + 1))
    template.add_cells(
        *(figure, values, colours, 0.5, count + 0.5),
        text=texts,
        hovertemplate="layer %{y}, head %{x}<br>%{text}<extra></extra>",
        showscale=True,
        colorbar=template.bar_below(
            "cluster", down, 46, tickvals=numbers, ticktext=[f"{number}" for number in numbers]
        ),
    )
    template.title(figure, *title, xshift=-MARGIN_LEFT, width=width - 2)
    return figure.finish()
