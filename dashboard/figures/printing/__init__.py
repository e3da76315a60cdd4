"""Figures for print: pure functions from a frame to a matplotlib figure of a journal's size.

Each module named in `FIGURES` draws one kind of figure and can be asked from the shell
(``python -m dashboard figure NAME``). It has

- ``add_arguments(parser)``, which adds what the figure needs to be chosen, and
- ``make(options)``, which reads the tables and gives a
  `dashboard.figures.printing.figure.PaperFigure`.

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
    "heads": Entry("dashboard.figures.heads.heads_print", "layer × head heatmap of one property"),
    "top-heads": Entry(
        "dashboard.figures.top_heads.top_heads_print", "the highest heads of one property"
    ),
    "offsets": Entry(
        "dashboard.pages.heads.offsets_print", "where a head's arcs land relative to a residue"
    ),
    "amino-acids": Entry(
        "dashboard.pages.amino_acids.small_heatmaps_print",
        "twenty heatmaps, one an amino acid, or one head's shares",
    ),
    "substitution": Entry(
        "dashboard.pages.substitution.matrix_print",
        "amino acids' attention beside a substitution matrix",
    ),
    "similarity": Entry(
        "dashboard.pages.substitution.similarity_print",
        "several models' similarity to a substitution matrix",
    ),
    "layers": Entry(
        "dashboard.pages.layers.layer_panels_print",
        "properties over the layers, centres of gravity",
    ),
    "probes": Entry(
        "dashboard.pages.layers.probes_print", "the paper's probes of TapeBert, by layer"
    ),
    "compare": Entry(
        "dashboard.pages.compare.differences_print",
        "two sources: differences, distributions, highest heads or all properties",
    ),
    "protein": Entry(
        "dashboard.pages.live.protein_print",
        "one protein under a model: a head's map, its arcs over the sequence, or all heads",
    ),
}
"""Every figure by its name in the shell."""
