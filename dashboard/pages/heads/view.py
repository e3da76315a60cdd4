"""Draw the parts of the Heads page: heatmaps and the highest heads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from dashboard.figures.heads.heads_print import heads_figure
from dashboard.figures.heads.heads_screen import head_heatmap, size
from dashboard.figures.look.draft import Chart
from dashboard.figures.look.scale import Scale, find_scale, is_known
from dashboard.figures.printing.figure import PaperFigure
from dashboard.figures.printing.words import print_source
from dashboard.figures.top_heads.top_heads_print import top_heads_figure
from dashboard.figures.top_heads.top_heads_screen import top_heads_chart
from dashboard.page.address import Choices
from dashboard.page.chart import show_chart
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown, element_key
from dashboard.page.opening import part, show_notes
from dashboard.page.takeaway import take_along
from dashboard.page.unfold import unfold
from dashboard.pages.heads import words
from dashboard.pages.heads.controls import HeadsChoice
from dashboard.pages.heads.opened import chosen_css, same_shape
from dashboard.results.frames import layer_maxima
from dashboard.results.head import Head
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import highest
from precompute.heads import compare

WIDE_PIXELS = 560
"""Width of the only heatmap of a page."""
TOP_PIXELS = 340
"""Width of the ten highest heads beside the only heatmap."""
SMALL_TOP_PIXELS = 300
"""Width of the ten highest heads of each of several panels."""


@part
def draw_heatmaps(panels: list[Heads], choices: Choices, choice: HeadsChoice) -> None:
    """Draw one heatmap a panel, as many beside each other as there is room for."""
    shown = [
        (panel, choice.measure if is_known(panel.frame, choice.measure) else "percent")
        for panel in panels
    ]
    for panel, measure in shown:
        if measure != choice.measure:
            st.text(words.no_measure(panel, choice.measure, panels))
    st.html(f"<style>{chosen_css(choice.feature)}</style>")
    # Not `with` within `with`: a fragment copies each open container with all that it stands in.
    beside = st.container(horizontal=True, gap="small")
    for panel, measure in shown:
        like = [other.frame for other, kind in shown if kind == measure]
        scale = find_scale(like if choice.scale == "shared" else [panel.frame], measure)
        width = width_of(panel, len(panels))
        with beside.container(width=width, gap=None):
            _draw_heatmap(panel, panels, choices, choice, scale, width)
    if len(panels) == 1:
        with beside.container(width=TOP_PIXELS, gap=None):
            _draw_top(panels[0], panels, choices, choice, TOP_PIXELS)


@part
def draw_top_heads(panels: list[Heads], choices: Choices, choice: HeadsChoice) -> None:
    """Draw the highest heads of every panel, unless they stand beside the only heatmap."""
    if len(panels) < 2:
        return
    st.markdown("##### Ten highest heads")
    beside = st.container(horizontal=True, gap="small")
    for panel in panels:
        with beside.container(width=SMALL_TOP_PIXELS, gap=None):
            _draw_top(panel, panels, choices, choice, SMALL_TOP_PIXELS)


@part
def draw_agreement(panels: list[Heads]) -> None:
    """Say for each measured panel how far it agrees with the published one."""
    published = {panel.model: panel for panel in panels if panel.run is None}
    sentences = []
    for panel in panels:
        if panel.run is None or panel.model not in published:
            continue
        paper = published[panel.model]
        if not panel.as_the_paper:
            sentences.append(words.not_compared(panel, panels))
        elif same_shape(paper, panel):
            sentences.append(_agreement(paper, panel, words.panel_title(panel, panels)))
        else:
            sentences.append(words.no_comparison(paper, panel, panels))
    show_notes(sentences)


@kept(256)
def _agreement(paper: Heads, panel: Heads, title: str) -> str:
    return words.agreement(compare(paper.frame, panel.frame), title)


def chart_key(panel: Heads) -> str:
    """Name a panel's heatmap: the key of its chart, and its class in the document."""
    return element_key("heatmap", panel.model, panel.source.results)


