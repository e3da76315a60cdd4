"""A map of what a head's attention does with pairs of proteins, and of how that differs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart
from dashboard.figures.look.ticks import place_ticks
from dashboard.pages.compare.differences_screen import signed
from dashboard.results.frames import grid, rows_of
from dashboard.results.protein_pairs import DIFFERENCE

MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 44, 20, 42, 96
LEGENDS = {False: "% of the attention", True: "percentage points"}
"""What a colour bar says, of shares and of their difference."""


def find_ends(frame: pd.DataFrame, relation: str) -> tuple[float, float]:
    """Give the ends of the colour scale: one for all shares, about zero for a difference."""
    own = frame["relation"] == DIFFERENCE
    values = frame["percent"][own if relation == DIFFERENCE else ~own].abs()
    limit = float(values.max()) if values.notna().any() else 0.0
    return (-(limit or 1.0) if relation == DIFFERENCE else 0.0), limit or 1.0


def pair_map(frame: pd.DataFrame, relation: str, title: tuple[str, str]) -> Chart:
    """Draw one relation's shares, or their difference, as layers × heads.

    Parameters
    ----------
    frame
        Of `dashboard.results.protein_pairs.read_shares`, of one measure.
    relation
        Which of its rows.
    title
        The two lines above the figure.
    """
    own = frame[frame["relation"] == relation]
    values = grid(own, "percent")
    layers, heads = values.shape
    across = max((15 if heads <= 12 else 11.4 if heads <= 24 else 8) * heads, 190)
    down = max((18 if layers <= 12 else style.LAYER_PIXELS) * layers, 60)
    texts = np.full((layers, heads), None, dtype=object)
    texts[own["layer"] - 1, own["head"] - 1] = say_cells(own)
    width = MARGIN_LEFT + round(across) + MARGIN_RIGHT
    figure = template.new_figure(
        *(MARGIN_TOP + round(down) + MARGIN_BOTTOM, width, min(width, 280)),
        margin={"l": MARGIN_LEFT, "r": MARGIN_RIGHT, "t": MARGIN_TOP, "b": MARGIN_BOTTOM},
        showlegend=False,
        xaxis={"range": [0.5, heads + 0.5], "title": "head", **place_ticks(heads)},
        yaxis={"range": [0.5, layers + 0.5], "title": "layer", **place_ticks(layers, 16)},
    )
    apart = relation == DIFFERENCE
    template.add_cells(
        *(figure, values, style.DIVERGING if apart else style.SEQUENTIAL),
        *find_ends(frame, relation),
        hovertext=texts,
        hovertemplate="%{hovertext}<extra></extra>",
        showscale=True,
        colorbar=template.bar_below(LEGENDS[apart], down, 46),
    )
    template.title(figure, *title, xshift=-MARGIN_LEFT, width=width - 2)
    return figure.finish()


def say_cells(own: pd.DataFrame) -> list[str]:
    """Say each head's share with its interval and background, or its difference."""
    said = []
    for row in rows_of(own):
        apart = row["relation"] == DIFFERENCE
        value, lower, upper = (
            signed(row[name]) if apart else f"{row[name]:.2f}"
            for name in ("percent", "lower", "upper")
        )
        text = f"head {row['layer']}-{row['head']}<br>{value} {'points' if apart else '%'}"
        if pd.notna(row["lower"]):
            text += f" ({lower} to {upper})"
        if pd.notna(row["background"]):
            text += f"<br>spread evenly: {row['background']:.2f} %"
        said.append(text)
    return said
