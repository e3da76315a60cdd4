"""Pieces of SVG that several figures are made of; texts are escaped here and only here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from dashboard.figures.look import style


def text(x: float, y: float, words: str, more: str = "") -> str:
    """Write words; `more` are attributes of our own making."""
    line = escape(" ".join(words.split()))
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{line}</text>'


def line(x1: float, y1: float, x2: float, y2: float, more: str = "") -> str:
    """Draw a line in the ink of axes."""
    return (
        f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{style.INK}" fill="none" {more}/>'
    )


def squares(corners: Iterable[tuple[float, float]], side: float) -> str:
    """Write the outline of many squares as one path's data."""
    size = f"h{side:.2f}v{side:.2f}h-{side:.2f}z"
    return "".join(f"M{x:.2f} {y:.2f}{size}" for x, y in corners)


def picture(
    width: float, height: float, name: str, about: str, parts: Iterable[str], least: float = 0
) -> str:
    """Put parts together into one SVG element in the page's font and colour.

    Parameters
    ----------
    width, height
        In pixels; where there is less room the drawing shrinks.
    name, about
        What it shows, for readers who do not see it.
    parts
        Its elements.
    least
        Width to which it shrinks at most, where its type would be too small; what holds it
        scrolls then.
    """
    title, words = (escape(" ".join(one.split())) for one in (name, about))
    return (
        f'<svg role="img" aria-label="{title}. {words}" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'style="display:block;max-width:100%;min-width:{least:.0f}px;height:auto;'
        f'overflow:visible" '
        f'font-family="inherit" font-size="{style.FONT_SIZE}" fill="currentColor">'
        f"<desc>{words}</desc>{''.join(parts)}</svg>"
    )
