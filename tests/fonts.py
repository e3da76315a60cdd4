"""Set print in one font alone, as on a machine that has no other; and a font wider than all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib import get_data_path
from matplotlib.font_manager import findSystemFonts, fontManager

from dashboard.figures.printing import style

PLAIN, NARROW, WIDE = "DejaVu Sans", "Liberation Sans", "Atlas Test Wide"
"""Matplotlib's own, the one with Arial's widths, and `PLAIN` drawn out by `STRETCH`."""
STRETCH = 1.3
REQUIRE = "ATLAS_REQUIRE_FONTS"
"""Set where a test must not be left out because a font is missing."""


@contextmanager
def only(font: str) -> Iterator[None]:
    """Let print know no font but this."""
    with mock.patch.object(style, "fonts", return_value=(font,)):
        yield


def need(font: str, folder: Path) -> None:
    """Skip the test where a font is not installed; the wide one is made in a folder.

    Raises
    ------
    AssertionError
        When it is missing and `REQUIRE` is set.
    """
    style.fonts()  # what other tests' figures are set in is found before one is added
    if font in fontManager.get_font_names():
        return
    if font == WIDE:
        fontManager.addfont(make_wide(folder / "wide.ttf"))
        return
    for path in findSystemFonts():  # matplotlib does not see those installed after it
        if Path(path).name.startswith(f"{font.replace(' ', '')}-"):
            fontManager.addfont(path)
    if font in fontManager.get_font_names():
        return
    said = f"the font {font} is not installed; Debian's package fonts-liberation has it"
    assert not os.environ.get(REQUIRE), said
    pytest.skip(said)


def make_wide(path: Path) -> Path:
    """Write `WIDE`: the Latin and Greek letters of `PLAIN`, each wider by `STRETCH`."""
    font = TTFont(Path(get_data_path()) / "fonts/ttf/DejaVuSans.ttf")
    options = subset.Options(
        layout_features=[], hinting=False, drop_tables=["GPOS", "GSUB", "FFTM"]
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[*range(0x20, 0x400), *range(0x2010, 0x2300)])
    cutter.subset(font)
    glyphs = font["glyf"]
    for name in font.getGlyphOrder():
        glyph = glyphs[name]
        advance, bearing = font["hmtx"][name]
        font["hmtx"][name] = (round(advance * STRETCH), round(bearing * STRETCH))
        if glyph.isComposite():
            for part in glyph.components:
                part.x = round(part.x * STRETCH)
        elif glyph.numberOfContours > 0:
            glyph.coordinates.scale((STRETCH, 1))
            glyph.coordinates.toInt()
        glyph.recalcBounds(glyphs)
    for record in font["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = WIDE
        elif record.nameID == 6:
            record.string = WIDE.replace(" ", "")
    font.save(path)
    return path
