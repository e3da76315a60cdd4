"""Two sources' heads as cumulative distributions, for print."""

from __future__ import annotations

import pandas as pd

from dashboard.figures.printing import style
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes
from dashboard.figures.printing.rows import cut
from dashboard.figures.printing.types import Figure
from dashboard.pages.compare.distributions_screen import LOWEST, MARKS
from dashboard.results.comparisons import ALL_GREY
from precompute.differences import cumulative
from precompute.errors import AtlasError
from precompute.published import MINIMUM_ARCS

SIDES = ("first", "second")
_LEFT, _RIGHT, _BELOW, _HEIGHT, _ABOVE = 10.0, 2.0, 8.0, 46.0, 8.0
"""Millimetres: around the axes, and their height."""


def distributions_figure(
    frames: tuple[pd.DataFrame, pd.DataFrame], names: tuple[str, str], source: Source
) -> PaperFigure:
    """Make the two cumulative distributions of one property.

    Parameters
    ----------
    frames
        Head frames of the property.
    names, source
        What the two are, and where the values come from.

    Raises
    ------
    AtlasError
        When every head of both is grey.
    """
    counts = [int(frame["percent"].count()) for frame in frames]
    if not any(counts):
        raise AtlasError(ALL_GREY)
    table = pd.concat(
        [
            cumulative(frame).assign(
                side=side,
                model=frame["model"].iloc[0],
                source=frame["source"].iloc[0],
                dataset=frame["dataset"].iloc[0],
                feature=frame["feature"].iloc[0],
                background_percent=frame["background_percent"].iloc[0],
            )
            for side, frame in zip(SIDES, frames, strict=True)
        ],
        ignore_index=True,
    )
    caption = (
        f"{source.feature}: share of the heads that have at most so many percent of attention arcs "
        f"(attention of at least {source.threshold}) with the property, in {names[0]} (solid) and "
        f"{names[1]} (dashed); n = {counts[0]} and {counts[1]} heads with at least {MINIMUM_ARCS} "
        f"arcs. Logarithmic axis from {LOWEST:g} %; heads below stand there. Dotted lines: "
        "background, where known."
    )

    def draw(canvas: Canvas) -> Figure:
        figure = canvas.figure(_HEIGHT + _BELOW + _ABOVE, source.header)
        axes = place_axes(figure, _LEFT, _BELOW, canvas.width - _LEFT - _RIGHT, _HEIGHT)
        largest = max(float(table["percent"].max()), 1.0) if len(table) else 1.0
        for side, name, colour, dashes in zip(
            SIDES, names, (style.VALUE, style.OTHER), ("-", "--"), strict=True
        ):
            part = table[table["side"] == side]
            if part.empty:
                continue
            percent = part["percent"].clip(lower=LOWEST)
            axes.step(
                [LOWEST, *percent, largest * 1.1],
                [0, *part["share"], 1],
                where="post",
                color=colour,
                linestyle=dashes,
                linewidth=1.0,
                label=cut(name, style.TICK_SIZE, canvas.width - 25),
            )
            background = part["background_percent"].iloc[0]
            if pd.notna(background):
                axes.axvline(float(background), color=colour, linestyle=":", linewidth=0.8)
        axes.set(
            xscale="log",
            xlim=(LOWEST, largest * 1.1),
            ylim=(0, 1.01),
            xlabel="% of the head's arcs (log scale)",
            ylabel="share of the heads",
        )
        places = [mark for mark in MARKS if mark <= largest * 1.1]
        axes.set_xticks(places, labels=[f"{mark:g}" for mark in places])
        axes.minorticks_off()
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), borderaxespad=0.2, ncols=1)
        return figure

    return PaperFigure(
        f"atlas_distributions_{table['feature'].iloc[0]}_{names[0]}_{names[1]}"[:100],
        draw,
        caption,
        source,
        table,
    )
