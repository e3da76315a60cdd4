"""Draw where row attention ends by the conservation of columns, and an opened head's shares."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.heads.heads_screen import head_heatmap
from dashboard.figures.look.scale import find_scale
from dashboard.figures.printing.words import print_source
from dashboard.page.address import Choices
from dashboard.page.chart import show_chart
from dashboard.page.controls import choose_one, choose_threshold, row
from dashboard.page.export import download_buttons
from dashboard.page.names import as_markdown
from dashboard.page.opened import open_clicked
from dashboard.page.opening import part
from dashboard.page.tables import html_table
from dashboard.page.takeaway import take_along
from dashboard.page.unfold import unfold
from dashboard.pages.alignments import words
from dashboard.pages.alignments.conservation_print import conservation_figure
from dashboard.pages.alignments.controls import AlignmentsChoice
from dashboard.pages.alignments.view import WIDTH
from dashboard.results.conservation import read_conservation
from dashboard.results.frames import head_profile, highest_head, rows_of
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource
from precompute.features import CONSERVATION_FEATURES, FEATURES
from precompute.published import MINIMUM_ARCS

KEY = "alignments_conservation"


@part
def draw_conservation(choices: Choices, choice: AlignmentsChoice) -> None:
    """Draw the map of row attention that ends on a quarter of the columns, where there is a run."""
    if choice.run is None:
        return
    st.markdown("##### Row attention by conservation")
    with row():
        choose_one(choices, "quarter", "Columns")
        choose_threshold(choices, HeadSource(choice.run.model, "", choice.run).thresholds)
    heads = _heads(choice).showing(f"conservation:{choice.quarter}")
    title = title_of(heads)
    chart = partial(head_heatmap, heads.frame, find_scale([heads.frame], "percent"), title, WIDTH)
    show_chart(
        chart,
        key=KEY,
        alt=f"Heatmap: {', '.join(title)}. {summary(heads)}",
        file_name=f"atlas_conservation_{heads.source.results}",
        chosen=choice.head,
        on_pick=partial(open_clicked, choices, choice.head),
    )
    st.caption(as_markdown(summary(heads)))
    with st.container(horizontal=True, gap="small"):
        unfold("Definition and table", f"{KEY}_more", partial(_draw_definition, heads))
        take_along(partial(conservation_figure, heads), KEY, chart=chart)


@part
def draw_head_conservation(choice: AlignmentsChoice) -> None:
    """Draw the opened head's arcs by quarter."""
    if choice.run is not None and choice.head is not None:
        st.html(quarters_html(_heads(choice), *choice.head))
        st.caption(f"Attention ≥ {choice.threshold}. {words.prose('quarters')}")


def _heads(choice: AlignmentsChoice) -> Heads:
    assert choice.run is not None
    source = HeadSource(choice.run.model, choice.label, choice.run)
    return read_conservation(source, choice.threshold)


def title_of(heads: Heads) -> tuple[str, str]:
    """Name a map in two lines: quarter and model; source, n, and a threshold of one's own."""
    first, second = print_source([heads], [heads.feature]).header
    own = f"{heads.threshold:.2f}"
    return first, second if own == DEFAULT_THRESHOLD else f"{second}, attention ≥ {own}"


@kept(64)
def summary(heads: Heads) -> str:
    """Sum a map up: its highest head, the background, what is grey."""
    frame, best = heads.frame, highest_head(heads.frame)
    grey = int(frame["percent"].isna().sum())
    said = f"{grey} of {len(frame)} heads grey (fewer than {MINIMUM_ARCS} arcs)."
    if best is None:
        return said
    return (
        f"Highest {best[0]}-{best[1]}: {best[2]:.1f} % of its arcs (attention ≥ "
        f"{heads.threshold:.2f}); background {frame['background_percent'].iloc[0]:.1f} % (dotted); "
        f"{said}"
    )


@kept(128)
def quarters_html(heads: Heads, layer: int, head: int) -> str:
    """Write which share of a head's arcs ends on each quarter of the columns."""
    rows = []
    for one in rows_of(head_profile(heads.several(CONSERVATION_FEATURES), layer, head)):
        cells = [FEATURES[one["feature"]].label, f"fewer than {MINIMUM_ARCS} arcs", "", ""]
        if pd.notna(one["percent"]):
            cells[1] = f"{one['percent']:.1f}"
            if pd.notna(one["interval_lower"]):
                cells[1] += f" ({one['interval_lower']:.1f} to {one['interval_upper']:.1f})"
            cells[3] = f"{one['hits']:,} of {one['arcs']:,}"
        cells[2] = f"{one['background_percent']:.1f}"
        rows.append(cells)
    return html_table(("row attention ends on", "% of arcs", "background %", "arcs"), rows)


def _draw_definition(heads: Heads) -> None:
    st.markdown(words.prose("conservation"))
    table = pd.concat(heads.several(CONSERVATION_FEATURES), ignore_index=True)
    name = f"atlas_conservation_{heads.source.results}"
    download_buttons(table, name, "All quarters", f"{KEY}_table")
