"""Draw what heads are like: a map a run, and its highest and lowest heads."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.figures.printing.words import print_source
from dashboard.page.address import Choices
from dashboard.page.export import download_buttons
from dashboard.page.markup import show_markup
from dashboard.page.opening import part
from dashboard.page.tables import html_table
from dashboard.pages.heads import words
from dashboard.pages.heads.controls import HeadsChoice
from dashboard.pages.heads.shapes_print import shape_figure
from dashboard.pages.heads.shapes_screen import scale_end, shape_map
from dashboard.pages.heads.view import chart_key, draw_map, open_clicked, width_of
from dashboard.results.head_facts import head_shapes
from dashboard.results.heads import Heads
from dashboard.results.shapes import SHAPES, ordered

_MOST = 10
"""How many of the highest and of the lowest heads are listed."""


@part
def draw_shapes(panels: list[Heads], choices: Choices, choice: HeadsChoice) -> None:
    """Draw a map a panel, as many beside each other as there is room for."""
    name, whole = choice.feature, [panel.whole() for panel in panels]
    ends = [scale_end([head_shapes(panel)], name) for panel in whole]
    beside = st.container(horizontal=True, gap="small")
    for panel, own in zip(whole, ends, strict=True):
        width = width_of(panel, len(panels))
        with beside.container(width=width, gap=None):
            end = max(ends) if choice.scale == "shared" else own
            _draw_map(panel, whole, choices, choice, end, width)
    if len(panels) > 1:
        st.markdown(f"##### {_MOST} highest and {_MOST} lowest heads")
        beside = st.container(horizontal=True, gap="medium")
    for panel in whole:
        with beside.container(width="content", gap=None):
            _draw_ends(panel, whole, choices, choice)


def _draw_map(
    panel: Heads, panels: list[Heads], choices: Choices, choice: HeadsChoice, end: float, width: int
) -> None:
    shown = head_shapes(panel), choice.feature, panel.source.shape, end
    title = words.shape_title(panel, choice.feature, panels)
    draw_map(
        panel,
        choices,
        choice,
        partial(shape_map, *shown, title, width),
        title,
        words.shape_summary(panel, choice.feature),
        _draw_definition,
        partial(shape_figure, *shown, print_source([panel])),
    )


def _draw_definition(panel: Heads, choice: HeadsChoice, key: str) -> None:
    shape = SHAPES[choice.feature]
    st.markdown(
        f"**{shape.label}**: {shape.definition}; the mean over the residues of all proteins, in "
        "attention of any weight, without a threshold and whatever stands where. "
        "[Methods](Methods#head-shape)"
    )
    file_name = words.file_name(panel, choice, "heads")
    download_buttons(head_shapes(panel), file_name, "Heads", f"{key}_heads")


def _draw_ends(panel: Heads, panels: list[Heads], choices: Choices, choice: HeadsChoice) -> None:
    shape = SHAPES[choice.feature]
    known = ordered(head_shapes(panel), choice.feature)
    st.text(words.panel_title(panel, panels))
    with st.container(horizontal=True, gap="medium"):
        for word, rows in (
            ("highest", known.head(_MOST)),
            ("lowest", known.iloc[::-1].head(_MOST)),
        ):
            names = [
                f"{layer}-{head}" for layer, head in zip(rows["layer"], rows["head"], strict=True)
            ]
            values = [f"{value:.{shape.digits}f}" for value in rows[choice.feature]]
            cells = list(zip(names, values, strict=True))
            table = html_table((f"{word} head", shape.unit), cells, names=names, picks=True)
            with st.container(width="content", gap=None):
                show_markup(
                    table,
                    key=f"{word}_{chart_key(panel)}",
                    picked=partial(open_clicked, choices, panel.model, choice.head),
                )
