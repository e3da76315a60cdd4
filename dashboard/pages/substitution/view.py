"""Draw the parts of the Substitution page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.figures.look.citation import works_of
from dashboard.figures.printing.figure import PaperFigure
from dashboard.figures.printing.words import print_source
from dashboard.page.address import Choices, Parameter
from dashboard.page.drawing import draw
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_notes
from dashboard.page.takeaway import take_along
from dashboard.pages.amino_acids.controls import DEFAULT_SOURCE, choose_source, choose_threshold
from dashboard.pages.substitution import words
from dashboard.pages.substitution.controls import compare_all, pairs_beside_matrix
from dashboard.pages.substitution.frames import deviating
from dashboard.pages.substitution.furthest_pairs_print import furthest_figure
from dashboard.pages.substitution.matrix_print import substitution_figure
from dashboard.pages.substitution.matrix_screen import find_colours, matrix_svg
from dashboard.pages.substitution.pairs_print import pairs_figure, say_statistics
from dashboard.pages.substitution.pairs_screen import scatter_svg
from dashboard.pages.substitution.similarity_print import similarity_figure
from dashboard.results import loaded as results
from dashboard.results.amino_acids import ORDERS, Correlations, allowed_thresholds
from dashboard.results.sources import DEFAULT_THRESHOLD, HeadSource, list_sources
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.similarity import DRAWINGS, RESAMPLES, SEED, matrix_pairs, pair_matrix
from precompute.substitution import (
    DEFAULT_MATRIX,
    PERMUTATIONS,
    PRINTED,
    describe_matrix,
    list_matrices,
    read_matrix,
)

SHOWN: dict[str, str] = {
    "heads": "Heads",
    "figure": "Paper’s figure",
    "difference": "Difference",
}
"""What the left matrix shows."""
_COLUMNS = {
    "heads": "correlation",
    "figure": "paper_correlation",
    "difference": "paper_difference",
}


@dataclass(frozen=True)
class SubstitutionChoice:
    """What a visitor of the page has chosen."""

    source: HeadSource
    threshold: str
    matrix: str
    order: str
    shown: str


def choose(loaded: results.Loaded) -> tuple[Choices, SubstitutionChoice, list[str]]:
    """Draw the controls and give what they say.

    Returns
    -------
    tuple
        The page's choices, what they hold, and notes for the visitor.
    """
    sources = list_sources(loaded)
    matrices = list_matrices()
    choices = Choices(
        "substitution",
        (
            Parameter("source", sources, DEFAULT_SOURCE),
            Parameter("threshold", allowed_thresholds(sources.values()), DEFAULT_THRESHOLD),
            Parameter("matrix", matrices, DEFAULT_MATRIX),
            Parameter("order", ORDERS, "clustering"),
            Parameter("shown", SHOWN, "heads"),
        ),
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        source = choose_source(choices, sources)
        threshold, notes = choose_threshold(choices, source)
        st.selectbox("Matrix", matrices, width=150, **choices.widget("matrix"))
        st.segmented_control(
            "Order",
            list(ORDERS),
            format_func=ORDERS.__getitem__,
            required=True,
            **choices.widget("order"),
        )
        if source.run is None:
            st.segmented_control(
                "Correlations",
                list(SHOWN),
                format_func=SHOWN.__getitem__,
                required=True,
                **choices.widget("shown"),
            )
    return (
        choices,
        SubstitutionChoice(
            source=source,
            threshold=threshold,
            matrix=choices["matrix"],
            order=choices["order"],
            shown=choices["shown"] if source.run is None else "heads",
        ),
        notes,
    )


@part
def draw_chosen(choice: SubstitutionChoice, sources: Sequence[Correlations]) -> None:
    """Draw the chosen source's matrix, the substitution matrix, and the scatter of both."""
    own = next((one for one in sources if one.source == choice.source), None)
    if own is None:
        return  # a note has said why
    frame = pairs_beside_matrix(own, choice.matrix)
    shown = choice.shown
    if shown != "heads" and frame["paper_correlation"].isna().all():
        show_notes(
            [f"The paper draws no correlations of {own.source.label}; its heads’ are shown."]
        )
        shown = "heads"
    row = compare_all([own], choice.matrix).iloc[0]
    draw(
        _markup(choice, shown, own, frame, row),
        key="substitution_drawing",
        says=words.says(frame, choice.matrix),
    )
    st.caption(as_markdown(words.summary(own, frame, row)))
    facts = print_source([own])
    cite = _cited(own)
    statistics = say_statistics(
        {str(k): v for k, v in row.items()}, float(row["mantel_p_pearson"]), own.vectors.count
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        with st.popover("Definition", type="tertiary"):
            st.markdown(words.definition(choice.matrix))
            st.caption(f"{choice.matrix}, as its file says:")
            st.code(describe_matrix(choice.matrix) or choice.matrix, language=None, wrap_lines=True)
        _take(
            "Matrices",
            lambda: substitution_figure(
                frame,
                facts,
                choice.matrix,
                _order(choice, own),
                tree=own.tree if choice.order == "clustering" else None,
                column=_COLUMNS[shown],
                statistics=statistics,
                cite=cite,
            ),
            "substitution_matrices",
        )
        _take(
            "Scatter",
            lambda: pairs_figure(frame, facts, choice.matrix, statistics, cite),
            "substitution_pairs",
        )


@part
def draw_tables(choice: SubstitutionChoice, sources: Sequence[Correlations]) -> None:
    """Draw all models' similarity to the matrix, and the pairs that deviate most."""
    own = next((one for one in sources if one.source == choice.source), None)
    st.markdown(f"##### Similarity to {choice.matrix}, all models")
    table = compare_all(sources, choice.matrix)
    st.html(words.similarity_html(table, own))
    st.caption(
        f"Correlations over the 190 pairs. In brackets: the middle 95 % over {RESAMPLES:,} samples "
        "of the heads with replacement, the proteins as they are. Drawing: the middle 95 % over "
        f"{DRAWINGS} sets of values that the paper’s colours could stand for, each value by itself "
        f"and uniform in ± its resolution. Mantel p: two-sided, {PERMUTATIONS:,} permutations of "
        f"the amino acids, seed {SEED}. Paper’s figure: r of the correlations it draws; it draws "
        "none of ProtAlbert."
        + (
            f" The paper prints {PRINTED['tape_bert']:.2f} for TapeBert."
            if choice.matrix == DEFAULT_MATRIX
            else ""
        )
    )
    if len(table):
        facts = print_source(sources)
        take_along(lambda: similarity_figure(table, facts, choice.matrix), "substitution_models")
    if own is None:
        return
    furthest = deviating(pairs_beside_matrix(own, choice.matrix))
    st.markdown(f"##### Pairs furthest from the line, {as_markdown(own.source.title)}")
    st.html(words.deviating_html(furthest, choice.matrix))
    st.caption(
        "Expected: on the least-squares line of r on the score. Standardised: residual over its "
        "own standard error; the pairs share amino acids, so this orders them and tests nothing."
    )
    facts = print_source([own])
    take_along(
        lambda: furthest_figure(furthest, facts, choice.matrix, _cited(own)),
        "substitution_furthest",
    )


def _markup(
    choice: SubstitutionChoice,
    shown: str,
    own: Correlations,
    frame: pd.DataFrame,
    row: pd.Series,
) -> str:
    """Write both matrices and the scatter, linked by pair."""
    legend = {"heads": "r", "figure": "r", "difference": "difference of r"}[shown]
    values = frame[_COLUMNS[shown]].to_numpy(dtype=float)
    scores = read_matrix(choice.matrix)
    tree = own.tree if choice.order == "clustering" else None
    order = _order(choice, own)
    grouped = choice.order == "chemistry"
    first = f"Attention · {own.source.label}"
    second = f"{own.source.origin}, {own.vectors.count} heads"
    if shown != "heads":
        second = {"figure": "as the paper draws it", "difference": "figure − heads"}[shown]
    attention = matrix_svg(
        pair_matrix(values),
        order,
        (first, second),
        find_colours(values),
        legend,
        tree=tree,
        room_for_tree=tree is not None,
        grouped=grouped,
    )
    pairs = matrix_pairs(scores)
    matrix = matrix_svg(
        pair_matrix(pairs),
        order,
        (choice.matrix, "same order of the amino acids"),
        find_colours(pairs),
        "score",
        room_for_tree=tree is not None,
        grouped=grouped,
    )
    title = (
        f"r = {words.number(row['pearson'])}, ρ = {words.number(row['spearman'])}",
        f"Mantel p {words.p_value(row['mantel_p_pearson'], PERMUTATIONS)}, 190 pairs",
    )
    scatter = scatter_svg(frame, title, (f"{choice.matrix} score", "r of attention"))
    return (
        f'<div class="row">{attention}{matrix}{scatter}</div><div class="say" role="status"></div>'
    )


def _order(choice: SubstitutionChoice, own: Correlations) -> tuple[int, ...]:
    """Give the places of the amino acids in the chosen order."""
    if choice.order == "clustering":
        return own.tree.order
    letters = BY_CHEMISTRY if choice.order == "chemistry" else LETTERS
    return tuple(LETTERS.index(letter) for letter in letters)


def _cited(own: Correlations) -> tuple[str, ...]:
    return works_of([own.source.model], [own.source.run.dataset] if own.source.run else ())


def _take(name: str, make: Callable[[], PaperFigure], key: str) -> None:
    """Draw the button that takes one of several figures along, beside its name."""
    with st.container(gap=None, width="content"):
        st.caption(f"{name}:", width="content")
        take_along(make, key)
