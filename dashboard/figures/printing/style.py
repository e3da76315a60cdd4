"""How figures for print look: a journal's widths, small embedded type, thin lines, white ground.

Widths are those of `JOURNALS`; type is Nature's (its guide for final artwork: type of 5 to 7
points, panel letters of 8 points, bold).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dashboard.figures.printing.types import Figure

if TYPE_CHECKING:
    from matplotlib.text import Text

ONE_COLUMN, ONE_AND_A_HALF, TWO_COLUMNS = 89, 120, 183


class Journal(NamedTuple):
    """What a journal prints: its name, the widths of a figure and the greatest height, mm.

    `with_legend` is the height that its guide asks for where it asks for room for the legend
    under a figure; 0 where the guide names one height alone.
    """

    label: str
    widths: tuple[int, ...]
    height: int
    with_legend: int = 0

    @property
    def greatest(self) -> str:
        """How high a figure may be, in words."""
        below = f", {self.with_legend} with its legend below" if self.with_legend else ""
        return f"{self.height} mm in height{below}"


JOURNALS: dict[str, Journal] = {
    "nature": Journal("Nature", (ONE_COLUMN, ONE_AND_A_HALF, TWO_COLUMNS), 247, 170),
    "science": Journal("Science", (57, 121, 184), 233),
    "cell": Journal("Cell", (85, 114, 174), 200),
    "pnas": Journal("PNAS", (87, 114, 178), 225),
    "plos": Journal("PLOS", (132, 190), 222),
}
"""By the name under which a command takes them; of their guides for authors.

Nature's 170 mm: research-figure-guide.nature.com; 247 mm is the depth of its page. Science's
23.3 cm, PNAS's 22.5 cm, PLOS's 8.75 in and Cell's 200 mm are as
others repeat these journals' guides.
"""

WIDTHS = tuple(dict.fromkeys(width for own in JOURNALS.values() for width in own.widths))
"""Every journal's widths of a figure, in millimetres."""


def too_high(height: float, width: float, journal: str) -> str:
    """Say that a figure is higher than a journal prints; empty where it is not.

    Parameters
    ----------
    height, width
        Of the figure, mm.
    journal
        Key of `JOURNALS`.
    """
    own = JOURNALS[journal]
    if height <= own.height:
        return ""
    return (
        f"At {width:g} mm the figure is {height:.0f} mm high, and {own.label} prints at most "
        f"{own.height} mm: choose a greater width, or show less."
    )


MILLIMETRES = 25.4
"""In an inch."""
POINTS = 72 / MILLIMETRES
"""In a millimetre."""
TICK_SIZE, LABEL_SIZE, TITLE_SIZE, LETTER_SIZE = 5.5, 6.5, 7.0, 8.0
"""Sizes of type in points, at the figure's printed size."""
THIN = 0.5
"""Width of axes and marks in points."""

MASKED = "#c4c4c4"
"""Heads that are not shown."""
INK = "#4d4d4d"
VALUE = "#2a78b8"
OTHER = "#d55e00"
SEQUENTIAL = "viridis"
DIVERGING = "RdBu_r"
"""The colour maps of the pages (`dashboard.figures.look.style`), by matplotlib's names."""

_FONTS = ("Arial", "Liberation Sans", "DejaVu Sans")
"""By preference; the last comes with matplotlib. All are TrueType, which PDF embeds as text."""
_PARAMETERS: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.size": LABEL_SIZE,
    # a letter is as wide in a bitmap as in a vector, which is how it is measured
    "text.hinting": "no_hinting",
    # a model may be called anything
    "text.parse_math": False,
    # texts are measured in dots of this size
    "figure.dpi": 300,
    "axes.titlesize": TITLE_SIZE,
    "axes.labelsize": LABEL_SIZE,
    "axes.labelpad": 2.0,
    "axes.linewidth": THIN,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": TICK_SIZE,
    "ytick.labelsize": TICK_SIZE,
    "xtick.major.width": THIN,
    "ytick.major.width": THIN,
    "xtick.major.size": 2.0,
    "ytick.major.size": 2.0,
    "xtick.major.pad": 1.5,
    "ytick.major.pad": 1.5,
    "legend.fontsize": TICK_SIZE,
    "legend.frameon": False,
    "lines.linewidth": 0.8,
    "lines.markersize": 2.5,
    "patch.linewidth": THIN,
    "hatch.linewidth": THIN,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "protein-attention-atlas",
    "image.composite_image": False,
}
_PAD = 0.6 / MILLIMETRES
"""Room around each axes in inches."""
LINE = 1.25
"""Distance of lines of text, in their size."""
_ONE_AT_A_TIME = threading.RLock()


