"""What all figures share: font, colours, sizes and the names of their files."""

from __future__ import annotations

import re

FONT_SIZE = 11
MASKED = "rgba(128,128,128,0.45)"
"""Heads that are not shown; grey in light and dark."""
INK = "rgb(128,128,128)"
"""Axes, background lines and marks that must be legible on white and on black."""
VALUE = "#2a78b8"
OTHER = "#d55e00"
SEQUENTIAL: tuple[str, ...] = (
    *("#440154", "#482878", "#3e4989", "#31688e", "#26828e"),
    *("#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"),
)
"""Viridis, from low to high."""
DIVERGING: tuple[str, ...] = (
    *("#053061", "#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7"),
    *("#fddbc7", "#f4a582", "#d6604d", "#b2182b", "#67001f"),
)
"""ColorBrewer's RdBu, blue low and red high."""
_FEW: tuple[str, ...] = (
    *("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"),
)
"""Okabe and Ito's colours but for black."""
_MANY: tuple[str, ...] = (
    *("#ffcc99", "#0000ff", "#669966", "#ff00ff", "#993333", "#99ff00"),
    *("#663366", "#00cc33", "#cc66cc", "#996600", "#6600cc", "#990099"),
)
"""Twelve of the web's 216 colours, searched for the largest least distance in CIELAB as readers
with each kind of colour blindness see them (Machado et al. 2009)."""


def categories(count: int) -> tuple[str, ...]:
    """Give colours of up to twelve kinds, told apart by colour-blind readers too."""
    return (_FEW if count <= len(_FEW) else _MANY)[:count]


LAYER_PIXELS = 13
_LONGEST_NAME = 140
"""Letters: file systems take 255 bytes with the ending."""
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\.|$)", re.IGNORECASE)
"""What Windows takes for a device, with any ending."""


def file_name(text: str) -> str:
    """Make a file name of letters, digits, dots, dashes and underscores, for any system."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:_LONGEST_NAME]
    name = re.sub(r"\.{2,}", ".", name).strip("-.") or "atlas"
    return f"atlas_{name}" if _DEVICE.match(name) else name
