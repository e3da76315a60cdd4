"""Twenty layer × head heatmaps of one model, one an amino acid, for print.

With ``--head`` one head's shares of the amino acids instead
(`dashboard.pages.amino_acids.shares_print`).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dashboard.figures.look.scale import find_scale
from dashboard.figures.printing import shell, style, words
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.placing import place_axes, place_bar
from dashboard.figures.printing.types import Figure
from dashboard.pages.amino_acids.shares_print import head_shares_figure
from dashboard.results.amino_acids import backgrounds, head_shares, letters_in_order, of_amino_acids
from dashboard.results.frames import grid
from precompute.chemistry import BY_CHEMISTRY, groups_in_words
from precompute.errors import AtlasError
from precompute.published import MINIMUM_ARCS

COLUMNS = 5
ORDERS = ("chemistry", "clustering", "alphabet")
_LEFT, _GAP, _TITLE, _BELOW = 4.0, 1.5, 4.0, 10.5
"""Millimetres beside the maps, between them, above each, and below all."""
_BESIDE = 80.0
"""Width from which on the bar has room beside the first map's words."""


def amino_acids_figure(
    frames: Mapping[str, pd.DataFrame],
    source: Source,
    order: Sequence[str] = BY_CHEMISTRY,
    *,
    shared: bool = False,
) -> PaperFigure:
    """Make the twenty heatmaps.

    Parameters
    ----------
    frames
        Head frames of one model and source by amino acid.
    source
        Where they come from.
    order
        The amino acids from left to right and top to bottom.
    shared
        One colour scale for all; else each map's ends at its own highest head.
    """
    frame = pd.concat([frames[letter] for letter in order], ignore_index=True)
    grey = int(frames[order[0]]["percent"].isna().sum())
    scale = (
        "One colour scale for all"
        if shared
        else "Each map's colours end at its highest head, whose percentage stands above it"
    )
    by_chemistry = tuple(order) == BY_CHEMISTRY
    groups = f"Amino acids by chemistry: {groups_in_words()}. " if by_chemistry else ""
    caption = (
        f"{source.models}: share of each head's attention arcs{words.at_least(source)} that go to "
        f"each amino acid. Columns are heads, rows layers, layer 1 below. {scale}. {groups}"
        f"Grey: {grey} of {len(frames[order[0]])} heads, which have fewer than {MINIMUM_ARCS} arcs."
    )
    parts = ("atlas", "amino-acids", str(frame["model"].iloc[0]), source.results)

    def draw(canvas: Canvas) -> Figure:
        from matplotlib import colormaps

        layers, heads = grid(frames[order[0]], "percent").shape
        rows = -(-len(order) // COLUMNS)
        across = (canvas.width - _LEFT) / COLUMNS - _GAP
        tall = min(max(across / heads * layers, 0.45 * across), across)
        header = (f"Amino acids · {source.models}", source.header[1])
        # In a narrow column the bar stands below the words at the first map, not beside them.
        below = _BELOW + (0.0 if canvas.width >= _BESIDE else 3.6)
        figure = canvas.figure(rows * (tall + _TITLE) + below, header)
        highest = {letter: find_scale([frames[letter]], "percent").limit for letter in order}
        colours = colormaps[style.SEQUENTIAL].with_extremes(bad=style.MASKED)
        for place, letter in enumerate(order):
            row, column = divmod(place, COLUMNS)
            left = _LEFT + column * (across + _GAP)
            bottom = below + (rows - 1 - row) * (tall + _TITLE)
            axes = place_axes(figure, left, bottom, across, tall)
            values = grid(frames[letter], "percent", np.float64)
            end = max(highest.values()) if shared else highest[letter]
            mesh = axes.pcolormesh(
                np.arange(heads + 1) + 0.5,
                np.arange(layers + 1) + 0.5,
                np.ma.masked_invalid(values if shared else values / end),
                cmap=colours,
                vmin=0,
                vmax=end if shared else 1,
            )
            axes.set_title(f"{letter} {highest[letter]:.1f}", fontsize=style.LABEL_SIZE, pad=1.5)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
            if column == 0 and row == rows - 1:
                axes.set_xlabel(f"{heads} heads", loc=None if canvas.width >= _BESIDE else "left")
                axes.set_ylabel(f"{layers} layers")
        label = "% of the head's arcs" if shared else "of the highest head (%, above a map)"
        bar = place_bar(figure, mesh, canvas.width - _LEFT - 44, 6.8, 40.0, label)
        if not shared:
            bar.set_ticks([0, 0.5, 1], labels=["0", "½", "1"])
        return figure

    return PaperFigure("_".join(part for part in parts if part), draw, caption, source, frame)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is needed to choose the figure."""
    shell.add_arguments(parser)
    parser.add_argument("--order", choices=ORDERS, default=ORDERS[0], help="(default chemistry)")
    parser.add_argument("--scale", choices=("own", "shared"), default="own", help="(default own)")
    parser.add_argument(
        "--head", metavar="L-H", help="this head's shares of the amino acids, not the maps"
    )


def make(options: argparse.Namespace) -> PaperFigure:
    """Make the figure that the options name.

    Raises
    ------
    AtlasError
        When there are no such values, or no such head.
    """
    heads = of_amino_acids(shell.read_heads(options))
    address = {
        "source": [heads.source.key],
        "threshold": [f"{heads.threshold:.2f}"] if heads.run else [],
        "order": [options.order],
        "scale": [options.scale],
        "head": [options.head.replace("-", ".")] if options.head else [],
    }
    link = shell.permalink(options.address, "Amino_acids", address)
    source = words.print_source([heads], permalink=link)
    order = letters_in_order(options.order, heads)
    if not options.head:
        return amino_acids_figure(heads.frames, source, order, shared=options.scale == "shared")
    shares = head_shares(heads.frames, *shell.parse_head(options.head), backgrounds(heads.frames))
    if shares["percent"].isna().all():
        raise AtlasError(f"{source.models} has no head {options.head}, or it is grey.")
    return head_shares_figure(shares, source, options.head, order)
