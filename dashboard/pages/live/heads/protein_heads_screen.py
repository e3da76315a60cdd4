"""Layers × heads of one protein, and the ranking of its heads."""

from __future__ import annotations

import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart
from dashboard.figures.look.ticks import place_ticks
from dashboard.page.tables import html_table

LEFT, TOP, RIGHT, BOTTOM = 40, 42, 10, 92
SCALE_PIXELS = 220


def heads_map(frame: pd.DataFrame, title: tuple[str, str], unit: str, width: int = 380) -> Chart:
    """Draw a cell for each head; grey where a head has too few arcs.

    Parameters
    ----------
    frame
        Columns ``layer``, ``head``, ``arcs``, ``hits``, ``percent``, heads of layer 1 first.
    title
        The two lines above the figure.
    unit
        What a value is a share of, such as ``% of the head's arcs``.
    width
        Pixels at most.

    Returns
    -------
    plotly.graph_objects.Figure
        A heatmap of layers × heads, layer 1 at the bottom; a click gives layer and head.
    """
    layers, heads = int(frame["layer"].max()), int(frame["head"].max())
    across = round(min(width - LEFT - RIGHT, heads * 26.0))
    down = round(layers * (22.0 if layers <= 4 else 15.0 if layers <= 12 else 11.0))
    percent = frame["percent"].to_numpy(dtype=float)
    limit = float(max(frame["percent"].dropna(), default=0.0)) or 1.0
    texts = [
        (f"{value:.1f} %" if value == value else "too few arcs") + f"; {hits} of {arcs} arcs"
        for value, hits, arcs in zip(
            percent.tolist(), frame["hits"].tolist(), frame["arcs"].tolist(), strict=True
        )
    ]
    figure = template.new_figure(TOP + down + BOTTOM, LEFT + across + RIGHT, 240)
    template.add_cells(
        *(figure, percent.reshape(layers, heads), style.SEQUENTIAL, 0, limit),
        text=[texts[row * heads : (row + 1) * heads] for row in range(layers)],
        hovertemplate="head %{y}-%{x}: %{text}<extra></extra>",
        meta={"pick": True},
        showscale=bool(frame["percent"].notna().any()),
        colorbar=template.bar_below(
            *("", down, 40),
            title={"text": template.plain(unit), "side": "bottom"},
            lenmode="pixels",
            len=min(across, SCALE_PIXELS),
            nticks=5,
        ),
    )
    figure.update_layout(
        margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM},
        xaxis={"range": [0.5, heads + 0.5], "title": "head", **place_ticks(heads)},
        yaxis={"range": [0.5, layers + 0.5], "title": "layer", **place_ticks(layers)},
    )
    template.title(figure, *title)
    return figure.finish()


def ranking_html(ranked: pd.DataFrame, chosen: list[tuple[int, int]]) -> str:
    """Write the highest heads as a table; a click on a row gives ``layer-head``."""
    if ranked.empty:
        return "<p>No head has arcs enough to be ranked.</p>"
    columns = ("layer", "head", "percent", "hits", "arcs")
    ranks = list(zip(*(ranked[name].tolist() for name in columns), strict=True))
    heads = [(layer, head) for layer, head, *_ in ranks]
    names = [f"{layer}-{head}" for layer, head in heads]
    rows = [
        (name, f"{percent:.1f}", f"{int(hits):,} / {int(arcs):,}")
        for name, (*_, percent, hits, arcs) in zip(names, ranks, strict=True)
    ]
    bold = [place for place, head in enumerate(heads) if head in chosen]
    return html_table(("head", "%", "hits / arcs"), rows, chosen=bold, names=names, picks=True)
