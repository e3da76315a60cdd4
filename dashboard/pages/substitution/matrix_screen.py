"""Matrices of 20 × 20 amino acids as heatmaps, with a tree above the first where asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.look import style, template
from precompute.chemistry import BY_CHEMISTRY, GROUPS, LETTERS
from precompute.clustering import Tree
from precompute.features import AMINO_ACIDS
from precompute.pairs import pair_name
from precompute.similarity import pair_matrix

if TYPE_CHECKING:
    import plotly.graph_objects as go

CELL, GAP = 14, 30
"""Pixels of a cell's side, and between two matrices."""
MARGIN = {"l": 20, "r": 8, "t": 38, "b": 72}
TREE = 46
"""Height of the tree; the same room is left where there is none beside one."""


class Matrix(NamedTuple):
    """What one heatmap shows.

    Attributes
    ----------
    pairs
        The values of the 190 pairs, in the order of `precompute.similarity.matrix_pairs`;
        those that are empty are not drawn.
    measure
        What they are, beside the colour bar.
    title
        Two lines above the figure.
    """

    pairs: NDArray[np.float64]
    measure: str
    title: tuple[str, str]


def find_scale(values: NDArray[np.floating]) -> tuple[float, float, tuple[str, ...]]:
    """Choose the ends and the colours for some values: about 0 where they lie on both sides."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if low < 0 < high:
        end = max(-low, high)
        return -end, end, style.DIVERGING
    return low, high if high > low else low + 1.0, style.SEQUENTIAL


def matrix_chart(
    matrices: Sequence[Matrix],
    order: Sequence[int],
    *,
    tree: Tree | None = None,
    crowned: bool | None = None,
) -> go.Figure:
    """Draw matrices side by side, in one order of the amino acids.

    Parameters
    ----------
    matrices
        What is drawn; the diagonals are not.
    order
        Places in `precompute.chemistry.LETTERS` from left to right and top to bottom. Groups
        of `precompute.chemistry.GROUPS` are parted where they stand side by side.
    tree
        Drawn above the first matrix; `order` is the tree's.
    crowned
        Whether there is room for a tree, so that figures stand level; as `tree` is otherwise.

    Returns
    -------
    plotly.graph_objects.Figure
        Heatmaps whose cells are linked by the names of their pairs.
    """
    crown = TREE if (tree is not None if crowned is None else crowned) else 0
    side, count = CELL * len(order), len(matrices)
    inner, tall = count * side + (count - 1) * GAP, side + crown
    figure = template.new_figure(
        MARGIN["t"] + tall + MARGIN["b"], MARGIN["l"] + inner + MARGIN["r"], 260 * count
    )
    figure.update_layout(margin=MARGIN)
    letters = [LETTERS[place] for place in order]
    ticks = {"tickvals": list(range(len(order))), "ticktext": letters, "ticklen": 0}
    for number, matrix in enumerate(matrices):
        suffix = str(number + 1) if number else ""
        left = number * (side + GAP) / inner
        figure.add_trace(_cells(matrix, order, suffix, left, tall))
        figure.update_layout(
            {
                f"xaxis{suffix}": {
                    "domain": [left, left + side / inner],
                    "range": [-0.5, len(order) - 0.5],
                    "anchor": f"y{suffix}",
                    **ticks,
                },
                f"yaxis{suffix}": {
                    "domain": [0, side / tall],
                    "range": [len(order) - 0.5, -0.5],
                    "anchor": f"x{suffix}",
                    **ticks,
                },
            }
        )
        if tuple(letters) == BY_CHEMISTRY:
            _part_groups(figure, suffix)
        template.title(figure, *matrix.title, x=left)
    if tree:
        _add_tree(figure, tree, [(side + 3) / tall, 1])
    return figure


def _cells(
    matrix: Matrix, order: Sequence[int], suffix: str, left: float, tall: float
) -> go.Heatmap:
    import plotly.graph_objects as go

    low, high, colours = find_scale(matrix.pairs)
    values = pair_matrix(matrix.pairs)[np.ix_(order, order)].astype(np.float32)
    np.fill_diagonal(values, np.nan)
    letters = [LETTERS[place] for place in order]
    ends = [low, (low + high) / 2, high]
    texts = [
        [
            f"{AMINO_ACIDS[one]} – {AMINO_ACIDS[other]}<br>{matrix.measure} {_short(value)}"
            for other, value in zip(letters, row, strict=True)
        ]
        for one, row in zip(letters, values.tolist(), strict=True)
    ]
    return go.Heatmap(
        z=values,
        x=np.arange(len(order)),
        y=np.arange(len(order)),
        xaxis=f"x{suffix}",
        yaxis=f"y{suffix}",
        zmin=low,
        zmax=high,
        colorscale=template.scale(colours),
        customdata=[[pair_name(one, other) for other in letters] for one in letters],
        text=texts,
        hovertemplate="%{text}<extra></extra>",
        hoverongaps=False,
        meta={"link": True},
        colorbar=template.bar_below(
            matrix.measure,
            tall,
            22,
            x=left,
            lenmode="pixels",
            len=150,
            tickangle=0,
            tickvals=ends,
            ticktext=[_short(end) for end in ends],
        ),
    )


def _part_groups(figure: go.Figure, suffix: str) -> None:
    end = len(LETTERS) - 0.5
    for place in np.cumsum([len(letters) for letters in GROUPS.values()])[:-1] - 0.5:
        for x, y in (((place, place), (-0.5, end)), ((-0.5, end), (place, place))):
            parting = template.line(x, y, template.GROUND, 3)
            figure.add_shape(parting, xref=f"x{suffix}", yref=f"y{suffix}")


def _add_tree(figure: go.Figure, tree: Tree, domain: list[float]) -> None:
    gaps = np.full((len(tree.branches), 1), np.nan)
    x, y = (np.hstack([tree.branches[:, axis], gaps]).ravel() for axis in (0, 1))
    figure.add_trace(
        template.quiet(
            x.astype(np.float32),
            y.astype(np.float32),
            yaxis="y9",
            name="tree",
            mode="lines",
            line={"color": style.INK, "width": 1},
            showlegend=False,
        )
    )
    highest = float(tree.branches[:, 1].max()) or 1.0
    figure.update_layout(
        yaxis9={"domain": domain, "range": [0, 1.03 * highest], "visible": False, "anchor": "x"}
    )


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
