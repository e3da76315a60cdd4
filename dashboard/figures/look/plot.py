"""Axes of small SVG plots: where a value stands, ticks, titles, and the element around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from dashboard.figures.look import style

FAINT = "rgba(128,128,128,0.25)"
"""Grid lines and bands."""


@dataclass(frozen=True)
class Plot:
    """A rectangle of a drawing with a linear scale along each side.

    Attributes
    ----------
    left, top, width, height
        The rectangle, in pixels.
    x_range, y_range
        The values at its left and right, and at its bottom and top; not equal.
    """

    left: float
    top: float
    width: float
    height: float
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    @property
    def right(self) -> float:
        """Its right side, in pixels."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower side, in pixels."""
        return self.top + self.height

    def x(self, value: float) -> float:
        """Place a value from left to right; one beyond an end stands at it."""
        low, high = self.x_range
        return self.left + min(max((value - low) / (high - low), 0.0), 1.0) * self.width

    def y(self, value: float) -> float:
        """Place a value from bottom to top; one beyond an end stands at it."""
        low, high = self.y_range
        return self.bottom - min(max((value - low) / (high - low), 0.0), 1.0) * self.height

    def x_axis(self, ticks: Sequence[tuple[float, str]], title: str = "") -> list[str]:
        """Draw the axis below: line, ticks, their texts, title."""
        parts = [rule(self.left, self.bottom, self.right, self.bottom)]
        for value, text in ticks:
            at = self.x(value)
            parts.append(rule(at, self.bottom, at, self.bottom + 3))
            parts.append(words(at, self.bottom + 14, text, 'text-anchor="middle"'))
        if title:
            middle = self.left + self.width / 2
            parts.append(words(middle, self.bottom + 28, title, 'text-anchor="middle"'))
        return parts

    def y_axis(self, ticks: Sequence[tuple[float, str]], title: str = "") -> list[str]:
        """Draw the axis to the left: grid lines, texts, title."""
        parts = []
        for value, text in ticks:
            at = self.y(value)
            parts.append(rule(self.left, at, self.right, at, FAINT))
            parts.append(words(self.left - 4, at + 4, text, 'text-anchor="end"'))
        if title:
            x, y = 9.0, self.top + self.height / 2
            turn = f'text-anchor="middle" transform="rotate(-90 {x:g} {y:g})"'
            parts.append(words(x, y, title, turn))
        return parts


def words(x: float, y: float, text: str, more: str = "") -> str:
    """Write a line of text; `more` are attributes of our own making."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{one_line(text)}</text>'


def rule(
    x1: float, y1: float, x2: float, y2: float, colour: str = style.INK, more: str = ""
) -> str:
    """Draw a line."""
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" {more}/>'


def one_line(text: str) -> str:
    """Make a text safe for markup, on one line."""
    return escape(" ".join(text.split()))


def drawing(parts: Iterable[str], width: float, height: float, name: str, about: str = "") -> str:
    """Put parts together into one SVG element in the page's font and colour.

    Parameters
    ----------
    parts
        Its elements.
    width, height
        In pixels; where there is less room the drawing shrinks.
    name, about
        What it shows, for readers who do not see it.
    """
    described = f"<desc>{one_line(about)}</desc>" if about else ""
    return (
        f'<svg role="img" aria-label="{one_line(name)}" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" '
        f'style="display:block;max-width:100%;height:auto;overflow:visible" '
        f'font-family="inherit" font-size="{style.FONT_SIZE}" fill="currentColor">{described}'
        f"{''.join(parts)}</svg>"
    )


def side_by_side(drawings: Iterable[str]) -> str:
    """Lay drawings out in rows, as many beside each other as there is room for."""
    # below its last line Markdown takes 1rem back
    return (
        '<div style="display:flex;flex-wrap:wrap;align-items:flex-start;gap:10px 14px;'
        'padding-bottom:1rem">'
        f"{''.join(drawings)}</div>"
    )
