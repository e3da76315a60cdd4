"""How wide a text is in the page's font, which Streamlit serves, so that it is known: Source Sans.

The browser alone can measure; here letters of about one width share it, at the figures' size.
"""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from dashboard.figures.look import style

_WIDTHS = {
    letter: width
    for width, letters in (
        (2.6, " ',.:;ij|·"),
        (3.5, "!Ifl()-[]t{}/\\r"),
        (5.0, '"*?szYcvxy'),
        (5.6, "0123456789#$+<=>FJLVX^_aegk~"),
        (6.1, "AEPSTZ`bdhnopqu"),
        (7.0, "&BCKRDGHNU"),
        (7.6, "OQ"),
        (8.8, "MWw%m@"),
        (10.5, "…"),
    )
    for letter in letters
}
"""In pixels, measured at 11 pixels; bold is wider by `_BOLD`."""
_OTHER, _BOLD = 7.0, 1.08


def text_width(text: str, *, bold: bool = False) -> float:
    """Give the width of a line of text at the figures' font size, in pixels."""
    wide = sum(map(_width, text))
    return wide * (_BOLD if bold else 1.0)


def shorten(text: str, pixels: float, *, bold: bool = False) -> str:
    """Cut a text that is wider than so many pixels; names of runs may be long."""
    if text_width(text, bold=bold) <= pixels:
        return text
    kept = len(text) - 1
    while kept > 1 and text_width(f"{text[:kept]}…", bold=bold) > pixels:
        kept -= 1
    return f"{text[:kept]}…"


def _width(letter: str) -> float:
    if combining(letter):
        return 0.0
    if east_asian_width(letter) in "WF":
        return float(style.FONT_SIZE)
    return _WIDTHS.get(letter, _OTHER)
