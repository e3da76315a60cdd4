"""One head's shares of the 20 amino acids beside how frequent each amino acid is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard.figures.look import marks, style
from dashboard.figures.top_heads.top_heads_screen import ticks
from precompute.chemistry import GROUPS
from precompute.features import AMINO_ACIDS

COLUMN = 27
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 44, 8, 10, 36
PLOT_HEIGHT = 150
_FAINT = "rgba(128,128,128,0.25)"


def shares_svg(frame: pd.DataFrame, order: Sequence[str], name: str, *, grouped: bool) -> str:
    """Draw one column an amino acid.

    Parameters
    ----------
    frame
        ``amino_acid``, ``percent``, ``lower``, ``upper`` (the interval or what the drawing
        allows) and ``background_percent``; what is unknown is empty.
    order
        The amino acids from left to right.
    name
        What is shown, for readers who do not see it.
    grouped
        Write the groups of `precompute.chemistry.GROUPS` below; `order` has them side by
        side.

    Returns
    -------
    str
        One SVG element: bars are shares, thin lines their intervals, broad marks the
        background.
    """
    rows = frame.set_index("amino_acid").loc[list(order)]
    values = rows[["percent", "upper", "background_percent"]].to_numpy(dtype=float)
    known = values[np.isfinite(values)]
    limit = min(float(known.max()) * 1.05, 100.0) if len(known) and known.max() > 0 else 1.0
    width = MARGIN_LEFT + COLUMN * len(order) + MARGIN_RIGHT
    bottom = MARGIN_TOP + PLOT_HEIGHT

    def place(value: float) -> float:
        return bottom - min(value / limit, 1.0) * PLOT_HEIGHT

    parts = []
    for tick in ticks(limit):
        y = place(tick)
        parts += [
            marks.line(MARGIN_LEFT, y, width - MARGIN_RIGHT, y, _FAINT),
            marks.text(MARGIN_LEFT - 5, y + 4, f"{tick:g}", 'text-anchor="end"'),
        ]
    for column, (letter, row) in enumerate(rows.iterrows()):
        left = MARGIN_LEFT + COLUMN * column
        middle = left + COLUMN / 2
        own = [f"<title>{marks.one_line(say(str(letter), row))}</title>"]
        own.append(
            f'<rect x="{left}" y="{MARGIN_TOP}" width="{COLUMN}" height="{PLOT_HEIGHT + 16}" '
            'fill="none" pointer-events="all"/>'
        )
        if pd.notna(row["percent"]):
            top = place(row["percent"])
            own.append(
                f'<rect x="{left + 6:.1f}" y="{top:.1f}" width="{COLUMN - 12}" '
                f'height="{bottom - top:.1f}" fill="{style.VALUE}"/>'
            )
        if pd.notna(row["upper"]):
            own.append(
                marks.line(
                    middle,
                    place(row["lower"]),
                    middle,
                    place(row["upper"]),
                    "currentColor",
                )
            )
        if pd.notna(row["background_percent"]):
            y = place(row["background_percent"])
            own.append(
                marks.line(left + 3, y, left + COLUMN - 3, y, style.OTHER, 'stroke-width="2.5"')
            )
        own.append(marks.text(middle, bottom + 14, str(letter), 'text-anchor="middle"'))
        parts.append(f"<g>{''.join(own)}</g>")
    parts.append(marks.line(MARGIN_LEFT, bottom, width - MARGIN_RIGHT, bottom, style.INK))
    if grouped:
        parts += _groups(order, bottom)
    middle = MARGIN_TOP + PLOT_HEIGHT / 2
    parts.append(
        marks.text(
            12,
            middle,
            "% of the head's arcs",
            f'text-anchor="middle" transform="rotate(-90 12 {middle:g})"',
        )
    )
    return marks.drawing(parts, width, bottom + (MARGIN_BOTTOM if grouped else 22), name)


def say(letter: str, row: pd.Series) -> str:
    """Say one amino acid's share in words."""
    name = AMINO_ACIDS[letter]
    if pd.isna(row["percent"]):
        return f"{name}: not shown"
    said = f"{name}: {row['percent']:.2f} %"
    if pd.notna(row["upper"]) and row["upper"] - row["lower"] >= 0.01:
        said += f", {row['lower']:.2f} to {row['upper']:.2f} %"
    if pd.notna(row["background_percent"]):
        said += f"; background {row['background_percent']:.2f} %"
    return said


def _groups(order: Sequence[str], bottom: float) -> list[str]:
    parts = []
    column = 0
    for name, letters in GROUPS.items():
        if tuple(order[column : column + len(letters)]) != letters:
            return []
        left = MARGIN_LEFT + COLUMN * column + 4
        right = MARGIN_LEFT + COLUMN * (column + len(letters)) - 4
        parts += [
            marks.line(left, bottom + 19, right, bottom + 19, style.INK),
            marks.text((left + right) / 2, bottom + 31, name, 'text-anchor="middle"'),
        ]
        column += len(letters)
    return parts