@contextmanager
def printing() -> Iterator[None]:
    """Set matplotlib up for print, from its own defaults, and put it back afterwards.

    Matplotlib's settings are the process's, and a server's visitors are threads of it:
    one figure is drawn at a time.
    """
    import matplotlib.style

    own = {**_PARAMETERS, "font.sans-serif": list(fonts())}
    with _ONE_AT_A_TIME, matplotlib.style.context(["default", own]):
        yield


@cache
def fonts() -> tuple[str, ...]:
    """Give those of the fonts that this machine has, by preference."""
    from matplotlib.font_manager import fontManager

    there = set(fontManager.get_font_names())
    return tuple(name for name in _FONTS if name in there)


def start_figure(width: float, height: float, letter: str, header: tuple[str, str]) -> Figure:
    """Start a figure; see `dashboard.figures.printing.figure.Canvas.figure`.

    Parameters
    ----------
    width, height
        Of the figure, and of what is below its header, in millimetres.
    letter
        Panel letter, or empty.
    header
        What is shown, and where it comes from; each may be empty.
    """
    from matplotlib.figure import Figure
    from matplotlib.transforms import Affine2D, ScaledTranslation

    indent = text_width(letter, LETTER_SIZE, bold=True) + 1.5 if letter else 0.0
    sizes = (TITLE_SIZE, TICK_SIZE)
    lines = [
        (line, size, row == 0)
        for row, (text, size) in enumerate(zip(header, sizes, strict=True))
        if text
        for line in wrap(text, size, width - indent - 1.0, bold=row == 0)
    ]
    heights = [size * LINE / POINTS for _, size, _ in lines]
    top = max(sum(heights), LETTER_SIZE * LINE / POINTS if letter else 0.0)
    top += 1.0 if top else 0.0
    figure = Figure(figsize=(width / MILLIMETRES, (height + top) / MILLIMETRES))
    figure.set_layout_engine(
        "constrained",
        rect=(0, 0, 1, height / (height + top)),
        w_pad=_PAD,
        h_pad=_PAD,
        wspace=0,
        hspace=0,
    )
    # millimetres from the upper left corner, however high the figure comes to be
    corner = (
        Affine2D().scale(1 / MILLIMETRES)
        + figure.dpi_scale_trans
        + ScaledTranslation(0, 1, figure.transFigure)  # type: ignore[arg-type]
    )
    edge = 0.4

    def write(words: str, left: float, down: float, size: float, bold: bool) -> Text:
        weight = "bold" if bold else "normal"
        look: dict[str, Any] = {"fontsize": size, "fontweight": weight, "va": "top"}
        return figure.text(left, -down, words, transform=corner, **look)

    if letter:
        write(letter, edge, edge, LETTER_SIZE, True).set_gid("panel-letter")
    below = edge
    for (line, size, bold), step in zip(lines, heights, strict=True):
        write(line, indent + edge, below, size, bold)
        below += step
    return figure


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a line of text as it is set in print.

    Parameters
    ----------
    text
        One line.
    size
        In points.
    bold
        Whether it is set bold.

    Returns
    -------
    float
        Its width in millimetres.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    properties = FontProperties(
        family=list(fonts()), size=size, weight="bold" if bold else "normal"
    )
    width, _, _ = text_to_path.get_text_width_height_descent(text, properties, ismath=False)
    return float(width) / POINTS


def wrap(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Break a text into lines that are no wider than there is room.

    Parameters
    ----------
    text
        Words separated by spaces; a word that is too wide alone is broken.
    size
        In points.
    width
        Room in millimetres.
    bold
        Whether it is set bold.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        tried = f"{line} {word}" if line else word
        if text_width(tried, size, bold=bold) <= width:
            line = tried
            continue
        if line:
            lines.append(line)
        line = word
        while text_width(line, size, bold=bold) > width and len(line) > 1:
            fits = next(
                count
                for count in range(len(line) - 1, 0, -1)
                if count == 1 or text_width(line[:count], size, bold=bold) <= width
            )
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line] if line else lines


def widest(texts: Iterable[str], size: float = TICK_SIZE) -> float:
    """Measure the widest of some lines of text, in millimetres; 0 where there is none."""
    return max((text_width(text, size) for text in texts), default=0.0)


def ticks(count: int, room: float, label: float) -> list[int]:
    """Choose which of the numbers from 1 are written along an axis of cells.

    Parameters
    ----------
    count
        Cells.
    room
        Length of the axis in millimetres.
    label
        Room that one label takes, in millimetres.

    Returns
    -------
    list of int
        1 and round numbers, as many as can stand side by side.
    """
    cell = room / count
    step = next((n for n in (1, 2, 5, 10, 20, 50, 100) if n * cell >= label), count)
    if step == 1:
        return list(range(1, count + 1))
    multiples = list(range(step, count + 1, step))
    # beside the first multiple there must be room for a 1
    if multiples and (multiples[0] - 1) * cell < label:
        return [1, *multiples[1:]] if len(multiples) > 1 else [1]
    return [1, *multiples]
