"""Square matrices as heatmaps in one order, with a tree above the first where asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Draft, trace
from precompute.clustering import Tree

GAP = 30
"""Pixels between two matrices."""
MARGIN = {"l": 20, "r": 8, "t": 38, "b": 72}
TREE = 46
"""Height of the tree; the same room is left where there is none beside one."""
_BAR = 150
"""Pixels of a colour bar."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """What one heatmap shows.

    Attributes
    ----------
    values
        Square, in the order that is drawn; what is NaN is not.
    measure
        What they are, beside or below the colour bar.
    title
        Two lines above the figure of a page.
    ends
        Of the colours, which are diverging where 0 is between; by default of `find_scale`.
    trace
        More attributes of the heatmap: what the pointer says, what the cells are linked by.
    """

    values: NDArray[np.floating[Any]]
    measure: str
    title: tuple[str, str] = ("", "")
    ends: tuple[float, float] | None = None
    trace: dict[str, Any] = field(default_factory=dict)


def find_scale(values: NDArray[np.floating]) -> tuple[float, float]:
    """Choose the ends of the colours for some values: about 0 where they lie on both sides."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if low < 0 < high:
        end = max(-low, high)
        return -end, end
    return low, high if high > low else low + 1.0


def matrices_chart(
    matrices: Sequence[Matrix],
    names: Sequence[str],
    side: int,
    *,
    tree: Tree | None = None,
    crowned: bool = False,
    **axis: Any,
) -> Draft:
    """Draw matrices side by side, the first row at the top.

    Parameters
    ----------
    matrices
        What is drawn.
    names
        Of rows and columns, in their order, as Plotly writes them.
    side
        Of a matrix, in pixels.
    tree
        Drawn above the first matrix; its leaves stand in the same order.
    crowned
        Whether there is room for a tree, so that figures stand level.
    axis
        More of both axes of each matrix, such as ``showticklabels``.
    """
    crown = TREE if crowned or tree is not None else 0
    rows, count = len(names), len(matrices)
    inner, tall = count * side + (count - 1) * GAP, side + crown
    figure = template.new_figure(
        MARGIN["t"] + tall + MARGIN["b"], MARGIN["l"] + inner + MARGIN["r"], 260 * count
    )
    figure.update_layout(margin=MARGIN)
    ticks = {"tickvals": list(range(rows)), "ticktext": list(names), "ticklen": 0, **axis}
    for number, matrix in enumerate(matrices):
        suffix = str(number + 1) if number else ""
        left = number * (side + GAP) / inner
        figure.add_trace(_cells(matrix, suffix, left, tall))
        figure.update_layout(
            **{
                f"xaxis{suffix}": {
                    "domain": [left, left + side / inner],
                    "range": [-0.5, rows - 0.5],
                    "anchor": f"y{suffix}",
                    **ticks,
                },
                f"yaxis{suffix}": {
                    "domain": [0, side / tall],
                    "range": [rows - 0.5, -0.5],
                    "anchor": f"x{suffix}",
                    **ticks,
                },
            }
        )
        template.title(figure, *matrix.title, x=left)
    if tree is not None:
        _add_tree(figure, tree, [(side + 3) / tall, 1])
    return figure


def short(value: float) -> str:
    """Write a value in three digits, with a true minus."""
    return f"{value:.3g}".replace("-", "−")


def _cells(matrix: Matrix, suffix: str, left: float, tall: float) -> dict[str, Any]:
    low, high = matrix.ends or find_scale(matrix.values)
    places = np.arange(len(matrix.values))
    marks = [low, (low + high) / 2, high]
    return trace(
        "heatmap",
        z=matrix.values.astype(np.float32),
        x=places,
        y=places,
        xaxis=f"x{suffix}",
        yaxis=f"y{suffix}",
        zmin=low,
        zmax=high,
        colorscale=template.scale(style.DIVERGING if low < 0 < high else style.SEQUENTIAL),
        hoverongaps=False,
        colorbar=template.bar_below(
            matrix.measure,
            tall,
            22,
            x=left,
            lenmode="pixels",
            len=_BAR,
            tickangle=0,
            tickvals=marks,
            ticktext=[short(mark) for mark in marks],
        ),
        **matrix.trace,
    )


def _add_tree(figure: Draft, tree: Tree, domain: list[float]) -> None:
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
