"""One head's shares of the 20 amino acids beside the background, for print."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.figures.printing import words
from dashboard.figures.printing.bars import draw_bars
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Figure

_HEIGHT = 42.0
"""Below the header, in millimetres."""


def head_shares_figure(
    frame: pd.DataFrame,
    source: Source,
    head: str,
    order: Sequence[str],
    background: str = "",
) -> PaperFigure:
    """Make the bars of one head.

    Parameters
    ----------
    frame
        Of `dashboard.results.amino_acids.head_shares`.
    source
        Where they come from.
    head
        Layer-head.
    order
        The amino acids from left to right.
    background
        One sentence on where the background is from.
    """
    shown = frame.set_index("amino_acid").loc[list(order)].reset_index()
    bars = (
        "interval with the protein as sampling unit at 0.05/m, m the heads kept"
        if source.is_measured
        else "what the colours of the paper's drawing allow; it gives no interval"
    )
    known = shown["background_percent"].notna().any()
    mark = " Broad marks: background, how frequent each amino acid is." if known else ""
    caption = (
        f"{source.models}, head {head} (layer-head): share of its attention arcs"
        f"{words.at_least(source)} that go to each amino acid. Thin lines: {bars}.{mark}"
        f"{' ' + background if background else ''}"
    )

    def draw(canvas: Canvas) -> Figure:
        _, origin = source.header
        figure = canvas.figure(_HEIGHT, (f"Head {head} · {source.models}", origin))
        axes = figure.subplots()
        draw_bars(
            axes,
            shown["percent"],
            (shown["lower"], shown["upper"]),
            shown["amino_acid"].tolist(),
            background=shown["background_percent"],
        )
        axes.set_ylabel("% of the head's arcs")
        axes.set_ylim(bottom=0)
        return figure

    return PaperFigure(
        f"atlas_head-shares_{source.models}_{head}_{source.results}", draw, caption, source, shown
    )
