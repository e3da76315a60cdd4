"""Keep texts of an SVG as wide as they were measured, where a viewer has another font.

An SVG names its fonts and holds none: opened where they are missing, its texts are set in
whatever there is. SVG's ``textLength`` has each drawn out or condensed to the width that
the layout was made for; it stays text. A viewer with the font changes nothing, and one
that does not know the attribute is no worse off.
"""

from __future__ import annotations

import re
from html import unescape

from dashboard.figures.printing import style

_TEXT = re.compile(r'<text style="([^"<>]*)"([^<>]*)>([^<>]+)</text>')
_SIZE = re.compile(r"font-size: ([0-9.]+)px")
_BOLD = 600
_WEIGHT = re.compile(r"font-weight: ([0-9]+)")


def keep_widths(drawing: str) -> str:
    """Give every text of one of matplotlib's SVGs its measured width.

    Parameters
    ----------
    drawing
        Written with ``svg.fonttype`` none and in `dashboard.figures.printing.style.fonts`.
    """
    return _TEXT.sub(_with_width, drawing)


def _with_width(match: re.Match[str]) -> str:
    look, more, words = match.groups()
    size, weight = _SIZE.search(look), _WEIGHT.search(look)
    if size is None:
        return match[0]
    bold = weight is not None and int(weight[1]) >= _BOLD
    wide = style.text_width(unescape(words), float(size[1]), bold=bold) * style.POINTS
    kept = f'textLength="{wide:.2f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text style="{look}"{more} {kept}>{words}</text>'
