"""Draw one amino acid's highest heads in every model, side by side."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.figures.printing.figure import PaperFigure
from dashboard.figures.printing.words import print_source
from dashboard.page.chart import show_chart
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_notes
from dashboard.page.some import count_of
from dashboard.page.takeaway import take_along
from dashboard.pages.amino_acids.controls import AminoAcidsChoice, name_of
from dashboard.pages.amino_acids.top_by_model_print import model_tops_figure
from dashboard.pages.amino_acids.top_by_model_screen import top_by_model_chart
from dashboard.results import loaded as results
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import highest
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource, list_sources
from precompute.errors import AtlasError
from precompute.features import AMINO_ACIDS

MOST_MODELS = 10
"""How many models' highest heads stand side by side."""
TOP = 5


@part
def draw_models(choice: AminoAcidsChoice, loaded: results.Loaded) -> None:
    """Draw the chosen amino acid's highest heads in every model, side by side."""
    st.markdown(f"##### {name_of(choice.letter)}: the {TOP} highest heads of each model")
    tops, notes = tops_of_models(choice, loaded)
    if not tops:
        show_notes(notes)
        return
    titles = [(heads.label, f"{heads.source.basis}{heads.settings}") for heads in tops]
    shown = [highest(heads, TOP) for heads in tops]
    chart = partial(top_by_model_chart, list(zip(titles, shown, strict=True)))
    show_chart(
        chart,
        key="amino_acids_tops",
        alt=f"Highest heads of {name_of(choice.letter)}: {'; '.join(map(_named, tops))}.",
        file_name=f"atlas_models_amino_acid-{choice.letter}",
    )
    st.caption(
        "Share of the head’s arcs, %, on one axis; layer-head. Thin lines: what the drawing’s "
        "colours allow (published; the paper gives no interval for amino acids), the interval at "
        "0.05/m with the protein as sampling unit (measured). Dotted: background, where known. "
        + "; ".join(f"{as_markdown(heads.label)} {heads.source.sample}" for heads in tops)
        + f". Threshold {DEFAULT_THRESHOLD}"
        + (
            "."
            if choice.threshold == DEFAULT_THRESHOLD
            else f", for {as_markdown(choice.source.title)} {choice.threshold}."
        )
    )
    show_notes(notes)
    take_along(lambda: _models_figure(choice, tops), "amino_acids_models", chart=chart)


def tops_of_models(
    choice: AminoAcidsChoice, loaded: results.Loaded
) -> tuple[list[Heads], list[str]]:
    """Collect each model's heads, of one amino acid, where some are not grey.

    Returns
    -------
    tuple
        The heads (of the chosen source, else the published values, else the newest run) for each
        model; and a note for what is left out.
    """
    own: dict[str, HeadSource] = {}
    for source in list_sources(loaded).values():
        own.setdefault(source.model, source)
    own[choice.source.model] = choice.source
    shown = list(own.values())[:MOST_MODELS]
    if choice.source not in shown:
        shown[-1] = choice.source
    notes = []
    if len(own) > len(shown):
        left = count_of(len(own) - len(shown), "more model is", "more models are")
        notes.append(f"{left} not shown.")
    tops = []
    for source in shown:
        threshold = choice.threshold if source == choice.source else DEFAULT_THRESHOLD
        try:
            heads = results.read_heads(source, threshold)
        except AtlasError as error:
            notes.append(str(error))
            continue
        feature = f"amino_acid:{choice.letter}"
        if feature not in heads.frames:
            name = AMINO_ACIDS[choice.letter].lower()
            notes.append(f"{source.title}: there are no values for {name}.")
            continue
        heads = heads.showing(feature)
        if highest(heads, TOP).empty:
            notes.append(f"{source.title}: every head is grey.")
        else:
            tops.append(heads)
    return tops, notes


@kept(512)
def _named(heads: Heads) -> str:
    """Name a model's highest heads with their shares."""
    top = highest(heads, TOP)
    return f"{heads.label} " + ", ".join(
        f"{layer}-{head} {percent:.1f} %"
        for layer, head, percent in zip(top["layer"], top["head"], top["percent"], strict=True)
    )


def _models_figure(choice: AminoAcidsChoice, tops: list[Heads]) -> PaperFigure:
    facts = print_source(tops, [f"amino_acid:{choice.letter}"])
    frame = pd.concat([highest(heads, TOP) for heads in tops], ignore_index=True)
    labels = [(heads.label, heads.source.origin) for heads in tops]
    return model_tops_figure(frame, labels, facts)
