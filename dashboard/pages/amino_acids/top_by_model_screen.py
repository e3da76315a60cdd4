"""The highest heads of one amino acid in every model: small bars side by side."""

from __future__ import annotations

import pandas as pd

from dashboard.figures.look import marks, style
from dashboard.figures.look.letters import shorten
from dashboard.figures.top_heads.top_heads_screen import ticks
from dashboard.results.amino_acid_frames import interval_ends

WIDTH = 182
ROW = 16
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 40, 38, 32, 18
_FAINT = "rgba(128,128,128,0.25)"


def top_by_model_svg(frame: pd.DataFrame, title: tuple[str, str], limit: float) -> str:
    """Draw one model's highest heads, highest on top.

    Parameters
    ----------
    frame
        Rows of a head frame, highest first (`dashboard.results.frames.top_heads`).
    title
        The model, and where its values come from.
    limit
        Where the axis ends, %; the same for all models, so that bars can be compared.

    Returns
    -------
    str
        One SVG element: bars are shares, thin lines their intervals or what the drawing
        allows, the dotted line is the background.
    """
    right, bottom = WIDTH - MARGIN_RIGHT, MARGIN_TOP + ROW * len(frame)

    def place(value: float) -> float:
        return MARGIN_LEFT + min(max(value, 0.0) / limit, 1.0) * (right - MARGIN_LEFT)

    parts = [
        marks.text(2, 11, shorten(title[0], WIDTH - 4, bold=True), 'font-weight="bold"'),
        marks.text(2, 25, shorten(title[1], WIDTH - 4), 'font-size="10" opacity="0.75"'),
    ]
    for tick in ticks(limit, 3):
        x = place(tick)
        parts += [
            marks.line(x, MARGIN_TOP, x, bottom, _FAINT),
            marks.text(x, bottom + 13, f"{tick:g}", 'text-anchor="middle"'),
        ]
    for row, record in enumerate(frame.to_dict("records")):
        y = MARGIN_TOP + (row + 0.5) * ROW
        percent, (low, high) = float(record["percent"]), interval_ends(record)
        name = f"{int(record['layer'])}-{int(record['head'])}"
        label = marks.text(MARGIN_LEFT - 4, y + 4, name, 'text-anchor="end"')
        parts.append(
            f"<g><title>head {name}: {percent:.2f} %, {low:.2f} to {high:.2f} %</title>"
            f'<rect x="0" y="{y - ROW / 2:g}" width="{WIDTH}" height="{ROW}" fill="none" '
            f'pointer-events="all"/>'
            f'<rect x="{MARGIN_LEFT}" y="{y - 5:g}" width="{place(percent) - MARGIN_LEFT:.1f}" '
            f'height="10" fill="{style.VALUE}"/>'
            f"{marks.line(place(low), y, place(high), y, 'currentColor')}"
            f"{label}"
            f"{marks.text(place(high) + 4, y + 4, f'{percent:.1f}')}</g>"
        )
    background = frame["background_percent"].dropna().to_numpy(dtype=float)[:1]
    for value in background:
        x = place(value)
        parts.append(marks.line(x, MARGIN_TOP, x, bottom, style.OTHER, 'stroke-dasharray="2 2"'))
    named = "; ".join(
        f"{layer}-{head} {percent:.1f} %"
        for layer, head, percent in zip(
            frame["layer"], frame["head"], frame["percent"], strict=True
        )
    )
    return marks.drawing(
        parts, WIDTH, bottom + MARGIN_BOTTOM, f"Highest heads of {', '.join(title)}: {named}"
    )
