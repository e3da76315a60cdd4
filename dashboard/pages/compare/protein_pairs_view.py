"""Draw pairs of one family beside pairs of different ones, where a run over pairs is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.figures.look.draft import Chart
from dashboard.figures.look.tiles import beside
from dashboard.page.address import Choices, Parameter
from dashboard.page.chart import show_chart
from dashboard.page.controls import choose_from, row
from dashboard.page.names import as_markdown
from dashboard.page.opening import part
from dashboard.page.takeaway import take_along
from dashboard.pages.compare.protein_pairs_print import pairs_source, protein_pairs_figure
from dashboard.pages.compare.protein_pairs_screen import pair_map
from dashboard.results.protein_pairs import (
    DEFAULT_MEASURE,
    DIFFERENCE,
    MEASURES,
    PairRun,
    compared,
    read_shares,
    say_scores,
)

MAP_PIXELS = 300
DEFINITION = (
    "Two proteins are one input, `[CLS] a [SEP] b [SEP]`. The share is of the attention that "
    "residues give to residues of both; on aligned residues and on contacts, of that from one "
    "protein to the other; special tokens are apart. A pair counts once however long it is, and is "
    "the unit of the 95 % intervals. Methods has the formulas."
)


def pair_parameters(runs: Sequence[PairRun]) -> tuple[Parameter, Parameter]:
    """Give what the address names of this part: the run over pairs, and what is shown."""
    names = {run.name: run for run in runs}
    return (
        Parameter("pairs", names, runs[0].name if runs else ""),
        Parameter("attention", MEASURES, DEFAULT_MEASURE),
    )


@part
def draw_pairs(choices: Choices, runs: Sequence[PairRun]) -> None:
    """Draw the choice, a map a relation and their difference, and the same-family scores."""
    if not runs:
        return
    by_name = {run.name: run for run in runs}
    st.markdown("##### Pairs of proteins")
    with row():
        name = choose_from(
            choices,
            "pairs",
            "Run over pairs",
            lambda name: f"{by_name[name].label}, {by_name[name].sample} ({name})",
            width=430,
        )
        measure = choose_from(choices, "attention", "Attention", MEASURES.__getitem__, width=250)
    run = by_name[name]
    frame = read_shares(run, measure)
    if frame.empty:
        what = "has no attention" if not run.heads else "has no pair of which this is known"
        st.text(f"The run {what}.")
    else:
        _draw_maps(run, measure)
    for sentence in say_scores(run):
        st.caption(as_markdown(sentence[:1].upper() + sentence[1:]))
    with st.popover("What is measured of pairs", type="tertiary"):
        st.markdown(DEFINITION)


def _draw_maps(run: PairRun, measure: str) -> None:
    frame = read_shares(run, measure)
    charts = [
        (str(relation), partial(_map, run, measure, str(relation)))
        for relation in frame["relation"].unique()
    ]
    with st.container(horizontal=True, gap="small"):
        for number, (relation, chart) in enumerate(charts):
            own = frame[frame["relation"] == relation]["percent"]
            show_chart(
                chart,
                key=f"pairs_map_{number}",
                alt=f"Map of {MEASURES[measure].lower()}, {relation}, {run.label}: "
                f"{own.notna().sum()} heads, median {own.median():.2f}",
                file_name=f"atlas_pairs_{measure}_{run.name}_{number}",
                width=MAP_PIXELS,
            )
    take_along(
        lambda: protein_pairs_figure(read_shares(run, measure), run, measure),
        "compare_pairs",
        chart=lambda: beside([chart() for _, chart in charts]),
    )


def _map(run: PairRun, measure: str, relation: str) -> Chart:
    frame = read_shares(run, measure)
    one, other = compared(frame["relation"])
    source = pairs_source(run, measure, frame)
    what = f"{one} − {other}" if relation == DIFFERENCE else relation
    pairs = int(frame["pairs"][frame["relation"] == relation].max())
    sample = f"n = {pairs:,} pair{'' if pairs == 1 else 's'}"
    return pair_map(frame, relation, (f"{source.feature}: {what}", f"{run.label}, {sample}"))
