"""One head in one alignment, for print: its rows × rows matrix beside their distances."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.matrices.matrices_print import draw_matrices
from dashboard.figures.printing.figure import Canvas, PaperFigure, Source
from dashboard.figures.printing.types import Figure
from dashboard.pages.alignments.rows_screen import both_matrices
from dashboard.results.alignments import HeadMatrices
from precompute.clustering import Tree


def rows_figure(matrices: HeadMatrices, tree: Tree, source: Source, head: str) -> PaperFigure:
    """Make the two matrices.

    Parameters
    ----------
    matrices, tree
        What is drawn, and the tree of the rows.
    source
        Where they come from.
    head
        Layer-head.
    """
    rows, columns = len(matrices.names), len(matrices.query)
    caption = (
        f"{source.models}, head {head} (layer-head): column attention between the {rows} rows of "
        f"{matrices.alignment}, mean over its {columns} columns, both directions added, beside "
        "the share of columns in which two rows differ (a gap is a letter). Both in the order of "
        "average-linkage clustering of these distances, neighbours as alike as the tree allows. "
        "The diagonal is left out."
    )

    def draw(canvas: Canvas) -> Figure:
        header = (f"Head {head} in {matrices.alignment} · {source.models}", source.header[1])
        return draw_matrices(canvas, header, both_matrices(matrices, tree), (), tree)

    name = f"atlas_rows_{head}_{matrices.alignment}_{source.results}"
    return PaperFigure(name, draw, caption, source, pairs_frame(matrices))


def pairs_frame(matrices: HeadMatrices) -> pd.DataFrame:
    """Give each pair of rows: places from 1, names, attention and distance."""
    one, other = np.triu_indices(len(matrices.names), 1)
    names = np.array(matrices.names, dtype=object)
    return pd.DataFrame(
        {
            "row_1": one + 1,
            "row_2": other + 1,
            "name_1": names[one],
            "name_2": names[other],
            "attention": matrices.attention[one, other],
            "distance": matrices.distances[one, other],
        }
    )
