"""The mean of the best heads: its map beside the true contacts, and its pairs as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Chart, trace
from dashboard.page.tables import html_table
from dashboard.pages.live.arcs.attention_map_screen import BOTTOM, LEFT, PIXELS, RIGHT, TOP
from dashboard.results.frames import rows_of
from precompute.contacts.scoring import MEASURES
from precompute.live.arc_colours import CONTACT, NO_CONTACT
from precompute.live.together import Predicted

SCORE = "181,23,140"
"""Of a high score; a low one is transparent. No colour of arcs, seen on white and on black."""
BAR = 44
MOST_LISTED = 15
RANGES = {
    "short": "short, 6–11 apart",
    "medium": "medium, 12–23",
    "long": "long, 24 or more",
    "all": "all, 6 or more",
}


def full_score(predicted: Predicted) -> float:
    """Give the score of the full colour: that of the last of the L/5 pairs scored highest."""
    scores = predicted.pairs["weight"]
    return max(float(scores.iloc[len(scores) // 5]), 1e-6) if len(scores) else 1.0


def together_map(
    predicted: Predicted,
    names: Sequence[str],
    contacts: NDArray[np.int8] | None,
    title: tuple[str, str],
    pair: tuple[int, int] | None = None,
    zoom: str = "",
) -> Chart:
    """Draw scores above the diagonal, and below it contacts with the pairs scored highest.

    Parameters
    ----------
    predicted
        Of `precompute.live.together.predict`.
    names
        Of the residues, each another; length (residues,).
    contacts
        1 where two residues are in contact, shape (residues, residues); None where that is not
        known: scores stand on both sides then.
    title
        The two lines above the figure.
    pair
        Two residues, from 0, whose cell is framed on both sides.
    zoom
        The part that is zoomed into stays while this is the same.

    Returns
    -------
    plotly.graph_objects.Figure
        What a click gives are the names of two residues.
    """
    residues = len(names)
    axis: dict[str, Any] = {"type": "category", "showline": True, "mirror": True, "nticks": 8}
    ends = [-0.5, residues - 0.5]
    figure = template.new_figure(
        *(TOP + PIXELS + BOTTOM + BAR, LEFT + PIXELS + RIGHT, 240),
        margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM + BAR},
        hoverdistance=6,
        xaxis={**axis, "range": ends, "title": "residue", "tickangle": 0, "constrain": "domain"},
        yaxis={
            **axis,
            "range": ends[::-1],
            "title": "residue",
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
        },
    )
    if zoom:
        figure.update_layout(uirevision=zoom)
    listed = list(names)
    scores = predicted.scores if contacts is None else np.triu(predicted.scores)
    if contacts is not None:
        scores[np.tril_indices(residues)] = np.nan
        touching = np.where(np.tril(contacts == 1), np.float32(1), np.float32(np.nan))
        figure.add_trace(
            trace(
                "heatmap",
                z=touching,
                x=listed,
                y=listed,
                colorscale=[[0, "rgba(128,128,128,0.5)"], [1, "rgba(128,128,128,0.5)"]],
                showscale=False,
                hovertemplate="%{y} and %{x}: contact<extra></extra>",
                meta={"pick": True, "quiet": True},
                name="contact",
            )
        )
    figure.add_trace(
        trace(
            "heatmap",
            z=scores,
            x=listed,
            y=listed,
            zmin=0,
            zmax=full_score(predicted),
            colorscale=[[0, f"rgba({SCORE},0)"], [1, f"rgba({SCORE},1)"]],
            colorbar=template.bar_below(
                "score: mean of corrected maps", PIXELS, lenmode="pixels", len=PIXELS // 2, nticks=4
            ),
            hovertemplate="%{y} and %{x}: %{z:.4f}<extra></extra>",
            meta={"pick": True, "quiet": True},
            name="score",
        )
    )
    pairs = predicted.pairs
    marks = {"symbol": "square", "size": max(2.0, min(6.0, PIXELS / max(residues, 1)))}
    for words, colour, part in (
        ("right", CONTACT, pairs[pairs["contact"].fillna(False)]),
        ("wrong", NO_CONTACT, pairs[~pairs["contact"].fillna(True)]),
    ):
        if not len(part):
            continue
        figure.add_trace(
            trace(
                "scatter",
                x=[listed[place - 1] for place in part["i"].tolist()],
                y=[listed[place - 1] for place in part["j"].tolist()],
                text=[
                    f"rank {rank + 1}, score {score:.4f}, {apart:.1f} Å"
                    for rank, score, apart in zip(
                        part.index, part["weight"].tolist(), part["distance"].tolist(), strict=True
                    )
                ],
                mode="markers",
                marker={**marks, "color": colour},
                hovertemplate=f"%{{y}} and %{{x}}: {words}, %{{text}}<extra></extra>",
                meta={"pick": True},
                name=f"predicted, {words}",
                showlegend=False,
            )
        )
    if pair is not None:
        for x, y in (pair, pair[::-1]):
            half = max(0.5, 4 * residues / PIXELS)
            figure.add_shape(
                name="pair",
                type="rect",
                **{"x0": x - half, "x1": x + half, "y0": y - half, "y1": y + half},
                line={"color": style.INK, "width": 1.5},
            )
    template.title(figure, *title)
    return figure.finish()


def precision_html(predicted: Predicted) -> str:
    """Write how many of the pairs scored highest are contacts, range by range."""
    rows = [
        [
            words,
            *(_percent(one[name]) for name in (*list(MEASURES)[:3], "chance")),
        ]
        for name, words in RANGES.items()
        for one in rows_of(predicted.precision[predicted.precision["separation"] == name])
    ]
    return html_table(["Residues apart", "P@L, %", "P@L/2", "P@L/5", "chance"], rows)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}" if value == value else "–"


def precision_words(predicted: Predicted) -> str:
    """Say P@L of each range in one line; empty where there is no structure."""
    found = dict(zip(predicted.precision["separation"], predicted.precision["L"], strict=True))
    return ", ".join(f"{name} {_percent(found[name])} %" for name in RANGES if name in found)


def pairs_html(predicted: Predicted, labels: Sequence[str], chosen: tuple[int, int] | None) -> str:
    """Write the pairs scored highest as a table; a click on a row gives ``i:j``, from 0."""
    listed = predicted.pairs.head(MOST_LISTED)
    ends = list(zip((listed["i"] - 1).tolist(), (listed["j"] - 1).tolist(), strict=True))
    said = {True: "contact", False: "no contact"}
    rows = [
        [
            f"{labels[first]} – {labels[second]}",
            f"{one['weight']:.4f}",
            f"{one['distance']:.1f}" if one["distance"] == one["distance"] else "–",
            said.get(one["contact"], "–"),
        ]
        for (first, second), one in zip(ends, rows_of(listed), strict=True)
    ]
    bold = [place for place, one in enumerate(ends) if one == chosen]
    names = [f"{first}:{second}" for first, second in ends]
    columns = ["Scored highest", "score", "Å", "structure"]
    return html_table(columns, rows, names=names, picks=True, chosen=bold)
