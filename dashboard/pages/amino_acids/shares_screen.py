"""One head's shares of the 20 amino acids beside how frequent each amino acid is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, Draft, trace
from dashboard.figures.look.scale import percent_end
from precompute.chemistry import BY_CHEMISTRY, GROUPS
from precompute.features import AMINO_ACIDS

COLUMN, HEIGHT = 27, 240
MARGIN = {"l": 48, "r": 8, "t": 42, "b": 48}


def shares_chart(frame: pd.DataFrame, order: Sequence[str], title: tuple[str, str]) -> Chart:
    """Draw one column an amino acid.

    Parameters
    ----------
    frame
        ``amino_acid``, ``percent``, ``lower``, ``upper`` (the interval or what the drawing
        allows) and ``background_percent``; what is unknown is empty.
    order
        The amino acids from left to right; the groups of `precompute.chemistry.GROUPS` are
        named where they stand side by side.
    title
        The two lines above the figure.

    Returns
    -------
    plotly.graph_objects.Figure
        Bars are shares, thin lines their intervals, broad marks the background.
    """
    rows = frame.set_index("amino_acid").loc[list(order)]
    percent, lower, upper, background = (
        rows[name].to_numpy(dtype=float)
        for name in ("percent", "lower", "upper", "background_percent")
    )
    places = np.arange(len(order))
    figure = template.new_figure(HEIGHT, MARGIN["l"] + COLUMN * len(order) + MARGIN["r"], 330)
    figure.add_trace(
        trace(
            "bar",
            x=places,
            y=percent,
            name="shares",
            width=0.56,
            marker={"color": style.VALUE},
            error_y=template.whiskers(percent, lower, upper),
            text=[say(str(letter), row) for letter, row in rows.iterrows()],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    )
    figure.add_trace(
        template.quiet(
            places,
            background,
            name="background",
            mode="markers",
            marker={"size": 1, "color": style.OTHER},
            error_x={"type": "constant", "value": 0.39, "color": style.OTHER}
            | {"thickness": 2.5, "width": 0},
        )
    )
    figure.update_layout(
        margin=MARGIN,
        showlegend=False,
        hovermode="x",
        xaxis={
            "range": [-0.5, len(order) - 0.5],
            "tickvals": places.tolist(),
            "ticktext": list(order),
            "ticklen": 0,
            "showline": True,
        },
        yaxis={
            "range": [0, percent_end([percent, upper, background])],
            "title": "% of the head's arcs",
            "nticks": 6,
            "showgrid": True,
            "ticklen": 0,
        },
    )
    template.title(figure, *title)
    if tuple(order) == BY_CHEMISTRY:
        _name_groups(figure)
    return figure.finish()


def say(letter: str, row: pd.Series) -> str:
    """Say one amino acid's share in words."""
    name = AMINO_ACIDS[letter]
    if pd.isna(row["percent"]):
        return f"{name}: not shown"
    said = f"{name}: {row['percent']:.2f} %"
    if pd.notna(row["upper"]) and row["upper"] - row["lower"] >= 0.01:
        said += f", {row['lower']:.2f} to {row['upper']:.2f} %"
    if pd.notna(row["background_percent"]):
        said += f"; background {row['background_percent']:.2f} %"
    return said


def _name_groups(figure: Draft) -> None:
    first = 0
    below = -20 / (HEIGHT - MARGIN["t"] - MARGIN["b"])
    for name, letters in GROUPS.items():
        last = first + len(letters) - 1
        under = template.line((first - 0.35, last + 0.35), (below, below), style.INK)
        figure.add_shape(**under, yref="paper")
        figure.add_annotation(
            name="group",
            text=name,
            x=(first + last) / 2,
            yref="paper",
            y=below,
            yanchor="top",
            showarrow=False,
        )
        first = last + 1
