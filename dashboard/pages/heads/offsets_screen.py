"""Where a head's arcs land relative to the residue that attends: one bar an offset."""

from __future__ import annotations

import pandas as pd

from dashboard.figures.look import style, svg
from dashboard.figures.top_heads.top_heads_screen import ticks
from precompute.features import MAXIMUM_OFFSET

BAR, STEP = 11, 15
LEFT, RIGHT, TOP, BOTTOM = 40, 10, 10, 42
HEIGHT = 150


def offset_profile_svg(frame: pd.DataFrame, name: str, about: str) -> str:
    """Draw a head's target offsets.

    Parameters
    ----------
    frame
        Rows of `dashboard.results.head_facts.offset_frame`.
    name, about
        What it shows, for readers who do not see it.

    Returns
    -------
    str
        One SVG element without line breaks. A bar is the share of the head's arcs, the
        line on it its interval, the short line across it the background.
    """
    columns = ["percent", "interval_lower", "interval_upper", "background_percent"]
    values = frame[columns].to_numpy(dtype=float)
    limit = 1.05 * max(float(pd.DataFrame(values).max().max()), 1.0)
    width = LEFT + STEP * len(frame) + RIGHT
    bottom = HEIGHT - BOTTOM

    def height(value: float) -> float:
        return bottom - min(value / limit, 1.0) * (bottom - TOP)

    parts = []
    for tick in ticks(limit, 4):
        parts.append(svg.line(LEFT - 3, height(tick), LEFT, height(tick)))
        parts.append(svg.text(LEFT - 5, height(tick) + 4, f"{tick:g}", 'text-anchor="end"'))
    parts.append(svg.line(LEFT, bottom, width - RIGHT, bottom))
    for place, (feature, (percent, low, high, background)) in enumerate(
        zip(frame["feature"], values, strict=True)
    ):
        offset = str(feature).partition(":")[2]
        x = LEFT + STEP * place + STEP / 2
        said = f"{_words(offset)}: {percent:.1f} %"
        parts.append(
            f"<g><title>{said}</title>"
            f'<rect x="{x - STEP / 2:.1f}" y="{TOP}" width="{STEP}" height="{bottom - TOP}" '
            'fill="none" pointer-events="all"/>'
            f'<rect x="{x - BAR / 2:.1f}" y="{height(percent):.1f}" width="{BAR}" '
            f'height="{bottom - height(percent):.1f}" fill="{style.VALUE}"/>'
        )
        if low == low:
            parts.append(svg.line(x, height(low), x, height(high)))
        if background == background:
            y = height(background)
            half = STEP / 2 - 1
            parts.append(
                f'<path d="M{x - half:.1f} {y:.1f}h{2 * half:.1f}" stroke="{style.OTHER}" '
                'stroke-width="1.5" fill="none"/>'
            )
        parts.append("</g>")
        # beside “far” there is no room for the last offset's name
        if offset in ("far", "0") or (int(offset) % 5 == 0 and int(offset) != MAXIMUM_OFFSET):
            words = "far" if offset == "far" else offset.replace("-", "−")
            parts.append(svg.text(x, bottom + 14, words, 'text-anchor="middle"'))
    parts.append(
        svg.text((LEFT + width - RIGHT) / 2, HEIGHT - 10, "offset of the target, residues", _MIDDLE)
    )
    middle = (TOP + bottom) / 2
    turned = f'{_MIDDLE} transform="rotate(-90 10 {middle:.1f})"'
    parts.append(svg.text(10, middle, "% of the arcs", turned))
    return svg.picture(width, HEIGHT, name, about, parts)


_MIDDLE = 'text-anchor="middle"'


def _words(offset: str) -> str:
    if offset == "far":
        return f"further than {MAXIMUM_OFFSET}"
    return "itself" if offset == "0" else offset.replace("-", "−")
