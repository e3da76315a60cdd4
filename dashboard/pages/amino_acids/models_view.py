"""Draw one amino acid's highest heads in every model, side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.figures.printing.figure import PaperFigure
from dashboard.figures.printing.words import print_source
from dashboard.page.chart import show_chart
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_notes
from dashboard.page.takeaway import take_along
from dashboard.pages.amino_acids.controls import AminoAcidsChoice, name_of
from dashboard.pages.amino_acids.top_by_model_print import model_tops_figure
from dashboard.pages.amino_acids.top_by_model_screen import top_by_model_chart
from dashboard.results import loaded as results
from dashboard.results.frames import top_heads
from dashboard.results.heads import Heads
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
    chart = top_by_model_chart(
        [
            ((heads.label, f"{heads.source.origin}, {heads.source.sample}"), top)
            for heads, top in tops
        ]
    )
    named = "; ".join(
        f"{heads.label} "
        + ", ".join(
            f"{layer}-{head} {percent:.1f} %"
            for layer, head, percent in zip(top["layer"], top["head"], top["percent"], strict=True)
        )
        for heads, top in tops
    )
    show_chart(
        chart,
        key="amino_acids_tops",
        alt=f"Highest heads of {name_of(choice.letter)}: {named}.",
        file_name=f"atlas_models_amino_acid-{choice.letter}",
    )
    st.caption(
        "Share of the head’s arcs, %, on one axis; layer-head. Thin lines: what the drawing’s "
        "colours allow (published; the paper gives no interval for amino acids), the interval at "
        "0.05/m with the protein as sampling unit (measured). Dotted: background, where known. "
        + "; ".join(f"{as_markdown(heads.label)} {heads.source.sample}" for heads, _ in tops)
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
) -> tuple[list[tuple[Heads, pd.DataFrame]], list[str]]:
    """Collect the highest heads of one amino acid: the chosen source, then one a model.

    Returns
    -------
    tuple
        For each model its heads (of the chosen source, else the published values, else the
        newest run) with the highest of them; and a note for what is left out.
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
        notes.append(f"{len(own) - len(shown)} more models are not shown.")
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
        top = top_heads(heads.frames[feature], TOP)
        if top.empty:
            notes.append(f"{source.title}: every head is grey.")
        else:
            tops.append((heads, top))
    return tops, notes


def _models_figure(choice: AminoAcidsChoice, tops: list[tuple[Heads, pd.DataFrame]]) -> PaperFigure:
    facts = print_source([heads for heads, _ in tops], [f"amino_acid:{choice.letter}"])
    frame = pd.concat([top for _, top in tops], ignore_index=True)
    labels = [(heads.label, heads.source.origin) for heads, _ in tops]
    return model_tops_figure(frame, labels, facts)
