"""The controls of the pages about amino acids, kept in step with their addresses."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.page.address import Choices, Parameter
from dashboard.results import loaded as results
from dashboard.results.amino_acids import ORDERS, allowed_thresholds
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource, list_sources
from precompute.chemistry import LETTERS
from precompute.features import AMINO_ACIDS
from precompute.heads import PUBLISHED

SCALES = {"own": "Own", "shared": "Shared"}
DEFAULT_SOURCE = f"prot_bert_bfd:{PUBLISHED}"


@dataclass(frozen=True)
class AminoAcidsChoice:
    """What a visitor of the page has chosen."""

    source: HeadSource
    threshold: str
    letter: str
    order: str
    scale: str
    head: tuple[int, int] | None


def choose(loaded: results.Loaded) -> tuple[Choices, AminoAcidsChoice, list[str]]:
    """Draw the controls and give what they say.

    Returns
    -------
    tuple
        The page's choices, what they hold, and notes for the visitor.
    """
    sources = list_sources(loaded)
    choices = Choices(
        "amino_acids",
        (
            Parameter("source", sources, DEFAULT_SOURCE),
            Parameter("threshold", allowed_thresholds(sources.values()), DEFAULT_THRESHOLD),
            Parameter("amino_acid", LETTERS, "P"),
            Parameter("order", ORDERS, "chemistry"),
            Parameter("scale", SCALES, "own"),
            Parameter("head", _is_head, ""),
        ),
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        source = choose_source(choices, sources)
        threshold, notes = choose_threshold(choices, source)
        st.selectbox(
            "Amino acid",
            LETTERS,
            format_func=name_of,
            width=180,
            **choices.widget("amino_acid"),
        )
        for name, label, options in (("order", "Order", ORDERS), ("scale", "Colour scale", SCALES)):
            st.segmented_control(
                label,
                list(options),
                format_func=options.__getitem__,
                required=True,
                **choices.widget(name),
            )
    layer, _, head = choices["head"].partition(".")
    choice = AminoAcidsChoice(
        source=source,
        threshold=threshold,
        letter=choices["amino_acid"],
        order=choices["order"],
        scale=choices["scale"],
        head=(int(layer), int(head)) if head else None,
    )
    return choices, choice, notes


def name_of(letter: str) -> str:
    """Name an amino acid by its word and letter."""
    return f"{AMINO_ACIDS[letter]} ({letter})"


def choose_source(choices: Choices, sources: dict[str, HeadSource]) -> HeadSource:
    """Draw the choice of a model and where its values come from."""
    key = st.selectbox(
        "Model and results",
        list(sources),
        format_func=lambda key: f"{sources[key].title}{_run_name(sources[key])}",
        width=230,
        **choices.widget("source"),
    )
    return sources[key]


def choose_threshold(choices: Choices, source: HeadSource) -> tuple[str, list[str]]:
    """Draw the choice of a run's threshold; published values have one only.

    Returns
    -------
    tuple
        A threshold the source has, and a note where the chosen one is not of it.
    """
    wanted, known = choices["threshold"], source.thresholds
    notes = []
    if known and wanted not in known:
        nearest = min(known, key=lambda text: abs(float(text) - float(wanted)))
        notes.append(
            f"{source.title} has no threshold {wanted}; {nearest} is shown. "
            f"There {'are' if len(known) > 1 else 'is'} {', '.join(known)}."
        )
        wanted = nearest
        choices.correct("threshold", nearest)
    if len(known) > 1:
        st.select_slider("Threshold", known, width=180, **choices.widget("threshold"))
    return wanted, notes


def _is_head(text: str) -> bool:
    layer, _, head = text.partition(".")
    return all(
        part.isascii() and part.isdigit() and len(part) <= 4 and part[0] != "0"
        for part in (layer, head)
    )


def _run_name(source: HeadSource) -> str:
    if source.run is None:
        return ""
    return f", n = {source.run.proteins:,} ({source.run.name})"
