"""Formulas of TeX as drawings: vectors that ask the browser for neither fonts nor a script."""

from __future__ import annotations

from html import escape
from typing import Any

_SIZE = 100.0
"""Units of matplotlib's outlines that are as high as the type."""
_COMMANDS = " MLQC"
"""SVG's letters for matplotlib's codes of a path."""


class Formulas:
    """Draws the formulas of one text, each in the colour of the text around it and as large.

    A letter's outline is written once (`outlines`), however often formulas have it.
    """

    def __init__(self) -> None:
        self._letters: dict[str, tuple[int, str]] = {}

    def draw(self, tex: str) -> str:
        """Draw a formula in Computer Modern, as an SVG element that refers to `outlines`.

        Parameters
        ----------
        tex
            Of our own, in the TeX that matplotlib reads; readers who do not see it are told this.
        """
        from matplotlib.font_manager import FontProperties
        from matplotlib.path import Path
        from matplotlib.textpath import text_to_path

        words = " ".join(tex.split())
        font = FontProperties(math_fontfamily="cm")
        placed, outlines, bars = text_to_path.get_glyphs_mathtext(font, f"${words}$")
        vertices, codes = text_to_path.get_text_path(font, f"${words}$", ismath=True)
        box = Path(vertices, codes).get_extents()
        parts = [f'<path d="{_outline(Path(*bar))}"/>' for bar in bars]
        for name, x, y, scale in placed:
            if not len(outlines[name][0]):
                continue  # a space
            number, _ = self._letters.setdefault(
                str(name), (len(self._letters), _outline(Path(*outlines[name])))
            )
            parts.append(
                f'<use href="#glyph-{number}" '
                f'transform="translate({x:.0f} {y:.0f}) scale({scale:.2g})"/>'
            )
        return (
            f'<svg role="img" aria-label="{escape(words)}" '
            f'style="width:{box.width / _SIZE:.2f}em;height:{box.height / _SIZE:.2f}em" '
            f'viewBox="{box.x0:.0f} {-box.y1:.0f} {box.width:.0f} {box.height:.0f}">'
            f'<g transform="scale(1 -1)" fill="currentColor">{"".join(parts)}</g></svg>'
        )

    @property
    def outlines(self) -> str:
        """The letters of all formulas drawn so far, as an SVG element that shows nothing."""
        letters = "".join(
            f'<path id="glyph-{number}" d="{drawn}"/>' for number, drawn in self._letters.values()
        )
        return f'<svg width="0" height="0" style="position:absolute"><defs>{letters}</defs></svg>'


def _outline(path: Any) -> str:
    """Write a path of matplotlib's as the data of one of SVG's."""
    return "".join(
        "Z" if code == path.CLOSEPOLY else _COMMANDS[code] + " ".join(f"{one:.0f}" for one in at)
        for at, code in path.iter_segments(simplify=False)
        if code != path.STOP
    )
