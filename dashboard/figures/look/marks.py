"""Pieces of SVG for figures of amino acids; every text is escaped here."""

from __future__ import annotations

from html import escape


def text(x: float, y: float, words: str, more: str = "") -> str:
    """Write a line of text at a place in pixels."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{one_line(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    """Draw a line between two places in pixels."""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" {more}/>'
    )


def one_line(words: str) -> str:
    """Escape a text and write it without line breaks, which would end it in Markdown."""
    return escape(" ".join(words.split()))


def drawing(parts: list[str], width: float, height: float, name: str, size: int = 11) -> str:
    """Put parts together to one SVG element in the page's font and colour.

    Parameters
    ----------
    parts
        Elements, already escaped.
    width, height
        Pixels; where there is less room the drawing shrinks.
    name
        What it shows, for readers who do not see it.
    size
        Of the font, in pixels.
    """
    return (
        f'<svg role="img" aria-label="{one_line(name)}" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-size="{size}" font-family="inherit" '
        f'fill="currentColor" style="display:block;max-width:100%;height:auto;overflow:visible">'
        f"{''.join(parts)}</svg>"
    )
