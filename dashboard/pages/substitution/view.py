"""Draw the parts of the Substitution page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import pandas as pd
import streamlit as st

from dashboard.figures.look.draft import Chart
from dashboard.figures.printing.words import print_source
from dashboard.page.chart import drawn, say_line, show_chart
from dashboard.page.names import as_markdown
from dashboard.page.opening import part, show_notes
from dashboard.page.takeaway import take_along
from dashboard.pages.substitution import words
from dashboard.pages.substitution.controls import SubstitutionChoice
from dashboard.pages.substitution.frames import (
    furthest_pairs,
    pairs_beside_matrix,
    similarity_frame,
)
from dashboard.pages.substitution.furthest_pairs_print import furthest_figure
from dashboard.pages.substitution.matrix_print import substitution_figure
from dashboard.pages.substitution.matrix_screen import Matrix, matrix_chart
from dashboard.pages.substitution.pairs_print import pairs_figure, say_statistics
from dashboard.pages.substitution.pairs_screen import pairs_chart
from dashboard.pages.substitution.similarity_print import similarity_figure
from dashboard.results.amino_acids import Correlations
from dashboard.results.kept import kept
from precompute.chemistry import BY_CHEMISTRY, LETTERS
from precompute.clustering import Tree
from precompute.similarity import matrix_pairs
from precompute.substitution import (
    DEFAULT_MATRIX,
    PERMUTATIONS,
    PRINTED,
    describe_matrix,
    read_matrix,
)

_COLUMNS = {
    "heads": "correlation",
    "figure": "paper_correlation",
    "difference": "paper_difference",
}


@part
def draw_chosen(choice: SubstitutionChoice, sources: Sequence[Correlations]) -> None:
    """Draw the chosen source's matrix, the substitution matrix, and the scatter of both."""
    own = next((one for one in sources if one.source == choice.source), None)
    if own is None:
        return  # a note has said why
    frame = pairs_beside_matrix(own, choice.matrix)
    if choice.shown != "heads" and frame["paper_correlation"].isna().all():
        show_notes(
            [f"The paper draws no correlations of {own.source.label}; its heads’ are shown."]
        )
        choice = replace(choice, shown="heads")
    table = similarity_frame(sources, choice.matrix)
    said = _say(own, frame, table, next(place for place, one in enumerate(sources) if one is own))
    view = (choice.matrix, choice.shown, choice.order)
    pairs = partial(_pairs_chart, choice.matrix, own, said.pairs)
    with st.container(horizontal=True, gap="small"):
        for name, chart, alt in _charts(*view, own, pairs):
            show_chart(
                chart,
                key=f"substitution_chart_{name}",
                alt=alt,
                file_name=f"atlas_substitution-{name}_{own.source.model}_{choice.matrix}",
                width=drawn(chart).width,
            )
    say_line("Point at a pair to see it in all three.")
    st.caption(as_markdown(said.summary))
    facts = print_source([own])
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        with st.popover("Definition", type="tertiary"):
            st.markdown(words.prose("definition", matrix=choice.matrix))
            st.caption(f"{choice.matrix}, as its file says:")
            st.code(describe_matrix(choice.matrix) or choice.matrix, language=None, wrap_lines=True)
        with st.container(width="content"):
            take_along(
                lambda: substitution_figure(
                    frame,
                    facts,
                    choice.matrix,
                    _order(choice.order, own),
                    tree=_tree(choice.order, own),
                    column=_COLUMNS[choice.shown],
                    statistics=said.statistics,
                ),
                "substitution_matrices",
                chart=partial(_matrices_chart, *view, own, (0, 1)),
                label="Take the matrices along",
            )
        take_along(
            lambda: pairs_figure(frame, facts, choice.matrix, said.statistics),
            "substitution_pairs",
            chart=pairs,
            label="Take the scatter along",
        )