def width_of(panel: Heads, panels: int) -> int:
    """Give a heatmap's width: that of its cells, or more where it is the only one."""
    natural, _ = size(*panel.source.shape)
    return max(natural, WIDE_PIXELS) if panels == 1 else natural


def _draw_heatmap(
    panel: Heads,
    panels: list[Heads],
    choices: Choices,
    choice: HeadsChoice,
    scale: Scale,
    width: int,
) -> None:
    title = words.figure_title(panel, panels)
    draw_map(
        panel,
        choices,
        choice,
        partial(head_heatmap, panel.frame, scale, title, width),
        title,
        words.panel_summary(panel),
        _draw_definition,
        partial(_print_heatmap, panel, scale),
    )


def draw_map(
    panel: Heads,
    choices: Choices,
    choice: HeadsChoice,
    chart: Callable[[], Chart],
    title: Sequence[str],
    summary: str,
    define: Callable[[Heads, HeadsChoice, str], None],
    printed: Callable[[], PaperFigure],
) -> None:
    """Draw a panel's map of heads, whose cells open heads, with what belongs below it.

    Parameters
    ----------
    panel, choices, choice
        Of the page.
    chart, printed
        Make the map for the screen and for print.
    title, summary
        What stands above and below it.
    define
        Draws its definition and table, under a key.
    """
    key, head = chart_key(panel), choice.head
    show_chart(
        chart,
        key=key,
        alt=f"Heatmap: {', '.join(title)}. {summary}",
        file_name=words.file_name(panel, choice, "heads"),
        chosen=(head.layer, head.head) if head and head.model == panel.model else None,
        on_pick=partial(open_clicked, choices, panel.model, head),
    )
    st.caption(as_markdown(summary))
    buttons = st.container(horizontal=True, gap="small")
    with buttons.container(width="content"):
        unfold("Definition and table", f"{key}_more", partial(define, panel, choice, key))
    with buttons:
        take_along(printed, key, chart=chart)


def _print_heatmap(panel: Heads, scale: Scale) -> PaperFigure:
    source = print_source([panel], [panel.feature])
    return heads_figure(panel.frame, source, scale.measure, scale.limit)


def _draw_definition(panel: Heads, choice: HeadsChoice, key: str) -> None:
    st.markdown(words.definition(panel))
    for name, label, frame in (
        ("heads", "Heads", panel.frame),
        ("layer-maxima", "Layer maxima", layer_maxima(panel.frame)),
    ):
        download_buttons(frame, words.file_name(panel, choice, name), label, f"{key}_{name}")


def _draw_top(
    panel: Heads, panels: list[Heads], choices: Choices, choice: HeadsChoice, width: int
) -> None:
    frame = highest(panel)
    if frame.empty:
        st.text(f"{words.panel_title(panel, panels)}: every head is grey.")
        return
    title = words.figure_title(panel, panels)
    summary = words.interval_summary(panel)
    head = choice.head
    key = f"top_{chart_key(panel)}"
    chart = partial(top_heads_chart, frame, title, width=width, marked=True)
    show_chart(
        partial(chart, pick=True),
        key=key,
        alt=f"Ten highest heads: {', '.join(title)}. {summary}",
        file_name=words.file_name(panel, choice, "top-heads"),
        chosen=head.label if head and head.model == panel.model else None,
        on_pick=partial(open_clicked, choices, panel.model, head),
    )
    st.caption(as_markdown(summary))
    take_along(
        partial(top_heads_figure, frame, print_source([panel], [panel.feature])),
        key,
        chart=chart,
    )


def open_clicked(
    choices: Choices, model: str, opened: Head | None, clicked_on: list[int] | str
) -> None:
    """Open the clicked cell's or dot's head, or close it if it is the open one."""
    layer, head = clicked_on.split("-") if isinstance(clicked_on, str) else clicked_on
    clicked = Head(model, int(layer), int(head))
    choices.set("head", "" if clicked == opened else str(clicked))
