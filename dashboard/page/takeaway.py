"""Take a figure along: its file for print, its caption, its table, and what to cite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from dashboard.figures.look.citation import bibtex
from dashboard.figures.look.draft import Chart
from dashboard.figures.look.style import file_name
from dashboard.figures.printing.figure import PaperFigure
from dashboard.figures.printing.save import FORMATS, save
from dashboard.figures.printing.style import JOURNALS, ONE_COLUMN
from dashboard.page.address import KEPT
from dashboard.page.export import download_buttons, save_button
from dashboard.page.interactive import write_html, write_json
from dashboard.page.unfold import unfold

LABEL = "Take it along"


_FILES = {
    "PDF": ("pdf", 300),
    "SVG": ("svg", 300),
    "PNG 300": ("png", 300),
    "PNG 600": ("png", 600),
}
"""What a figure for print can be saved as: its ending, and a PNG's dots an inch."""
_INTERACTIVE: dict[str, tuple[str, Callable[[Chart, PaperFigure], bytes], str]] = {
    "HTML": ("html", write_html, "text/html"),
    "JSON": ("json", write_json, "application/json"),
}
"""What a figure of the page can be saved as: its ending, what writes it, its media type."""


def take_along(
    figure: PaperFigure | Callable[[], PaperFigure],
    key: str,
    *,
    chart: Chart | Callable[[], Chart] | None = None,
    linked: bool = True,
    label: str = LABEL,
) -> None:
    """Draw the button that opens everything there is to take of a figure.

    What is behind it is drawn when it is opened (`unfold`), a file made when it is clicked.

    Parameters
    ----------
    figure
        The figure for print, or what makes it.
    key
        Begins the keys of the widgets; unique on the page.
    chart
        The figure that the page shows, or what makes it; taken along as a web page that stands
        alone, or as Plotly's JSON.
    linked
        Whether the page's address shows the same again; one's own protein is in none.
    label
        Of the button, where it does not stand below its figure.
    """

    def draw() -> None:
        made = figure if isinstance(figure, PaperFigure) else figure()
        _draw_choices(_with_address(made) if linked else made, chart, f"{key}_take")

    unfold(label, f"{key}_take", draw)


def _with_address(figure: PaperFigure) -> PaperFigure:
    """Give the figure the page's address as its permalink, if it has none."""
    if figure.source.permalink:
        return figure
    query = urlencode(
        [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    )
    base = (st.context.url or "").partition("?")[0]
    address = f"{base}?{query}" if query else base
    return replace(figure, source=replace(figure.source, permalink=address))


def _draw_choices(figure: PaperFigure, chart: Chart | Callable[[], Chart] | None, key: str) -> None:
    name = file_name(figure.name)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        name_of_journal = st.selectbox(
            "Journal",
            list(JOURNALS),
            format_func=lambda name: JOURNALS[name].label,
            key=f"{key}_journal",
            width=110,
            **KEPT,
        )
        journal = JOURNALS[name_of_journal]
        width = st.segmented_control(
            "Width",
            list(journal.widths),
            default=journal.widths[0],
            format_func=lambda width: f"{width} mm",
            required=True,
            help="Of the journal’s columns, one or more; it prints figures of at most "
            f"{journal.greatest}.",
            # A journal's own, so that the width of one is not asked of another.
            key=f"{key}_width" if journal.widths[0] == ONE_COLUMN else f"{key}_{name_of_journal}",
            **KEPT,
        )
        kind = st.segmented_control(
            "File",
            [*_FILES, *(_INTERACTIVE if chart is not None else ())],
            default="PDF",
            required=True,
            help="PDF and SVG: vectors and selectable text. PNG: dots an inch. HTML: the figure of "
            "this page, to zoom and point at, without a network; JSON: the same for Plotly.",
            key=f"{key}_file",
            **KEPT,
        )
        letter = st.text_input("Panel letter", max_chars=2, key=f"{key}_letter", width=90, **KEPT)
    data: Callable[[], bytes]
    if kind in _INTERACTIVE and chart is not None:
        ending, write, mime = _INTERACTIVE[kind]
        data = partial(_write_interactive, write, chart, figure)
    else:
        ending, dpi = _FILES[kind or "PDF"]
        mime = FORMATS[ending]
        data = partial(save, figure, ending, width or journal.widths[0], dpi, letter.strip())
    with st.container(horizontal=True, gap="small"):
        save_button(f"Figure, {kind}", data, f"{name}.{ending}", mime, f"{key}_figure")
        download_buttons(figure.frame, figure.name, "Table", f"{key}_table")
        works = bibtex(figure.source.cite)
        save_button("Citations, .bib", works, f"{name}.bib", "text/x-bibtex", f"{key}_bib")
    st.code(figure.full_caption, language=None, wrap_lines=True)


def _write_interactive(
    write: Callable[[Chart, PaperFigure], bytes],
    chart: Chart | Callable[[], Chart],
    figure: PaperFigure,
) -> bytes:
    """Write what the page shows when it is clicked, made then where it is kept as JSON only."""
    return write(chart() if callable(chart) else chart, figure)