@part
def draw_tables(choice: SubstitutionChoice, sources: Sequence[Correlations]) -> None:
    """Draw all models' similarity to the matrix, and the pairs that deviate most."""
    own = next((one for one in sources if one.source == choice.source), None)
    st.markdown(f"##### Similarity to {choice.matrix}, all models")
    table = similarity_frame(sources, choice.matrix)
    st.html(words.similarity_html(table, own))
    printed = f" The paper prints {PRINTED['tape_bert']:.2f} for TapeBert."
    printed = printed if choice.matrix == DEFAULT_MATRIX else ""
    st.caption(words.prose("models", printed=printed))
    if len(table):
        facts = print_source(sources)
        take_along(lambda: similarity_figure(table, facts, choice.matrix), "substitution_models")
    if own is None:
        return
    furthest = furthest_pairs(own, choice.matrix)
    st.markdown(f"##### Pairs furthest from the line, {as_markdown(own.source.title)}")
    st.html(words.deviating_html(furthest, choice.matrix))
    st.caption(words.prose("furthest"))
    facts = print_source([own])
    take_along(
        lambda: furthest_figure(furthest, facts, choice.matrix),
        "substitution_furthest",
    )


def _charts(
    matrix: str, shown: str, order: str, own: Correlations, pairs: partial[Chart]
) -> list[tuple[str, partial[Chart], str]]:
    """List the page's charts: for each its name, what draws it, and what it shows in words."""
    titles = (*(one.title for one in _matrices(matrix, shown, own)), pairs.args[-1])
    # The scores are the same whatever of attention is shown beside them.
    views = (matrix, shown, order, own, (0,)), (matrix, "heads", order, own, (1,))
    charts = (*(partial(_matrices_chart, *view) for view in views), pairs)
    kinds = (*("Matrix of 20 × 20 amino acids",) * 2, "Scatter")
    return [
        (name, chart, f"{kind}: {', '.join(title)}.")
        for name, chart, kind, title in zip(
            ("attention", "scores", "pairs"), charts, kinds, titles, strict=True
        )
    ]


def _matrices(matrix: str, shown: str, own: Correlations) -> tuple[Matrix, Matrix]:
    """Give what the two matrices show: attention, and scores."""
    second = {
        "heads": f"{own.source.origin}, {own.source.sample}, {own.vectors.count} heads",
        "figure": f"as the paper draws it, {own.source.sample}",
        "difference": f"figure − heads, {own.source.sample}",
    }[shown]
    values = pairs_beside_matrix(own, matrix)[_COLUMNS[shown]].to_numpy(dtype=float)
    return (
        Matrix(
            values,
            "difference of r" if shown == "difference" else "r",
            (f"Attention · {own.source.label}", second),
        ),
        Matrix(
            matrix_pairs(read_matrix(matrix)), "score", (matrix, "same order of the amino acids")
        ),
    )


def _matrices_chart(
    matrix: str, shown: str, order: str, own: Correlations, which: Sequence[int]
) -> Chart:
    both = _matrices(matrix, shown, own)
    tree = _tree(order, own)
    return matrix_chart(
        [both[place] for place in which],
        _order(order, own),
        tree=tree if 0 in which else None,
        crowned=tree is not None,
    )


class _Said(NamedTuple):
    """What is said of the chosen source: below the charts, above the scatter, and in print."""

    summary: str
    pairs: tuple[str, str]
    statistics: str


@kept(512)
def _say(own: Correlations, frame: pd.DataFrame, table: pd.DataFrame, place: int) -> _Said:
    """Say what the source at a place of the table has in common with the matrix."""
    row = {str(name): value for name, value in table.iloc[place].items()}
    p = float(row["mantel_p_pearson"])
    title = (
        f"r = {words.number(row['pearson'])}, ρ = {words.number(row['spearman'])}",
        f"Mantel p {words.p_value(p, PERMUTATIONS)}, 190 pairs",
    )
    return _Said(words.summary(own, frame, row), title, say_statistics(row, p, own.vectors.count))


def _pairs_chart(matrix: str, own: Correlations, title: tuple[str, str]) -> Chart:
    frame = pairs_beside_matrix(own, matrix)
    axes = (f"{matrix} score", "r of attention")
    return pairs_chart(frame, title, axes, words.says(frame, matrix))


def _tree(order: str, own: Correlations) -> Tree | None:
    return own.tree if order == "clustering" else None


def _order(order: str, own: Correlations) -> tuple[int, ...]:
    """Give the places of the amino acids in an order."""
    if order == "clustering":
        return own.tree.order
    letters = BY_CHEMISTRY if order == "chemistry" else LETTERS
    return tuple(LETTERS.index(letter) for letter in letters)
