"""Figures for print: pure functions from a frame to a matplotlib figure of a journal's size.

Each module named in `FIGURES` draws one kind of figure and can be asked from the shell
(``python -m dashboard figure NAME``). It has

- ``add_arguments(parser)``, which adds what the figure needs to be chosen, and
- ``make(options)``, which reads the tables and gives a `dashboard.paper.figure.PaperFigure`.

A new figure is its file and its line here. Nothing here imports Streamlit, and
matplotlib only where a figure is drawn.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A figure that can be made from the shell.

    Attributes
    ----------
    module
        The module that makes it.
    help
        What it shows, in one line.
    """

    module: str
    help: str


FIGURES: dict[str, Entry] = {
    "heads": Entry("dashboard.paper.heads", "layer × head heatmap of one property"),
    "top-heads": Entry("dashboard.paper.top_heads", "the highest heads of one property"),
    "offsets": Entry("dashboard.paper.offsets", "where a head's arcs land relative to a residue"),
    "amino-acids": Entry(
        "dashboard.paper.amino_acids", "twenty heatmaps, one an amino acid, or one head's shares"
    ),
    "substitution": Entry(
        "dashboard.paper.substitution", "amino acids' attention beside a substitution matrix"
    ),
    "similarity": Entry(
        "dashboard.paper.similarity", "several models' similarity to a substitution matrix"
    ),
    "layers": Entry("dashboard.paper.layers", "properties over the layers, centres of gravity"),
    "probes": Entry("dashboard.paper.probes", "the paper's probes of TapeBert, by layer"),
    "compare": Entry(
        "dashboard.paper.compare",
        "two sources: differences, distributions, highest heads or all properties",
    ),
    "protein": Entry(
        "dashboard.paper.protein",
        "one protein under a model: a head's map, its arcs over the sequence, or all heads",
    ),
}
"""Every figure by its name in the shell."""
