"""Write a figure as a file: PDF and SVG of vectors and text, or PNG, with its source inside."""

from __future__ import annotations

import io
from typing import Any

from dashboard.figures.printing.figure import SOFTWARE, Canvas, PaperFigure
from dashboard.figures.printing.style import MILLIMETRES, ONE_COLUMN, printing, too_high
from dashboard.figures.printing.svg_text import keep_widths
from precompute.errors import AtlasError
from precompute.one_line import one_line

FORMATS: dict[str, str] = {
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "png": "image/png",
}
"""Endings of the files, and their media types."""


def save(
    figure: PaperFigure,
    ending: str,
    width: float = ONE_COLUMN,
    dpi: int = 300,
    letter: str = "",
    journal: str = "",
) -> bytes:
    """Draw a figure and write it.

    Parameters
    ----------
    figure
        What is drawn.
    ending
        A key of `FORMATS`.
    width
        Width in millimetres.
    dpi
        Dots an inch of a PNG; without meaning for the others.
    letter
        Panel letter; empty for none.
    journal
        Key of `JOURNALS` whose greatest height holds; empty for none.

    Returns
    -------
    bytes
        The file; the same bytes for the same figure, for no date is written.

    Raises
    ------
    ValueError
        When there is no such format.
    AtlasError
        When the figure is higher than the journal prints.
    """
    if ending not in FORMATS:
        raise ValueError(f"no format {ending!r}; there are {', '.join(FORMATS)}")
    sink = io.BytesIO()
    with printing():
        drawn = figure.put_on(Canvas(width, letter))
        height = drawn.get_figheight() * MILLIMETRES
        if journal and (said := too_high(height, width, journal)):
            raise AtlasError(said)
        drawn.savefig(sink, format=ending, dpi=dpi, metadata=metadata(figure, ending))
        if ending == "svg":
            return keep_widths(sink.getvalue().decode()).encode()
    return sink.getvalue()


def metadata(figure: PaperFigure, ending: str) -> dict[str, Any]:
    """Say where a figure comes from, in the words of a file format.

    PNG takes any name. PDF has a fixed list (ISO 32000, 14.3.3), so that the facts
    stand among its keywords; SVG has Dublin Core's elements.
    """
    facts = figure.source.facts
    title, caption = map(one_line, (figure.source.header[0] or figure.name, figure.full_caption))
    listed = [f"{name}: {value}" for name, value in facts.items()]
    if ending == "png":
        return {"Title": title, "Description": caption, **facts, "Software": SOFTWARE}
    if ending == "pdf":
        return {
            "Title": title,
            "Subject": caption,
            "Keywords": "; ".join(listed),
            "Creator": SOFTWARE,
            "CreationDate": None,
        }
    return {
        "Title": title,
        "Description": caption,
        "Keywords": listed,
        "Source": "; ".join(listed),
        "Identifier": figure.source.permalink or None,
        "Creator": SOFTWARE,
        "Date": None,
    }
