"""What every figure for print must be, whatever it shows; for the tests of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import NamedTuple
from unittest import mock

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from dashboard.figures.printing import style
from dashboard.figures.printing.figure import Canvas, PaperFigure
from dashboard.figures.printing.style import printing

WIDTHS = (min(style.WIDTHS), *style.JOURNALS["nature"].widths, max(style.WIDTHS))
"""Of the widths of a journal's figures the narrowest, Nature's three, and the widest."""
POINTS_PER_MILLIMETRE = 72 / 25.4
DPI = 300
TOLERANCE = 0.15 * POINTS_PER_MILLIMETRE / 72 * DPI
"""0.15 mm in dots: the room above and below its letters counts to a text's box."""


class Drawn(NamedTuple):
    """One text as it was drawn: what, where (in dots), how large (in points), of which axes."""

    text: str
    box: Bbox
    size: float
    axes: Axes | None = None


@contextmanager
def drawn(
    figure: PaperFigure, width: float = 89, letter: str = ""
) -> Iterator[tuple[Figure, list[Drawn]]]:
    """Draw a figure and give it with every text that was really put on the canvas.

    Tick labels outside the axes exist but are not drawn, so texts are noted as they are.
    """
    texts: list[Drawn] = []
    draw = Text.draw

    def note(self: Text, renderer: object) -> None:
        draw(self, renderer)
        if self.get_visible() and self.get_text().strip():
            box = self.get_window_extent(renderer)
            texts.append(Drawn(self.get_text(), box, self.get_fontsize(), self.axes))

    with printing():
        made = figure.put_on(Canvas(width, letter))
        made.set_dpi(DPI)
        canvas = FigureCanvasAgg(made)
        with mock.patch.object(Text, "draw", note):
            canvas.draw()
        yield made, texts


def check_print(figure: PaperFigure, width: float = 89, letter: str = "") -> list[Drawn]:
    """Check size, type and room of a figure; give its texts.

    The width is exact; every text has 5 to 8 points, lies on the canvas, overlaps no other,
    and stands on no axes but its own.
    """
    with drawn(figure, width, letter) as (made, texts):
        assert made.get_figwidth() * 25.4 == width
        assert made.get_figheight() * 25.4 <= 247, "higher than a journal's page"
        across, up = made.get_size_inches() * DPI
        grounds = [
            (axes, axes.get_window_extent())
            for axes in made.axes
            if axes.axison and axes.get_visible()
        ]
    assert texts
    for text in texts:
        assert 5 <= text.size <= 8, text
        inside = (
            text.box.x0 >= -TOLERANCE
            and text.box.y0 >= -TOLERANCE
            and text.box.x1 <= across + TOLERANCE
            and text.box.y1 <= up + TOLERANCE
        )
        assert inside, f"{text.text!r} leaves the canvas {across:.0f} × {up:.0f}: {text.box}"
        for axes, ground in grounds:
            strange = text.axes is not axes and _overlap(text.box, ground)
            assert not strange, f"{text.text!r} stands on other axes: {text.box}, {ground}"
    for one, other in combinations(texts, 2):
        found = _overlap(one.box, other.box)
        assert not found, f"{one.text!r} overlaps {other.text!r}: {one.box}, {other.box}"
    return texts


def _overlap(one: Bbox, other: Bbox) -> bool:
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    tall = min(one.y1, other.y1) - max(one.y0, other.y0)
    return bool(wide > TOLERANCE and tall > TOLERANCE)
