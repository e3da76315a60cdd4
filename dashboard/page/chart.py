"""Put a Plotly figure into a page: one component for all of them, drawn by `chart.js`.

Where Streamlit's own chart is built anew at every change, this one keeps its place, its zoom
and its legend, reads its marks by keyboard, and says which cell or mark was clicked.

What a trace answers to stands in its ``meta``, a dictionary:

``pick``
    A click or Enter on one of its marks is told to Python: the mark's ``customdata`` where that
    is a text (or its first entry, where each mark has several), else ``[y, x]``.
``link``
    A mark's ``customdata`` (likewise) names what it shows; all marks of the page with the same
    name are framed together while the pointer is on one of them.
``quiet``
    The keyboard passes the trace by.

A figure's own ``layout.meta`` may have ``says``, a sentence for each name of a ``link``: it is
written into the page's line (`say_line`) while the name is framed. With ``tiles`` its small figures
break into rows where the page ends (`dashboard.figures.look.tiles`).
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import streamlit as st

from dashboard.figures.look.draft import Chart, parts_of
from dashboard.figures.look.draft import to_json as to_json
from dashboard.figures.look.style import file_name as safe_name
from dashboard.page.joining import PRESSED, join_files
from dashboard.page.library import chart_library
from dashboard.results.kept import kept

Mark = tuple[float, ...] | str
_component = st.components.v2.component(
    "protein_attention_atlas.chart",
    html='<div class="atlas-chart"></div>',
    css=(Path(__file__).with_name("chart.css")).read_text(encoding="utf-8"),
    js=join_files(
        PRESSED,
        *(
            Path(__file__).with_name(f"chart{part}.js")
            for part in ("_marks", "_reading", "_drawing", "")
        ),
    ),
    isolate_styles=False,
)


class Drawn(NamedTuple):
    """A figure as Plotly's JSON, and its width in pixels; 0 is that of where it stands."""

    json: str
    width: int


def drawn(chart: partial[Chart]) -> Drawn:
    """Draw a chart, once for each of all that it shows."""
    return _drawn(chart.func, *chart.args, **chart.keywords)


@kept(512)
def _drawn(make: Callable[..., Chart], *given: Any, **named: Any) -> Drawn:
    figure = make(*given, **named)
    return Drawn(to_json(figure), int(parts_of(figure)[1].get("width") or 0))


def show_chart(
    figure: Chart | partial[Chart] | str,
    *,
    key: str,
    alt: str,
    file_name: str,
    chosen: Mark | list[Mark] | None = None,
    on_pick: Callable[[Any], None] | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> None:
    """Draw a figure in the width it stands in, or in its own.

    Parameters
    ----------
    figure
        What makes the figure, which is then drawn once for all that it is given and for everybody
        (`drawn`); a figure that is drawn anew each time, or its JSON (`to_json`), where it shows
        what is a visitor's own.
    key
        Identity on the page, and a class in the document (``st-key-…``).
    alt
        What it shows, for readers who do not see it.
    file_name
        Name of the SVG file that its mode bar saves, without the ending.
    chosen
        The marks that stay framed: ``(y, x)`` of a cell, such as layer and head, or the name
        of a mark with ``meta.link`` or ``meta.pick``; one of them, or a list.
    on_pick
        Called with what was clicked, before the page is drawn: ``[y, x]`` or a name.
    width
        In pixels, where there is room. It needs no container, each of which a browser has to make.
    """

    def picked() -> None:
        value = st.session_state[key].get("picked")
        if value is not None and on_pick is not None:
            on_pick(value)

    if isinstance(figure, partial):
        figure = drawn(figure).json
    text = figure if isinstance(figure, str) else to_json(figure)
    library = chart_library()
    more = {
        "alt": alt,
        "file": safe_name(file_name),
        "chosen": chosen if isinstance(chosen, list) else [] if chosen is None else [chosen],
        "library": library.url,
    }
    _component(
        key=key,
        # Streamlit would write a figure within a dictionary twice more as JSON in each run.
        data=f"{json.dumps(more)}\n{text}".encode(),
        on_picked_change=picked,
        width=width,
    )


def show_with_table(
    chart: partial[Chart], table: str, *, key: str, alt: str, file_name: str
) -> None:
    """Draw a figure, and its numbers as a table of HTML beside it where there is room.

    Parameters
    ----------
    chart, key, alt, file_name
        As of `show_chart`; it is as wide as it asks for.
    table
        Of `dashboard.page.tables`.
    """
    with st.container(horizontal=True, gap="medium"):
        show_chart(chart, key=key, alt=alt, file_name=file_name, width=drawn(chart).width)
        st.html(table, width="content")


def say_line(rest: str) -> None:
    """Draw the line that says what is framed in all charts, and something else at rest."""
    st.html(f'<div class="atlas-sentence">{html.escape(rest)}</div>')
