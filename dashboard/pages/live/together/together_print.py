"""The mean of the best heads on one protein, for print."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.printing import style
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.figures.printing.types import Figure
from dashboard.pages.live.arcs.attention_map_print import cell_corners
from dashboard.pages.live.together.together_screen import SCORE, full_score, precision_words
from precompute.live.together import Predicted

_LEAST = 0.03
"""Of the full colour: what is fainter is not drawn."""


def together_figure(
    predicted: Predicted, contacts: NDArray[np.int8] | None, heads: str, source: Source
) -> PaperFigure:
    """Make the map of `dashboard.pages.live.together.together_screen.together_map` for print.

    Parameters
    ----------
    predicted
        Of `precompute.live.together.predict`; its pairs are the figure's table.
    contacts
        1 where two residues are in contact; None where that is not known.
    heads
        Which heads, and where their order is from.
    source
        What is drawn, and of which model.
    """
    known = contacts is not None
    red, green, blue = SCORE.split(",")
    caption = (
        f"{source.feature}, {source.models}: {heads}. Above the diagonal the mean of the heads' "
        "corrected maps (attention plus its transpose, average product correction) of residues at "
        "least 6 apart"
        + (
            f"; below it contacts (C-alpha < 8 Å) in grey and the {len(predicted.pairs)} pairs "
            "scored highest, blue where they touch, orange where not. Precision at L: "
            f"{precision_words(predicted)}."
            if known
            else ", and below it the same."
        )
    )

    def draw(canvas: Canvas) -> Figure:
        from matplotlib.collections import PolyCollection
        from matplotlib.colors import LinearSegmentedColormap, Normalize

        side = min(canvas.width - 11.5, 110)
        figure = canvas.figure(side + 19, source.header)
        axes = place_axes(figure, 9.5, 17, side, side)
        size, full = len(predicted.scores), full_score(predicted)
        scores = np.triu(predicted.scores) if known else predicted.scores
        rows, columns = np.nonzero(scores >= _LEAST * full)
        mesh = PolyCollection(
            cell_corners(rows, columns),
            array=scores[rows, columns],
            cmap=LinearSegmentedColormap.from_list(
                "score", ["white", f"#{int(red):02x}{int(green):02x}{int(blue):02x}"]
            ),
            norm=Normalize(0, full),
            linewidths=0,
        )
        axes.add_collection(mesh)
        dot = max(0.3, (side / size * 72 / 25.4) ** 2)
        if contacts is not None:
            rows, columns = np.nonzero(np.tril(contacts == 1))
            axes.scatter(columns + 1, rows + 1, s=dot, marker="s", color=style.MASKED, linewidths=0)
        pairs = predicted.pairs
        for part, ink in (
            (pairs[pairs["contact"].fillna(False)], style.VALUE),
            (pairs[~pairs["contact"].fillna(True)], style.OTHER),
        ):
            axes.scatter(part["i"], part["j"], s=dot, marker="s", color=ink, linewidths=0)
        ends = 0.5, size + 0.5
        axes.set(xlim=ends, ylim=ends[::-1], xlabel="residue", ylabel="residue", aspect="equal")
        place_bar(figure, mesh, 9.5, 7, 0.5 * side, "score")
        return figure

    name = f"together_{source.feature}_{source.models}"
    return PaperFigure(name, draw, caption, source, predicted.pairs)
